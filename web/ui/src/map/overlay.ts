// What stands above the chart and moves: darts by the graphics processor, sites and data blocks
// as elements. It knows no framework. They take the pointer only: the queue and the strips give
// the same by keyboard and to screen readers.

import type * as maplibregl from "maplibre-gl";
import type { Link, Phase } from "../live/decode";
import type { Fleet } from "../live/fleet";
import type { Drawn } from "../live/motion";
import { around, Crowd, place, type Place, type Rect } from "./blocks";
import { Darts, Look, type Camera } from "./darts";
import { element, svg } from "./dom";
import { Sites, type SiteView } from "./sites";

export type Status = "in_range" | "near_limit" | "excursion" | "unknown";

/** DroneView is what the overlay draws of a drone; the page decides all of it. */
export interface DroneView {
  id: string;
  link: Link;
  phase: Phase;
  status: Status | undefined; // of its box; undefined without one
  alarmed: "critical" | "caution" | "advisory" | undefined; // the loudest alarm that stands about it
  selected: boolean;
  idle: boolean; // it carries nothing, and nothing is the matter with it
  top: [string, string]; // callsign and ETA
  bottom: string; // height and temperature
}

const LOUDNESS = { critical: 3, caution: 2, advisory: 1 } as const;
const DART = 24;
/** how far from a dart a click still means it */
const REACH = 15;
/** how many data blocks are shown at most */
const MOST_BLOCKS = 80;
/** of drones with an alarm: theirs are shown whatever they cover */
const MOST_ALARMED = 400;
/** blocks are placed anew after so many ms, and whenever the map zooms */
const PLACE_MS = 200;

/** between two frames a drone goes less than this many pixels, at this speed */
const STEP_PX = 0.25;
const FAST_MPS = 25;
/** and what slides is drawn so often */
const STILL_MS = 100;
/** for those who want little motion, drones step instead */
const STEP_MS = 250;

const AIR: ReadonlySet<Phase> = new Set<Phase>(["airborne", "holding", "returning", "landing"]);

interface Block {
  view: DroneView;
  root: HTMLElement;
  leader: SVGLineElement;
  place: Place | undefined;
}

export class Overlay {
  private readonly root: HTMLElement;
  private readonly lines = svg("svg");
  private readonly darts: Darts;
  /** a place nearby, from which the darts reckon */
  private readonly origin: { lon: number; lat: number };
  private readonly sites: Sites;
  private readonly blocks = new Map<string, Block>();
  /** the loudest first */
  private views: DroneView[] = [];
  /** those that are dressed; where there are too many, those that carry something */
  private told: DroneView[] = [];
  private placedAt = -Infinity;
  private placedZoom = 0;
  /** the last moment that was drawn: server time and wall time, ms */
  private moment = { now: 0, wall: 0 };
  /** what was drawn last; news make it old */
  private shown = { now: 0, wall: -Infinity, camera: { x: 0, y: 0, worldPx: 0, metrePx: 0, width: 0, height: 0 } };
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  labels = true;
  /** covered is what lies over the map: no block is put under it */
  covered: readonly Rect[] = [];

  constructor(
    private readonly map: maplibregl.Map,
    private readonly fleet: Fleet,
    private readonly on: { drone(id: string): void; site(id: string): void },
  ) {
    this.root = element("div", "overlay");
    this.root.setAttribute("aria-hidden", "true");
    const { lng: lon, lat } = map.getCenter();
    this.origin = { lon, lat };
    this.darts = new Darts(fleet, this.origin);
    this.root.append(this.darts.canvas, this.lines);
    map.getContainer().append(this.root);
    this.sites = new Sites(map, this.root, on.site);
    map.on("resize", () => this.news());
  }

  /** news is what has to be seen in the next frame. */
  private news(): void {
    this.shown.wall = -Infinity;
  }

