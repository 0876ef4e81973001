// The outbox: requests that the server has not answered yet. Each is written on the device
// before it is sent, under an idempotency key of its own which stays until the answer is here, so
// that a request sent twice is one request. Nothing here knows the page, the network or the clock.

import type { NewRequest, Request } from "./api";

export interface Item {
  key: string;
  /** the login of who asked */
  by: string;
  order: NewRequest;
  /** server time when it was asked, ms */
  at: number;
  /** it may have reached the server */
  tried: boolean;
  /** a person has said that it is meant beside one that looks like it */
  meant: boolean;
  /** why the server does not take it */
  refused?: string;
}

/** Shelf is where items outlive the page. */
export interface Shelf {
  all(): Item[];
  put(item: Item): void;
  drop(key: string): void;
}

/** Answer is what became of sending an item: without one nobody knows whether it arrived. */
export type Answer = { stored: Request } | { refused: string; field: string | undefined } | "unknown" | "not signed in";

/** Flushed is done when nothing is left that could be sent, else why it stopped. */
export type Flushed = "done" | "unknown" | "not signed in";

/** Due is why an item can be sent now, or waits for a person. */
export type Due = "ready" | "refused" | "another's" | "past" | "alike";

export interface Ports {
  shelf: Shelf;
  send(item: Item): Promise<Answer>;
  /** server time, ms */
  now(): number;
  me(): string | undefined;
  newKey(): string;
  /** requests that the server is known to have */
  known(): readonly Request[];
  changed(): void;
}

const RANK = { stat: 0, urgent: 1, routine: 2 } as const;
const ALIKE_MS = 10 * 60_000;
const MOST_ANSWERS = 50;

/** readItem is the item that a text holds under a key, if it holds one: what outlives a page may be of
 * another version of it, or of something else. */
export function readItem(key: string, text: string): Item | undefined {
  let x: unknown;
  try {
    x = JSON.parse(text);
  } catch {
    return undefined;
  }
  const item = x as Partial<Item> | null;
  const order = item?.order as Partial<NewRequest> | null | undefined;
  const whole =
    item?.key === key &&
    typeof item.by === "string" &&
    Number.isFinite(item.at) &&
    typeof item.tried === "boolean" &&
    typeof item.meant === "boolean" &&
    ["undefined", "string"].includes(typeof item.refused) &&
    [order?.hospital, order?.pad, order?.component, order?.blood_group].every((w) => typeof w === "string") &&
    Number.isInteger(order?.units) &&
    Object.hasOwn(RANK, String(order?.urgency)) &&
    Number.isFinite(Date.parse(String(order?.needed_by))) &&
    (order?.patient === undefined || (typeof order.patient === "object" && order.patient !== null));
  return whole ? (item as Item) : undefined;
}

const about = (o: NewRequest): string => [o.hospital, o.component, o.blood_group].join("|");
const whole = (o: NewRequest): string =>
  JSON.stringify([about(o), o.pad, o.units, o.urgency, o.patient?.sex, o.patient?.age, o.patient?.anti_d]);

export class Outbox {
  private kept: Item[];
  private flushing: Promise<Flushed> | undefined;
  private readonly answers = new Map<string, Answer>();
  /** what the server took lately, until the page knows it too */
  private taken: Request[] = [];

  constructor(private readonly ports: Ports) {
    this.kept = ports.shelf.all();
  }

  /** items are those unsent, in the order in which they are sent. */
  get items(): readonly Item[] {
    return [...this.kept].sort((a, b) => RANK[a.order.urgency] - RANK[b.order.urgency] || a.at - b.at);
  }

  /** reload takes what another tab has put on the shelf, or taken off it. */
  reload(): void {
    this.kept = this.ports.shelf.all();
    this.ports.changed();
  }

