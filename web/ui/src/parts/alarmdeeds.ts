// What people do about alarms.
import { call, type Alarm, type Shelf } from "../api";
import { isUnseen } from "../alarms";
import { app } from "../state.svelte";

async function done(deed: Promise<unknown>): Promise<void> {
  try {
    await deed;
    await app.refetch();
  } catch (e) {
    app.failure = e instanceof Error ? e.message : String(e);
  }
}

export const ack = (a: Alarm): Promise<void> => done(call("POST", `/alarms/${a.id}/ack`));
export const unshelve = (a: Alarm): Promise<void> => done(call("DELETE", `/alarms/${a.id}/shelf`));

/** shelve and confirm throw what the server refuses: their dialog says it. */
export async function shelve(a: Alarm, reason: string, minutes: number): Promise<void> {
  await call("POST", `/alarms/${a.id}/shelf`, { reason, minutes });
  await app.refetch();
}
export async function confirmShelf(a: Alarm, asked: Shelf): Promise<void> {
  await call("POST", `/alarms/${a.id}/shelf/second`, { by: asked.by, until: asked.until });
  await app.refetch();
}

/** focused is the alarm whose row has the focus. */
function focused(): Alarm | undefined {
  const row = document.activeElement?.closest<HTMLElement>("[data-alarm-id]");
  return row ? app.alarms.find((a) => a.id === Number(row.dataset.alarmId)) : undefined;
}

/** mayShelve says that an account may silence an alarm, or confirm that. */
export const mayShelve = (a: Alarm): boolean =>
  app.may("shelveAlarm") && !a.cleared_at && a.state !== "shelved" && (a.shelf === undefined || a.shelf.may_confirm);

/** alarmKey does what a key means: A acknowledges and S shelves the alarm whose row has the
 * focus; without one, A the first that nobody has seen. */
export function alarmKey(key: string): boolean {
  if (document.querySelector("dialog:modal:not(.alarms)") !== null) return false; // it has keys of its own
  const a = focused();
  switch (key) {
    case "a": {
      const seen = a ?? app.alarms.find(isUnseen);
      if (seen && isUnseen(seen) && app.may("ackAlarm")) void ack(seen);
      return true;
    }
    case "s":
      if (a && mayShelve(a)) app.shelving = a.id;
      return a !== undefined;
  }
  return false;
}
