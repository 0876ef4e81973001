// Where a drone's data block stands: beside its dart, clear of other blocks, of what lies over
// the map, of darts and of sites. All in pixels of the map.

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export const BLOCK_W = 104;
const BLOCK_H = [20, 38] as const; // with one line, with two

/** SPOTS are the eight places around a drone: to the right first. */
const SPOTS: readonly ((h: number) => [number, number])[] = [
  (h) => [26, -8 - h],
  () => [26, 12],
  (h) => [-26 - BLOCK_W, -8 - h],
  () => [-26 - BLOCK_W, 12],
  (h) => [-BLOCK_W / 2, -26 - h],
  () => [-BLOCK_W / 2, 26],
  (h) => [40, -h / 2],
  (h) => [-40 - BLOCK_W, -h / 2],
];

export interface Place {
  spot: number;
  lines: 1 | 2;
  at: Rect;
}

const GAP = 4;
export const overlap = (a: Rect, b: Rect, gap = GAP): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap;

/** place finds where the block of a drone at p stands: where it was if that is free, else the
 * first free spot with both lines, then with one; then none, but for one that must be shown,
 * which takes the spot that covers least. */
export function place(
  p: { x: number; y: number },
  was: number,
  must: boolean,
  taken: readonly Rect[], // other blocks, and what lies over the map
  avoid: readonly Rect[],
  view: { w: number; h: number },
): Place | undefined {
  const rect = (spot: number, lines: 1 | 2): Rect => {
    const h = BLOCK_H[lines - 1]!;
    const [x, y] = SPOTS[spot]!(h);
    return { x: p.x + x, y: p.y + y, w: BLOCK_W, h };
  };
  const inside = (r: Rect): boolean => r.x >= 0 && r.y >= 0 && r.x + r.w <= view.w && r.y + r.h <= view.h;
  const order = [was, ...SPOTS.keys()];
  for (const lines of [2, 1] as const)
    for (const spot of order) {
      const at = rect(spot, lines);
      if (inside(at) && !taken.some((r) => overlap(at, r)) && !avoid.some((r) => overlap(at, r, 0)))
        return { spot, lines, at };
    }
  if (!must) return undefined;
  const covers = (at: Rect): number =>
    (inside(at) ? 0 : 20) +
    10 * taken.filter((r) => overlap(at, r)).length +
    avoid.filter((r) => overlap(at, r, 0)).length;
  const all = order.map((spot) => ({ spot, lines: 2 as const, at: rect(spot, 2) }));
  const best = all.reduce((a, b) => (covers(b.at) < covers(a.at) ? b : a));
  best.at.x = Math.max(0, Math.min(view.w - best.at.w, best.at.x));
  best.at.y = Math.max(0, Math.min(view.h - best.at.h, best.at.y));
  return best;
}