  /** setDrones dresses some drones; others says whether the rest of the fleet is shown. */
  setDrones(views: DroneView[], others: boolean): void {
    this.news();
    // The alarmed are drawn last, over the others; their blocks are placed first.
    const loud = (v: DroneView): number => (v.alarmed === undefined ? 0 : LOUDNESS[v.alarmed]) + (v.selected ? 0.5 : 0);
    this.views = [...views].sort((a, b) => loud(b) - loud(a));
    this.told = views.length > MOST_BLOCKS ? this.views.filter((v) => !v.idle) : this.views;
    const ids = new Set(this.told.map((v) => v.id));
    for (const [id, b] of this.blocks) {
      if (ids.has(id)) continue;
      b.root.remove();
      b.leader.remove();
      this.blocks.delete(id);
    }
    for (const v of this.told) this.dress(v);
    this.darts.others = others;
    this.darts.dress(
      this.told.toReversed().flatMap((v) => {
        const slot = this.fleet.slot(v.id);
        return slot === undefined ? [] : { slot, look: look(v) };
      }),
    );
  }

  private dress(v: DroneView): void {
    const b = this.blocks.get(v.id) ?? this.addBlock(v);
    b.view = v;
    const state = v.link === 3 ? "stale" : (v.status ?? "none");
    b.root.style.zIndex = String(v.alarmed === undefined ? 1 : 1 + LOUDNESS[v.alarmed]);
    const alarm = v.alarmed === undefined ? "" : ` alarm-${v.alarmed}`;
    b.root.className = `block ${state}${alarm}${v.selected ? " selected" : ""}`;
    const text = `${v.top[0]}\n${v.top[1]}\n${v.bottom}\n${state}`;
    if (b.root.dataset.text !== text) {
      b.root.dataset.text = text;
      b.root.replaceChildren(line("b", v.top[0], v.top[1]), line("span", v.bottom, ""), glyph(state));
    }
    b.root.classList.toggle("one-line", b.place?.lines === 1);
    b.leader.setAttribute("class", b.root.className);
  }

  private addBlock(view: DroneView): Block {
    const root = element("div", "block");
    root.dataset.block = view.id;
    root.hidden = true;
    root.onclick = () => this.on.drone(view.id);
    const leader = svg("line");
    leader.setAttribute("visibility", "hidden");
    this.lines.append(leader);
    this.root.append(root);
    const b = { view, root, leader, place: undefined };
    this.blocks.set(view.id, b);
    this.placedAt = -Infinity;
    return b;
  }

  setSites(views: SiteView[]): void {
    this.news();
    this.sites.set(views);
  }

  setTheme(): void {
    this.news();
    this.darts.colour();
  }

  /** pick is the dressed drone at a point of the map, the loudest of several. */
  pick(p: { x: number; y: number }): string | undefined {
    return this.views.find((v) => {
      const at = this.pixel(v.id);
      return at !== undefined && Math.hypot(at.x - p.x, at.y - p.y) < REACH;
    })?.id;
  }

  /** at is where a drone is drawn. */
  at(id: string): Drawn | undefined {
    const slot = this.fleet.slot(id);
    return slot === undefined ? undefined : this.fleet.drawn(slot, this.moment.now, this.moment.wall);
  }

  private pixel(id: string): { x: number; y: number } | undefined {
    const d = this.at(id);
    return d && this.map.project([d.lon, d.lat]);
  }

  /** draw moves everything to where it is at a server time. frozen stops motion. */
  draw(wall: number, now: number | undefined, frozen: boolean): void {
    const still = frozen || (this.calm.matches && wall - this.moment.wall < STEP_MS);
    if (now !== undefined && !(still && this.moment.now > 0)) this.moment = { now, wall };
    const zoom = this.map.getZoom();
    const camera = this.camera(zoom);
    if (!this.due(camera)) return;
    this.shown = { ...this.moment, camera };
    const sites = this.sites.draw();
    this.darts.draw(this.moment.now, this.moment.wall, camera);
    if (wall - this.placedAt > PLACE_MS || zoom !== this.placedZoom) {
      this.placedAt = wall;
      this.placedZoom = zoom;
      this.placeBlocks(sites);
    }
    for (const b of this.blocks.values()) if (b.place) this.moveBlock(b, b.place);
  }

