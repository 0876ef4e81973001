import type * as GeoJSON from "geojson";
import type { StyleSpecification } from "maplibre-gl";

export type Theme = "dark" | "light";

/** colours of the chart; the tokens of the page are in app.css */
const palette = {
  dark: {
    bg: "#0b1016",
    land: "#0f161e",
    tints: ["#111a23", "#131d27", "#121b25", "#14202b"],
    line: "#22303e",
    city: "#33465a",
    river: "#1d4f86",
    glow: "#16345a",
    grid: "#18222d",
    text: "#5f7183",
    halo: "#0b1016",
    ring: "#3a4a5b",
    zone: "#7f8fa0",
    drawn: "#f5b83d",
    corridor: "#8ec5ff",
    quiet: "#a9b7c6",
    street: "#243140",
  },
  light: {
    bg: "#e6eaee",
    land: "#eef1f4",
    tints: ["#f3f5f7", "#f7f9fa", "#f1f4f6", "#f9fafb"],
    line: "#d3dae1",
    city: "#b4bfca",
    river: "#9cc4ea",
    glow: "#d5e6f6",
    grid: "#dfe4e9",
    text: "#7b8996",
    halo: "#f3f5f7",
    ring: "#a7b3bf",
    zone: "#7b8996",
    drawn: "#8a5a00",
    corridor: "#0b61c4",
    quiet: "#475564",
    street: "#d5dbe1",
  },
} as const;

export function colours(theme: Theme): (typeof palette)["dark"] | (typeof palette)["light"] {
  return palette[theme];
}

const empty = { type: "FeatureCollection" as const, features: [] };

/** LATER are the layers of the chart that a page shows one after the other once it is up. */
export const LATER = ["roads", "river-glow", "river", "district-line", "city-line", "places", "label"];

/** opacityOf is the name of the opacity of a layer of lines or of words. */
export const opacityOf = (layer: { type: string }): "line-opacity" | "text-opacity" =>
  layer.type === "line" ? "line-opacity" : "text-opacity";

/** style is the chart from bottom to top; drones and pads are drawn above it. A bare one has
 * LATER in it, not to be seen: making their shaders all at once would keep the page busy. */
export function style(theme: Theme, lang: "zh" | "en", custom: boolean, bare = false): StyleSpecification {
  const whole = wholeStyle(theme, lang, custom);
  if (bare)
    for (const l of whole.layers)
      if (LATER.includes(l.id)) l.paint = { ...l.paint, [opacityOf(l)]: 0 } as typeof l.paint;
  return whole;
}

function wholeStyle(theme: Theme, lang: "zh" | "en", custom: boolean): StyleSpecification {
  const c = palette[theme];
  const base = {
    type: "vector" as const,
    url: `pmtiles://${location.origin}/basemap/default.pmtiles`,
    attribution: "",
  };
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      base,
      grid: { type: "geojson", data: empty },
      rings: { type: "geojson", data: empty },
      ringLabels: { type: "geojson", data: empty },
      zones: { type: "geojson", data: empty },
      corridors: { type: "geojson", data: empty },
      tracks: { type: "geojson", data: empty },
      draft: { type: "geojson", data: empty },
    },
    layers: [
      { id: "bg", type: "background", paint: { "background-color": c.bg } },
      ...(custom ? streets(c) : chart(c)),
      { id: "grid", type: "line", source: "grid", paint: { "line-color": c.grid, "line-width": 1 } },
      ...(custom ? [] : lines(c, lang)),
      {
        id: "rings",
        type: "line",
        source: "rings",
        paint: { "line-color": c.ring, "line-width": 1, "line-dasharray": [1, 4] },
      },
      {
        id: "ring-labels",
        type: "symbol",
        source: "ringLabels",
        layout: { "text-field": ["get", "label"], "text-size": 11 },
        paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 2 },
      },
      { id: "zone-fill", type: "fill", source: "zones", paint: { "fill-pattern": "hatch", "fill-opacity": 0.7 } },
      {
        id: "zone-line",
        type: "line",
        source: "zones",
        paint: {
          "line-color": ["case", ["get", "drawn"], c.drawn, c.zone],
          "line-width": ["case", ["get", "drawn"], 2, 1],
          "line-opacity": ["case", ["get", "drawn"], 1, 0.6],
        },
      },
      {
        id: "zone-name",
        type: "symbol",
        source: "zones",
        filter: ["get", "drawn"],
        layout: { "text-field": ["get", "name"], "text-size": 12 },
        paint: { "text-color": c.drawn, "text-halo-color": c.halo, "text-halo-width": 2 },
      },
      {
        id: "corridor",
        type: "line",
        source: "corridors",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": c.corridor, "line-width": 14, "line-opacity": ["case", ["get", "selected"], 0.2, 0.09] },
      },
      {
        id: "corridor-mid",
        type: "line",
        source: "corridors",
        paint: {
          "line-color": ["case", ["get", "selected"], c.corridor, c.quiet],
          "line-width": 1.2,
          "line-dasharray": [4, 4],
          "line-opacity": ["case", ["get", "selected"], 0.9, 0.45],
        },
      },
      {
        id: "track",
        type: "line",
        source: "tracks",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": ["case", ["get", "selected"], c.corridor, c.quiet], "line-width": 2.2 },
      },
      {
        id: "draft-fill",
        type: "fill",
        source: "draft",
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": c.drawn, "fill-opacity": 0.18 },
      },
      {
        id: "draft-line",
        type: "line",
        source: "draft",
        paint: { "line-color": c.drawn, "line-width": 2, "line-dasharray": [3, 2] },
      },
      {
        id: "draft-corner",
        type: "circle",
        source: "draft",
        filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-radius": 5, "circle-color": c.halo, "circle-stroke-color": c.drawn, "circle-stroke-width": 2 },
      },
    ],
  };
}

