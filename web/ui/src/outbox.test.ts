import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewRequest, Request } from "./api";
import { Outbox, readItem, type Answer, type Item, type Ports } from "./outbox";

const NEEDED = Date.parse("2026-01-02T03:34:05Z");
const START = NEEDED - 30 * 60_000;

function order(units = 2, urgency: NewRequest["urgency"] = "stat", hospital = "SY06"): NewRequest {
  return {
    hospital,
    pad: "P1",
    component: "red_cells",
    blood_group: "O+",
    units,
    urgency,
    needed_by: new Date(NEEDED).toISOString(),
  };
}

/** Device is a phone and the server that it reaches, or not: what outlives a page. */
class Device {
  readonly shelf = new Map<string, string>();
  readonly stored = new Map<string, Request>();
  readonly sent: string[] = [];
  now = START;
  me: string | undefined = "nurse";
  keys = 0;
  /** what happens to each sending: nothing more is said of one that is not answered */
  line: () => "ok" | "lost before" | "lost after" | "signed out" | "refused" | "never" = () => "ok";

  page(): Outbox {
    const ports: Ports = {
      shelf: {
        all: () => [...this.shelf.values()].map((x) => JSON.parse(x) as Item),
        put: (i) => void this.shelf.set(i.key, JSON.stringify(i)),
        drop: (key) => void this.shelf.delete(key),
      },
      send: (i) => this.send(i),
      now: () => this.now,
      me: () => this.me,
      newKey: () => `k${++this.keys}`,
      known: () => [],
      changed: () => {},
    };
    return new Outbox(ports);
  }

  private async send(i: Item): Promise<Answer> {
    this.sent.push(i.key);
    await Promise.resolve();
    const what = this.line();
    if (what === "lost before") return "unknown";
    if (what === "signed out") return "not signed in";
    if (what === "refused") return { refused: "no such pad", field: "pad" };
    if (!this.stored.has(i.key))
      this.stored.set(i.key, {
        id: `R${this.stored.size + 1}`,
        order: i.order,
        status: "open",
        created_at: new Date(this.now).toISOString(),
        created_by: i.by,
        automated: false,
        version: 1,
      });
    if (what === "lost after") return "unknown";
    if (what === "never") return new Promise(() => {}); // the page dies before it hears
    return { stored: this.stored.get(i.key)! };
  }
}

