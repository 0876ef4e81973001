// What a person can accept for a request, as it stands on the page.
import type { Candidate, Proposal, Request } from "../api";
import { t } from "../i18n/index.svelte";
import { app } from "../state.svelte";
import { clock } from "../units";

/** Offer is a drone with when it would arrive and how many units it brings. */
export interface Offer {
  drone: string;
  arrive_at: string;
  units: number;
  /** it is what the plan proposes, and not a drone asked for by name */
  planned: boolean;
}

/** mine says that the person sends a centre's drones. */
export const mine = (centre: string): boolean => !app.me?.site || centre === app.me.site;

export const offerOf = (p: Proposal): Offer => ({
  drone: p.drone,
  arrive_at: p.arrive_at,
  units: p.units.length,
  planned: mine(p.centre),
});

/** candidateOffer is what another drone that could fly offers; undefined for one that breaks a
 * rule, or that another centre sends. */
export function candidateOffer(p: Proposal | undefined, c: Candidate): Offer | undefined {
  if (p === undefined || c.reason || c.arrive_at === undefined || !mine(c.centre)) return undefined;
  return { drone: c.drone, arrive_at: c.arrive_at, units: p.units.length, planned: false };
}

/** shownOffer is what the button of a request takes: the proposal, or where another centre's
 * drone is proposed the best of the person's own. */
export function shownOffer(r: Request): Offer | undefined {
  const p = r.proposal;
  if (p === undefined) return undefined;
  if (mine(p.centre)) return offerOf(p);
  const others = [...(p.runner_up ? [p.runner_up] : []), ...p.lost, ...p.why.elsewhere];
  return others.map((c) => candidateOffer(p, c)).find((o) => o !== undefined);
}

/** movedText says what has changed between an offer that was seen and the one that is there. */
export function movedText(seen: Offer, now: Proposal): string {
  const later = Math.round((Date.parse(now.arrive_at) - Date.parse(seen.arrive_at)) / 60_000);
  const parts = [t("movedOn", now.drone, clock(Date.parse(now.arrive_at)))];
  if (later !== 0) parts.push(later > 0 ? t("movedLater", later) : t("movedEarlier", -later));
  if (now.units.length < seen.units) parts.push(t("movedUnits", now.units.length));
  if (now.waiting) parts.push(t("waitsFor", now.drone));
  return parts.join(" · ");
}
