import { describe, expect, it } from "vitest";
import type { Alarm, Delivery } from "./api";
import { runsOutS, sortFlights, spareS, type Flight } from "./flight";
import { Link, type DroneRow } from "./live/decode";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const at = (s: number): string => new Date(NOW + s * 1000).toISOString();

interface Has {
  neededS?: number;
  batteryPct?: number;
  needPct?: number;
  leftS?: number;
  heard?: boolean;
}

/** flies is a flight on its way out, of which a full battery hovers for 1,000 s. */
function flies(id: string, { neededS = 3600, batteryPct = 90, needPct = 30, leftS, heard = true }: Has): Flight {
  const mission = { id: `M-${id}`, hospital: "SY06", status: "outbound", hover_s: 1000 };
  const alarms = leftS === undefined ? [] : [{ left_s: leftS, priority: "advisory", state: "acknowledged" } as Alarm];
  return {
    id,
    drone: { heard, batteryPct, needPct, phase: "airborne", link: Link.Live } as DroneRow,
    deliveries: [{ hospital: "SY06", status: "airborne", needed_by: at(neededS), ended: false, mission } as Delivery],
    boxes: [],
    alarms,
  };
}

describe("what runs out first", () => {
  it("is the least of needed-by, a box's limit, and the battery against its need", () => {
    expect(runsOutS(flies("A", { neededS: 500 }), NOW)).toBe(500);
    expect(runsOutS(flies("A", { neededS: 500, leftS: 300 }), NOW)).toBe(300);
    expect(runsOutS(flies("A", { neededS: 500, leftS: 300, batteryPct: 45, needPct: 30 }), NOW)).toBeCloseTo(150);
    expect(runsOutS(flies("A", { batteryPct: 29, needPct: 30 }), NOW)).toBeCloseTo(-10);
  });

  it("says nothing of a battery that nobody hears of", () => {
    expect(spareS(flies("A", { heard: false }))).toBeUndefined();
    expect(spareS(flies("A", { needPct: 0 }))).toBeUndefined();
    expect(runsOutS(flies("A", { heard: false, batteryPct: 0, neededS: 500 }), NOW)).toBe(500);
  });

  it("puts flights in order, the alarmed before", () => {
    const list = [
      flies("HL-01", {}),
      flies("HL-02", { batteryPct: 40, needPct: 35 }),
      flies("HL-03", { neededS: 300 }),
      flies("HL-04", { leftS: 3000 }),
    ];
    expect(sortFlights(list, NOW).map((f) => f.id)).toEqual(["HL-04", "HL-02", "HL-03", "HL-01"]);
  });
});
