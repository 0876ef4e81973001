// Smooth motion: each fix is carried on with its velocity, and what is drawn slides to the new
// estimate: how far it was from it decays, so that darts never jump. Past MAX_EXTRAPOLATE_S
// without a fix the drone stands still. The shader of the darts reckons by the same constants.

export const MAX_EXTRAPOLATE_S = 3;
/** the time constant with which what is drawn comes to the estimate */
export const BLEND_S = 0.25;
export const M_PER_DEG = 111_320;
/** farther than this from the estimate the drawn position is simply set */
export const SNAP_M = 2_000;

/** Drawn is where something is drawn, in degrees. */
export interface Drawn {
  lon: number;
  lat: number;
}

/** cosOf is how much shorter a degree of longitude is than one of latitude. */
export const cosOf = (lat: number): number => Math.cos((lat * Math.PI) / 180);

/** carriedS is for how long a fix of an age is carried on. */
export const carriedS = (ageMS: number): number => Math.min(MAX_EXTRAPOLATE_S, Math.max(0, ageMS / 1000));

/** left is which part of an offset is left after so many ms. */
export const left = (ms: number): number => Math.exp(-Math.max(0, ms) / 1000 / BLEND_S);
