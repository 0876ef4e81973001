// A form on its way to the server.

/** Submission is sent once at a time, and keeps what the server says against it. */
export class Submission {
  busy = $state(false);
  refusal = $state<string | undefined>();

  /** run sends what f sends, unless it is on its way already. */
  async run(e: SubmitEvent, f: () => Promise<unknown>): Promise<void> {
    e.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.refusal = undefined;
    try {
      await f();
    } catch (x) {
      this.refusal = x instanceof Error ? x.message : String(x);
    } finally {
      this.busy = false;
    }
  }
}
