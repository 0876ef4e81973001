// Smooth motion: each fix is carried on with its velocity, and what is drawn is
// blended to the new estimate, so that darts slide and never jump. Past
// MAX_EXTRAPOLATE_S without a fix the drone stands still.

export const MAX_EXTRAPOLATE_S = 3;
const BLEND_S = 0.25;
const M_PER_DEG = 111_320;
/** farther than this from the estimate the drawn position is simply set */
const SNAP_M = 2_000;

export interface Fix {
  lon: number;
  lat: number;
  at: number;
  speedMPS: number;
  trackDeg: number;
}

export interface Drawn {
  lon: number;
  lat: number;
}

/** estimate is where a fix's drone should be at a server time. */
export function estimate(fix: Fix, now: number): Drawn {
  const s = Math.min(MAX_EXTRAPOLATE_S, Math.max(0, (now - fix.at) / 1000));
  const rad = (fix.trackDeg * Math.PI) / 180;
  const north = Math.cos(rad) * fix.speedMPS * s;
  const east = Math.sin(rad) * fix.speedMPS * s;
  return { lon: fix.lon + east / (M_PER_DEG * Math.cos((fix.lat * Math.PI) / 180)), lat: fix.lat + north / M_PER_DEG };
}

/** blend moves what is drawn towards the estimate over dt seconds of wall time. */
export function blend(drawn: Drawn | undefined, to: Drawn, dt: number): Drawn {
  if (drawn === undefined) return to;
  const far = Math.hypot((to.lon - drawn.lon) * Math.cos((to.lat * Math.PI) / 180), to.lat - drawn.lat) * M_PER_DEG;
  if (far > SNAP_M) return to;
  const k = 1 - Math.exp(-dt / BLEND_S);
  return { lon: drawn.lon + (to.lon - drawn.lon) * k, lat: drawn.lat + (to.lat - drawn.lat) * k };
}
