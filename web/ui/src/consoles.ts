// Each console is fetched by those who have it.

import type { Component } from "svelte";

export type Console = "hospital" | "dispatch";

const fetched: Record<Console, () => Promise<{ default: Component }>> = {
  hospital: () => import("./Hospital.svelte"),
  dispatch: () => import("./Dispatcher.svelte"),
};

/** linkedPage is fetched by those who have a link to it, and need no account. */
export const linkedPage = (page: "guest" | "invitation"): Promise<{ default: Component }> =>
  page === "guest" ? import("./Guest.svelte") : import("./Invitation.svelte");

/** adminPage is fetched by those who manage accounts and devices. */
export const adminPage = (tab: "people" | "devices"): Promise<{ default: Component }> =>
  tab === "people" ? import("./People.svelte") : import("./Devices.svelte");

/** noticesDialog is fetched when it is opened. */
export const noticesDialog = (): Promise<{ default: Component<{ onclose: () => void }> }> =>
  import("./parts/Notices.svelte");

/** consoleOf fetches the console of an account's page. */
export const consoleOf = (page: string): Promise<{ default: Component }> =>
  fetched[page === "hospital" ? "hospital" : "dispatch"]();
