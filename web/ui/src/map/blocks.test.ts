import { describe, expect, it } from "vitest";
import { Crowd, overlap, place, type Rect } from "./blocks";

const view = { w: 800, h: 600 };
const middle = { x: 400, y: 300 };
const around = (x: number, y: number, w: number, h: number): Rect => ({ x: middle.x + x, y: middle.y + y, w, h });

const crowd = (...rects: Rect[]): Crowd => {
  const c = new Crowd(view.w, view.h);
  for (const r of rects) c.add(r);
  return c;
};

describe("a data block", () => {
  it("stands to the right where nothing is in its way", () => {
    expect(place(middle, 0, false, [], crowd(), view)).toMatchObject({ spot: 0, lines: 2 });
  });
  it("stays where it was", () => {
    expect(place(middle, 5, false, [], crowd(), view)).toMatchObject({ spot: 5 });
  });
  it("gives way to another block, a dart and a banner", () => {
    for (const [taken, avoid] of [
      [[around(30, -40, 104, 38)], []],
      [[], [around(60, -30, 24, 24)]],
    ]) {
      const p = place(middle, 0, false, taken!, crowd(...avoid!), view)!;
      for (const r of [...taken!, ...avoid!]) expect(overlap(p.at, r, 0)).toBe(false);
    }
  });
  it("stays within the map", () => {
    for (const p of [
      { x: 2, y: 2 },
      { x: 798, y: 2 },
      { x: 2, y: 598 },
      { x: 798, y: 598 },
    ]) {
      const { at } = place(p, 0, true, [], crowd(), view)!;
      expect(at.x).toBeGreaterThanOrEqual(0);
      expect(at.y).toBeGreaterThanOrEqual(0);
      expect(at.x + at.w).toBeLessThanOrEqual(view.w);
      expect(at.y + at.h).toBeLessThanOrEqual(view.h);
    }
  });
  it("drops its second line before it goes", () => {
    // Two bars leave room for one line to the right, and nowhere for two.
    const bars = [around(-400, -300, 800, 268), around(-400, -2, 800, 302), around(-400, -300, 400, 600)];
    expect(place(middle, 0, false, [], crowd(...bars), view)).toMatchObject({ lines: 1 });
    expect(place(middle, 0, false, [], crowd(around(-400, -300, 800, 600)), view)).toBeUndefined();
  });
  it("of an alarmed drone is never dropped", () => {
    const all = around(-400, -300, 800, 600);
    expect(place(middle, 0, true, [all], crowd(all), view)).toMatchObject({ lines: 1 });
  });
});
