import type { components } from "./api.gen";
import { language, t, word } from "./i18n/index.svelte";

export type Schemas = components["schemas"];
export type Board = Schemas["Board"];
export type Delivery = Schemas["Delivery"];
export type Request = Schemas["Request"];
export type NewRequest = Schemas["NewRequest"];
export type Network = Schemas["Network"];
export type Me = Schemas["Me"];
export type Alarm = Schemas["Alarm"];
export type Shelf = Schemas["Shelf"];
export type Reading = Schemas["Reading"];
export type Profile = Schemas["Profile"];
export type Site = Schemas["Site"];
export type StepScan = Schemas["StepScan"];
export type Zone = Schemas["Zone"];
export type Alternate = Schemas["Alternate"];
export type Calibration = Schemas["Calibration"];
export type ColdRecord = Schemas["ColdRecord"];
export type UnitVerdict = Schemas["UnitVerdict"];
export type Finding = Schemas["Finding"];
export type Candidate = Schemas["Candidate"];
export type Change = Schemas["Change"];
export type Proposal = Schemas["Proposal"];
export type Recovery = Schemas["Recovery"];
export type RecoveryOption = Schemas["RecoveryOption"];
export type Diversion = Schemas["Diversion"];
export type Closure = Schemas["Closure"];
export type Outlook = Schemas["Outlook"];
export type BoxState = Schemas["BoxState"];
export type LoggerComparison = Schemas["LoggerComparison"];
export type Session = Schemas["Session"];
export type ZoneAdded = Schemas["ZoneAdded"];
export type UnitKey = Schemas["UnitKey"];
export type Label = Schemas["Label"];

/** ApiError is a problem document, or a failure to reach the server (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problem?: Schemas["Problem"],
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** said is a problem in the person's language: what kind it is, what a scan should have been, and
 * the server's own words for the rest, which are English. */
function said(problem: Schemas["Problem"] | undefined): string | undefined {
  if (problem === undefined) return undefined;
  const detail = problem.detail ?? problem.title;
  const key = `pr_${problem.type.replace("/problems/", "").replaceAll("-", "_")}`;
  if (language.lang === "en" || word(key) === key) return detail;
  const what = problem.expected ? `${word(key)}，${t("pr_expected", problem.expected)}` : word(key);
  return detail ? t("pr_detail", what, detail) : what;
}

/** session.ended is called when the server knows the session no more. */
export const session = { ended: (): void => {} };

const TIMEOUT_MS = 15_000;
let asking = new AbortController();
const PATIENCE_S = 5; // for which a question that came too early is asked again

/** call sends a request to the API and returns its JSON answer. */
export function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  return send<T>(
    method,
    path,
    body === undefined ? null : JSON.stringify(body),
    body === undefined ? headers : { "Content-Type": "application/json", ...headers },
  );
}

/** lastCall asks the last question: what is under way ends, and nothing is asked after it, unless it failed. */
export async function lastCall(method: string, path: string): Promise<void> {
  asking.abort();
  try {
    await send(method, path, null, {}, new AbortController().signal);
  } catch (e) {
    asking = new AbortController();
    throw e;
  }
}

/** upload sends a CSV file to the API. */
export function upload<T>(path: string, file: Blob): Promise<T> {
  return send<T>("POST", path, file, { "Content-Type": "text/csv" });
}

async function fetched(
  method: string,
  path: string,
  body: BodyInit | null,
  headers: Record<string, string>,
  until: AbortSignal,
): Promise<Response> {
  const signal = AbortSignal.any([until, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return await fetch("/api/v1" + path, { method, headers, body, signal });
  } catch (e) {
    throw new ApiError(0, t("pr_no_answer"), undefined, e);
  }
}

async function send<T>(
  method: string,
  path: string,
  body: BodyInit | null,
  headers: Record<string, string>,
  until = asking.signal,
): Promise<T> {
  let res = await fetched(method, path, body, headers, until);
  const wait = Number(res.headers.get("Retry-After"));
  if (res.status === 429 && method === "GET" && wait <= PATIENCE_S) {
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    res = await fetched(method, path, body, headers, until);
  }
  if (res.status === 401 && path !== "/session") session.ended();
  if (!res.ok) {
    const problem = (await res.json().catch(() => undefined)) as Schemas["Problem"] | undefined;
    throw new ApiError(res.status, said(problem) ?? res.statusText, problem);
  }
  const text = await res.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
