// The Mercator plane of the chart: the world is one wide and one high, y points south.

/** mercator of a place in degrees, WGS-84. */
export const mercator = (p: { lon: number; lat: number }): { x: number; y: number } => ({
  x: p.lon / 360 + 0.5,
  y: 0.5 - Math.log(Math.tan(Math.PI / 4 + (p.lat * Math.PI) / 360)) / (2 * Math.PI),
});

/** a degree of longitude and of latitude at a latitude, in the plane. */
export const degreeAt = (lat: number): { x: number; y: number } => ({
  x: 1 / 360,
  y: -1 / 360 / Math.cos((lat * Math.PI) / 180),
});
