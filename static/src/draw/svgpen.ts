/**
 * A pen that writes SVG: the part of a canvas's context that our drawings use, so that what paints a canvas also makes a
 * picture that stands alone, from the same strokes. No DOM: what a word measures is asked of `measure`.
 *
 * Left out, since no drawing uses it: transforms, gradients, images, curves, shadows.
 */

export type Measure = (text: string, font: string) => number;

interface State {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineCap: string;
  lineJoin: string;
  globalAlpha: number;
  /** What is there already stays under what comes, or ("destination-out") is taken away by it. */
  globalCompositeOperation: string;
  font: string;
  textAlign: string;
  textBaseline: string;
  dash: number[];
}

const FIRST: State = {
  fillStyle: "#000",
  strokeStyle: "#000",
  lineWidth: 1,
  lineCap: "butt",
  lineJoin: "miter",
  globalAlpha: 1,
  globalCompositeOperation: "source-over",
  font: "10px sans-serif",
  textAlign: "start",
  textBaseline: "alphabetic",
  dash: [],
};
const ANCHORS: Record<string, string> = { center: "middle", right: "end", end: "end" };
/** How far below its anchor a baseline stands, in heights of the font. */
const BASELINES: Record<string, number> = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2 };
const FONT = /^(?:(italic|normal)\s+)?(?:(\d{3}|bold|normal)\s+)?([\d.]+)px\s+(.+)$/;
/** Of a full turn, what may be missing through rounding. */
const TURN = 2 * Math.PI - 1e-6;

