// What a person makes of the network, until it is applied: it stays when they look at another page.

import { call, type Schemas } from "./api";
import { sheetOf, TABLES, textOf, ZONE_FILES, type Files, type Sheet, type TableName } from "./networkfiles";

class NetworkDraft {
  /** as it is on the server */
  base = $state.raw<Schemas["NetworkFiles"] | undefined>();
  sheets = $state.raw<ReadonlyMap<string, Sheet>>(new Map());
  /** zone files, by their names */
  zones = $state.raw<Files>({});

  /** changed are the files that are not as they are on the server. */
  changed = $derived.by(() => {
    const was = this.base?.files ?? {};
    const tables = TABLES.filter((f) => {
      const sheet = this.sheets.get(f);
      return sheet !== undefined && textOf(sheet) !== textOf(sheetOf(f, was[f] ?? ""));
    });
    const zones = ZONE_FILES.filter((f) => this.zones[f] !== was[f]);
    return [...tables, ...zones] as string[];
  });

  /** files are what it would be. */
  get files(): Files {
    return { ...Object.fromEntries([...this.sheets].map(([f, s]) => [f, textOf(s)])), ...this.zones };
  }

  /** load takes what the server has; what was changed here is lost. */
  async load(): Promise<void> {
    const base = await call<Schemas["NetworkFiles"]>("GET", "/network/files");
    this.sheets = new Map(TABLES.map((f) => [f, sheetOf(f, base.files[f] ?? "")]));
    this.zones = Object.fromEntries(Object.entries(base.files).filter(([f]) => ZONE_FILES.includes(f)));
    this.base = base;
  }

  set(file: TableName, sheet: Sheet): void {
    this.sheets = new Map([...this.sheets, [file, sheet]]);
  }

  /** take reads files of a person's own by their names, and returns the names that nobody reads.
   * It throws the name of one that is no UTF-8. */
  async take(list: readonly File[]): Promise<string[]> {
    const read = async (f: File): Promise<readonly [string, string]> => {
      try {
        return [f.name, new TextDecoder("utf-8", { fatal: true }).decode(await f.arrayBuffer())];
      } catch (e) {
        throw new Error(f.name, { cause: e });
      }
    };
    const texts = await Promise.all(list.map(read));
    const zones = texts.filter(([name]) => ZONE_FILES.includes(name));
    if (zones.length > 0) this.zones = Object.fromEntries(zones); // a list of zones is whole
    for (const [name, text] of texts) {
      const table = TABLES.find((f) => f === name);
      if (table !== undefined) this.set(table, sheetOf(table, text));
    }
    return texts.map(([name]) => name).filter((n) => !ZONE_FILES.includes(n) && !TABLES.some((f) => f === n));
  }

  /** known are the ids of a table's rows that are on record: they stay there. */
  known(file: TableName): ReadonlySet<string> {
    return new Set(sheetOf(file, this.base?.files[file] ?? "").rows.map((r) => r[0]!));
  }
}

export const networkDraft = new NetworkDraft();
