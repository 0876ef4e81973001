// The identity provider sent the browser back: the page that waits is told what came of it.
new BroadcastChannel("hemolift-proof").postMessage(location.hash.replace("#provider=", ""));
window.close(); // where the browser lets it
