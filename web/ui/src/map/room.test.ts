import fc from "fast-check";
import { expect, test } from "vitest";
import { roomFor } from "./room";

const size = fc.integer({ min: 0, max: 4000 });

test("a map keeps room for what it shows, however small it is", () => {
  fc.assert(
    fc.property(size, size, size, size, size, size, (top, bottom, left, right, width, height) => {
      const r = roomFor({ top, bottom, left, right }, width, height);
      expect(r.top + r.bottom).toBeLessThanOrEqual(0.6 * height + 1e-9);
      expect(r.left + r.right).toBeLessThanOrEqual(0.6 * width + 1e-9);
      for (const [got, wanted] of [
        [r.top, top],
        [r.bottom, bottom],
        [r.left, left],
        [r.right, right],
      ] as const) {
        expect(got).toBeGreaterThanOrEqual(0);
        expect(got).toBeLessThanOrEqual(wanted);
      }
    }),
  );
});

test("what there is room for is left as it was wanted", () => {
  expect(roomFor(48, 1440, 900)).toEqual({ top: 48, bottom: 48, left: 48, right: 48 });
  expect(roomFor({ top: 100 }, 320, 568)).toEqual({ top: 100, bottom: 0, left: 0, right: 0 });
});
