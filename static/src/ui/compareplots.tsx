/** The plots: how figures go with the number of nodes, and how chance spreads them; each with a table of the same numbers. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { digits, summary, type Choices, type Report } from "../model/comparison.ts";
import { nameOf, Sign, titleOf } from "./comparetable.tsx";
import { pngFile, saveFile, svgFile } from "./files.ts";
import { said, text } from "./text.ts";

type Plots = typeof import("../draw/plots.ts");

const WIDTH_MAX = 900;

export function GrowthPlot({ report, choices }: { report: Report; choices: Choices }) {
  const [chosen, choose] = useState("messages");
  const { growth, contestants } = report;
  const figure = growth.figures.find(({ name }) => name === chosen) ?? growth.figures[0]!;
  const label = titleOf(figure);
  const draw = (plots: Plots, width: number): SVGSVGElement => {
    const curves = figure.values.map((values, index) => ({
      points: growth.sizes.flatMap((x, at) => (values[at] === null ? [] : [{ x, y: values[at]! }])),
      fitted: growth.sizes.flatMap((x, at) => (figure.curves[index] ? [{ x, y: figure.curves[index]![at]! }] : [])),
    }));
    return plots.growthPlot(curves, growth.sizes, width, text("nodes"), label);
  };
  return (
    <PlotSection
      id="growth"
      title={text("How the cost grows with the nodes")}
      lead={text("Without faults; seeds for each size: {seeds}. Dashed: the power of the number of nodes that fits best.", { seeds: growth.seeds })}
      figures={growth.figures}
      chosen={figure.name}
      choose={choose}
      draw={draw}
      drawnFor={JSON.stringify([figure.name, figure.values, label])}
      file={`growth-${figure.name}`}
      empty={!figure.values.some((values) => values.some((value) => value !== null))}
    >
      <Legend report={report} choices={choices} after={(index) => (figure.exponents[index] == null ? "" : text("grows as n to the power of {k}", { k: digits(figure.exponents[index]!) }))} />
      <Numbers caption={label}>
        <thead>
          <tr>
            <th scope="col">{text("Nodes")}</th>
            {contestants.map((each, index) => (
              <th scope="col" key={each.label}>
                <Sign index={index} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {growth.sizes.map((size, at) => (
            <tr key={size}>
              <th scope="row">{size}</th>
              {figure.values.map((values, index) => (
                <td key={index}>{digits(values[at] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </Numbers>
    </PlotSection>
  );
}

export function SpreadPlot({ report, choices }: { report: Report; choices: Choices }) {
  const [chosen, choose] = useState("commit_p50");
  const { spread, contestants } = report;
  const figure = spread.figures.find(({ name }) => name === chosen) ?? spread.figures[0]!;
  const label = titleOf(figure);
  const known = figure.values.map((values) => values.filter((value): value is number => value !== null));
  const columns = [text("least"), text("a quarter below"), text("middle"), text("a quarter above"), text("most")];
  return (
    <PlotSection
      id="spread"
      title={text("How chance spreads it")}
      lead={text("Each run is a line, the middle half of them is the box.")}
      figures={spread.figures}
      chosen={figure.name}
      choose={choose}
      draw={(plots, width) => plots.spreadPlot(known, width, label)}
      drawnFor={JSON.stringify([figure.name, known, label])}
      file={`spread-${figure.name}`}
      empty={known.every((values) => !values.length)}
    >
      <Legend report={report} choices={choices} after={(index) => text("runs: {n}", { n: known[index]?.length ?? 0 })} />
      <Numbers caption={label}>
        <thead>
          <tr>
            <th scope="col">{text("Protocol")}</th>
            {columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {contestants.map((each, index) => {
            const five = summary(figure.values[index] ?? []);
            const numbers = five ? [five.least, five.low, five.middle, five.high, five.most] : columns.map(() => null);
            return (
              <tr key={each.label}>
                <th scope="row">
                  <Sign index={index} />
                </th>
                {numbers.map((value, at) => (
                  <td key={at}>{digits(value)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </Numbers>
    </PlotSection>
  );
}

function Legend({ report, choices, after }: { report: Report; choices: Choices; after: (index: number) => string }) {
  return (
    <ul class="compare-legend">
      {report.contestants.map((contestant, index) => (
        <li key={contestant.label}>
          <SeriesSign index={index} />
          <Sign index={index} /> {nameOf(contestant, choices)} <small>{after(index)}</small>
        </li>
      ))}
    </ul>
  );
}

/** The same signs as in the plot. */
const SHAPES = ["M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0z", "M3 3h10v10H3z", "M8 2l7 12H1z", "M8 1l5 7-5 7-5-7z"];

