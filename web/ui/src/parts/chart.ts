// What the charts share: gaps, scales, and the drawing of one by uPlot.
import type uPlot from "uplot";
import type { Profile } from "../api";
import { signed } from "../units";

export type Column = (number | null)[];
export type Colour = (token: string) => string;

export const FONT = "11px Inter Variable, system-ui, sans-serif";

/** colours reads the page's tokens where a chart stands. */
export const colours =
  (host: HTMLElement): Colour =>
  (token) =>
    getComputedStyle(host).getPropertyValue(token).trim();

/** gapped puts a null where nothing was heard for longer than gapS, so that no line spans it. */
export function gapped(xs: number[], ys: Column, gapS: number): { xs: number[]; ys: Column } {
  const [x, y]: [number[], Column] = [[], []];
  xs.forEach((at, i) => {
    const last = x.at(-1);
    if (last !== undefined && at - last > gapS) {
      x.push(last + 1);
      y.push(null);
    }
    x.push(at);
    y.push(ys[i]!);
  });
  return { xs: x, ys: y };
}

/** scale shows a profile's band and what went beyond it, in its true height: °C. */
export function scale(p: Profile, ys: Column): [number, number] {
  const seen = ys.filter((y): y is number => y !== null);
  const low = Math.min(p.low_c ?? Infinity, p.high_c ?? Infinity, ...seen);
  const high = Math.max(p.high_c ?? -Infinity, p.low_c ?? -Infinity, ...seen);
  const pad = Math.max(0.5, (high - low) * 0.12);
  return [low - pad, high + pad];
}

/** limitsOf are those of a profile, °C. */
export const limitsOf = (p: Profile): number[] => [p.low_c, p.high_c].filter((c) => c !== undefined);

/** span is what the axis of time shows: of one reading a minute, not all that went before it. */
export const span = (from: number, to: number): [number, number] => [from, Math.max(to, from + 60)];

/** yAxis is labelled at the limits, where there are any. */
export function yAxis(colour: Colour, limits: () => number[]): uPlot.Axis {
  return {
    size: 38,
    font: FONT,
    stroke: colour("--t3"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    ...(limits().length > 0 ? { splits: limits } : {}),
    values: (_, v) => v.map((x) => signed(x, 0)),
  };
}

/** Plot is a chart as it is to be: made anew when its key is another one, else given what is
 * new; a zoomed one keeps its view. */
export interface Plot {
  key: string;
  data: uPlot.AlignedData;
  zoomed: boolean;
  make: (into: HTMLElement) => uPlot;
}

/** plot is the action that draws one. */
export function plot(node: HTMLElement, of: Plot): { update(x: Plot): void; destroy(): void } {
  let key = "";
  let drawn: uPlot | undefined;
  const update = (x: Plot): void => {
    if (drawn && x.key === key) {
      drawn.setData(x.data, !x.zoomed);
      if (x.zoomed) drawn.redraw();
      return;
    }
    drawn?.destroy();
    key = x.key;
    drawn = x.make(node);
  };
  update(of);
  return { update, destroy: () => drawn?.destroy() };
}
