/** The plots of a comparison, drawn by Observable Plot; loaded when there is something to draw. */
import { boxX, dot, line, plot, tickX } from "@observablehq/plot";
import { letter } from "../model/comparison.ts";

/** Signs that can be told apart without their colours. */
const SIGNS = ["circle", "square", "triangle", "diamond2"] as const;
const FONT_SIZE = "13px";
const LABEL_ROOM = 48;

export interface Curve {
  points: { x: number; y: number }[];
  fitted: { x: number; y: number }[];
}

/** Series have the colours of the theme, so that a change of it needs no drawing; a file gets the colours themselves. */
const colour = (index: number): string => `var(--series-${index})`;

const look = { background: "transparent", color: "var(--ink)", fontFamily: "var(--font)", fontSize: FONT_SIZE, overflow: "visible" };

/** A figure over the number of nodes: what was measured as signs, the fitted power as a dashed line. */
export function growthPlot(curves: Curve[], sizes: number[], width: number, xLabel: string, yLabel: string): SVGSVGElement {
  const marks = curves.flatMap(({ points, fitted }, index) => [
    line(fitted, { x: "x", y: "y", stroke: colour(index), strokeWidth: 1.5, strokeDasharray: "5 4" }),
    dot(points, { x: "x", y: "y", fill: colour(index), stroke: "var(--surface)", strokeWidth: 0.5, symbol: SIGNS[index] ?? "circle", r: 6 }),
  ]);
  return drawn(plot({
    width, height: Math.min(320, Math.max(240, width * 0.5)), marginTop: 36, marginLeft: LABEL_ROOM + 8, marginBottom: LABEL_ROOM, style: look,
    x: { ticks: sizes, tickFormat: "d", label: xLabel, labelAnchor: "center", labelArrow: "none", inset: 12 },
    y: { label: yLabel, zero: true, grid: true, nice: true, labelArrow: "none" },
    marks,
  }));
}

/** How chance spreads a figure: for each contestant a box of its runs, and a tick for each run. */
export function spreadPlot(values: number[][], width: number, xLabel: string): SVGSVGElement {
  const runs = values.flatMap((each, index) => each.map((value) => ({ value, of: letter(index), index })));
  const marks = values.flatMap((_, index) => {
    const own = runs.filter((run) => run.index === index);
    const channels = { x: "value", y: "of" };
    return [
      boxX(own, { ...channels, fill: colour(index), fillOpacity: 0.35, stroke: colour(index), r: 2 }),
      tickX(own, { ...channels, stroke: colour(index), strokeOpacity: 0.35, insetTop: 30, insetBottom: -4 }),
    ];
  });
  return drawn(plot({
    width, height: 70 + 62 * values.length, marginLeft: LABEL_ROOM / 2, marginBottom: LABEL_ROOM, style: look,
    x: { label: xLabel, grid: true, nice: true, labelAnchor: "center", labelArrow: "none" },
    y: { domain: values.map((_, index) => letter(index)), label: null, tickSize: 0, padding: 0.35 },
    marks,
  }));
}

/** Plot writes a style sheet into its picture, which the page does not allow; compare.css has the same. */
function drawn(found: SVGSVGElement | HTMLElement): SVGSVGElement {
  const picture = found as SVGSVGElement;
  for (const sheet of picture.querySelectorAll("style")) sheet.remove();
  picture.classList.add("compare-plot");
  picture.setAttribute("aria-hidden", "true");
  return picture;
}

/** A picture by itself, and its size: with a ground, the colours of this moment, a title, and no style sheet. */
export function alone(picture: SVGSVGElement, title: string): { svg: string; width: number; height: number } {
  const styles = getComputedStyle(document.documentElement);
  const copy = picture.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.removeAttribute("aria-hidden");
  const [width, height] = [copy.getAttribute("width") ?? "640", copy.getAttribute("height") ?? "320"];
  const ground = document.createElementNS(copy.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width, height, fill: "var(--surface)" })) ground.setAttribute(name, value);
  const name = document.createElementNS(copy.namespaceURI, "title");
  name.textContent = title;
  copy.prepend(name, ground);
  const resolve = (whole: string, variable: string): string => resolved(styles, variable) || whole;
  const svg = new XMLSerializer().serializeToString(copy).replace(/var\((--[\w-]+)\)/g, resolve);
  return { svg, width: Number(width), height: Number(height) };
}

function resolved(styles: CSSStyleDeclaration, variable: string): string {
  const value = styles.getPropertyValue(variable).trim();
  const inner = /^var\((--[\w-]+)\)$/.exec(value);
  return (inner ? resolved(styles, inner[1]!) : value).replaceAll('"', "'");
}
