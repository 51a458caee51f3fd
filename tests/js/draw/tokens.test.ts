import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** The style sheet, wherever the bundled test was put: tests run from the top folder or from static. */
function styleSheet(): string {
  for (const path of ["static/src/css/tokens.css", "src/css/tokens.css", "../static/src/css/tokens.css"]) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // the next one
    }
  }
  throw new Error("tokens.css not found from the working folder");
}

function tokens(selector: string): Record<string, string> {
  const sheet = styleSheet();
  const start = sheet.indexOf(`${selector} {`);
  const block = sheet.slice(start, sheet.indexOf("\n}", start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

const rgb = (colour: string): number[] => [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255);

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

/** Distance in a rough perceptual space (OKLab), seen by normal eyes. */
function lab(colour: string): number[] {
  const [r, g, b] = rgb(colour).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

const apart = (a: string, b: string): number => Math.hypot(...lab(a).map((v, i) => v - lab(b)[i]!));

for (const [name, selector] of [["light", ":root"], ["dark", ':root[data-theme="dark"]']] as const) {
  const t = tokens(selector);
  const terms = [0, 1, 2, 3, 4, 5].map((i) => t[`term-${i}`]!);
  const messages = ["vote", "append", "client", "control", "neutral"].map((tone) => t[`msg-${tone}`]!);

  test(`texts of the ${name} theme have a contrast of 4.5 on every ground`, () => {
    for (const ground of ["bg", "surface", "surface-2", "stage"]) {
      for (const ink of ["ink", "ink-2", "accent", "good", "bad", "warn", "past", "future", "wall"]) {
        assert.ok(contrast(t[ink]!, t[ground]!) >= 4.5, `${ink} on ${ground}: ${contrast(t[ink]!, t[ground]!).toFixed(2)}`);
      }
    }
    for (const [ink, ground] of [["accent-ink", "accent"], ["bad-ink", "bad"], ["good", "good-soft"], ["bad", "bad-soft"], ["warn", "warn-soft"], ["ink", "accent-soft"]]) {
      assert.ok(contrast(t[ink!]!, t[ground!]!) >= 4.5, `${ink} on ${ground}`);
    }
    for (const fill of [...terms, t["term-none"]!]) assert.ok(contrast(t["term-ink"]!, fill) >= 4.5 || fill === t["term-none"], `ink on ${fill}`);
  });

  test(`messages of the ${name} theme stand out from the stage and are of another family than terms`, () => {
    for (const colour of messages) {
      assert.ok(contrast(colour, t.stage!) >= 3, `${colour} on the stage`);
      for (const term of terms) assert.ok(apart(colour, term) > 0.07, `${colour} is too like ${term}`);
    }
  });

  test(`neighbouring terms of the ${name} theme differ plainly`, () => {
    terms.forEach((colour, i) => assert.ok(apart(colour, terms[(i + 1) % terms.length]!) > 0.1, `terms ${i} and ${i + 1}`));
  });
}
