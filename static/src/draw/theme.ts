/**
 * The style sheet's colours for canvases, read once and again when the theme changes, and the hatchings that say the same
 * as a colour for those who don't see it, and on paper.
 */

import type { Tone } from "../model/types.ts";
import { TERM_HUES } from "../model/channels.ts";

export interface Theme {
  ink: string;
  ink2: string;
  line: string;
  lineStrong: string;
  surface: string;
  surface2: string;
  stage: string;
  accent: string;
  good: string;
  bad: string;
  warn: string;
  past: string;
  future: string;
  wall: string;
  wall2: string;
  terms: string[];
  termNone: string;
  termInk: string;
  tones: Record<Tone | "neutral", string>;
  font: string;
  /** Counts changes, for views that cache by theme. */
  version: number;
}

let cached: Theme | null = null;
let version = 0;
const listeners = new Set<() => void>();

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: get("--ink"),
    ink2: get("--ink-2"),
    line: get("--line"),
    lineStrong: get("--line-strong"),
    surface: get("--surface"),
    surface2: get("--surface-2"),
    stage: get("--stage"),
    accent: get("--accent"),
    good: get("--good"),
    bad: get("--bad"),
    warn: get("--warn"),
    past: get("--past"),
    future: get("--future"),
    wall: get("--wall"),
    wall2: get("--wall-2"),
    terms: Array.from({ length: TERM_HUES }, (_, i) => get(`--term-${i}`)),
    termNone: get("--term-none"),
    termInk: get("--term-ink"),
    tones: {
      vote: get("--msg-vote"),
      append: get("--msg-append"),
      client: get("--msg-client"),
      control: get("--msg-control"),
      neutral: get("--msg-neutral"),
    },
    font: get("--font") || "sans-serif",
    version,
  };
}

/** The colours in force. */
export function theme(): Theme {
  if (!cached) {
    watch();
    cached = read();
  }
  return cached;
}

/**
 * Does `act` while drawings have other colours: those given, or those that the style sheet has now, though nobody was told
 * yet that it changed.
 */
export function inTheme<T>(colours: Theme | null, act: () => T): T {
  const before = cached;
  cached = colours ?? read();
  version++;
  patterns.clear();
  try {
    return act();
  } finally {
    cached = before;
    version++;
    patterns.clear();
  }
}

/** Does `act` in the light theme, which is the one for paper and for slides; style sheets and drawings alike. */
export function inLight<T>(act: () => T): T {
  const page = document.documentElement;
  const before = page.getAttribute("data-theme");
  page.setAttribute("data-theme", "light");
  try {
    return inTheme(null, act);
  } finally {
    if (before === null) page.removeAttribute("data-theme");
    else page.setAttribute("data-theme", before);
  }
}

/** Calls back after the theme has changed. Returns the way out. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let watching = false;

function watch(): void {
  if (watching) return;
  watching = true;
  const changed = (): void => {
    cached = null;
    version++;
    patterns.clear();
    for (const listener of listeners) listener();
  };
  new MutationObserver(changed).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  for (const query of ["(prefers-color-scheme: dark)", "print", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", changed);
}

export function termFill(colours: Theme, hue: number | null): string {
  return hue === null ? colours.termNone : colours.terms[hue]!;
}

const patterns = new Map<string, CanvasPattern | null>();

/** A pen with hatchings of its own: one that writes (`svgpen.ts`), which has no pixels to repeat. */
interface Hatching {
  hatch(colour: string, pitch: number, width: number, mirrored: boolean): string;
}

