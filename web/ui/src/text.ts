// Sentences about requests and deliveries, in the current language.
import type { Alarm, Candidate, Change, Delivery, Finding, NewRequest, Outlook, UnitKey, UnitVerdict } from "./api";
import { t, word } from "./i18n/index.svelte";
import { clock, countdown, signed } from "./units";

export function groupText(g: string): string {
  if (g === "UNKNOWN") return t("groupUnknown");
  return t("group", g.slice(0, -1), g.endsWith("+") ? t("positive") : t("negative"));
}

export function orderText(o: Pick<NewRequest, "component" | "units" | "blood_group">): string {
  const unit = o.component === "platelets" ? t("dose") : t("unit");
  return `${word(o.component)} ${o.units} ${unit} · ${groupText(o.blood_group)}`;
}

export function deliveryText(d: Delivery): string {
  return orderText({ component: d.component, units: d.units.length, blood_group: d.blood_group });
}

/** alarmShape is the shape of an alarm's priority. */
export function alarmShape(a: Pick<Alarm, "priority">): string {
  return a.priority === "critical" ? "excursion" : a.priority === "caution" ? "near_limit" : "advisory";
}

/** alarmTitle is what is wrong with which device, without numbers. */
export function alarmTitle(a: Alarm): string {
  if (a.kind === "sensor_fault") return `${a.device} ${word(`n_${a.kind}`)}: ${a.detail}`;
  return a.device === "server" ? word(`n_${a.kind}`) : `${a.device} ${word(`n_${a.kind}`)}`;
}

/** alarmNumbers are what is measured, its limit and what was worst, or when the limit is
 * reached. */
export function alarmNumbers(a: Alarm): string {
  const parts: string[] = [];
  const of = (digits: number, unit: string): void => {
    parts.push(`${a.known ? signed(a.value, digits) : "—"} / ${signed(a.limit, digits)} ${unit}`);
    if (a.left_s !== undefined && a.known) parts.push(t("limitIn", countdown(a.left_s)));
    else if (signed(a.worst, digits) !== signed(a.value, digits))
      parts.push(t("worst", `${signed(a.worst, digits)} ${unit}`));
  };
  switch (a.kind) {
    case "temp_excursion":
    case "temp_near_limit":
      of(1, "°C");
      break;
    case "low_energy":
      of(0, "%");
      break;
    case "off_route":
    case "off_height":
      of(0, "m");
      break;
    case "behind":
      of(0, "min");
      break;
    case "link_loss":
    case "links_lost":
    case "temp_unknown":
      parts.push(countdown(silenceS(a)));
      break;
    case "overdue":
      parts.push(`${Math.round(a.value)} min`);
      break;
  }
  return parts.length > 0 ? parts.join(" · ") : "–";
}

/** ownAction is what an aircraft does by itself without a link, and when. */
function ownAction(a: Alarm): string {
  const does = word(`own_${a.detail}`);
  if (a.left_s === undefined || a.cleared_at) return does;
  return a.left_s > 0 ? t("ownIn", does, countdown(a.left_s)) : t("ownNow", does);
}

/** silenceS is for how long nothing was heard, in seconds. */
function silenceS(a: Alarm): number {
  return a.cleared_at ? a.first + (Date.parse(a.cleared_at) - Date.parse(a.raised_at)) / 1000 : a.value;
}

/** alarmStateText is where an alarm stands with people, and with whom. */
export function alarmStateText(a: Alarm, person = (login: string): string => login): string {
  switch (a.state) {
    case "acknowledged":
      return a.shelf ? t("st_asked", person(a.shelf.by)) : t("acked", person(a.acked_by ?? ""));
    case "shelved":
      return t("st_shelved", clock(Date.parse(a.shelf?.until ?? "")), a.shelf?.reason ?? "");
    case "suppressed":
      return t("st_suppressed", word(`n_${a.suppressed_by ?? ""}`));
    case "returned":
      return t("returned");
    case "unacknowledged":
      return a.shelf ? t("st_asked", person(a.shelf.by)) : t("standing");
    case "normal":
      return t("cleared");
  }
}

/** alarmText is an alarm in one sentence, with what is measured now. */
export function alarmText(a: Alarm, person = (login: string): string => login): string {
  if (a.kind === "land_asked") return t("a_land_asked", a.device, person(a.detail));
  if (a.kind === "temp_near_limit" && a.left_s !== undefined)
    return t("a_temp_forecast", a.device, signed(a.value, 1), signed(a.limit, 1), countdown(a.left_s));
  if (a.kind === "link_loss" || a.kind === "temp_unknown") {
    const said = t(`a_${a.kind}`, a.device, countdown(silenceS(a)));
    return a.detail && a.kind === "link_loss" ? `${said} · ${ownAction(a)}` : said;
  }
  if (a.kind === "diverted")
    return a.detail === "none"
      ? t("a_diverted_none", a.device)
      : t("a_diverted", a.device, Math.round(a.value), clock(Date.parse(a.detail)));
  if (a.kind === "untold_flight") return word(`a_untold_flight_${a.detail}`, a.device);
  if (a.kind === "clock_off")
    return t(a.detail === "followed" ? "a_clock_followed" : "a_clock_off", signed(a.value, 0));
  if (a.kind === "stranded") return t("a_stranded", a.device, word(`wait_${a.detail || "answer"}`));
  const digits = ["off_route", "off_height", "behind", "low_energy", "overdue", "pad_overdue"].includes(a.kind) ? 0 : 1;
  return word(`a_${a.kind}`, a.device, signed(a.value, digits), signed(a.limit, digits === 1 ? 0 : digits), a.detail);
}

