// The last that a hospital's page knew, kept on its device: without a line the page shows it with
// its age. It is of the same build of the page, and gone when the person signs out.
import type { Board, Me, Network } from "./api";

const NAME = "last known";
const BUILD = import.meta.url; // its name changes with what the page is built from

export interface Last {
  me: Me;
  network: Network;
  board: Board;
  /** by the device's clock, ms */
  at: number;
}

export function keep(me: Me, network: Network, board: Board): void {
  try {
    localStorage.setItem(NAME, JSON.stringify({ build: BUILD, me, network, board, at: Date.now() }));
  } catch {
    forget(); // no room: nothing is better than what is older than it seems
  }
}

export function forget(): void {
  localStorage.removeItem(NAME);
}

export function last(): Last | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "null") as (Last & { build: string }) | null;
    return kept?.build === BUILD ? kept : undefined;
  } catch {
    return undefined;
  }
}
