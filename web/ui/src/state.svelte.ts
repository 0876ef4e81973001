// What the page knows. Telemetry stays in World; text is sampled from it at 4 Hz.

import type { AdminPage } from "./consoles";
import { SvelteMap } from "svelte/reactivity";
import {
  ApiError,
  call,
  lastCall,
  session,
  type Board,
  type Closure,
  type Delivery,
  type Diversion,
  type Me,
  type Network,
  type Recovery,
  type Request,
  type Site,
  type Zone,
} from "./api";
import { measured, sortAlarms } from "./alarms";
import { doing, eta, gather, leastSpare, marginMin, sortFlights, type Doing, type Flight } from "./flight";
import { name } from "./i18n/index.svelte";
import { forget, keep, last, type Last } from "./last";
import { idShown, show, tabShown, TABS, type Tab } from "./router";
import type { BoxRow, DroneRow, Gauge, Person } from "./live/decode";
import { connect, type Connection } from "./live/socket";
import { World } from "./live/world";
import { AlarmSound } from "./sound";
import { Unsent } from "./unsent.svelte";

const SAMPLE_MS = 250;
const REFETCH_MS = 120;
const RENEW_MS = 20_000;
const RECOVERED_MS = 5_000;
/** of drones without a mission or an alarm the lists follow so many; the map shows all */
const MOST_IDLE = 200;

/** OFF_BOARD are the kinds of events that change nothing on the board. */
const OFF_BOARD = ["account", "export", "config", "note"];

/** Answer is what a drone said to a command. */
interface Answer {
  ok: boolean;
  reason: string;
  heard: number;
}

class App {
  me = $state<Me | undefined>();
  network = $state.raw<Network | undefined>();
  board = $state.raw<Board | undefined>();
  connection = $state<Connection>("connecting");
  retryAt = $state(0);
  lostSince = $state(0);
  frozenAt = $state<number | undefined>();
  recovered = $state<number | undefined>();
  resyncing = $state(false);
  failure = $state<string | undefined>();
  theme = $state<"dark" | "light">("light");

  /** the session has ended: the person signs in again over the page */
  ended = $state(false);
  private readonly tabs = new BroadcastChannel("hemolift");

  /** answers are what drones answered last to people's commands, by mission and command, with
   * the wall time when it was heard. */
  readonly answers = new SvelteMap<string, Answer>();

  /** sampled at 4 Hz */
  now = $state(0);
  wall = $state(performance.now());
  messageAge = $state(0);
  drones = $state.raw<ReadonlyMap<string, DroneRow>>(new Map());
  boxes = $state.raw<ReadonlyMap<string, BoxRow>>(new Map());
  people = $state.raw<readonly Person[]>([]);
  gauges = $state.raw<ReadonlyMap<number, Gauge>>(new Map());

  readonly world = new World();
  readonly sound = new AlarmSound();
  /** what this device has not sent yet */
  readonly unsent = new Unsent({
    now: () => this.serverNow(),
    me: () => this.me?.login,
    known: () => this.board?.requests ?? [],
    stored: () => this.refetch(),
  });
  private socket: { retry(): void } | undefined;
  private refetching: ReturnType<typeof setTimeout> | undefined;
  private lastFrame = 0;
  private stop = new AbortController();

  sites = $derived(new Map((this.network?.sites ?? []).map((s) => [s.id, s])));
  deliveries = $derived(this.board?.deliveries ?? []);
  active = $derived(this.deliveries.filter((d) => isActive(d)));
  open = $derived((this.board?.requests ?? []).filter((r) => r.status === "open"));
  byRoad = $derived((this.board?.requests ?? []).filter((r) => r.status === "by_road"));
  /** alarms are those that somebody has to see, with what is measured now. */
  alarms = $derived(sortAlarms((this.board?.alarms ?? []).map((a) => measured(a, this))));
  /** helping shows what keys, shapes and alarms mean */
  helping = $state(false);
  /** shortcuts are single keys, which a person may turn off */
  private keys = $state(localStorage.getItem("shortcuts") !== "off");
  get shortcuts(): boolean {
    return this.keys;
  }
  set shortcuts(on: boolean) {
    this.keys = on;
    localStorage.setItem("shortcuts", on ? "on" : "off");
  }

  /** listing shows the list of all alarms */
  listing = $state(false);
  /** shelving is the alarm that somebody is about to silence */
  shelving = $state<number | undefined>();