  /** press writes an order down and gives the key under which it is sent. Pressed again while it
   * is unsent, it is the same order; after a refusal it is a new one. */
  press(order: NewRequest): string {
    const same = this.kept.find((i) => i.by === this.ports.me() && whole(i.order) === whole(order));
    if (same && !["refused", "past"].includes(this.due(same))) return same.key;
    if (same) this.drop(same.key);
    const item = { key: this.ports.newKey(), by: this.ports.me() ?? "", order, at: this.ports.now() };
    this.put({ ...item, tried: false, meant: false });
    return item.key;
  }

  /** due is decided anew each time: the clock and the board move on. What may have reached the
   * server is sent again whatever the clock says, since the server knows its key. */
  due(item: Item): Due {
    if (item.refused !== undefined) return "refused";
    if (item.by !== this.ports.me()) return "another's";
    if (item.tried) return "ready";
    if (Date.parse(item.order.needed_by) <= this.ports.now()) return "past";
    return item.meant || this.alike(item) === undefined ? "ready" : "alike";
  }

  /** alike is a request that the server has of the last ten minutes for the same hospital,
   * component and group: by whomever, but for the demonstration's own. */
  alike(item: Item): Request | undefined {
    const now = this.ports.now();
    return [...this.ports.known(), ...this.taken.filter((r) => !this.ports.known().some((k) => k.id === r.id))].find(
      (r) =>
        r.status !== "cancelled" &&
        !r.automated &&
        about(r.order) === about(item.order) &&
        now - Date.parse(r.created_at) < ALIKE_MS,
    );
  }

  /** mean says that an item is meant beside the one that looks like it. */
  mean(key: string): void {
    const item = this.find(key);
    if (item) this.put({ ...item, meant: true });
  }

  /** renew asks again for as long as was asked for, from now on, in the name of who is here. It is
   * another request, under another key. */
  renew(key: string): string | undefined {
    const item = this.find(key);
    if (item === undefined) return undefined;
    const now = this.ports.now();
    const needed = new Date(now + Date.parse(item.order.needed_by) - item.at);
    this.drop(key);
    const order = { ...item.order, needed_by: needed.toISOString().replace(/\.\d+/, "") };
    const fresh = { key: this.ports.newKey(), by: this.ports.me() ?? "", order, at: now, tried: false, meant: false };
    this.put(fresh);
    return fresh.key;
  }

  drop(key: string): void {
    this.kept = this.kept.filter((i) => i.key !== key);
    this.ports.shelf.drop(key);
    this.ports.changed();
  }

  /** answer is what the server said of an item whose sending has ended. */
  answer(key: string): Answer | undefined {
    return this.answers.get(key);
  }

  /** flush sends what is due, the most urgent first. It stops at the first item of which nobody
   * knows whether it arrived. */
  flush(): Promise<Flushed> {
    this.flushing ??= this.sendAll().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  private async sendAll(): Promise<Flushed> {
    for (;;) {
      const item = this.items.find((i) => this.due(i) === "ready");
      if (item === undefined) return "done";
      const sent = { ...item, tried: true };
      this.put(sent); // before it is sent: a page that dies now does not know either
      const answer = await this.ports.send(sent);
      this.remember(item.key, answer);
      if (answer === "unknown" || answer === "not signed in") return answer;
      if ("stored" in answer) {
        this.taken = [...this.taken.slice(-MOST_ANSWERS), answer.stored];
        this.drop(item.key);
      } else if (this.find(item.key)) this.put({ ...sent, refused: answer.refused });
    }
  }

  private remember(key: string, answer: Answer): void {
    this.answers.set(key, answer);
    for (const old of [...this.answers.keys()].slice(0, -MOST_ANSWERS)) this.answers.delete(old);
  }

  private find(key: string): Item | undefined {
    return this.kept.find((i) => i.key === key);
  }

  private put(item: Item): void {
    this.kept = [...this.kept.filter((i) => i.key !== item.key), item];
    this.ports.shelf.put(item);
    this.ports.changed();
  }
}
