// Units of the centres, as the stock page and its parts speak of them.
import type { Schemas, UnitKey } from "./api";

export type StockUnit = Schemas["StockUnit"];
export type Move = Schemas["UnitMove"]["move"];

export const COMPONENTS = ["red_cells", "plasma", "platelets", "cryoprecipitate"] as const;
export const GROUPS = ["O-", "O+", "A-", "A+", "B-", "B+", "AB-", "AB+"] as const;
export const STATUSES = [
  "in_stock",
  "in_transit",
  "reserved",
  "issued",
  "received",
  "quarantined",
  "discarded",
] as const;

export interface ShelfChoice {
  component: string;
  group: string;
}

/** keyText is a unit's key as paths and lists of keys have it. */
export const keyText = (k: UnitKey): string => `${k.din}/${k.product_code}/${k.division ?? ""}`;

/** plain is a key without what answers add to it. */
export const plain = (k: UnitKey): UnitKey => ({
  din: k.din,
  product_code: k.product_code,
  ...(k.division ? { division: k.division } : {}),
});

const FROM: Record<Move, readonly string[]> = {
  quarantine: ["in_stock"],
  release: ["quarantined"],
  discard: ["in_stock", "in_transit", "quarantined"],
  return: ["received", "quarantined"],
  send: ["in_stock"],
  arrive: ["in_transit"],
};

/** MOVES are all moves, in the order in which they are offered. */
export const MOVES = Object.keys(FROM) as Move[];

/** movable reports whether all of some units can be moved so, as far as their status goes. */
export const movable = (m: Move, units: readonly StockUnit[]): boolean =>
  units.length > 0 && units.every((u) => FROM[m].includes(u.status));

/** queryOf is a query of the fields that are not empty. */
export const queryOf = (fields: Record<string, string | number | undefined>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([k, v]) => (v === undefined || v === "" ? [] : [[k, String(v)]])),
  ).toString();
