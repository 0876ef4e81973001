import type { Network } from "../api";
import { maplibregl } from "./maplibre";
import { style, type Theme } from "./style";

/** Picker is a chart on which a person picks a place; the sites that there are stand on it. */
export class Picker {
  private readonly map: maplibregl.Map;
  private readonly here: maplibregl.Marker;

  constructor(
    container: HTMLElement,
    network: Network,
    theme: Theme,
    lang: "zh" | "en",
    onpick: (at: [number, number]) => void,
  ) {
    const first = network.sites.find((s) => s.kind === "blood_centre") ?? network.sites[0];
    this.map = new maplibregl.Map({
      container,
      style: style(theme, lang, network.basemap === "custom", false),
      center: first ? [first.lon, first.lat] : [123.43, 41.8],
      zoom: 10,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
    });
    this.map.touchZoomRotate.disableRotation();
    for (const s of network.sites) {
      const dot = document.createElement("span");
      dot.className = "picksite";
      dot.title = lang === "zh" ? s.short_zh : s.short_en;
      new maplibregl.Marker({ element: dot }).setLngLat([s.lon, s.lat]).addTo(this.map);
    }
    const mark = document.createElement("span");
    mark.className = "pickhere";
    this.here = new maplibregl.Marker({ element: mark });
    this.map.on("click", (e) => onpick([e.lngLat.lng, e.lngLat.lat]));
  }

  /** show puts the mark at a place, or takes it away. */
  show(at: [number, number] | undefined): void {
    if (at === undefined) this.here.remove();
    else this.here.setLngLat(at).addTo(this.map);
  }

  remove(): void {
    this.map.remove();
  }
}
