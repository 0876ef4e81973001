// The sites above the chart: elements that are moved with it.

import type * as maplibregl from "maplibre-gl";
import { around, type Rect } from "./blocks";
import { element } from "./dom";

export interface SiteView {
  id: string;
  kind: string;
  lon: number;
  lat: number;
  label: string;
  selected: boolean;
  pending: boolean;
}

const NAMES_ZOOM = 10.4;
const PAD = 22;
const LABEL_H = 16;

export class Sites {
  private readonly elements = new Map<string, HTMLElement>();
  private views: SiteView[] = [];
  /** half as wide as the label of each site that shows it */
  private readonly labels = new Map<string, number>();

  constructor(
    private readonly map: maplibregl.Map,
    private readonly root: HTMLElement,
    private readonly onSite: (id: string) => void,
  ) {
    map.on("move", () => this.name());
  }

  set(views: SiteView[]): void {
    this.views = views;
    for (const v of views) {
      let e = this.elements.get(v.id);
      if (e === undefined) {
        e = element("div", "site");
        e.onclick = () => this.onSite(v.id);
        e.append(element("i", "pad"), element("span", "site-label"));
        this.elements.set(v.id, e);
        this.root.prepend(e);
      }
      e.className = `site ${v.kind}${v.selected ? " selected" : ""}${v.pending ? " pending" : ""}`;
      e.querySelector("span")!.textContent = v.label;
    }
    this.name();
  }

  /** name shows the labels that do not cover one another: the selected site
   * first, then those with a request, the centres, and the rest when zoomed in. A hospital that
   * would lie on another one stands behind it, which says how many do. */
  private name(): void {
    const rank = (v: SiteView): number => (v.selected ? 0 : v.pending ? 1 : v.kind === "blood_centre" ? 2 : 3);
    const taken: { x: number; y: number; w: number }[] = [];
    const shown: { x: number; y: number; e: HTMLElement; behind: number }[] = [];
    for (const v of [...this.views].sort((a, b) => rank(a) - rank(b))) {
      const p = this.map.project([v.lon, v.lat]);
      const e = this.elements.get(v.id)!;
      const before = v.kind === "hospital" ? shown.find((s) => Math.hypot(s.x - p.x, s.y - p.y) < PAD) : undefined;
      const behind = before !== undefined && rank(v) === 3;
      e.classList.toggle("behind", behind);
      this.labels.delete(v.id);
      if (behind) {
        before.behind++;
        continue;
      }
      if (v.kind === "hospital") shown.push({ x: p.x, y: p.y, e, behind: 0 });
      const w = Math.min(150, v.label.length * (/[\u4e00-\u9fff]/.test(v.label) ? 11 : 6)) / 2;
      const free = taken.every((t) => Math.abs(t.x - p.x) > t.w + w + 4 || Math.abs(t.y - p.y) > 15);
      const named = rank(v) === 0 || (free && (rank(v) < 3 || this.map.getZoom() > NAMES_ZOOM));
      if (named) taken.push({ x: p.x, y: p.y, w });
      if (named) this.labels.set(v.id, w);
      e.classList.toggle("named", named);
    }
    for (const s of shown) s.e.dataset.behind = s.behind > 0 ? `+${s.behind}` : "";
  }

  /** draw moves all to where they are, and gives what they cover. */
  draw(): Rect[] {
    const covered: Rect[] = [];
    for (const v of this.views) {
      const e = this.elements.get(v.id)!;
      const p = this.map.project([v.lon, v.lat]);
      e.style.transform = `translate(${Math.round(p.x)}px,${Math.round(p.y)}px)`;
      if (e.classList.contains("behind")) continue;
      covered.push(around(p, PAD));
      const w = this.labels.get(v.id);
      if (w !== undefined) covered.push({ x: p.x - w, y: p.y + PAD / 2, w: 2 * w, h: LABEL_H });
    }
    return covered;
  }
}
