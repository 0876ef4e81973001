// A flight as people see it: what a drone does now, when it arrives, and what runs out first.
// Every place that shows one asks here. Nothing here knows the page.
import type { Alarm, Delivery } from "./api";
import { worst } from "./alarms";
import { Link, type BoxRow, type DroneRow } from "./live/decode";

/** Doing is what a flight does: the words are ph_* of the strings. */
export type Doing =
  | "prepared"
  | "waits"
  | "outbound"
  | "alternate"
  | "hovers"
  | "lands"
  | "turned"
  | "at_pad"
  | "down"
  | "inbound"
  | "silent"
  | "parked";

/** Flight is one aircraft with what it carries now. */
export interface Flight {
  id: string;
  drone: DroneRow | undefined;
  /** of its mission, those that go on first */
  deliveries: Delivery[];
  boxes: BoxRow[];
  /** that stand about it, its boxes or its deliveries */
  alarms: Alarm[];
}

const AIR: ReadonlySet<string> = new Set(["airborne", "holding", "returning", "landing"]);

/** inAir are what a flight does in the air while it is heard. */
const IN_AIR: ReadonlySet<Doing> = new Set(["outbound", "alternate", "hovers", "lands", "turned", "inbound"]);
export const inAir = (does: Doing): boolean => IN_AIR.has(does);

/** goal is the site to which a flight flies now. */
export function goal(f: Pick<Flight, "drone" | "deliveries">): string | undefined {
  const d = f.deliveries[0];
  const does = doing(f);
  return does === "inbound" || does === "turned" ? d?.centre : d?.mission.hospital;
}

/** doing is decided by the mission and the phase that the server tells. */
export function doing(f: Pick<Flight, "drone" | "deliveries">): Doing {
  const m = f.deliveries[0]?.mission;
  if (m === undefined) return f.drone && AIR.has(f.drone.phase) ? "outbound" : "parked";
  const flying = m.status === "outbound" || m.status === "inbound";
  if (flying && (f.drone === undefined || f.drone.link === Link.Lost)) return "silent";
  if (m.status === "at_pad" && f.deliveries.some((d) => d.status === "airborne")) return "down"; // it has not landed at its goal
  if (m.status === "inbound" && f.drone?.phase === "landed") return "down";
  if (flying && f.drone?.phase === "landing") return "lands";
  if (flying && f.drone?.phase === "holding") return "hovers";
  if (m.status === "outbound" && f.drone?.phase === "returning") return "turned";
  if (m.status === "outbound" && !f.deliveries.some((d) => d.hospital === m.hospital)) return "alternate";
  if (m.status === "outbound" || m.status === "inbound" || m.status === "at_pad") return m.status;
  return f.deliveries[0]?.status === "loaded" ? "waits" : "prepared";
}

/** arrival is when a flight lands, in ms of server time: by what it reports in the air, by
 * its plan before; undefined while nobody can say, as when it hovers or is silent. */
export function arrival(f: Pick<Flight, "drone" | "deliveries">, now: number): number | undefined {
  const m = f.deliveries[0]?.mission;
  switch (doing(f)) {
    case "outbound":
    case "alternate":
    case "inbound":
    case "turned":
      return f.drone?.eta;
    case "prepared":
    case "waits": {
      if (m === undefined) return undefined;
      const planned = Date.parse(m.arrive_at);
      return Math.max(planned, now + planned - Date.parse(m.depart_at));
    }
    case "at_pad":
      return m && Date.parse(m.arrive_at);
    default:
      return undefined;
  }
}

const PREPARED: ReadonlySet<Delivery["status"]> = new Set(["allocated", "checked", "packed", "sealed", "loaded"]);

/** eta is when a delivery lands at its goal, or landed: of one in the air, undefined while
 * nobody can say, and when it comes home. */
export function eta(d: Delivery, drone: DroneRow | undefined, now: number): number | undefined {
  const f = { drone, deliveries: [d] };
  if (d.status === "airborne") return doing(f) === "outbound" ? arrival(f, now) : undefined;
  return PREPARED.has(d.status) ? arrival({ drone, deliveries: [d] }, now) : Date.parse(d.mission.arrive_at);
}

/** silent is whether nobody knows what a drone does now. */
export const silent = (drone: DroneRow | undefined): boolean => drone === undefined || drone.link === 3;

/** lands is whether a delivery is yet to land. */
export const lands = (d: Delivery): boolean => d.status === "airborne" || PREPARED.has(d.status);

/** late is how many whole minutes a time is after needed-by, rounded up so that nothing
 * late looks in time; margin is negative late, and rounds down. */
export const marginMin = (at: number, neededBy: string): number => Math.floor((Date.parse(neededBy) - at) / 60_000);

/** leastSpare is the box with the least to spare: the worst state first, then the nearest
 * its limit. */
const WORST = ["excursion", "unknown", "near_limit", "in_range"];
export function leastSpare(boxes: BoxRow[]): BoxRow | undefined {
  return [...boxes].sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state) || b.outOfRangeS - a.outOfRangeS)[0];
}

/** spareS is for how many seconds a drone in the air could hover until its battery comes to what
 * its way needs, with the reserve; undefined while nobody knows. */
export function spareS(f: Pick<Flight, "drone" | "deliveries">): number | undefined {
  const m = f.deliveries[0]?.mission;
  if (m === undefined || !f.drone?.heard || f.drone.needPct <= 0 || !inAir(doing(f))) return undefined;
  return ((f.drone.batteryPct - f.drone.needPct) / 100) * m.hover_s;
}

/** runsOutS is in how many seconds the first thing of a flight runs out: the time until
 * needed-by, until a box comes to its limit, or until the battery comes to its need. */
export function runsOutS(f: Flight, now: number): number {
  const needed = f.deliveries.filter((d) => !d.ended).map((d) => (Date.parse(d.needed_by) - now) / 1000);
  const limits = f.alarms.flatMap((a) => (a.left_s === undefined ? [] : [a.left_s]));
  return Math.min(spareS(f) ?? Infinity, ...needed, ...limits);
}

const PRIORITIES = ["critical", "caution", "advisory"];
const rank = (f: Flight): number => {
  const loudest = worst(f.alarms);
  return loudest === undefined ? PRIORITIES.length : PRIORITIES.indexOf(loudest.priority);
};

/** sortFlights puts the alarmed first, then what runs out first; those that stand at home last. */
export function sortFlights(flights: Flight[], now: number): Flight[] {
  const key = new Map(flights.map((f) => [f, [rank(f), doing(f) === "parked" ? 1 : 0, runsOutS(f, now)] as const]));
  return [...flights].sort((a, b) => {
    const [x, y] = [key.get(a)!, key.get(b)!];
    return x[0] - y[0] || x[1] - y[1] || (x[2] === y[2] ? 0 : x[2] - y[2]) || a.id.localeCompare(b.id);
  });
}

/** gather puts things under their keys, in their order. */
export function gather<T>(list: T[], key: (x: T) => string): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const x of list) {
    const k = key(x);
    const at = map.get(k);
    if (at) at.push(x);
    else map.set(k, [x]);
  }
  return map;
}
