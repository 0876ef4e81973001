// Each console is fetched by those who have it.

import type { Component } from "svelte";

export type Console = "hospital" | "dispatch";

const fetched: Record<Console, () => Promise<{ default: Component }>> = {
  hospital: () => import("./Hospital.svelte"),
  dispatch: () => import("./Dispatcher.svelte"),
};

/** guestPage is fetched by those who have a link to one delivery, and no account. */
export const guestPage = (): Promise<{ default: Component }> => import("./Guest.svelte");

/** noticesDialog is fetched when it is opened. */
export const noticesDialog = (): Promise<{ default: Component<{ onclose: () => void }> }> =>
  import("./parts/Notices.svelte");

/** consoleOf fetches the console of an account's page. */
export const consoleOf = (page: string): Promise<{ default: Component }> =>
  fetched[page === "hospital" ? "hospital" : "dispatch"]();
