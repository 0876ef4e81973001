// What a delivery's flight does and when it lands, in words: the same in every place.
import type { Delivery } from "../api";
import { inAir } from "../flight";
import { t, word } from "../i18n/index.svelte";
import { app } from "../state.svelte";
import { clock, countdown } from "../units";

/** doingText is what is done with a delivery now. */
export function doingText(d: Delivery): string {
  if (d.given_up_at && !d.ended) return t("s_given_up");
  return d.status === "airborne" || d.status === "loaded" ? word(`ph_${app.doingOf(d)}`) : t(`s_${d.status}`);
}

/** toGo is how many metres a flight has to go; undefined while it flies to no goal. */
export function toGo(d: Delivery): number | undefined {
  const does = app.doingOf(d);
  return inAir(does) && does !== "lands" ? app.drones.get(d.mission.drone)?.toGoM : undefined;
}

/** etaText is the time until it lands of one in the air, the time of day else, and a dash
 * while nobody can say. */
export function etaText(d: Delivery): string {
  const at = app.etaOf(d);
  if (at === undefined || app.connection === "lost") return "—";
  return d.status === "airborne" ? countdown(Math.max(0, (at - app.now) / 1000)) : clock(at);
}

/** marginText is how long before needed-by it lands, or how late. */
export function marginText(d: Delivery): string {
  const min = app.marginOf(d);
  return min === undefined ? "—" : min < 0 ? t("late", -min) : t("margin", min);
}
