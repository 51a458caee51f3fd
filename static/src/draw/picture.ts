/**
 * A view as a picture that stands alone: what is to be seen of an element, as SVG without style sheets or foreign objects.
 *
 * Canvases are drawn once more by their own drawing, with a pen that writes. Boxes, borders, hatchings and words of HTML
 * are put where the browser laid them out, and pictures in SVG are copied with the looks that style sheets gave them. It
 * knows what our views use, and no more: no images, no shadows, no transforms but those of SVG.
 */

import { escaped, SvgPen, svgDocument } from "./svgpen.ts";
import { captionOf, type Sign } from "./caption.ts";
import { inLight, measureIn, surfaceOf, theme } from "./theme.ts";

/** Tabs of what is not shown, and words for a screen reader. */
const LEFT_OUT = ".boards-tabs [aria-selected=\"false\"], .said, .unseen, .lasso";
const SVG_NS = "http://www.w3.org/2000/svg";
/** Looks of SVG that a style sheet may give. */
const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity",
  "font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline", "paint-order", "letter-spacing",
];
/** What needs no saying. */
const USUAL: Record<string, string> = {
  "fill-opacity": "1", "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter", "stroke-opacity": "1", opacity: "1",
  "font-style": "normal", "text-anchor": "start", "dominant-baseline": "auto", "paint-order": "normal", "letter-spacing": "normal", stroke: "none",
};

const n = (value: number): string => String(Math.round(value * 100) / 100);
const px = (value: string): number => Number.parseFloat(value) || 0;
const clear = (colour: string): boolean => colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour) || /\/ 0\)$/.test(colour);

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

class Taker {
  readonly out: string[] = [];
  readonly defs: string[] = [];
  private ids = 0;

  constructor(
    private readonly origin: DOMRect,
    private readonly redraw: () => void,
  ) {}

  private place(rect: DOMRect): Box {
    return { x: rect.left - this.origin.left, y: rect.top - this.origin.top, width: rect.width, height: rect.height };
  }

  element(element: Element): void {
    if (element.matches(LEFT_OUT)) return;
    const style = getComputedStyle(element);
    if (style.display === "none") return;
    if (element instanceof HTMLCanvasElement) return this.canvas(element);
    if (element instanceof SVGElement) return this.graphic(element);
    const box = this.place(element.getBoundingClientRect());
    const faint = Number(style.opacity) < 1;
    if (faint) this.out.push(`<g opacity="${n(Number(style.opacity))}">`);
    if (style.visibility !== "hidden") this.box(box, style);
    const clips = style.overflowX !== "visible" && element.childNodes.length > 0;
    if (clips) this.out.push(`<g clip-path="url(#${this.define((id) => `<clipPath id="${id}"><rect ${frame(box)}/></clipPath>`)})">`);
    for (const child of inOrder(element)) {
      if (child instanceof Element) this.element(child);
      else if (style.visibility !== "hidden") this.words(child as Text, style);
    }
    this.corner(element, box);
    if (clips) this.out.push("</g>");
    if (faint) this.out.push("</g>");
  }

  private define(make: (id: string) => string): string {
    const id = `d${++this.ids}`;
    this.defs.push(make(id));
    return id;
  }

  /* ---------------------------------------------------------------- boxes */

  private box(box: Box, style: CSSStyleDeclaration): void {
    if (box.width <= 0 || box.height <= 0) return;
    const round = Math.min(px(style.borderTopLeftRadius), box.width / 2, box.height / 2);
    const corner = round ? ` rx="${n(style.borderTopLeftRadius.endsWith("%") ? box.width / 2 : round)}"` : "";
    if (!clear(style.backgroundColor)) this.out.push(`<rect ${frame(box)}${corner} fill="${escaped(style.backgroundColor)}"/>`);
    const hatched = this.hatching(style.backgroundImage);
    if (hatched) this.out.push(`<rect ${frame(box)}${corner} fill="${hatched}"/>`);
    this.borders(box, style, corner);
    if (style.outlineStyle !== "none" && px(style.outlineWidth) > 0) {
      const away = px(style.outlineOffset) + px(style.outlineWidth) / 2;
      this.out.push(`<rect ${frame(grown(box, away))}${corner} fill="none" ${line(style.outlineColor, px(style.outlineWidth), style.outlineStyle)}/>`);
    }
  }