function SeriesSign({ index }: { index: number }) {
  return (
    <svg class={`series-${index}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={SHAPES[index] ?? SHAPES[0]} fill="var(--series)" />
    </svg>
  );
}

function Numbers({ caption, children }: { caption: string; children: ComponentChildren }) {
  return (
    <details class="compare-numbers">
      <summary>{text("The numbers as a table")}</summary>
      <div class="compare-scroll" tabIndex={0} role="region" aria-label={text("Table: {caption}", { caption })}>
        <table class="compare-table">
          <caption>{caption}</caption>
          {children}
        </table>
      </div>
    </details>
  );
}

interface SectionProps {
  id: string;
  title: string;
  lead: string;
  figures: { name: string; title: string; unit: string }[];
  chosen: string;
  choose: (name: string) => void;
  draw: (plots: Plots, width: number) => SVGSVGElement;
  /** Another text: another picture. */
  drawnFor: string;
  file: string;
  empty: boolean;
  children: ComponentChildren;
}

function PlotSection({ id, title, lead, figures, chosen, choose, draw, drawnFor, file, empty, children }: SectionProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [plots, setPlots] = useState<Plots | null>(null);
  useEffect(() => void import("../draw/plots.ts").then((exports) => setPlots(() => exports)), []);
  useEffect(() => {
    if (plots && width && box.current) box.current.replaceChildren(...(empty ? [] : [draw(plots, width)]));
    // What it is drawn for says it all; `draw` is another function each time.
  }, [plots, width, drawnFor, empty]);
  const figure = figures.find(({ name }) => name === chosen);
  const [problem, setProblem] = useState("");
  const save = async (as: "svg" | "png"): Promise<void> => {
    const drawing = box.current?.querySelector("svg");
    if (!plots || !drawing) return;
    setProblem("");
    try {
      const picture = plots.alone(drawing, `${title}: ${said(figure?.title ?? "")}`);
      saveFile(`${file}.${as}`, as === "svg" ? svgFile(picture) : await pngFile(picture));
    } catch {
      setProblem(text("The picture could not be made."));
    }
  };
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="lead">{lead}</p>
      <div class="row compare-choice">
        <label class="field">
          <span>{text("Figure")}</span>
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            {figures.map((each) => (
              <option key={each.name} value={each.name}>
                {titleOf(each)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="small" disabled={empty} onClick={() => void save("svg")}>
          {text("Save as SVG")}
        </button>
        <button type="button" class="small" disabled={empty} onClick={() => void save("png")}>
          {text("Save as PNG")}
        </button>
        {problem && <span role="alert">{problem}</span>}
      </div>
      {empty && <p class="empty">{text("Nothing is known of this yet.")}</p>}
      <figure class="compare-figure" aria-label={text("{title}: {figure}, as in the table below it", { title, figure: said(figure?.title ?? "") })}>
        <div ref={box} class="compare-canvas" />
        <figcaption>{children}</figcaption>
      </figure>
    </section>
  );
}

/** How wide the box is, as it changes. */
function useWidth(box: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(Math.min(WIDTH_MAX, Math.floor(element.clientWidth))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return width;
}