export const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (letter) => `&#${letter.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");

const number = (value: number): string => String(Math.round(value * 100) / 100);

function tag(name: string, attributes: Record<string, string | number | undefined>, content?: string): string {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${typeof value === "number" ? number(value) : escaped(value)}"`]));
  return content === undefined ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${content}</${name}>`;
}

export class SvgPen implements State {
  fillStyle!: string;
  strokeStyle!: string;
  lineWidth!: number;
  lineCap!: string;
  lineJoin!: string;
  globalAlpha!: number;
  globalCompositeOperation!: string;
  font!: string;
  textAlign!: string;
  textBaseline!: string;
  dash!: number[];
  private path = "";
  /** Whether the path has a point to go on from. */
  private open = false;
  private out: string[] = [];
  private readonly definitions = new Map<string, string>();
  private saved: { state: State; groups: number }[] = [];
  /** Groups opened by clips. */
  private groups = 0;

  /** `prefix` keeps the names in one picture apart that several pens wrote. */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly measure: Measure,
    private readonly prefix = "p",
  ) {
    Object.assign(this, FIRST);
  }

  /* ---------------------------------------------------------------- what was written */

  /** The elements, without the ends of clips that are still in force. */
  get content(): string {
    return this.out.join("") + "</g>".repeat(this.groups);
  }

  /** What the elements refer to. */
  get defs(): string {
    return [...this.definitions.values()].join("");
  }

  private define(key: string, make: (id: string) => string): string {
    const id = `${this.prefix}${[...this.definitions.keys()].indexOf(key) + 1 || this.definitions.size + 1}`;
    if (!this.definitions.has(key)) this.definitions.set(key, make(id));
    return id;
  }

  /** Diagonal lines, `pitch` pixels apart; a fill. */
  hatch(colour: string, pitch: number, width: number, mirrored: boolean): string {
    const id = this.define(`hatch ${colour} ${pitch} ${width} ${mirrored}`, (name) => {
      const d = [-pitch, 0, pitch].map((offset) => (mirrored ? `M${offset} 0L${offset + pitch} ${pitch}` : `M${offset} ${pitch}L${offset + pitch} 0`)).join("");
      const lines = tag("path", { d, stroke: colour, "stroke-width": width, fill: "none" });
      return tag("pattern", { id: name, width: pitch, height: pitch, patternUnits: "userSpaceOnUse" }, lines);
    });
    return `url(#${id})`;
  }

  /* ---------------------------------------------------------------- state */

  private get state(): State {
    const { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, globalCompositeOperation, font, textAlign, textBaseline, dash } = this;
    return { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, globalCompositeOperation, font, textAlign, textBaseline, dash };
  }

  save(): void {
    this.saved.push({ state: this.state, groups: this.groups });
  }

  restore(): void {
    const before = this.saved.pop();
    if (!before) return;
    this.out.push("</g>".repeat(this.groups - before.groups));
    this.groups = before.groups;
    Object.assign(this, before.state);
  }

  clip(): void {
    const { path } = this;
    const id = this.define(`clip ${path}`, (name) => tag("clipPath", { id: name }, tag("path", { d: path })));
    this.out.push(`<g clip-path="url(#${id})">`);
    this.groups++;
  }

  setLineDash(dash: number[]): void {
    this.dash = dash;
  }

  /* ---------------------------------------------------------------- paths */

  beginPath(): void {
    this.path = "";
    this.open = false;
  }

  moveTo(x: number, y: number): void {
    this.path += `M${number(x)} ${number(y)}`;
    this.open = true;
  }

  lineTo(x: number, y: number): void {
    this.path += `${this.open ? "L" : "M"}${number(x)} ${number(y)}`;
    this.open = true;
  }

  closePath(): void {
    if (this.path) this.path += "Z";
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path += `M${number(x)} ${number(y)}h${number(width)}v${number(height)}h${number(-width)}Z`;
    this.open = true;
  }

  /** Clockwise, as all of ours are. */
  arc(x: number, y: number, r: number, from: number, to: number): void {
    const point = (angle: number): [number, number] => [x + r * Math.cos(angle), y + r * Math.sin(angle)];
    const part = (angle: number, large: boolean): void => {
      const [ex, ey] = point(angle);
      this.path += `A${number(r)} ${number(r)} 0 ${large ? 1 : 0} 1 ${number(ex)} ${number(ey)}`;
    };
    this.lineTo(...point(from));
    if (to - from < TURN) return part(to, to - from > Math.PI);
    part(from + Math.PI, true); // one arc can't end where it began
    part(from + 2 * Math.PI, true);
  }

  fill(): void {
    if (this.path && this.globalCompositeOperation === "destination-out") this.erase();
    else if (this.path) this.out.push(tag("path", { d: this.path, ...this.filled() }));
  }

  stroke(): void {
    if (this.path) this.out.push(tag("path", { d: this.path, fill: "none", ...this.stroked() }));
  }

  /** Takes the path out of all that was written. */
  private erase(): void {
    if (this.groups) throw new Error("within a clip nothing can be taken away");
    const whole = { x: 0, y: 0, width: this.width, height: this.height };
    const id = this.define(`mask ${this.path}`, (name) => {
      const left = tag("rect", { ...whole, fill: "#fff" }) + tag("path", { d: this.path, fill: "#000" });
      return tag("mask", { id: name, maskUnits: "userSpaceOnUse", ...whole }, left);
    });
    this.out = [`<g mask="url(#${id})">`, ...this.out, "</g>"];
  }

  private filled(): Record<string, string | number | undefined> {
    return { fill: this.fillStyle, "fill-opacity": this.globalAlpha < 1 ? this.globalAlpha : undefined };
  }

  private stroked(): Record<string, string | number | undefined> {
    return {
      stroke: this.strokeStyle,
      "stroke-width": this.lineWidth,
      "stroke-linecap": this.lineCap === "butt" ? undefined : this.lineCap,
      "stroke-linejoin": this.lineJoin === "miter" ? undefined : this.lineJoin,
      "stroke-dasharray": this.dash.length ? this.dash.join(" ") : undefined,
      "stroke-opacity": this.globalAlpha < 1 ? this.globalAlpha : undefined,
    };
  }

  /* ---------------------------------------------------------------- rectangles */

  fillRect(x: number, y: number, width: number, height: number): void {
    this.out.push(tag("rect", { ...box(x, y, width, height), ...this.filled() }));
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.out.push(tag("rect", { ...box(x, y, width, height), fill: "none", ...this.stroked() }));
  }

  /** Of the whole picture: begins anew. Nothing of ours clears a part. */
  clearRect(x: number, y: number, width: number, height: number): void {
    if (x > 0 || y > 0 || width < this.width || height < this.height) throw new Error("a part of a picture can't be cleared");
    this.out = [];
    this.definitions.clear();
  }

  /* ---------------------------------------------------------------- words */

  measureText(text: string): { width: number } {
    return { width: this.measure(text, this.font) };
  }

  fillText(text: string, x: number, y: number): void {
    this.write(text, x, y, this.filled());
  }

  strokeText(text: string, x: number, y: number): void {
    this.write(text, x, y, { fill: "none", ...this.stroked() });
  }

  private write(text: string, x: number, y: number, look: Record<string, string | number | undefined>): void {
    if (text.trim() === "") return;
    const [, style, weight, size = "10", family = "sans-serif"] = FONT.exec(this.font) ?? [];
    const down = (BASELINES[this.textBaseline] ?? 0) * Number(size);
    const font = { "font-family": family, "font-size": Number(size), "font-weight": weight, "font-style": style };
    this.out.push(tag("text", { x, y: y + down, "text-anchor": ANCHORS[this.textAlign], ...font, ...look }, escaped(text)));
  }
}

/** SVG knows no rectangles of negative size; a canvas does. */
function box(x: number, y: number, width: number, height: number): Record<string, number> {
  return { x: Math.min(x, x + width), y: Math.min(y, y + height), width: Math.abs(width), height: Math.abs(height) };
}

export interface Picture {
  width: number;
  height: number;
  title: string;
  /** Of the paper; empty: none. */
  ground: string;
  defs: string;
  content: string;
}

/** A whole document, which needs nothing else. */
export function svgDocument({ width, height, title, ground, defs, content }: Picture): string {
  const paper = ground ? tag("rect", { width, height, fill: ground }) : "";
  const [w, h] = [number(width), number(height)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">${tag("title", {}, escaped(title))}${defs ? tag("defs", {}, defs) : ""}${paper}${content}</svg>\n`;
}
