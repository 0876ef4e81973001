// Display units, and nothing but display: inside, everything is SI.

const MINUS = "−";

/** celsius formats milli-degrees with one decimal. */
export function celsius(mc: number, digits = 1): string {
  return signed(mc / 1000, digits);
}

/** signed formats a number with a true minus sign. */
export function signed(v: number, digits: number): string {
  const text = Math.abs(v).toFixed(digits);
  return v < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** clock formats an instant as HH:MM, or HH:MM:SS, at UTC+8. */
export function clock(ms: number, seconds = false): string {
  const d = new Date(ms + 8 * 3600_000);
  return d.toISOString().slice(11, seconds ? 19 : 16);
}

/** day formats an instant as YYYY-MM-DD at UTC+8. */
export function day(ms: number): string {
  return new Date(ms + 8 * 3600_000).toISOString().slice(0, 10);
}

/** countdown formats seconds as m:ss, and beyond an hour as h:mm:ss. */
export function countdown(s: number): string {
  const sign = s < 0 ? MINUS : "";
  const n = Math.abs(Math.round(s));
  const [h, m, sec] = [Math.floor(n / 3600), Math.floor(n / 60) % 60, n % 60];
  return h > 0 ? `${sign}${h}:${pad(m)}:${pad(sec)}` : `${sign}${m}:${pad(sec)}`;
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

export function km(m: number): string {
  return (m / 1000).toFixed(1);
}

/** band formats a permitted range, like 2–10 °C or ≤ −18 °C. */
export function band(p: { low_c?: number; high_c?: number }, word: string): string {
  if (p.low_c === undefined && p.high_c !== undefined) return `≤ ${signed(p.high_c, 0)} °C`;
  if (p.high_c === undefined && p.low_c !== undefined) return `≥ ${signed(p.low_c, 0)} °C`;
  const between = (p.low_c ?? 0) < 0 ? ` ${word} ` : "–";
  return `${signed(p.low_c ?? 0, 0)}${between}${signed(p.high_c ?? 0, 0)} °C`;
}

/** beijing is a date and time of Beijing as an instant; undefined for none. */
export function beijing(local: string): string | undefined {
  const at = new Date(`${local}${local.length === 16 ? ":00" : ""}+08:00`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