  private borders(box: Box, style: CSSStyleDeclaration, corner: string): void {
    const sides = ["Top", "Right", "Bottom", "Left"] as const;
    const told = sides.map((side) => ({ width: px(style[`border${side}Width`]), style: style[`border${side}Style`], colour: style[`border${side}Color`] }));
    const seen = told.filter((one) => one.width > 0 && one.style !== "none" && !clear(one.colour));
    if (!seen.length) return;
    const first = seen[0]!;
    if (seen.length === 4 && seen.every((one) => one.width === first.width && one.style === first.style && one.colour === first.colour)) {
      const rings = first.style === "double" ? [[first.width / 6, first.width / 3], [(first.width * 5) / 6, first.width / 3]] : [[first.width / 2, first.width]];
      for (const [inset, width] of rings) this.out.push(`<rect ${frame(grown(box, -inset!))}${corner} fill="none" ${line(first.colour, width!, first.style)}/>`);
      return;
    }
    const { x, y, width: w, height: h } = box;
    const ends = [[x, y, x + w, y], [x + w, y, x + w, y + h], [x, y + h, x + w, y + h], [x, y, x, y + h]] as const;
    told.forEach((one, i) => {
      if (!seen.includes(one)) return;
      const inward = (one.width / 2) * (i === 0 || i === 3 ? 1 : -1);
      const [dx, dy] = i % 2 ? [inward, 0] : [0, inward];
      const [x1, y1, x2, y2] = ends[i]!;
      this.out.push(`<line x1="${n(x1 + dx)}" y1="${n(y1 + dy)}" x2="${n(x2 + dx)}" y2="${n(y2 + dy)}" ${line(one.colour, one.width, one.style)}/>`);
    });
  }

