// What a delivery's flight does and when it lands, in words: the same in every place.
import type { Delivery } from "../api";
import { t, word } from "../i18n/index.svelte";
import { app } from "../state.svelte";
import { clock, countdown } from "../units";

/** doingText is what is done with a delivery now. */
export function doingText(d: Delivery): string {
  if (d.given_up_at && !d.ended) return t("s_given_up");
  if (d.status === "airborne" && app.doingOf(d) === "at_pad") return word("n_down_elsewhere"); // it has not landed at its goal
  return d.status === "airborne" || d.status === "loaded" ? word(`ph_${app.doingOf(d)}`) : t(`s_${d.status}`);
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