  /** due reports whether anything is to be seen that is not drawn yet: the camera moved, the page
   * has news, or a drone may have come on by a quarter of a pixel. */
  private due(camera: Camera): boolean {
    const { now, wall, camera: was } = this.shown;
    if (camera.worldPx !== was.worldPx || camera.x !== was.x || camera.y !== was.y) return true;
    const px = ((this.moment.now - now) / 1000) * FAST_MPS * camera.metrePx;
    return this.moment.wall - wall >= STILL_MS || px >= STEP_PX;
  }

  private camera(zoom: number): Camera {
    const { x, y } = this.map.project(this.origin);
    const { width, height } = this.map.getCanvas();
    return { x, y, worldPx: 512 * 2 ** zoom, metrePx: 1 / metresPerPixel(zoom, this.origin.lat), width, height };
  }

  /** placeBlocks puts each block where it covers nothing, or hides it. */
  private placeBlocks(sites: readonly Rect[]): void {
    const view = { w: this.shown.camera.width / devicePixelRatio, h: this.shown.camera.height / devicePixelRatio };
    const crowd = this.crowd(sites, view);
    const taken: Rect[] = [...this.covered];
    for (const v of this.told) {
      const b = this.blocks.get(v.id)!;
      const must = v.alarmed !== undefined || v.selected || v.link === 3;
      const most = this.covered.length + (must ? MOST_ALARMED : MOST_BLOCKS);
      const show = this.labels && (must || AIR.has(v.phase)) && taken.length < most;
      const p = show ? this.pixel(v.id) : undefined;
      b.place = p && place(p, b.place?.spot ?? 0, must, taken, crowd, view);
      b.root.hidden = b.place === undefined;
      b.leader.setAttribute("visibility", b.place ? "visible" : "hidden");
      if (b.place === undefined) continue;
      taken.push(b.place.at);
      b.root.classList.toggle("one-line", b.place.lines === 1);
    }
  }

  /** crowd is where sites stand, and the darts of those that have a block. */
  private crowd(sites: readonly Rect[], view: { w: number; h: number }): Crowd {
    const crowd = new Crowd(view.w, view.h);
    for (const r of sites) crowd.add(r);
    for (const v of this.told) {
      const p = this.pixel(v.id);
      if (p) crowd.add(around(p, DART));
    }
    return crowd;
  }

  private moveBlock(b: Block, at: Place): void {
    const p = this.pixel(b.view.id);
    if (p === undefined) return;
    const [x, y] = [Math.round(p.x + at.by.x), Math.round(p.y + at.by.y)];
    b.root.style.transform = `translate(${x}px,${y}px)`;
    for (const [k, n] of [
      ["x1", p.x],
      ["y1", p.y],
      ["x2", Math.max(x, Math.min(x + at.at.w, p.x))],
      ["y2", Math.max(y, Math.min(y + at.at.h, p.y))],
    ] as const)
      b.leader.setAttribute(k, n.toFixed(1));
  }

  /** positions are where all drones are drawn, for tests. */
  positions(): Record<string, Drawn> {
    return Object.fromEntries(this.fleet.ids.flatMap((id) => (this.at(id) ? [[id, this.at(id)!]] : [])));
  }

  remove(): void {
    this.darts.remove();
    this.root.remove();
  }
}

const COLOURS = { in_range: Look.Plain, near_limit: Look.NearLimit, excursion: Look.Excursion, unknown: Look.Unknown };

function look(v: DroneView): number {
  const colour = v.link === 3 ? Look.Stale : v.status === undefined ? Look.Plain : COLOURS[v.status];
  const stands = v.phase === "parked" || v.phase === "landed";
  return colour | (v.selected ? Look.Selected : 0) | (stands ? Look.Parked : 0);
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