  /** A repeating gradient with hard edges, as our style sheets write hatchings; a plain line of one colour is a fill. */
  private hatching(image: string): string | null {
    const found = /^repeating-linear-gradient\((\d+)deg, (.+)\)$/.exec(image);
    if (!found) return null;
    const stops = [...found[2]!.matchAll(/((?:rgba?|color)\([^)]*\)|transparent|#\w+) ([\d.]+)px(?: ([\d.]+)px)?/g)].map(([, colour, from, to]) => ({ colour: colour!, from: Number(from), to: to === undefined ? null : Number(to) }));
    // Chromium tells "a 0px 5px" as two stops of one colour.
    const bands = stops.flatMap((stop, i) => {
      const to = stop.to ?? (stops[i + 1]?.colour === stop.colour ? stops[i + 1]!.from : null);
      return to === null || to <= stop.from || clear(stop.colour) ? [] : [{ colour: stop.colour, from: stop.from, to }];
    });
    const pitch = Math.max(0, ...stops.map((stop) => stop.to ?? stop.from));
    if (!pitch || !bands.length) return null;
    const inner = bands.map((band) => `<rect x="0" y="${n(pitch - band.to)}" width="${n(pitch)}" height="${n(band.to - band.from)}" fill="${escaped(band.colour)}"/>`).join("");
    return `url(#${this.define((id) => `<pattern id="${id}" width="${n(pitch)}" height="${n(pitch)}" patternUnits="userSpaceOnUse" patternTransform="rotate(${Number(found[1])})">${inner}</pattern>`)})`;
  }

  /** The corner of what has changed: a triangle made of two borders of an empty box. */
  private corner(element: Element, box: Box): void {
    const after = getComputedStyle(element, "::after");
    if (after.content !== '""' || after.position !== "absolute" || !px(after.borderTopWidth) || !px(after.borderLeftWidth)) return;
    const right = box.x + box.width - px(getComputedStyle(element).borderRightWidth);
    const top = box.y + px(getComputedStyle(element).borderTopWidth);
    this.out.push(`<path d="M${n(right - px(after.borderLeftWidth))} ${n(top)}H${n(right)}V${n(top + px(after.borderTopWidth))}Z" fill="${escaped(after.borderTopColor)}"/>`);
  }

  /* ---------------------------------------------------------------- words */

  private words(node: Text, style: CSSStyleDeclaration): void {
    const range = document.createRange();
    for (const { text, from, to } of linesOf(node, range)) {
      range.setStart(node, from);
      range.setEnd(node, to);
      const box = this.place(range.getBoundingClientRect());
      if (!box.width) continue;
      const size = px(style.fontSize);
      const look = `font-family="${escaped(style.fontFamily)}" font-size="${n(size)}" font-weight="${style.fontWeight}"${style.fontStyle === "normal" ? "" : ` font-style="${style.fontStyle}"`}`;
      const middle = box.y + box.height / 2;
      this.out.push(`<text x="${n(box.x)}" y="${n(middle + size * 0.35)}" textLength="${n(box.width)}" lengthAdjust="spacingAndGlyphs" ${look} fill="${escaped(style.color)}">${escaped(text)}</text>`);
      const struck = through(node);
      if (struck) this.out.push(`<line x1="${n(box.x)}" y1="${n(middle)}" x2="${n(box.x + box.width)}" y2="${n(middle)}" ${line(struck.colour, struck.width, "solid")}/>`);
    }
  }

  /* ---------------------------------------------------------------- pictures */

  private canvas(canvas: HTMLCanvasElement): void {
    const surface = surfaceOf(canvas);
    const box = this.place(canvas.getBoundingClientRect());
    if (!surface || !box.width || !box.height) return;
    const pen = new SvgPen(surface.width, surface.height, measureIn, `c${++this.ids}-`);
    surface.lend(pen as unknown as CanvasRenderingContext2D, this.redraw);
    this.defs.push(pen.defs);
    this.out.push(`<g transform="translate(${n(box.x)} ${n(box.y)})">${pen.content}</g>`);
  }

  private graphic(element: SVGElement): void {
    const box = this.place(element.getBoundingClientRect());
    const copy = copied(element);
    if (!copy || !box.width || !box.height) return;
    for (const [name, value] of Object.entries({ x: n(box.x), y: n(box.y), width: n(box.width), height: n(box.height) })) copy.setAttribute(name, value);
    this.out.push(new XMLSerializer().serializeToString(copy).replaceAll(` xmlns="${SVG_NS}"`, ""));
  }
}

const frame = ({ x, y, width, height }: Box): string => `x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"`;

const grown = ({ x, y, width, height }: Box, by: number): Box => ({ x: x - by, y: y - by, width: Math.max(0, width + 2 * by), height: Math.max(0, height + 2 * by) });

function line(colour: string, width: number, style: string): string {
  const dash = style === "dashed" ? `${n(width * 2.5)} ${n(width * 2)}` : style === "dotted" ? `${n(width)} ${n(width * 1.5)}` : "";
  return `stroke="${escaped(colour)}" stroke-width="${n(width)}"${dash ? ` stroke-dasharray="${dash}"` : ""}`;
}

/** Children as they are painted: what is positioned above the others comes after them. */
function inOrder(element: Element): Node[] {
  const level = (node: Node): number => (node instanceof HTMLElement ? Number(getComputedStyle(node).zIndex) || 0 : 0);
  const children = [...element.childNodes].filter((node) => node instanceof Element || node.nodeType === Node.TEXT_NODE);
  const levels = new Map(children.map((node) => [node, level(node)]));
  return children.sort((a, b) => levels.get(a)! - levels.get(b)!);
}

/** The parts of a text that stand on one line each. */
function linesOf(node: Text, range: Range): { text: string; from: number; to: number }[] {
  const { data } = node;
  if (!data.trim()) return [];
  range.selectNodeContents(node);
  const rects = [...range.getClientRects()];
  if (new Set(rects.map((rect) => Math.round(rect.top))).size < 2) return [{ text: data.replace(/\s+/g, " "), from: 0, to: data.length }];
  const lines: { text: string; from: number; to: number; top: number }[] = [];
  for (let i = 0; i < data.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const rect = range.getBoundingClientRect();
    const last = lines[lines.length - 1];
    if (!last || (rect.width > 0 && Math.abs(rect.top - last.top) > 2)) lines.push({ text: data[i]!, from: i, to: i + 1, top: rect.top });
    else Object.assign(last, { text: last.text + data[i]!, to: i + 1 });
  }
  return lines.map(({ text, from, to }) => ({ text: text.replace(/\s+/g, " ").trimEnd(), from, to }));
}

/** The line through a text, which an element around it draws. */
function through(node: Text): { colour: string; width: number } | null {
  for (let at = node.parentElement, up = 0; at && up < 3; at = at.parentElement, up++) {
    const style = getComputedStyle(at);
    if (style.textDecorationLine.includes("line-through")) return { colour: style.textDecorationColor, width: px(style.textDecorationThickness) || 1.5 };
  }
  return null;
}

/** A copy with its looks written on it; null where nothing of it is seen. */
function copied(element: Element): Element | null {
  if (element.matches(LEFT_OUT)) return null;
  const inDefinitions = element.closest("defs, pattern") !== null;
  const style = getComputedStyle(element);
  if (!inDefinitions && (style.display === "none" || style.visibility === "hidden")) {
    // What is hidden may hold what is not.
    if (style.display === "none" || !element.children.length) return null;
  }
  const copy = document.createElementNS(SVG_NS, element.localName);
  for (const { name, value } of element.attributes) if (KEPT.test(name)) copy.setAttribute(name, value);
  if (!inDefinitions) {
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value && value !== USUAL[look]) copy.setAttribute(look, value.replaceAll('"', "'"));
    }
  }
  for (const child of element.childNodes) {
    const part = child instanceof Element ? copied(child) : child.nodeType === Node.TEXT_NODE ? child.cloneNode() : null;
    if (part) copy.append(part);
  }
  return copy;
}

