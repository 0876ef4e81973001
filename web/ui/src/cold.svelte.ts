// The cold chain's record of one delivery, asked anew while it is looked at.

import { call, type ColdRecord } from "./api";

const REFRESH_MS = 4_000;

/** coldRecord follows a delivery's record; undefined before the first answer. */
export function coldRecord(id: () => string | undefined): { readonly value: ColdRecord | undefined } {
  let value = $state.raw<ColdRecord | undefined>();
  const asked = $derived(id()); // the same id again is no change
  $effect(() => {
    const of = asked;
    value = undefined;
    if (of === undefined) return;
    let gone = false;
    const load = (): void =>
      void call<ColdRecord>("GET", `/deliveries/${of}/coldchain`)
        .then((r) => {
          if (!gone) value = r;
        })
        .catch(() => {});
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  });
  return {
    get value() {
      return value;
    },
  };
}

/** graver says that an advice asks for a reason to receive the unit all the same. */
export function graver(advice: string): boolean {
  return advice === "quarantine" || advice === "discard_advised";
}