type Layer = StyleSpecification["layers"][number];
type Colours = ReturnType<typeof colours>;

function chart(c: Colours): Layer[] {
  return [
    { id: "land", type: "fill", source: "base", "source-layer": "land", paint: { "fill-color": c.land } },
    {
      id: "district",
      type: "fill",
      source: "base",
      "source-layer": "district",
      paint: { "fill-color": ["match", ["get", "k"], 0, c.tints[0], 1, c.tints[1], 2, c.tints[2], c.tints[3]] },
    },
  ];
}

function lines(c: Colours, lang: "zh" | "en"): Layer[] {
  return [
    {
      id: "river-glow",
      type: "line",
      source: "base",
      "source-layer": "river",
      paint: { "line-color": c.glow, "line-width": 9, "line-blur": 6 },
    },
    {
      id: "river",
      type: "line",
      source: "base",
      "source-layer": "river",
      paint: { "line-color": c.river, "line-width": 2 },
    },
    {
      id: "district-line",
      type: "line",
      source: "base",
      "source-layer": "district",
      paint: { "line-color": c.line, "line-width": 1, "line-dasharray": [3, 2] },
    },
    {
      id: "city-line",
      type: "line",
      source: "base",
      "source-layer": "city",
      paint: { "line-color": c.city, "line-width": 1.4 },
    },
    {
      id: "label",
      type: "symbol",
      source: "base",
      "source-layer": "label",
      minzoom: 8,
      layout: {
        "text-field": lang === "zh" ? ["get", "name"] : ["coalesce", ["get", "en"], ["get", "name"]],
        "text-size": 13,
        "text-letter-spacing": 0.15,
        "text-padding": 30,
      },
      paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 },
    },
  ];
}

/** streets draws a user's own extract in the layer names of Protomaps basemaps v4. */
function streets(c: Colours): Layer[] {
  return [
    { id: "earth", type: "fill", source: "base", "source-layer": "earth", paint: { "fill-color": c.land } },
    { id: "water", type: "fill", source: "base", "source-layer": "water", paint: { "fill-color": c.glow } },
    {
      id: "roads",
      type: "line",
      source: "base",
      "source-layer": "roads",
      paint: { "line-color": c.street, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.4, 15, 4] },
    },
    {
      id: "buildings",
      type: "fill",
      source: "base",
      "source-layer": "buildings",
      minzoom: 13,
      paint: { "fill-color": c.tints[3] },
    },
    {
      id: "places",
      type: "symbol",
      source: "base",
      "source-layer": "places",
      layout: { "text-field": ["coalesce", ["get", "name"], ["get", "name:zh"]], "text-size": 12 },
      paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 },
    },
  ];
}

/** graticule is a grid of 0.1 degrees over the served area. */
export function graticule(): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  const line = (coordinates: number[][]): void =>
    void features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
  for (let lon = 1220; lon <= 1250; lon++)
    line([
      [lon / 10, 40.5],
      [lon / 10, 43],
    ]);
  for (let lat = 405; lat <= 430; lat++)
    line([
      [122, lat / 10],
      [125, lat / 10],
    ]);
  return { type: "FeatureCollection", features };
}

/** hatch is the fill of zones: diagonal lines, reckoned pixel by pixel, since reading a canvas
 * back makes a page wait. */
export function hatch(theme: Theme): ImageData {
  const size = 12;
  const image = new ImageData(size, size);
  const rgb = rgbOf(colours(theme).zone);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const past = (x + y + 1) % size;
      const away = Math.min(past, size - past) / Math.SQRT2; // of the pixel's middle from the line
      image.data.set([...rgb, Math.round(255 * 0.45 * Math.max(0, 1 - away))], 4 * (y * size + x));
    }
  return image;
}

/** rgbOf are the parts of a colour that is written #rgb or #rrggbb, 0 to 255. */
export function rgbOf(hex: string): [number, number, number] {
  const digits = hex.trim().replace("#", "");
  const full = digits.length === 3 ? [...digits].map((c) => c + c).join("") : digits;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16)) as [number, number, number];
}

const EARTH_M = 6_371_008.8;

/** circle is a ring of points about a centre, for range rings. */
export function circle(lon: number, lat: number, radiusM: number, points = 96): number[][] {
  const out: number[][] = [];
  for (let i = 0; i <= points; i++) {
    const a = (2 * Math.PI * i) / points;
    const dLat = ((radiusM / EARTH_M) * 180) / Math.PI;
    out.push([lon + (dLat * Math.sin(a)) / Math.cos((lat * Math.PI) / 180), lat + dLat * Math.cos(a)]);
  }
  return out;
}