/** Shapes and places; not what a style sheet, a pointer or a screen reader goes by. */
const KEPT = /^(?:d|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|dx|dy|width|height|viewBox|points|transform|id|pattern.*|fill|stroke|stroke-.*|clip-path|offset|preserveAspectRatio)$/;

export interface Taken {
  svg: string;
  width: number;
  height: number;
}

/** What is written under a picture, part by part, and what its signs mean. */
export interface Caption {
  parts: readonly string[];
  signs: readonly Sign[];
}

/** A picture on the paper of the theme in force, with its caption under it. */
export function framed({ width, height }: { width: number; height: number }, { parts, signs }: Caption, defs: string, content: string): Taken {
  const under = captionOf({ width, height }, parts, signs, theme(), measureIn);
  const whole = { width, height: height + under.height };
  const title = parts.join(" · ");
  return { ...whole, svg: svgDocument({ ...whole, title, ground: theme().stage, defs: defs + under.defs, content: content + under.content }) };
}

/** What is to be seen of `root`, in the light theme. `redraw` has its drawing drawn anew, at once. */
export function takePicture(root: HTMLElement, caption: Caption, redraw: () => void): Taken {
  try {
    return inLight(() => {
      redraw();
      const taker = new Taker(root.getBoundingClientRect(), redraw);
      taker.element(root);
      const { width, height } = root.getBoundingClientRect();
      return framed({ width, height }, caption, taker.defs.join(""), taker.out.join(""));
    });
  } finally {
    redraw();
  }
}