/** adviceText is what a verdict advises for one unit. */
export function adviceText(u: UnitVerdict): string {
  const advice = u.advice === "use_within" ? t("adviceWithin", countdown(u.within_s ?? 0)) : t(`advice_${u.advice}`);
  return u.final ? `${advice}, ${t("adviceFinal")}` : advice;
}

/** findingText is one rule of a verdict; times are whole minutes, temperatures have a tenth. */
export function findingText(f: Finding): string {
  const digits =
    f.rule.startsWith("excursion") || f.rule.startsWith("hard_low") || f.rule.startsWith("hard_high") ? 1 : 0;
  return t(`rule_${f.rule}` as Parameters<typeof t>[0], signed(f.value, digits), signed(f.limit, digits), f.detail);
}

/** outlookText is when the payload comes to its limit. */
export function outlookText(o: Outlook | undefined): string {
  if (o === undefined) return t("outlookNone");
  if (o.early_s === undefined) return t("outlookNever");
  if (o.median_s === undefined) return t("outlookEarly", signed(o.limit_c, 0), countdown(o.early_s));
  return t("outlookIn", signed(o.limit_c, 0), countdown(o.early_s), countdown(o.median_s));
}

export function ago(ms: number): string {
  return countdown(ms / 1000);
}

/** stepNames are the eight steps that people see. */
export const stepNames = [
  "stepRequest",
  "stepAllocate",
  "stepPack",
  "stepSeal",
  "stepLoad",
  "stepFly",
  "stepLand",
  "stepReceive",
] as const;

const REACHED: Record<Delivery["status"], number> = {
  allocated: 2,
  checked: 2,
  packed: 3,
  sealed: 4,
  loaded: 5,
  airborne: 5,
  landed: 7,
  opened: 7,
  closed: 8,
  returned: 6,
  cancelled: 2,
  rejected: 8,
  diverted: 6,
  lost: 6,
};

/** reached is how many of the eight steps are done. */
export function reached(d: Delivery): number {
  return REACHED[d.status];
}

/** stepTimes are when each done step was done, and estimates (negative) of some. */
export function stepTimes(
  d: Delivery,
  createdAt: string | undefined,
  eta: number | undefined,
): { at: number | undefined; done: boolean }[] {
  const last = (step: string): number | undefined => {
    const e = d.custody.findLast((c) => c.step === step);
    return e ? Date.parse(e.at) : undefined;
  };
  const n = reached(d);
  const at = [
    createdAt ? Date.parse(createdAt) : undefined,
    last("allocate"),
    last("pack"),
    last("seal"),
    last("load"),
    last("take_off"),
    last("land") ?? eta,
    d.status === "closed" ? (last("receive") ?? last("quarantine")) : undefined,
  ];
  return at.map((time, i) => ({
    at: i < n || i === 6 || (i === 5 && d.status === "airborne") ? time : undefined,
    done: i < n,
  }));
}

/** printed is a bag's number as it stands on the bag, with the check character that typing needs. */
export function printed(k: UnitKey): string {
  return `${k.din.slice(0, 5)} ${k.din.slice(5, 7)} ${k.din.slice(7)} ${k.check ?? ""}`.trimEnd();
}

// What a rule counts in, where that is not shown as it is.
const reasonUnit: Record<string, number> = { no_energy: 1000, too_warm: 60 };

/** reasonText is the rule that a drone breaks, with its numbers. */
export function reasonText(c: Pick<Change, "reason" | "have" | "want">): string {
  const unit = reasonUnit[c.reason] ?? 1;
  return t(`r_${c.reason}` as Parameters<typeof t>[0], Math.ceil(c.have / unit), Math.ceil(c.want / unit));
}

/** candidateText is why a drone was not chosen: the rule that it breaks, or where it loses. */
export function candidateText(c: Candidate): string {
  if (c.reason) return reasonText({ reason: c.reason, have: c.have ?? 0, want: c.want ?? 0 });
  return c.level ? t(`l_${c.level}` as Parameters<typeof t>[0], c.by ?? 0) : t("asGood");
}

const WANTED: readonly (readonly [RegExp, Parameters<typeof t>[0]])[] = [
  [/^one of (.*)$/, "wantOneOf"],
  [/^no further unit$/, "wantNone"],
  [/^box (.*)$/, "wantBox"],
  [/^group (\S+), as the record says; set the unit aside$/, "wantGroup"],
  [/^a unit for any patient; set this one aside$/, "wantAny"],
];

/** wantedText is what a scan should have been, which the server says in English. */
export function wantedText(want: string): string {
  for (const [form, key] of WANTED) {
    const m = form.exec(want);
    if (m) return t(key, (m[1] ?? "").replaceAll(" or ", " / "));
  }
  return want;
}
