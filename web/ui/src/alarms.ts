// Alarms as people see them: what is measured now, how loud they are, and in which order.
// The server decides their states; nothing here knows the page.
import type { Alarm } from "./api";
import { Link, type BoxRow, type DroneRow, type Gauge } from "./live/decode";

/** Heard is what the live feed said of devices and alarms. */
export interface Heard {
  gauges: ReadonlyMap<number, Gauge>;
  boxes: ReadonlyMap<string, BoxRow>;
  drones: ReadonlyMap<string, DroneRow>;
}

const STATES: Alarm["state"][] = ["unacknowledged", "acknowledged", "returned", "shelved", "suppressed", "normal"];
const PRIORITIES: Alarm["priority"][] = ["critical", "caution", "advisory"];

/** isLoud says that nobody has seen an alarm that stands. */
export const isLoud = (a: Alarm): boolean => a.state === "unacknowledged";

/** isUnseen says that somebody still has to see an alarm, be it over. */
export const isUnseen = (a: Alarm): boolean => a.state === "unacknowledged" || a.state === "returned";

/** stands says that an alarm is neither over, nor silenced. */
export const stands = (a: Alarm): boolean => a.state === "unacknowledged" || a.state === "acknowledged";

/** measured is an alarm with what is measured now. A number that the device's own row has
 * is taken from there, so that every place shows the same one at every moment. */
export function measured(a: Alarm, heard: Heard): Alarm {
  if (a.cleared_at) return a;
  const g = heard.gauges.get(a.id);
  const now: Alarm = g ? { ...a, value: g.value, known: g.known, limit: g.limit, worst: g.worst, left_s: g.left_s } : a;
  const box = heard.boxes.get(a.device);
  if ((a.kind === "temp_excursion" || a.kind === "temp_near_limit") && box?.hasReading && box.state !== "unknown")
    return { ...now, value: box.tempMC / 1000, known: true };
  const drone = heard.drones.get(a.device);
  if (a.kind === "low_energy" && drone?.heard && drone.link !== Link.Lost)
    return { ...now, value: drone.batteryPct, limit: drone.needPct, known: true };
  return now;
}

/** sortAlarms orders alarms by state, then by priority, then by what runs out first, and
 * leaves the server's order else. */
export function sortAlarms(alarms: Alarm[]): Alarm[] {
  return [...alarms].sort(
    (a, b) =>
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
      (a.left_s ?? Infinity) - (b.left_s ?? Infinity) ||
      0,
  );
}

/** worst is the alarm of the highest priority that stands, seen or not. */
export function worst(alarms: Alarm[]): Alarm | undefined {
  const rank = (a: Alarm): number => PRIORITIES.indexOf(a.priority);
  return alarms.filter(stands).reduce<Alarm | undefined>((w, a) => (w && rank(w) <= rank(a) ? w : a), undefined);
}