  /** flights are all aircraft, in the order of sortFlights. */
  flights = $derived(
    sortFlights(
      [...this.drones.keys()].map((id) => this.flight(id)),
      this.now,
    ),
  );

  /** what each drone carries now: what goes on before what has ended */
  private carried = $derived(
    gather(
      this.deliveries
        .filter((d) => !["done", "aborted"].includes(d.mission.status))
        .sort((a, b) => Number(a.ended) - Number(b.ended)),
      (d) => d.mission.drone,
    ),
  );
  private alarmsOfDevice = $derived(gather(this.alarms, (a) => a.device));
  private alarmsOfDelivery = $derived(gather(this.alarms, (a) => a.delivery ?? ""));

  /** flight is an aircraft with what it carries now. */
  flight(id: string): Flight {
    const deliveries = this.carried.get(id) ?? [];
    const goingOn = deliveries.filter((d) => !d.ended);
    const boxes = goingOn.flatMap((d) => d.boxes.map((b) => b.id));
    const about = [
      ...[id, ...boxes].flatMap((x) => this.alarmsOfDevice.get(x) ?? []),
      ...goingOn.flatMap((d) => this.alarmsOfDelivery.get(d.id) ?? []),
    ];
    return {
      id,
      drone: this.drones.get(id),
      deliveries,
      boxes: boxes.flatMap((b) => this.boxes.get(b) ?? []),
      alarms: about.length < 2 ? about : sortAlarms([...new Set(about)]),
    };
  }

  /** tab is where the person is; their role's own page first. */
  get tab(): Tab {
    const first = this.me?.page === "control" ? "control" : "live";
    const asked = tabShown() ?? first;
    return this.pages.includes(asked) ? asked : first;
  }
  /** pages are the tabs that the person has. */
  get pages(): readonly Tab[] {
    const needs: Partial<Record<Tab, string>> = {
      stock: "listShelves",
      records: "listUnsigned",
      people: "listAccounts",
      devices: "allowEnrolment",
      network: "getNetworkFiles",
      documents: "proposeDocument",
      audit: "findEvents",
    };
    return TABS.filter((x) => this.may(needs[x] ?? "getNetwork"));
  }
  /** adminPages are the person's pages that stand together under one heading, the first one's */
  get adminPages(): readonly AdminPage[] {
    return (["people", "devices", "records", "stock", "network", "documents", "audit"] as const).filter((x) =>
      this.pages.includes(x),
    );
  }
  /** headings are the tabs of the header */
  get headings(): readonly Tab[] {
    const [first, ...others] = this.adminPages as readonly Tab[];
    return this.pages.filter((x) => x === first || !others.includes(x));
  }
  get selected(): string | undefined {
    return idShown();
  }
  set selected(id: string | undefined) {
    this.go(this.tab, id);
  }
  /** go shows a tab, with something selected or nothing. */
  go(tab: Tab, id?: string): void {
    show(this.me?.page === "hospital" ? "track" : tab, id);
  }

  async start(): Promise<void> {
    try {
      this.me = await call<Me | undefined>("GET", "/session");
    } catch (e) {
      const known = last();
      if (known === undefined || !(e instanceof ApiError) || (e.status !== 0 && e.status < 500)) throw e;
      this.enterOffline(known);
      return;
    }
    if (this.me === undefined) forget();
    else await this.enter();
  }

  async signIn(login: string, password: string): Promise<void> {
    this.me = await call<Me>("POST", "/session", { login, password });
    await this.enter();
  }

  /** signOut ends the session here and in every other tab; where it cannot, the page goes on. */
  async signOut(): Promise<void> {
    this.stop.abort();
    try {
      await lastCall("DELETE", "/session");
    } catch (e) {
      this.listen(this.lastFrame);
      throw e;
    }
    forget();
    this.tabs.postMessage("signed out");
    location.reload();
  }

  /** signInAgain begins a new session of the same person, over the page as it stands. */
  async signInAgain(password: string): Promise<void> {
    this.me = await call<Me>("POST", "/session", { login: this.me?.login, password });
    this.ended = false;
    this.socket?.retry();
    await this.refetch();
    void this.unsent.flush();
  }

  private async enter(): Promise<void> {
    this.begin();
    this.network = await call<Network>("GET", "/network");
    await this.refetch();
    this.listen(performance.now());
  }

