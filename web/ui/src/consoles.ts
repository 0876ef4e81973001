// Each console is fetched by those who have it.

import type { Component } from "svelte";
import { withAdminWords } from "./i18n/index.svelte";

export type Console = "hospital" | "dispatch";

const fetched: Record<Console, () => Promise<{ default: Component }>> = {
  hospital: () => import("./Hospital.svelte"),
  dispatch: () => import("./Dispatcher.svelte"),
};

const linkedPages = {
  guest: () => import("./Guest.svelte"),
  invitation: () => import("./Invitation.svelte"),
  help: () => Promise.all([import("./Guides.svelte"), withAdminWords()]).then(([page]) => page),
};

/** linkedPage is fetched by those who have a link to it, and need no account. */
export const linkedPage = (page: keyof typeof linkedPages): Promise<{ default: Component }> => linkedPages[page]();

export type AdminPage = "people" | "devices" | "stock" | "records" | "network" | "documents" | "audit";
const adminPages: Record<AdminPage, () => Promise<{ default: Component }>> = {
  people: () => import("./People.svelte"),
  devices: () => import("./Devices.svelte"),
  stock: () => import("./Stock.svelte"),
  records: () => import("./Records.svelte"),
  network: () => import("./Network.svelte"),
  documents: () => import("./Documents.svelte"),
  audit: () => import("./Audit.svelte"),
};

/** isAdminPage reports whether a tab is one of them. */
export const isAdminPage = (tab: string): tab is AdminPage => tab in adminPages;

/** adminPage is fetched, with its words, by those who manage accounts, devices or stock. */
export async function adminPage(tab: AdminPage): Promise<{ default: Component }> {
  const [page] = await Promise.all([adminPages[tab](), withAdminWords()]);
  return page;
}

/** noticesDialog is fetched when it is opened. */
export const noticesDialog = (): Promise<{ default: Component<{ onclose: () => void }> }> =>
  import("./parts/Notices.svelte");

/** consoleOf fetches the console of an account's page. */
export const consoleOf = (page: string): Promise<{ default: Component }> =>
  fetched[page === "hospital" ? "hospital" : "dispatch"]();