describe("the outbox", () => {
  it("sends the most urgent first, each once", async () => {
    const d = new Device();
    d.line = () => "lost before";
    const box = d.page();
    box.press(order(1, "routine", "A"));
    box.press(order(2, "stat", "B"));
    box.press(order(3, "urgent", "C"));
    expect(await box.flush()).toBe("unknown");
    d.line = () => "ok";
    expect(await box.flush()).toBe("done");
    expect([...d.stored.values()].map((r) => r.order.urgency)).toEqual(["stat", "urgent", "routine"]);
    expect(d.page().items).toEqual([]);
  });

  it("takes the same order pressed again as the same, until it is sent", async () => {
    const d = new Device();
    d.line = () => "lost after";
    const box = d.page();
    const key = box.press(order());
    await box.flush();
    expect(box.press(order())).toBe(key);
    expect(d.page().press(order())).toBe(key); // after a reload too
    d.line = () => "ok";
    await box.flush();
    expect(d.stored.size).toBe(1);
    const again = box.press(order());
    expect(again).not.toBe(key);
    expect(box.due(box.items[0]!)).toBe("alike"); // sent a moment ago: a person is asked
    expect(box.alike(box.items[0]!)?.id).toBe("R1");
    box.mean(again);
    await box.flush();
    expect(d.stored.size).toBe(2);
  });

  it("holds what was refused, with the reason, and what is another's", async () => {
    const d = new Device();
    d.line = () => "refused";
    const box = d.page();
    const key = box.press(order());
    expect(await box.flush()).toBe("done");
    expect(d.page().items[0]).toMatchObject({ key, refused: "no such pad" });
    expect(box.answer(key)).toMatchObject({ field: "pad" });
    expect(box.press(order())).not.toBe(key); // asked anew, it is tried anew
    d.me = "colleague";
    expect(box.due(box.items[0]!)).toBe("another's");
    d.line = () => "ok";
    await box.flush();
    expect(d.stored.size).toBe(0);
  });

  it("asks again once the time is past, unless it may have arrived", async () => {
    const d = new Device();
    d.line = () => "lost after";
    const box = d.page();
    const tried = box.press(order(1));
    await box.flush();
    const untried = box.press(order(2));
    d.now = NEEDED + 60 * 60_000;
    expect(box.items.map((i) => [i.key, box.due(i)])).toEqual([
      [tried, "ready"],
      [untried, "past"],
    ]);
    const fresh = box.renew(untried)!;
    expect(fresh).not.toBe(untried);
    const item = box.items.find((i) => i.key === fresh)!;
    expect(Date.parse(item.order.needed_by)).toBe(d.now + 30 * 60_000);
  });

  it("stops at a session that has ended, and goes on after it", async () => {
    const d = new Device();
    d.line = () => "signed out";
    const box = d.page();
    box.press(order(1, "stat", "A"));
    box.press(order(1, "urgent", "B"));
    expect(await box.flush()).toBe("not signed in");
    expect(d.sent.length).toBe(1);
    d.line = () => "ok";
    await box.flush();
    expect(d.stored.size).toBe(2);
  });

  it("does not bring back what a person dropped while it was sent", async () => {
    const d = new Device();
    d.line = () => "refused";
    const box = d.page();
    const key = box.press(order());
    const sending = box.flush();
    box.drop(key);
    await sending;
    expect(box.items).toEqual([]);
  });

  it("loses none and doubles none, wherever the line is cut and the page dies", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("press" as const), which: fc.nat(5) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("flush" as const),
          line: fc.constantFrom("ok", "lost before", "lost after", "signed out", "never"),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("other tab" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const d = new Device();
        let box = d.page();
        const pressed = new Set<number>();
        for (const s of steps)
          switch (s.do) {
            case "press":
              // Each is pressed while unsent or for the first time: afterwards it would be a second one.
              if (!pressed.has(s.which) || box.items.some((i) => i.order.hospital === `H${s.which}`))
                box.press(order(2, (["stat", "urgent", "routine"] as const)[s.which % 3], `H${s.which}`));
              pressed.add(s.which);
              break;
            case "flush":
              d.line = () => s.line as "ok";
              if (s.line === "never" && box.items.length > 0) {
                void box.flush(); // the page dies while it waits
                for (let i = 0; i < 20; i++) await Promise.resolve();
                box = d.page();
              } else await box.flush();
              break;
            case "reload":
              box = d.page();
              break;
            case "other tab": {
              d.line = () => "ok";
              await Promise.all([d.page().flush(), box.flush()]);
              box.reload();
            }
          }
        d.line = () => "ok";
        await d.page().flush();
        expect([...d.stored.values()].map((r) => r.order.hospital).sort()).toEqual(
          [...pressed].map((n) => `H${n}`).sort(),
        );
        expect(d.shelf.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what a browser kept", () => {
  const item: Item = { key: "k1", by: "nurse", order: order(), at: START, tried: false, meant: false };

  it("is read as it was written", () => {
    expect(readItem("k1", JSON.stringify(item))).toEqual(item);
    const refused = { ...item, refused: "no such pad", order: { ...item.order, patient: { sex: "female", age: 30 } } };
    expect(readItem("k1", JSON.stringify(refused))).toEqual(refused);
  });

  it("is nothing when something else wrote it", () => {
    for (const text of ["", "null", "7", '"k1"', "[]", "{}", "{", '{"key":"k1"}', '{"key":"k1","order":null}'])
      expect(readItem("k1", text), text).toBeUndefined();
    expect(readItem("k2", JSON.stringify(item))).toBeUndefined();
    for (const [name, value] of Object.entries({
      by: 1,
      at: "now",
      tried: "no",
      meant: null,
      refused: {},
      order: { ...item.order, urgency: "toString" },
    }))
      expect(readItem("k1", JSON.stringify({ ...item, [name]: value })), name).toBeUndefined();
    for (const name of ["hospital", "pad", "component", "blood_group", "units", "urgency", "needed_by"])
      expect(readItem("k1", JSON.stringify({ ...item, order: { ...item.order, [name]: undefined } })), name).toBe(
        undefined,
      );
  });

  it("never keeps an outbox from starting, whatever it is", () => {
    fc.assert(
      fc.property(fc.json(), fc.anything(), (text, part) => {
        const texts = [text, JSON.stringify({ ...item, order: part }), JSON.stringify({ ...item, by: part })];
        const kept = texts.map((x) => readItem("k1", x)).filter((x) => x !== undefined);
        const device = new Device();
        for (const x of kept) device.shelf.set(x.key, JSON.stringify(x));
        for (const i of device.page().items) expect(Number.isNaN(Date.parse(i.order.needed_by))).toBe(false);
      }),
    );
  });
});