  /** enterOffline shows what was known last, as old as it is, and goes on when there is a line. */
  private enterOffline(known: Last): void {
    this.me = known.me;
    this.begin();
    this.network = known.network;
    this.board = known.board;
    const age = Math.max(0, Date.now() - known.at);
    this.lostSince = performance.now() - age;
    this.world.hear(Date.parse(known.board.now), this.lostSince);
    this.now = this.frozenAt = Date.parse(known.board.now);
    this.connection = "lost";
    this.listen(this.lostSince);
  }

  /** begin makes the page that of a person. */
  private begin(): void {
    session.ended = (): void => {
      this.ended = true;
    };
    this.tabs.onmessage = (): void => location.reload();
    this.setTheme(
      (localStorage.getItem("theme") as "dark" | "light" | null) ?? (this.me?.page === "hospital" ? "light" : "dark"),
    );
  }

  /** listen follows the feed; heard is the wall time of what the page knows. */
  private listen(heard: number): void {
    this.stop = new AbortController();
    this.socket = connect(
      {
        frame: (f) => {
          this.lastFrame = performance.now();
          this.world.apply(f, this.lastFrame);
        },
        event: (e) => {
          if (e.kind === "command" && e.detail.ok !== undefined)
            this.answers.set(`${e.subject} ${e.detail.kind ?? ""}`, {
              ok: e.detail.ok === "yes",
              reason: e.detail.reason ?? "",
              heard: performance.now(),
            });
          if (e.kind === "zone" || e.kind === "config") void this.refetchNetwork().catch(() => {}); // the next event or sign-in tries again
          if (!OFF_BOARD.includes(e.kind)) this.refetchSoon();
        },
        ended: () => void this.ask(),
        resync: () => {
          this.resyncing = true;
          void this.refetch().finally(() => (this.resyncing = false));
        },
        state: (s, info) => {
          if (s === "lost" && this.connection !== "lost") {
            this.frozenAt = this.world.now(info.since);
            this.lostSince = info.since;
            void this.ask(); // it may be the session that is gone, not the line
          }
          if (s === "live" && this.connection === "lost") {
            this.recovered = info.caughtUp;
            setTimeout(() => (this.recovered = undefined), RECOVERED_MS);
            void this.refetch().then(() => this.unsent.flush()); // what is known now is asked about
            void this.refetchNetwork().catch(() => {});
          }
          this.connection = s;
          this.retryAt = info.retryAt;
        },
      },
      this.board?.seq ?? 0,
      this.stop.signal,
      heard,
    );
    void this.unsent.flush();
    const sampler = setInterval(() => this.sample(), SAMPLE_MS);
    // Offers and rates move on with the clock, without an event.
    const renewal = setInterval(() => {
      if (!document.hidden && this.connection === "live") void this.refetch();
    }, RENEW_MS);
    this.stop.signal.addEventListener("abort", () => {
      clearInterval(sampler);
      clearInterval(renewal);
    });
  }

  private sample(): void {
    this.wall = performance.now();
    this.messageAge = this.wall - this.lastFrame;
    const now = this.world.now(this.connection === "lost" ? this.lostSince : this.wall);
    if (now !== undefined) this.now = now;
    this.drones = this.world.fleet.rows(this.concerned(), MOST_IDLE);
    this.boxes = new Map(this.world.boxes);
    this.gauges = this.world.gauges;
    this.people = this.world.people;
    this.sound.sound(this.alarms, this.wall);
  }

  /** concerned are the drones with a mission or an alarm: the lists follow them, however many there are. */
  private concerned(): string[] {
    return [...this.carried.keys(), ...this.alarmsOfDevice.keys()];
  }

  /** serverNow goes on where now stands still, as while the line is cut. */
  serverNow(): number {
    void this.wall; // looked at anew with each sample
    return this.world.now(performance.now()) ?? this.now;
  }

  retryNow(): void {
    this.socket?.retry();
  }

  /** how long the last board took to come, in ms, half a second at most: a busy server is asked less often */
  private took = 0;

  /** refetchSoon gathers the events of a moment into one look at the board. */
  refetchSoon(): void {
    this.refetching ??= setTimeout(
      () => {
        this.refetching = undefined;
        void this.refetch();
      },
      REFETCH_MS + 3 * this.took,
    );
  }

  /** ask looks whether the session still is. */
  private async ask(): Promise<void> {
    await call("GET", "/board").catch(() => undefined);
  }

