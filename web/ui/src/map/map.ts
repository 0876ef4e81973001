import type * as GeoJSON from "geojson";
import type { Network } from "../api";
import type { World } from "../live/world";
import { CLOSE_PX, MIN_CORNERS, type LonLat } from "../draft.svelte";
import { maplibregl } from "./maplibre";
import { roomFor } from "./room";
import { Overlay, type DroneView } from "./overlay";
import type { SiteView } from "./sites";
import { circle, graticule, hatch, LATER, opacityOf, style, type Theme } from "./style";

export interface PathView {
  coordinates: number[][];
  selected: boolean;
}

const MAX_ZOOM = 13;
const RINGS_KM = [5, 10, 15, 20];

/** DispatchMap is the chart with the overlay; the page sets what it shows. */
export class DispatchMap {
  readonly map: maplibregl.Map;
  readonly overlay: Overlay;
  following: string | undefined;
  frozen = false;
  onDrag: () => void = () => {};
  private rings = true;
  private raf = 0;
  /** what each source of the style shows */
  private readonly given = new WeakMap<object, string>();
  private removed = false;
  private corridors: PathView[] = [];
  private tracks: PathView[] = [];
  private pen: { add(p: LonLat): void; close(): void } | undefined;
  private draft: LonLat[] = [];
  private draftClosed = false;

  constructor(
    container: HTMLElement,
    private readonly world: World,
    private network: Network,
    private theme: Theme,
    private lang: "zh" | "en",
    select: { drone(id: string): void; site(id: string): void },
  ) {
    this.map = new maplibregl.Map({
      container,
      style: style(theme, lang, network.basemap === "custom", true),
      center: this.middle(),
      zoom: 10.6,
      maxZoom: network.basemap === "custom" ? 18 : MAX_ZOOM,
      minZoom: 7,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    });
    // North is up: the darts reckon with it, and so do people.
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.overlay = new Overlay(this.map, world.fleet, select);
    this.map.on("style.load", () => this.dress());
    this.map.on("click", (e) => this.click(e, select.drone));
    this.map.on("mousemove", (e) => {
      if (!this.pen) this.map.getCanvas().style.cursor = this.overlay.pick(e.point) ? "pointer" : "";
    });
    this.map.on("dragstart", () => {
      this.following = undefined;
      this.onDrag();
    });
    const frame = (wall: number): void => {
      this.raf = requestAnimationFrame(frame);
      if (document.hidden) return;
      this.overlay.draw(wall, this.world.now(performance.now()), this.frozen);
      const f = this.following === undefined ? undefined : this.overlay.at(this.following);
      if (f) this.map.jumpTo({ center: [f.lon, f.lat] });
    };
    this.raf = requestAnimationFrame(frame);
  }

  private middle(): [number, number] {
    const c = this.network.sites.find((s) => s.kind === "blood_centre");
    return c ? [c.lon - 0.06, c.lat + 0.05] : [123.43, 41.8];
  }

  /** dress puts on a style what is not of the chart, a little in each task: the first sight of
   * each kind of layer compiles its shaders, which would keep the page busy all at once. */
  private dress(): void {
    if (!this.map.hasImage("hatch")) this.map.addImage("hatch", hatch(this.theme));
    const steps = [
      () => this.setZones(this.network),
      () => this.setPaths(this.corridors, this.tracks),
      () => this.setDraft(this.draft, this.draftClosed),
      () => this.drawRings(),
      () => this.data("grid", graticule().features),
      ...LATER.map((id) => () => this.reveal(id)),
    ];
    const next = (): void => {
      if (this.removed) return;
      steps.shift()?.();
      if (steps.length === 0) return;
      this.map.once("render", () => setTimeout(next));
      this.map.triggerRepaint();
    };
    next();
  }

  private reveal(id: string): void {
    const layer = this.map.getLayer(id);
    if (layer) this.map.setPaintProperty(id, opacityOf(layer), 1);
  }

  private drawRings(): void {
    this.setRings(this.rings);
    const centre = this.network.sites.find((s) => s.kind === "blood_centre");
    if (centre === undefined) return;
    const ring = (km: number): number[][] => circle(centre.lon, centre.lat, km * 1000);
    this.data(
      "rings",
      RINGS_KM.map((km) => ({
        type: "Feature",
        properties: {},
        geometry: { type: "LineString", coordinates: ring(km) },
      })),
    );
    this.data(
      "ringLabels",
      RINGS_KM.map((km) => ({
        type: "Feature",
        properties: { label: `${km} km` },
        geometry: { type: "Point", coordinates: circle(centre.lon, centre.lat, km * 1000, 8)[7]! },
      })),
    );
  }

