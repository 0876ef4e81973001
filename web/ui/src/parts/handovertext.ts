// When units will be handed over, in words: by the plan, and by what such flights took.
import type { Schemas } from "../api";
import { t } from "../i18n/index.svelte";
import { clock } from "../units";

type Forecast = Schemas["HandoverForecast"];
type Held = Schemas["HeldForecasts"];

const at = (time: string): string => clock(Date.parse(time));

/** handoverText is when the units are expected: by the plan alone while too little was measured, and
 * or later where those that wait still are too many to say by when nine in ten have come. */
export function handoverText(f: Forecast): string {
  if (!f.p50_at || !f.p90_at) return t("handoverPlanned", at(f.planned_at));
  if (f.p50_at === f.p90_at) return t("handoverLater", at(f.p50_at));
  return t("handoverAbout", at(f.p50_at), at(f.p90_at));
}

/** waitingText is the expectation of a request that waits: one that has passed is said to have passed. */
export function waitingText(f: Forecast, now: number): string {
  const told = f.p50_at ?? f.planned_at;
  return Date.parse(f.p90_at ?? told) < now ? t("handoverPast", at(told)) : handoverText(f);
}

/** heldText is what the expectation stands on. */
export function heldText(f: Forecast | undefined, held: Held): string {
  if (!f?.p50_at) return t("handoverUnmeasured");
  const of = t("handoverMeasured", f.measured);
  return held.told === 0 ? of : `${of} ${t("handoverHeld", held.told, held.after_p50, held.after_p90)}`;
}

/** outcomeText is what came of an expectation. */
export function outcomeText(f: Forecast): string {
  const was =
    f.p50_at && f.p90_at ? t("handoverTold", at(f.p50_at), at(f.p90_at)) : t("handoverWasPlanned", at(f.planned_at));
  return `${t("handedOver", at(f.handed_over_at!))} · ${was}`;
}
