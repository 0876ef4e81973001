// Drones, their data blocks and the sites, drawn above the chart as elements that
// are moved once a frame. It knows no framework. They take the pointer only: the queue and
// the strips give the same by keyboard and to screen readers.

import type * as maplibregl from "maplibre-gl";
import type { Link, Phase } from "../live/decode";
import { place, type Rect } from "./blocks";
import { blend, estimate, type Drawn, type Fix } from "../live/motion";

export type Status = "in_range" | "near_limit" | "excursion" | "unknown";

/** DroneView is what the overlay draws of a drone; the page decides all of it. */
export interface DroneView {
  id: string;
  fix: Fix;
  link: Link;
  phase: Phase;
  status: Status | undefined; // of its box; undefined without one
  alarmed: "critical" | "caution" | "advisory" | undefined; // the loudest alarm that stands about it
  selected: boolean;
  top: [string, string]; // callsign and ETA
  bottom: string; // height and temperature
}

export interface SiteView {
  id: string;
  kind: string;
  lon: number;
  lat: number;
  label: string;
  selected: boolean;
  pending: boolean;
}

const LOUDNESS = { critical: 3, caution: 2, advisory: 1 } as const;
const NAMES_ZOOM = 10.4;
const DART = 24;
const PAD = 22;
/** how many data blocks are shown at most */
const MOST_BLOCKS = 80;

interface DroneElement {
  root: HTMLElement;
  dart: HTMLElement;
  ring: HTMLElement;
  block: HTMLElement;
  leader: SVGLineElement;
  drawn: Drawn | undefined;
  spot: number;
  at: { x: number; y: number };
}

const AIR: ReadonlySet<Phase> = new Set<Phase>(["airborne", "holding", "returning", "landing"]);

export class Overlay {
  private readonly root: HTMLElement;
  private readonly svg: SVGSVGElement;
  private readonly drones = new Map<string, DroneElement>();
  private readonly sites = new Map<string, HTMLElement>();
  private views: DroneView[] = [];
  private siteViews: SiteView[] = [];
  private lastFrame = 0;
  labels = true;
  /** covered is what lies over the map: no block is put under it */
  covered: readonly Rect[] = [];
  /** positions as drawn, for tests and for follow */
  readonly positions = new Map<string, Drawn>();

  constructor(
    private readonly map: maplibregl.Map,
    private readonly onSelect: (id: string) => void,
    private readonly onSite: (id: string) => void,
  ) {
    this.root = document.createElement("div");
    this.root.className = "overlay";
    this.root.setAttribute("aria-hidden", "true");
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.root.append(this.svg);
    map.getContainer().append(this.root);
    map.on("move", () => this.nameSites());
  }

  setDrones(views: DroneView[]): void {
    // The alarmed are drawn last, over the others; their blocks are placed first.
    const loud = (v: DroneView): number => (v.alarmed === undefined ? 0 : LOUDNESS[v.alarmed]) + (v.selected ? 0.5 : 0);
    this.views = [...views].sort((a, b) => loud(b) - loud(a));
    const ids = new Set(views.map((v) => v.id));
    for (const [id, e] of this.drones) {
      if (!ids.has(id)) {
        e.root.remove();
        e.block.remove();
        e.leader.remove();
        this.drones.delete(id);
        this.positions.delete(id);
      }
    }
    for (const v of views) this.dress(this.drones.get(v.id) ?? this.addDrone(v.id), v);
  }

