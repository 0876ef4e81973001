import { describe, expect, it } from "vitest";
import { decode, droneRow, emptyColumns, Link, Outside, type DroneColumns } from "./decode";
import { Fleet } from "./fleet";
import { MAX_EXTRAPOLATE_S } from "./motion";
import { World } from "./world";
import golden from "./frames.golden.json";

const frame = (hex: string): ArrayBuffer => Uint8Array.from(hex.match(/../g)!, (h) => parseInt(h, 16)).buffer;

describe("frames written by the server", () => {
  it("decodes drones", () => {
    const f = decode(frame(golden.drones));
    if (f.kind !== "rows" || f.drones === undefined) throw new Error(f.kind);
    expect(f.snapshot).toBe(true);
    expect(f.seq).toBe(7);
    const d = droneRow(f.drones, 1, f.now);
    expect(d).toMatchObject({
      index: 1,
      lon: 123.4567891,
      lat: 41.7654321,
      heightM: 118.2,
      speedMPS: 16.8,
      trackDeg: 301.25,
      climbMPS: -2.5,
      batteryPct: 71.3,
      needPct: 34,
      offM: 12,
      offHeightM: -8,
      behindS: 95,
      outside: Outside.Uneven | Outside.Delayed,
      linkDBm: -84,
      phase: "airborne",
      link: Link.Live,
      toGoM: 4900,
      heard: true,
    });
    expect(f.now - d.at).toBe(400);
    expect(d.eta! - f.now).toBe(340_000);
    const other = droneRow(f.drones, 0, f.now);
    expect(other.eta).toBeUndefined();
    expect(other.heard).toBe(false);
  });
  it("decodes boxes", () => {
    const f = decode(frame(golden.boxes));
    if (f.kind !== "rows") throw new Error(f.kind);
    expect(f.boxes[0]).toMatchObject({
      index: 1,
      tempMC: -18900,
      state: "near_limit",
      watched: true,
      breached: true,
      fault: false,
      hasReading: true,
      outOfRangeS: 134,
    });
  });
  it("decodes what is gone, hello and events", () => {
    expect(decode(frame(golden.gone))).toMatchObject({ kind: "remove", of: "drones", indexes: [1] });
    expect(decode(frame(golden.goneBoxes))).toMatchObject({ kind: "remove", of: "boxes", indexes: [1] });
    expect(decode(frame(golden.alarms))).toMatchObject({
      kind: "alarms",
      gauges: [
        { id: 3, value: 11.7, known: true, limit: 10, worst: 12, left_s: 94 },
        { id: 4, value: 30, known: false, limit: 31, worst: 29 },
      ],
    });
    expect(decode(frame(golden.event))).toMatchObject({ kind: "event", event: { seq: 9, kind: "alarm" } });
  });
  it("refuses what is not a frame", () => {
    expect(() => decode(new ArrayBuffer(10))).toThrow();
    expect(() => decode(frame(golden.drones).slice(0, 60))).toThrow();
    const other = new Uint8Array(frame(golden.drones));
    other[0] = 2;
    expect(() => decode(other.buffer)).toThrow();
  });
});

/** northward is drone 0 at a latitude, flying north at 20 m/s. */
function northward(lat: number): DroneColumns {
  const c = emptyColumns(1);
  c.lon[0] = 123.4e7;
  c.lat[0] = lat * 1e7;
  c.speed[0] = 2000;
  c.bits[0] = 2 | (1 << 3) | 32;
  return c;
}

describe("a fleet", () => {
  const named = (...ids: string[]): Fleet => {
    const fleet = new Fleet();
    fleet.name(ids);
    return fleet;
  };
  it("carries a fix on with its velocity, for three seconds", () => {
    const fleet = named("HL-01");
    fleet.take(northward(41.8), 0, 0, 0);
    expect((fleet.drawn(0, 1000, 1000).lat - 41.8) * 111_320).toBeCloseTo(20, 3);
    expect(fleet.drawn(0, 60_000, 60_000)).toEqual(fleet.drawn(0, MAX_EXTRAPOLATE_S * 1000, 60_000));
  });
  it("slides to a new fix, and never jumps", () => {
    const fleet = named("HL-01");
    fleet.take(northward(41.8), 0, 0, 0);
    const before = fleet.drawn(0, 1000, 1000);
    fleet.take(northward(41.801), 1000, 1000, 1000);
    expect(fleet.drawn(0, 1000, 1000).lat).toBeCloseTo(before.lat, 9);
    const soon = fleet.drawn(0, 1016, 1016).lat;
    expect(soon).toBeGreaterThan(before.lat);
    expect(soon).toBeLessThan(41.8005);
    expect(fleet.drawn(0, 3000, 3000).lat).toBeCloseTo(41.801 + 40 / 111_320, 6);
  });
  it("is at once where a fix is that is far away", () => {
    const fleet = named("HL-01");
    fleet.take(northward(41.8), 0, 0, 0);
    fleet.take(northward(42.8), 1000, 1000, 1000);
    expect(fleet.drawn(0, 1000, 1000).lat).toBeCloseTo(42.8, 9);
  });
  it("gives those named, and of the others the first", () => {
    const fleet = named("A", "B", "C", "D");
    const c = emptyColumns(4);
    c.index.set([0, 1, 2, 3]);
    fleet.take(c, 0, 0, 0);
    expect([...fleet.rows(["D", "nobody"], 2).keys()]).toEqual(["D", "A", "B"]);
    fleet.remove(0);
    fleet.remove(9);
    expect([...fleet.rows([], 9).keys()]).toEqual(["B", "C", "D"]);
  });
  it("takes no row without a name, and keeps all under the same names", () => {
    const fleet = named("A");
    const c = emptyColumns(2);
    c.index.set([7, 0]);
    fleet.take(c, 0, 0, 0);
    fleet.name(["A"]);
    expect([...fleet.rows([], 9).keys()]).toEqual(["A"]);
    fleet.name(["A", "B"]); // another drone has joined
    expect([...fleet.rows([], 9).keys()]).toEqual(["A"]);
    fleet.name(["B"]);
    expect(fleet.rows([], 9).size).toBe(0);
  });
});

describe("world", () => {
  it("takes away the box that is gone, and not one at a drone's place", () => {
    const w = new World();
    const hello = { drones: ["HL-01", "HL-02"], boxes: ["BX-1", "BX-2"], seq: 0, rate: 1, resync: false };
    w.apply({ kind: "hello", seq: 0, now: 0, hello }, 0);
    w.apply(decode(frame(golden.drones)), 0);
    w.apply(decode(frame(golden.boxes)), 0);
    w.apply(decode(frame(golden.gone)), 0);
    expect([...w.fleet.rows([], 9).keys()]).toEqual(["HL-01"]);
    expect([...w.boxes.keys()]).toEqual(["BX-2"]);
    w.apply(decode(frame(golden.goneBoxes)), 0);
    expect(w.boxes.size).toBe(0);
  });
  it("keeps server time that runs at its own rate", () => {
    const w = new World();
    w.apply(
      { kind: "hello", seq: 0, now: 1000, hello: { drones: ["HL-01"], boxes: [], seq: 0, rate: 4, resync: false } },
      0,
    );
    expect(w.now(100)).toBe(1400);
    w.apply({ kind: "rows", snapshot: false, seq: 1, now: 1300, drones: undefined, boxes: [] }, 100); // delayed: does not move time back
    expect(w.now(100)).toBe(1400);
  });
});
