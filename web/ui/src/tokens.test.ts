import { describe, expect, it } from "vitest";
import css from "./app.css?raw";

/** tokens are the colours of a theme: the light ones, and what the dark theme puts over them. */
function tokens(theme: "light" | "dark"): Map<string, string> {
  const all = new Map<string, string>();
  for (const selector of theme === "light" ? [":root"] : [":root", '[data-theme="dark"]']) {
    const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0]!;
    for (const [, name, value] of block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)) all.set(name!, value!);
  }
  return all;
}

/** luminance is the relative one of WCAG 2.2. */
function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(full.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

describe.each(["light", "dark"] as const)("the tokens of the %s theme", (theme) => {
  const of = tokens(theme);
  const between = (a: string, b: string): number => contrast(of.get(a)!, of.get(b)!);
  it.each(["t1", "t2", "t3", "acc", "ok", "warn", "crit", "stale"])("%s can be read", (text) => {
    for (const ground of ["bg0", "bg1", "bg2"]) expect(between(text, ground)).toBeGreaterThanOrEqual(4.5);
  });
  it("fields and shapes stand out", () => {
    expect(between("field", "bg1")).toBeGreaterThanOrEqual(3);
    expect(between("warn-line", "bg1")).toBeGreaterThanOrEqual(3);
    expect(between("dart", "bg0")).toBeGreaterThanOrEqual(3);
  });
  it("what stands on a fill can be read", () => {
    expect(between("on-acc", "acc")).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#ffffff", of.get("red")!)).toBeGreaterThanOrEqual(4.5);
    expect(between("t1", "acc-bg")).toBeGreaterThanOrEqual(4.5);
    expect(between("t1", "caution-bg")).toBeGreaterThanOrEqual(4.5);
  });
});
