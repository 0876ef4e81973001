import { expect, it } from "vitest";
import { movable, MOVES, type StockUnit } from "./stock";
import { beijing } from "./units";

const unit = (status: StockUnit["status"]): StockUnit => ({ status }) as StockUnit;

it("offers what all chosen units allow", () => {
  const offered = (...of: StockUnit["status"][]): string[] => MOVES.filter((m) => movable(m, of.map(unit)));
  expect(offered()).toEqual([]);
  expect(offered("in_stock")).toEqual(["quarantine", "discard", "send"]);
  expect(offered("in_stock", "quarantined")).toEqual(["discard"]);
  expect(offered("quarantined")).toEqual(["release", "discard", "return"]);
  expect(offered("in_transit")).toEqual(["discard", "arrive"]);
  expect(offered("received")).toEqual(["return"]);
  expect(offered("reserved")).toEqual([]);
});

it("takes a label's time as Beijing's", () => {
  expect(beijing("2026-12-31T23:59")).toBe("2026-12-31T15:59:00.000Z");
  expect(beijing("2026-12-31T23:59:00")).toBe("2026-12-31T15:59:00.000Z");
  expect(beijing("")).toBeUndefined();
});