  private addDrone(id: string): DroneElement {
    const root = element("div", "drone");
    const ring = element("div", "uncertain");
    const dart = element("div", "dart");
    dart.dataset.drone = id;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "-12 -12 24 24");
    const octagon = document.createElementNS("http://www.w3.org/2000/svg", "path");
    octagon.setAttribute("class", "octagon");
    octagon.setAttribute("d", "M-4.6 -11h9.200l6.400 6.400v9.200l-6.400 6.400h-9.200l-6.400-6.400v-9.200z");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", "body");
    path.setAttribute("d", "M0 -9L7 8L0 4.500L-7 8Z");
    svg.append(octagon, path);
    dart.append(svg);
    dart.onclick = () => this.onSelect(id);
    root.append(ring, dart);
    const block = element("div", "block");
    block.dataset.block = id;
    block.onclick = () => this.onSelect(id);
    const leader = document.createElementNS("http://www.w3.org/2000/svg", "line");
    this.svg.append(leader);
    this.root.append(root, block);
    const e = { root, dart, ring, block, leader, drawn: undefined, spot: 0, at: { x: 0, y: 0 } };
    this.drones.set(id, e);
    return e;
  }

  private dress(e: DroneElement, v: DroneView): void {
    const stale = v.link === 3;
    const state = stale ? "stale" : (v.status ?? "none");
    e.root.style.zIndex = e.block.style.zIndex = String(v.alarmed === undefined ? 1 : 1 + LOUDNESS[v.alarmed]);
    e.root.className = `drone ${state}${v.selected ? " selected" : ""}${v.phase === "parked" || v.phase === "landed" ? " parked" : ""}`;
    e.block.className = `block ${state}${v.selected ? " selected" : ""}`;
    const text = `${v.top[0]}\n${v.top[1]}\n${v.bottom}\n${state}`;
    if (e.block.dataset.text !== text) {
      e.block.dataset.text = text;
      e.block.replaceChildren(line("b", v.top[0], v.top[1]), line("span", v.bottom, ""), glyph(state));
    }
  }

  setSites(views: SiteView[]): void {
    this.siteViews = views;
    for (const v of views) {
      let e = this.sites.get(v.id);
      if (e === undefined) {
        e = element("div", "site");
        e.onclick = () => this.onSite(v.id);
        e.append(element("i", "pad"), element("span", "site-label"));
        this.sites.set(v.id, e);
        this.root.prepend(e);
      }
      e.className = `site ${v.kind}${v.selected ? " selected" : ""}${v.pending ? " pending" : ""}`;
      e.querySelector("span")!.textContent = v.label;
    }
    this.nameSites();
  }

  /** nameSites shows the labels that do not cover one another: the selected site
   * first, then those with a request, the centres, and the rest when zoomed in. A hospital that
   * would lie on another one stands behind it, which says how many do. */
  private nameSites(): void {
    const rank = (v: SiteView): number => (v.selected ? 0 : v.pending ? 1 : v.kind === "blood_centre" ? 2 : 3);
    const taken: { x: number; y: number; w: number }[] = [];
    const shown: { x: number; y: number; e: HTMLElement; behind: number }[] = [];
    for (const v of [...this.siteViews].sort((a, b) => rank(a) - rank(b))) {
      const p = this.map.project([v.lon, v.lat]);
      const e = this.sites.get(v.id)!;
      const before = v.kind === "hospital" ? shown.find((s) => Math.hypot(s.x - p.x, s.y - p.y) < PAD) : undefined;
      const behind = before !== undefined && rank(v) === 3;
      e.classList.toggle("behind", behind);
      if (behind) {
        before.behind++;
        continue;
      }
      if (v.kind === "hospital") shown.push({ x: p.x, y: p.y, e, behind: 0 });
      const w = Math.min(150, v.label.length * (/[\u4e00-\u9fff]/.test(v.label) ? 11 : 6)) / 2;
      const free = taken.every((t) => Math.abs(t.x - p.x) > t.w + w + 4 || Math.abs(t.y - p.y) > 15);
      const named = rank(v) === 0 || (free && (rank(v) < 3 || this.map.getZoom() > NAMES_ZOOM));
      if (named) taken.push({ x: p.x, y: p.y, w });
      e.classList.toggle("named", named);
    }
    for (const s of shown) s.e.dataset.behind = s.behind > 0 ? `+${s.behind}` : "";
  }

  /** draw moves everything to where it is at a server time. frozen stops motion. */
  draw(wall: number, now: number | undefined, frozen: boolean): void {
    const dt = Math.min(1, (wall - this.lastFrame) / 1000);
    this.lastFrame = wall;
    const sites: Rect[] = [];
    for (const v of this.siteViews) {
      const e = this.sites.get(v.id)!;
      const p = this.map.project([v.lon, v.lat]);
      e.style.transform = `translate(${Math.round(p.x)}px,${Math.round(p.y)}px)`;
      if (!e.classList.contains("behind")) sites.push(around(p, PAD));
    }
    for (const v of this.views) {
      const e = this.drones.get(v.id)!;
      if (!frozen || e.drawn === undefined) e.drawn = blend(e.drawn, estimate(v.fix, now ?? v.fix.at), dt);
      this.positions.set(v.id, e.drawn);
      const p = this.map.project([e.drawn.lon, e.drawn.lat]);
      e.root.style.transform = `translate(${p.x}px,${p.y}px)`;
      e.dart.style.transform = `rotate(${v.fix.trackDeg - this.map.getBearing()}deg)`;
      if (v.link === 3 && now !== undefined) {
        const m = Math.min(8000, ((now - v.fix.at) / 1000) * v.fix.speedMPS);
        const r = Math.max(14, (m / metresPerPixel(this.map.getZoom(), v.fix.lat)) | 0);
        e.ring.style.width = e.ring.style.height = `${2 * r}px`;
      }
      e.at = p;
    }
    const avoid = [...sites, ...this.views.map((v) => around(this.drones.get(v.id)!.at, DART))];
    const { clientWidth: w, clientHeight: h } = this.root;
    const taken: Rect[] = [...this.covered];
    for (const v of this.views) {
      const e = this.drones.get(v.id)!;
      this.placeBlock(v, e, e.at, taken, avoid, { w, h });
    }
  }

  /** placeBlock puts a drone's block where it covers nothing, or hides it. */
  private placeBlock(
    v: DroneView,
    e: DroneElement,
    p: { x: number; y: number },
    taken: Rect[],
    avoid: readonly Rect[],
    view: { w: number; h: number },
  ): void {
    const must = v.alarmed !== undefined || v.selected || v.link === 3;
    const show = this.labels && (must || AIR.has(v.phase)) && taken.length < MOST_BLOCKS + this.covered.length;
    const found = show ? place(p, e.spot, must, taken, avoid, view) : undefined;
    e.block.hidden = found === undefined;
    e.leader.setAttribute("visibility", found ? "visible" : "hidden");
    if (found === undefined) return;
    e.spot = found.spot;
    taken.push(found.at);
    const { x, y, w, h } = found.at;
    e.block.classList.toggle("one-line", found.lines === 1);
    e.block.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px)`;
    for (const [k, n] of [
      ["x1", p.x],
      ["y1", p.y],
      ["x2", Math.max(x, Math.min(x + w, p.x))],
      ["y2", Math.max(y, Math.min(y + h, p.y))],
    ] as const)
      e.leader.setAttribute(k, String(n));
    e.leader.setAttribute("class", e.block.className);
  }

  remove(): void {
    this.root.remove();
  }
}

function around(p: { x: number; y: number }, size: number): Rect {
  return { x: p.x - size / 2, y: p.y - size / 2, w: size, h: size };
}

function element(tag: string, cls: string): HTMLElement {
  const e = document.createElement(tag);
  e.className = cls;
  return e;
}

function line(tag: string, left: string, right: string): HTMLElement {
  const e = element(tag, "row");
  const a = document.createElement("span");
  a.textContent = left;
  e.append(a);
  if (right !== "") {
    const b = document.createElement("span");
    b.textContent = right;
    e.append(b);
  }
  return e;
}

/** glyph is the status as a shape: circle, triangle, octagon or slashed circle. */
function glyph(state: string): HTMLElement {
  const e = element("i", `glyph ${state}`);
  e.setAttribute("aria-hidden", "true");
  return e;
}

function metresPerPixel(zoom: number, lat: number): number {
  return (40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom);
}
