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
interface Worker extends EventTarget {
  skipWaiting(): Promise<void>;
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(of: { type: "window"; includeUncontrolled: boolean }): Promise<Window_[]>;
    openWindow(url: string): Promise<unknown>;
  };
}
interface Window_ {
  url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}
type Waits = Event & { waitUntil(p: Promise<unknown>): void };
declare const self: Worker;

/** for so long a page waits for a server that does not answer */
const PATIENCE_S = 4;

precache(SHELL);
registerRoute(
  new NavigationRoute(
    new NetworkOnly({
      networkTimeoutSeconds: PATIENCE_S,
      plugins: [new PrecacheFallbackPlugin({ fallbackURL: "/index.html" })],
    }),
    { denylist: [/^\/(api|auth|basemap)\//] },
  ),
);
addRoute();
cleanupOutdatedCaches();
void self.skipWaiting();
clientsClaim();

/** Told is what the server sends: see web/notify. */
interface Told {
  title: string;
  body: string;
  tag: string;
  path: string;
  loud: boolean;
}

self.addEventListener("push", (e) => {
  const told = (e as Waits & { data: { json(): Told } | null }).data?.json();
  if (told === undefined) return;
  const { title, body, tag, path, loud } = told;
  const shown = { body, tag, data: path, icon: "/icon.svg", requireInteraction: loud, renotify: true };
  (e as Waits).waitUntil(self.registration.showNotification(title, shown));
});

self.addEventListener("notificationclick", (e) => {
  const { notification } = e as Waits & { notification: Notification };
  notification.close();
  const path = String(notification.data);
  if (!path.startsWith("/track/")) return;
  (e as Waits).waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: false }).then(async (pages) => {
      const page = pages.find((p) => !new URL(p.url).pathname.startsWith("/guest"));
      try {
        await page!.navigate(path);
        await page!.focus();
      } catch {
        await self.clients.openWindow(path);
      }
    }),
  );
});
