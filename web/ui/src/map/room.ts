// How much room a map leaves at its edges for what floats above it.

export interface Room {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** MOST is the part of a map that may be left free, both edges together. */
const MOST = 0.6;

/** roomFor is what is wanted, in pixels, as far as a map of a size has it: what is shown keeps
 * the rest, however small the map is. */
export function roomFor(wanted: number | Partial<Room>, width: number, height: number): Room {
  const at = typeof wanted === "number" ? { top: wanted, bottom: wanted, left: wanted, right: wanted } : wanted;
  const pair = (a = 0, b = 0, size: number): [number, number] => {
    const part = Math.min(1, (MOST * size) / Math.max(1, a + b));
    return [a * part, b * part];
  };
  const [top, bottom] = pair(at.top, at.bottom, height);
  const [left, right] = pair(at.left, at.right, width);
  return { top, bottom, left, right };
}
