import { describe, expect, it } from "vitest";
import { cell, choices, put, sheetOf, textOf, usualPads, without, zonesOf, type Sheet } from "./networkfiles";

const sites = 'id,kind,name_zh,lon\nSYBC,blood_centre,"中心, 血站",123.4\nSY06,hospital,六院,123.5\n';

describe("a table of the network", () => {
  it("is written as it was read, with a column for the datum", () => {
    const s = sheetOf("sites.csv", "\ufeff" + sites);
    expect(s.columns).toEqual(["id", "kind", "name_zh", "lon", "datum"]);
    expect(sheetOf("sites.csv", textOf(s))).toEqual(s);
    expect(cell(s, s.rows[0]!, "name_zh")).toBe("中心, 血站");
    expect(cell(s, s.rows[0]!, "nothing")).toBe("");
  });
  it("reads a table of another country's spreadsheet", () => {
    expect(sheetOf("sites.csv", "id;lon\nSYBC;123,4").rows).toEqual([["SYBC", "123.4", ""]]);
  });
  it("takes rows in, and out", () => {
    const s = sheetOf("pads.csv", "id,site,label\n");
    const two = put(put(s, ["A", "B", "P1"], undefined), ["C", "D", "P2"], undefined);
    expect(put(two, ["A", "B", "P9"], 0).rows).toEqual([
      ["A", "B", "P9"],
      ["C", "D", "P2"],
    ]);
    expect(without(two, 0).rows).toEqual([["C", "D", "P2"]]);
    expect(textOf(s)).toBe("id,site,label\n");
  });
  it("offers what a cell may name", () => {
    const sheets = new Map<string, Sheet>([["sites.csv", sheetOf("sites.csv", sites)]]);
    expect(choices("pads.csv", "site", sheets, [])).toEqual(["SYBC", "SY06"]);
    expect(choices("drones.csv", "home", sheets, [])).toEqual(["SYBC"]);
    expect(choices("sites.csv", "kind", sheets, [])).toContain("hospital");
    expect(choices("boxes.csv", "band_profile", sheets, [{ id: "p", standard: "" }])).toEqual(["p"]);
    expect(choices("sites.csv", "name_zh", sheets, [])).toBeUndefined();
  });
  it("gives a site its usual pads", () => {
    expect(usualPads("A", "blood_centre").map((p) => p[0])).toEqual(["A-P1", "A-P2"]);
    expect(usualPads("A", "donation_house")).toEqual([]);
  });
  it("names zones, and leaves a broken file to the server", () => {
    expect(zonesOf('{"features":[{"properties":{"id":"Z","type":"PROHIBITED"}},{}]}')).toHaveLength(2);
    expect(zonesOf("nonsense")).toEqual([]);
  });
});
