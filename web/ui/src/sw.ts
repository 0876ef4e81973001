// The service worker keeps a shell of the hospital's page, by version, so that the page comes up
// without a line. It answers nothing of the API, and with a line the page is always the server's.
import { clientsClaim } from "workbox-core";
import {
  addRoute,
  cleanupOutdatedCaches,
  precache,
  PrecacheFallbackPlugin,
  type PrecacheEntry,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { NetworkOnly } from "workbox-strategies";

/** SHELL is put in when the page is built: see shell.ts. */
declare const SHELL: PrecacheEntry[];
declare const self: { skipWaiting(): Promise<void> };

/** for so long a page waits for a server that does not answer */
const PATIENCE_S = 4;

precache(SHELL);
registerRoute(
  new NavigationRoute(
    new NetworkOnly({
      networkTimeoutSeconds: PATIENCE_S,
      plugins: [new PrecacheFallbackPlugin({ fallbackURL: "/index.html" })],
    }),
    { denylist: [/^\/(api|basemap)\//] },
  ),
);
addRoute();
cleanupOutdatedCaches();
void self.skipWaiting();
clientsClaim();