  /** which board was asked for last, and which of them is shown: answers may overtake each other */
  private boardAsked = 0;
  private boardShown = 0;

  async refetch(): Promise<void> {
    try {
      const nth = ++this.boardAsked;
      const asked = performance.now();
      const board = await call<Board>("GET", "/board");
      this.took = Math.min(performance.now() - asked, 500);
      if (nth < this.boardShown) return; // one that was asked for later has come before it
      this.boardShown = nth;
      this.board = board;
      // Before the feed says so: a computer's own clock may be wrong by hours.
      if (this.world.now(performance.now()) === undefined) this.hear(Date.parse(this.board.now));
      this.failure = undefined;
      if (this.me?.page === "hospital" && this.network) keep(this.me, this.network, this.board);
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) return; // the page asks to sign in
      this.failure = e instanceof Error ? e.message : String(e);
    }
  }

  private hear(now: number): void {
    this.world.hear(now, performance.now());
    this.now = now;
  }

  /** refetchNetwork reads the zones anew; sites and profiles come along. */
  async refetchNetwork(): Promise<void> {
    this.network = await call<Network>("GET", "/network");
  }

  /** person is somebody's name; of one who is not connected, their login. */
  person(login: string): string {
    const p = login === this.me?.login ? this.me : this.people.find((x) => x.login === login);
    return p ? name(p) : login;
  }

  /** may reports whether the account may do an operation at all. */
  may(operation: string): boolean {
    return this.me?.may.includes(operation) ?? false;
  }

  setTheme(theme: "dark" | "light"): void {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
  }

  site(id: string): Site | undefined {
    return this.sites.get(id);
  }
  /** siteName is what a site is called; shortName where there is little room. */
  siteName(id: string): string {
    const s = this.site(id);
    return s ? name(s) : id;
  }
  shortName(id: string): string {
    const s = this.site(id);
    return s ? name({ name_zh: s.short_zh, name_en: s.short_en }) : id;
  }

  /** recoveryOf is what can be done about a delivery that fails. */
  recoveryOf(d: Delivery | undefined): Recovery | undefined {
    return this.board?.recoveries.find((r) => r.delivery === d?.id);
  }

  /** roadLate is by how many whole minutes a request's road courier is late. */
  roadLate(r: Request): number {
    return r.status === "by_road" && r.road_at !== undefined
      ? Math.max(0, Math.floor((this.now - Date.parse(r.road_at)) / 60_000))
      : 0;
  }

  /** drawn are the zones that people drew and that have not ended. */
  get drawn(): Zone[] {
    return (this.network?.zones ?? []).filter(
      (z) => z.drawn_by !== undefined && (z.until === undefined || Date.parse(z.until) > this.now),
    );
  }

  /** closedFor is what keeps a pad, or its whole site, out of service. */
  closedFor(site: string, pad: string): Closure | undefined {
    return this.board?.closures.find(
      (c) =>
        c.device === undefined &&
        c.site === site &&
        (c.pad === undefined || c.pad === pad) &&
        Date.parse(c.until) > this.now,
    );
  }

  /** diversionFor is the drone in the air that could serve a request. */
  diversionFor(r: Request): Diversion | undefined {
    return this.board?.diversions.find((x) => x.request === r.id);
  }

  /** boxOf is the delivery's box with the least to spare. */
  boxOf(d: Delivery): BoxRow | undefined {
    return leastSpare(d.boxes.flatMap((b) => this.boxes.get(b.id) ?? []));
  }

  /** etaOf is when the delivery lands; undefined while nobody can say, as while it hovers. */
  etaOf(d: Delivery): number | undefined {
    return eta(d, this.drones.get(d.mission.drone), this.now);
  }

  /** marginOf is how many whole minutes before needed-by the delivery lands, rounded down. */
  marginOf(d: Delivery): number | undefined {
    const at = this.etaOf(d);
    return at === undefined ? undefined : marginMin(at, d.needed_by);
  }

  /** doingOf is what the delivery's drone does now. */
  doingOf(d: Delivery): Doing {
    return doing({ drone: this.drones.get(d.mission.drone), deliveries: [d] });
  }

  /** staleOf says that a delivery's drone has gone silent in flight. */
  staleOf(d: Delivery): boolean {
    return d.status === "airborne" && this.doingOf(d) === "silent";
  }
}

export function isActive(d: Delivery): boolean {
  return !d.ended;
}

export const app = new App();
