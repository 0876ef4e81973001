// The network's files as tables that a person changes: a table is a file, a row is a thing.

import Papa from "papaparse";
import type { Schemas } from "./api";

export type Files = Record<string, string>;
export type Fault = Schemas["NetworkFault"];
export type Profile = Schemas["NamedProfile"];
export type Difference = Schemas["NetworkDifference"];

/** TABLES are the files that are tables, in the order in which a network is made. */
export const TABLES = [
  "sites.csv",
  "pads.csv",
  "aircraft.csv",
  "boxes.csv",
  "drones.csv",
  "fleet.csv",
  "roles.csv",
] as const;
export type TableName = (typeof TABLES)[number];
export const ZONE_FILES = ["zones.geojson", "zones.ed269.json", "zones.ed318.json"];

/** Sheet is a table; the first column names each row's thing. */
export interface Sheet {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** sheetOf reads a table; a position may be of another datum, which is said in a column of its own. */
export function sheetOf(file: TableName | Schemas["DocumentKind"], text: string): Sheet {
  const { data, meta } = Papa.parse<string[]>(text.trim(), { skipEmptyLines: true });
  const columns = (data[0] ?? []).map((c) => c.trim());
  // where semicolons stand between cells, commas are points
  const plain = (c: string): string => (meta.delimiter === ";" && /^-?\d+,\d+$/.test(c) ? c.replace(",", ".") : c);
  const rows = data.slice(1).map((r) => columns.map((_, i) => plain((r[i] ?? "").trim())));
  if (file !== "sites.csv" || columns.includes("datum")) return { columns, rows };
  return { columns: [...columns, "datum"], rows: rows.map((r) => [...r, ""]) };
}

/** textOf writes a table. */
export const textOf = (s: Sheet): string =>
  Papa.unparse([s.columns, ...s.rows] as string[][], { newline: "\n" }) + "\n";

/** put puts a row in the place of the one that is there, or at the end. */
export const put = (s: Sheet, row: readonly string[], at: number | undefined): Sheet => ({
  ...s,
  rows: at === undefined ? [...s.rows, row] : s.rows.map((r, i) => (i === at ? row : r)),
});

export const without = (s: Sheet, at: number): Sheet => ({ ...s, rows: s.rows.filter((_, i) => i !== at) });

/** cell is a row's value of a column; empty where the table has no such column. */
export function cell(s: Sheet | undefined, row: readonly string[], column: string): string {
  const i = s?.columns.indexOf(column) ?? -1;
  return i < 0 ? "" : (row[i] ?? "");
}

/** usualPads are those that a new site gets: two of a centre, one of a hospital. */
export function usualPads(site: string, kind: string): string[][] {
  const n = kind === "blood_centre" ? 2 : kind === "hospital" ? 1 : 0;
  return Array.from({ length: n }, (_, i) => [`${site}-P${i + 1}`, site, `P${i + 1}`]);
}

/** CHOICES are the values of columns that have only some; what names another table's thing is
 * chosen from that table. */
const CHOICES: Record<string, readonly string[]> = {
  "sites.csv kind": ["blood_centre", "hospital", "donation_house"],
  "sites.csv datum": ["", "WGS-84", "GCJ-02", "BD-09"],
  "aircraft.csv lost_link_does": ["", "return", "land", "hold", "continue"],
  "boxes.csv model": ["pcm2", "pcm1", "two_node", "newton1"],
  "roles.csv like": ["hospital", "dispatcher", "controller", "quality", "admin"],
};
const REFERS: Record<string, TableName> = {
  "pads.csv site": "sites.csv",
  "drones.csv class": "aircraft.csv",
  "drones.csv home": "sites.csv",
  "fleet.csv type": "boxes.csv",
  "fleet.csv site": "sites.csv",
};

/** choices are what a cell may be; undefined: anything. */
export function choices(
  file: TableName,
  column: string,
  sheets: ReadonlyMap<string, Sheet>,
  profiles: readonly Profile[],
): readonly string[] | undefined {
  const key = `${file} ${column}`;
  if (key === "boxes.csv band_profile") return profiles.map((p) => p.id);
  const table = REFERS[key];
  if (table === undefined) return CHOICES[key];
  const sheet = sheets.get(table);
  const centres = column === "home";
  return (sheet?.rows ?? []).filter((r) => !centres || cell(sheet, r, "kind") === "blood_centre").map((r) => r[0]!);
}

/** zonesOf are the zones of a GeoJSON file, as far as it says who they are. */
export function zonesOf(text: string | undefined): { id: string; name_zh: string; name_en: string; type: string }[] {
  try {
    const doc = JSON.parse(text ?? "") as { features?: { properties?: Record<string, unknown> }[] };
    return (doc.features ?? []).map(({ properties: p = {} }) => {
      const said = (key: string): string => (typeof p[key] === "string" ? p[key] : "");
      return { id: said("id"), name_zh: said("name_zh"), name_en: said("name_en"), type: said("type") };
    });
  } catch {
    return []; // the server says what is wrong with it
  }
}

/** EXAMPLES are what a column holds, or one of a file. */
const EXAMPLES: Record<string, string> = {
  "sites.csv id": "SYBC",
  "pads.csv id": "SYBC-P3",
  "drones.csv id": "HL-01",
  "fleet.csv id": "BX-001",
  kind: "multirotor",
  name_zh: "中心血站",
  name_en: "Central Blood Station",
  phone: "024 0000 0001",
  lon: "123.497",
  lat: "41.706",
  elevation_m: "45",
  label: "P1",
  class: "MR-10",
  empty_kg: "22",
  payload_kg: "10",
  bays: "1",
  cruise_mps: "14",
  climb_mps: "3",
  descent_mps: "2.5",
  battery_wh: "2400",
  reserve_pct: "20",
  charge_w: "1500",
  hover_w: "2600",
  hover_w_per_kg: "110",
  cruise_w: "2300",
  cruise_w_per_kg: "100",
  wind_max_mps: "12",
  height_m: "120",
  lateral_m: "30",
  vertical_m: "15",
  delay_min: "3",
  lost_link_s: "20",
  type: "BX-RBC",
  holds: "red_cells",
  box_g: "4500",
  units: "10",
  ua_w_per_k: "0.3",
  pcm_kj: "200",
  pcm_c: "5",
  cp_j_per_k: "9000",
  inner_w_per_k: "6",
  wall_j_per_k: "2000",
  hold_h_at_30c: "6",
  role: "night_issuer",
  only: "getBoard doStep/check",
  without: "moveUnits/release",
};

/** exampleOf is what a cell holds, for who fills it in for the first time. */
export const exampleOf = (file: TableName, column: string): string | undefined =>
  EXAMPLES[`${file} ${column}`] ?? EXAMPLES[column];

/** SAMPLE_ZONES is a file of one zone. */
export const SAMPLE_ZONES = `{"type":"FeatureCollection","features":[{"type":"Feature",
 "properties":{"id":"Z1","name_zh":"示例禁飞区","name_en":"Sample zone","type":"PROHIBITED","lower_m":0,"upper_m":120,"reference":"AGL"},
 "geometry":{"type":"Polygon","coordinates":[[[123.60,41.90],[123.61,41.90],[123.61,41.91],[123.60,41.90]]]}}]}
`;

/** OF_MODEL are the columns that a box's thermal model needs beside those of every model. */
const OF_MODEL: Record<string, readonly string[]> = {
  pcm2: ["pcm_kj", "pcm_c", "inner_w_per_k"],
  pcm1: ["pcm_kj", "pcm_c"],
  two_node: ["inner_w_per_k", "wall_j_per_k"],
  newton1: [],
};
const SOME_MODELS = new Set(Object.values(OF_MODEL).flat());

/** OPTIONAL are the columns that may be empty. */
const OPTIONAL = new Set([
  ...[
    "short_zh",
    "short_en",
    "phone",
    "note",
    "datum",
    "elevation_m",
    "lateral_m",
    "vertical_m",
    "delay_min",
    "lost_link_s",
    "lost_link_does",
  ],
  ...["holds", "only", "without"],
]);

/** asked is how a column is asked for in a row: a thermal model has columns of its own. */
export function asked(column: string, model: string): "wanted" | "optional" | "not" {
  if (SOME_MODELS.has(column)) return OF_MODEL[model]?.includes(column) ? "wanted" : "not";
  return OPTIONAL.has(column) ? "optional" : "wanted";
}