  /** data gives a source what it shows; the same again would have the whole chart drawn anew. */
  private data(source: string, features: GeoJSON.Feature[]): void {
    const s = this.map.getSource(source) as maplibregl.GeoJSONSource | undefined;
    const text = JSON.stringify(features);
    if (s === undefined || this.given.get(s) === text) return;
    this.given.set(s, text);
    s.setData({ type: "FeatureCollection", features });
  }

  setDrones(views: DroneView[], others: boolean): void {
    this.overlay.setDrones(views, others);
  }

  setSites(views: SiteView[]): void {
    this.overlay.setSites(views);
  }

  setPaths(corridors: PathView[], tracks: PathView[]): void {
    this.corridors = corridors;
    this.tracks = tracks;
    const features = (list: PathView[]): GeoJSON.Feature[] =>
      list.map((p) => ({
        type: "Feature",
        properties: { selected: p.selected },
        geometry: { type: "LineString", coordinates: p.coordinates },
      }));
    this.data("corridors", features(corridors));
    this.data("tracks", features(tracks));
  }

  setZones(network: Network): void {
    this.network = network;
    const name = (z: Network["zones"][number]): string => (this.lang === "zh" ? z.name_zh : z.name_en);
    this.data(
      "zones",
      network.zones.map((z) => ({
        type: "Feature",
        properties: { id: z.id, name: name(z), drawn: z.drawn_by !== undefined },
        geometry: { type: "Polygon", coordinates: z.rings as number[][][] },
      })),
    );
  }

  /** draw takes clicks as corners until it is called without a pen. */
  draw(pen: { add(p: LonLat): void; close(): void } | undefined): void {
    this.pen = pen;
    this.map.getCanvas().style.cursor = pen ? "crosshair" : "";
    if (pen) this.map.doubleClickZoom.disable();
    else this.map.doubleClickZoom.enable();
  }

  private click(e: maplibregl.MapMouseEvent, select: (drone: string) => void): void {
    if (!this.pen) {
      const drone = this.overlay.pick(e.point);
      if (drone !== undefined) select(drone);
      return;
    }
    if (this.draftClosed) return;
    const first = this.draft[0];
    if (first && this.draft.length >= MIN_CORNERS && this.map.project(first).dist(e.point) < CLOSE_PX) this.pen.close();
    else this.pen.add([e.lngLat.lng, e.lngLat.lat]);
  }

  setDraft(corners: LonLat[], closed: boolean): void {
    this.draft = corners;
    this.draftClosed = closed;
    const features: GeoJSON.Feature[] = corners.map((p) => ({
      type: "Feature",
      properties: {},
      geometry: { type: "Point", coordinates: p },
    }));
    if (closed)
      features.push({
        type: "Feature",
        properties: {},
        geometry: { type: "Polygon", coordinates: [[...corners, corners[0]!]] },
      });
    else if (corners.length > 1)
      features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: corners } });
    this.data("draft", features);
  }

  setRings(on: boolean): void {
    this.rings = on;
    for (const id of ["rings", "ring-labels"])
      if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }

  setTheme(theme: Theme, lang: "zh" | "en"): void {
    if (theme === this.theme && lang === this.lang) return;
    this.theme = theme;
    this.lang = lang;
    this.overlay.setTheme();
    if (this.map.hasImage("hatch")) this.map.removeImage("hatch");
    this.map.setStyle(style(theme, lang, this.network.basemap === "custom"), { diff: false });
  }

  /** fit shows the points, with room for what floats above, as far as the map has any. */
  fit(points: [number, number][], padding: number | maplibregl.PaddingOptions, animate = true): void {
    const { clientWidth, clientHeight } = this.map.getContainer();
    if (points.length === 0 || clientWidth === 0 || clientHeight === 0) return;
    const b = new maplibregl.LngLatBounds(points[0], points[0]);
    for (const p of points) b.extend(p);
    const still = !animate || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.fitBounds(b, {
      padding: roomFor(padding, clientWidth, clientHeight),
      maxZoom: 12,
      duration: still ? 0 : 600,
    });
  }

  remove(): void {
    this.removed = true;
    cancelAnimationFrame(this.raf);
    this.overlay.remove();
    this.map.remove();
  }
}