/** Diagonal lines, `pitch` pixels apart; `mirrored` leans the other way. */
export function hatch(context: CanvasRenderingContext2D, colour: string, pitch = 8, width = 1.5, mirrored = false): CanvasPattern | string {
  if ("hatch" in context) return (context as unknown as Hatching).hatch(colour, pitch, width, mirrored);
  const key = `${colour} ${pitch} ${width} ${mirrored}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = pitch * 2;
    const pen = tile.getContext("2d")!;
    pen.scale(2, 2);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    for (const offset of [-pitch, 0, pitch]) {
      pen.moveTo(offset, mirrored ? 0 : pitch);
      pen.lineTo(offset + pitch, mirrored ? pitch : 0);
    }
    pen.stroke();
    pattern = context.createPattern(tile, "repeat");
    pattern?.setTransform(new DOMMatrix([0.5, 0, 0, 0.5, 0, 0]));
    patterns.set(key, pattern);
  }
  return pattern ?? colour;
}

/* ------------------------------------------------------------------ small things that all views need */

const surfaces = new WeakMap<Element, Surface>();

/** The surface that an element is the canvas of. */
export const surfaceOf = (canvas: Element): Surface | undefined => surfaces.get(canvas);

/** A canvas that fills its parent, sharp up to twice the pixels. Sizes are CSS pixels. */
export class Surface {
  readonly canvas = document.createElement("canvas");
  width = 0;
  height = 0;
  private readonly own: CanvasRenderingContext2D;
  private lent: CanvasRenderingContext2D | null = null;

  constructor(className: string) {
    this.canvas.className = className;
    this.own = this.canvas.getContext("2d")!;
    surfaces.set(this.canvas, this);
  }

  get pen(): CanvasRenderingContext2D {
    return this.lent ?? this.own;
  }

  /** Whatever `draw` draws here goes to another pen. */
  lend(pen: CanvasRenderingContext2D, draw: () => void): void {
    this.lent = pen;
    try {
      draw();
    } finally {
      this.lent = null;
    }
  }

  /** Returns true when the size changed (the canvas is empty then). */
  fit(width: number, height: number): boolean {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width === w && this.canvas.height === h) return false;
    this.canvas.width = w;
    this.canvas.height = h;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.own.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.width = width;
    this.height = height;
    return true;
  }

  clear(): void {
    this.pen.clearRect(0, 0, this.width, this.height);
  }
}

const SVG = "http://www.w3.org/2000/svg";

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  children: Element[] = [],
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export function html<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", attributes: Record<string, string> = {}): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

let measure: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();
const WIDTHS_MAX = 2_000;

/** How wide a word is, in pixels. */
export function textWidth(word: string, size: number, weight: number): number {
  const key = `${size} ${weight} ${word}`;
  let width = widths.get(key);
  if (width === undefined) {
    measure ??= document.createElement("canvas").getContext("2d")!;
    measure.font = `${weight} ${size}px ${theme().font}`;
    if (widths.size > WIDTHS_MAX) widths.clear();
    widths.set(key, (width = measure.measureText(word).width));
  }
  return width;
}

/** The same, for a font as a canvas names it. */
export function measureIn(words: string, font: string): number {
  const [, weight = "400", size = "10"] = /(?:(\d{3})\s+)?([\d.]+)px/.exec(font) ?? [];
  return textWidth(words, Number(size), Number(weight));
}

/** How many letters wide it is about; Chinese ones are wider. */
export function lettersOf(words: string): number {
  let count = 0;
  for (const letter of words) count += letter.charCodeAt(0) > 0x2e7f ? 1.75 : 1;
  return count;
}

const written = new WeakMap<Element, Map<string, string>>();

/** Sets an attribute only when it differs from what was set last: no layout work for what stays the same. */
export function set(element: Element, name: string, value: string | number): void {
  const next = String(value);
  let known = written.get(element);
  if (!known) written.set(element, (known = new Map()));
  if (known.get(name) === next) return;
  known.set(name, next);
  element.setAttribute(name, next);
}

export function unset(element: Element, name: string): void {
  if (written.get(element)?.delete(name) ?? true) element.removeAttribute(name);
}

export function setText(element: Element, value: string): void {
  let known = written.get(element);
  if (!known) written.set(element, (known = new Map()));
  if (known.get("#") === value) return;
  known.set("#", value);
  element.textContent = value;
}
