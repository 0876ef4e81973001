import { describe, expect, it } from "vitest";
import { decode, Link, Outside } from "./decode";
import { blend, estimate, MAX_EXTRAPOLATE_S } from "./motion";
import { World } from "./world";
import golden from "./frames.golden.json";

const frame = (hex: string): ArrayBuffer => Uint8Array.from(hex.match(/../g)!, (h) => parseInt(h, 16)).buffer;

describe("frames written by the server", () => {
  it("decodes drones", () => {
    const f = decode(frame(golden.drones));
    if (f.kind !== "rows") throw new Error(f.kind);
    expect(f.snapshot).toBe(true);
    expect(f.seq).toBe(7);
    const d = f.drones[1]!;
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
    expect(f.drones[0]!.eta).toBeUndefined();
    expect(f.drones[0]!.heard).toBe(false);
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
    expect(decode(frame(golden.gone))).toMatchObject({ kind: "remove", indexes: [1] });
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

describe("motion", () => {
  const fix = { lon: 123.4, lat: 41.8, at: 0, speedMPS: 20, trackDeg: 0 };
  it("carries a fix on with its velocity, for three seconds", () => {
    expect((estimate(fix, 1000).lat - 41.8) * 111_320).toBeCloseTo(20, 3);
    expect(estimate(fix, 60_000)).toEqual(estimate(fix, MAX_EXTRAPOLATE_S * 1000));
  });
  it("slides to a new estimate", () => {
    let drawn = blend(undefined, { lon: 0, lat: 0 }, 0.016);
    const to = { lon: 0.001, lat: 0 };
    drawn = blend(drawn, to, 0.016);
    expect(drawn.lon).toBeGreaterThan(0);
    expect(drawn.lon).toBeLessThan(0.0002);
    for (let i = 0; i < 120; i++) drawn = blend(drawn, to, 0.016);
    expect(drawn.lon).toBeCloseTo(0.001, 6);
  });
});

describe("world", () => {
  it("keeps server time that runs at its own rate", () => {
    const w = new World();
    w.apply(
      { kind: "hello", seq: 0, now: 1000, hello: { drones: ["HL-01"], boxes: [], seq: 0, rate: 4, resync: false } },
      0,
    );
    expect(w.now(100)).toBe(1400);
    w.apply({ kind: "rows", snapshot: false, seq: 1, now: 1300, drones: [], boxes: [] }, 100); // delayed: does not move time back
    expect(w.now(100)).toBe(1400);
  });
});
