// Scanners that type, as a keyboard does. What one types goes to the field for scans, wherever the
// focus is: never to a shortcut, nor into a field that asks for something else.

/** a scan begins as ISBT 128 does (= or &), or with the symbology that a scanner may send first (]C0) */
const START = /^[=&\]]$/;
/** no person types as fast, nor stops after so few */
const GAP_MS = 100;
const LEAST = 6;

/** Typed is a field that took the first characters of a scan, as it was before. */
interface Typed {
  field: HTMLInputElement | HTMLTextAreaElement;
  value: string;
}

let burst = "";
let last = 0;
let typed: Typed | undefined;

const textField = (el: HTMLElement): el is Typed["field"] =>
  el instanceof HTMLTextAreaElement || el instanceof HTMLInputElement;

function consume(e: KeyboardEvent): void {
  e.preventDefault();
  e.stopImmediatePropagation();
}

/** fill has a field hold a text, as if it had been typed. */
function fill(field: Typed["field"], value: string): void {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** asks is the field for scans: that of the dialog on top, where one is open. */
function asks(): HTMLInputElement | undefined {
  const top = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document;
  const field = top.querySelector<HTMLInputElement>("input[data-scans]");
  return field && !field.disabled ? field : undefined;
}

/** hand gives a scan to the field for scans. */
function hand(scan: string, field: HTMLInputElement): void {
  if (typed) fill(typed.field, typed.value);
  field.focus();
  fill(field, scan);
  field.form?.requestSubmit();
}

/** scannerKeys listens to every key before all others. */
export function scannerKeys(e: KeyboardEvent): void {
  const at = e.target;
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || !(at instanceof HTMLElement)) return;
  // A secret is nobody's scan, however fast it is typed.
  if (at.matches("input[data-scans], input[type=password]")) {
    burst = "";
    return;
  }
  const goesOn = burst !== "" && e.timeStamp - last <= GAP_MS;
  if (!goesOn) burst = "";
  last = e.timeStamp;
  if (e.key === "Enter") {
    const scan = burst;
    burst = "";
    if (scan.length < LEAST) return;
    const field = asks();
    if (field === undefined && typed !== undefined) return; // what was typed stays where it is
    consume(e);
    if (field) hand(scan, field);
    return;
  }
  if (e.key.length !== 1 || !(goesOn || START.test(e.key))) return;
  if (!goesOn) typed = textField(at) ? { field: at, value: at.value } : undefined;
  burst += e.key;
  if (typed === undefined) consume(e);
}
