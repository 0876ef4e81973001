// The identity provider sent the browser back: the page that waits, which has named itself, is told what came of it.
const [page, outcome] = location.hash.slice(1).split("=");
new BroadcastChannel(`hemolift-proof-${page}`).postMessage(outcome);
window.close(); // where the browser lets it
