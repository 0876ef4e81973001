// Where a drone's data block stands: beside its dart, clear of other blocks, of what lies over
// the map, of darts and of sites. All in pixels of the map.

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** around is the square of a size about a point. */
export function around(p: { x: number; y: number }, size: number): Rect {
  return { x: p.x - size / 2, y: p.y - size / 2, w: size, h: size };
}

export const BLOCK_W = 116;
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
  /** from the drone to the block's corner */
  by: { x: number; y: number };
  at: Rect;
}

const GAP = 4;
export const overlap = (a: Rect, b: Rect, gap = GAP): boolean =>
  a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap;

/** shared is the area that two rectangles have in common. */
const shared = (a: Rect, b: Rect): number =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

const CELL = 8;

/** Crowd is what stands on the map and is not to be covered, however much it is: a cell of
 * eight pixels is taken or free. */
export class Crowd {
  private readonly columns: number;
  private readonly rows: number;
  private readonly cells: Uint8Array;
  constructor(w: number, h: number) {
    this.columns = Math.ceil(w / CELL);
    this.rows = Math.ceil(h / CELL);
    this.cells = new Uint8Array(this.columns * this.rows);
  }

  add(r: Rect): void {
    this.each(r, (i) => {
      this.cells[i] = 1;
      return false;
    });
  }

  /** hits reports whether something stands in a rectangle. */
  hits(r: Rect): boolean {
    return this.each(r, (i) => this.cells[i] === 1);
  }

  /** each goes through the cells that a rectangle touches until one says that it is enough. */
  private each(r: Rect, enough: (i: number) => boolean): boolean {
    const right = Math.min(this.columns, Math.ceil((r.x + r.w) / CELL));
    const bottom = Math.min(this.rows, Math.ceil((r.y + r.h) / CELL));
    for (let y = Math.max(0, Math.floor(r.y / CELL)); y < bottom; y++)
      for (let x = Math.max(0, Math.floor(r.x / CELL)); x < right; x++) if (enough(y * this.columns + x)) return true;
    return false;
  }
}

/** place finds where the block of a drone at p stands: where it was if that is free, else the
 * first free spot with both lines, then with one; then none, but for one that must be shown,
 * which takes the spot that covers least, with one line. */
export function place(
  p: { x: number; y: number },
  was: number,
  must: boolean,
  taken: readonly Rect[], // other blocks, and what lies over the map
  crowd: Crowd,
  view: { w: number; h: number },
): Place | undefined {
  const put = (spot: number, lines: 1 | 2): Place => {
    const h = BLOCK_H[lines - 1]!;
    const [x, y] = SPOTS[spot]!(h);
    return { spot, lines, by: { x, y }, at: { x: p.x + x, y: p.y + y, w: BLOCK_W, h } };
  };
  const inside = (r: Rect): boolean => r.x >= 0 && r.y >= 0 && r.x + r.w <= view.w && r.y + r.h <= view.h;
  const order = [was, ...SPOTS.keys()];
  for (const lines of [2, 1] as const)
    for (const spot of order) {
      const found = put(spot, lines);
      if (inside(found.at) && !taken.some((r) => overlap(found.at, r)) && !crowd.hits(found.at)) return found;
    }
  if (!must) return undefined;
  const covers = (at: Rect): number =>
    (inside(at) ? 0 : 2) +
    taken.reduce((sum, r) => sum + shared(at, r), 0) / (at.w * at.h) +
    (crowd.hits(at) ? 0.1 : 0);
  const best = order.map((spot) => put(spot, 1)).reduce((a, b) => (covers(b.at) < covers(a.at) ? b : a));
  best.at.x = Math.max(0, Math.min(view.w - best.at.w, best.at.x));
  best.at.y = Math.max(0, Math.min(view.h - best.at.h, best.at.y));
  best.by = { x: best.at.x - p.x, y: best.at.y - p.y };
  return best;
}
