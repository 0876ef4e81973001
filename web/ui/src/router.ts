// Where a person is: the tab and what is selected there, as the address has them, so that
// back, forward, reload and a second window work. /live/D-…, /control/D-…, /requests, /cold;
// a hospital's /track/D-….
import { createRouter } from "sv-router";
import Page from "./Page.svelte";

export const { navigate, route } = createRouter({ "*": Page });

export const TABS = [
  "live",
  "requests",
  "control",
  "cold",
  "stock",
  "records",
  "people",
  "devices",
  "network",
  "documents",
  "audit",
] as const;
export type Tab = (typeof TABS)[number];

const parts = (): string[] => {
  try {
    return (route.pathname as string).split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return []; // a broken escape is nowhere
  }
};

/** tabShown is the tab that the address names; undefined for none. */
export const tabShown = (): Tab | undefined => TABS.find((x) => x === parts()[0]);

/** idShown is what the address selects. */
export const idShown = (): string | undefined =>
  tabShown() || ["track", "help"].includes(parts()[0] ?? "") ? parts()[1] : undefined;

/** publicPage is a page that needs no account: to see one delivery or to choose a password, by a link;
 * or to read a guide. */
export const publicPage = (): "guest" | "invitation" | "help" | undefined =>
  (["guest", "invitation", "help"] as const).find((x) => x === parts()[0]);

/** headingShown is the heading that the address names; empty for none. */
export const headingShown = (): string => {
  try {
    return decodeURIComponent(route.hash.slice(1));
  } catch {
    return "";
  }
};

/** show goes to a tab, with something selected or nothing. */
export function show(tab: Tab | "track", id?: string): void {
  const path = id === undefined ? `/${tab}` : `/${tab}/${encodeURIComponent(id)}`;
  if (path !== location.pathname) void (navigate as unknown as (path: string) => Promise<unknown>)(path);
}

/** readGuide goes to a guide, at a heading. */
export function readGuide(guide: string, heading: string): void {
  void (navigate as unknown as (path: string, o: { hash: string }) => Promise<unknown>)(
    `/help/${encodeURIComponent(guide)}`,
    { hash: heading },
  );
}
