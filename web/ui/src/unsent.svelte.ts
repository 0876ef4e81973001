// What this device has not sent yet: the outbox over the browser's own store, for the page.
import { ApiError, call, type NewRequest, type Request } from "./api";
import { Outbox, readItem, type Answer, type Due, type Item, type Shelf } from "./outbox";

const PREFIX = "unsent ";
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Kept is the shelf in localStorage: an entry an item, so that two tabs do not write over one
 * another's. What a browser will not keep stays in the page's memory. */
class Kept implements Shelf {
  private readonly unkept = new Map<string, Item>();
  /** whether all of it outlives the page */
  get safe(): boolean {
    return this.unkept.size === 0;
  }

  all(): Item[] {
    const items = [...this.unkept.values()];
    for (let i = 0; i < localStorage.length; i++) {
      const name = localStorage.key(i);
      if (!name?.startsWith(PREFIX)) continue;
      const item = readItem(name.slice(PREFIX.length), localStorage.getItem(name) ?? "");
      if (item) items.push(item); // else it was written by something else: it is left where it is
    }
    return items;
  }

  put(item: Item): void {
    try {
      localStorage.setItem(PREFIX + item.key, JSON.stringify(item));
      this.unkept.delete(item.key);
    } catch {
      this.unkept.set(item.key, item); // the store is full, or forbidden
    }
  }

  drop(key: string): void {
    this.unkept.delete(key);
    localStorage.removeItem(PREFIX + key);
  }
}

export interface Waiting extends Item {
  due: Due;
  alike: Request | undefined;
}

export class Unsent {
  private version = $state(0);
  private readonly shelf = new Kept();
  private readonly box: Outbox;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failed = 0;
  /** sending goes on at this moment */
  sending = $state(false);
  /** those that wait: for the line or for a person */
  readonly waiting = $derived.by<readonly Waiting[]>(() => {
    void this.version;
    return this.box.items.map((i) => ({ ...i, due: this.box.due(i), alike: this.box.alike(i) }));
  });

  constructor(
    private readonly page: {
      now(): number;
      me(): string | undefined;
      known(): readonly Request[];
      stored(): Promise<void>;
    },
  ) {
    this.box = new Outbox({
      shelf: this.shelf,
      send: (i) => post(i),
      now: () => page.now(),
      me: () => page.me(),
      known: () => page.known(),
      newKey,
      changed: () => this.version++,
    });
    addEventListener("storage", (e) => e.key?.startsWith(PREFIX) && this.box.reload());
    addEventListener("online", () => void this.flush());
  }

  get safe(): boolean {
    void this.version;
    return this.shelf.safe;
  }

  /** press writes an order down, sends it, and gives its key and what became of it: nothing while
   * it waits. */
  async press(order: NewRequest): Promise<{ key: string; answer: Answer | undefined }> {
    const key = this.box.press(order);
    await this.flush();
    return { key, answer: this.box.answer(key) };
  }

  /** flush sends what can be sent, and tries again later where the line is cut. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.page.me() === undefined || !this.box.items.some((i) => this.box.due(i) === "ready")) return;
    this.sending = true;
    const before = this.box.items.length;
    const ended = await this.box.flush();
    this.sending = false;
    if (this.box.items.length < before) await this.page.stored();
    if (ended !== "unknown") {
      this.failed = 0;
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), RETRY_MS[Math.min(this.failed++, RETRY_MS.length - 1)]);
  }

  mean(key: string): void {
    this.box.mean(key);
    void this.flush();
  }

  renew(key: string): void {
    this.box.renew(key);
    void this.flush();
  }

  drop(key: string): void {
    this.box.drop(key);
  }
}

// randomUUID is there on secure origins only.
const newKey = (): string =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16)).join("-");

/** post sends an item. What the server cannot answer for now may have arrived. */
async function post(item: Item): Promise<Answer> {
  try {
    return { stored: await call<Request>("POST", "/requests", item.order, { "Idempotency-Key": item.key }) };
  } catch (e) {
    if (!(e instanceof ApiError)) return "unknown";
    if (e.status === 401) return "not signed in";
    if (e.status === 0 || e.status >= 500 || e.status === 408 || e.status === 429) return "unknown";
    return { refused: e.message, field: e.problem?.field };
  }
}
