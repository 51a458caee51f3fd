/** The report as tables: the five judgements, how many crashes are borne, and what broke. */
import { letter, type Cell, type Choices, type Contestant, type CrashLevel, type Report, type Row, type Table } from "../model/comparison.ts";
import { tuningLabel } from "./settings.ts";
import { said, text } from "./text.ts";

/** A protocol in the reader's language, with what was tuned. */
export function nameOf(contestant: Contestant, choices: Choices): string {
  const protocol = choices.protocols.find(({ name }) => name === contestant.protocol);
  const tuned = Object.entries(contestant.params).map(([name, value]) => {
    const spec = protocol?.params[name];
    return spec ? tuningLabel(spec, value) : `${name} ${value}`;
  });
  return [said(protocol?.title ?? contestant.protocol), ...tuned].join(" · ");
}

/** A letter in the colour and with the sign of its contestant. */
export function Sign({ index }: { index: number }) {
  return <span class={`contestant-sign series-${index}`}>{letter(index)}</span>;
}

export function unitOf(unit: string): string {
  return unit === "nodes" ? text("nodes") : unit;
}

export function titleOf({ title, unit }: { title: string; unit: string }): string {
  return unit ? `${said(title)} (${unitOf(unit)})` : said(title);
}

export function Tables({ report, choices }: { report: Report; choices: Choices }) {
  return (
    <section aria-labelledby="judgements">
      <h2 id="judgements">{text("The five judgements")}</h2>
      <p class="lead">
        {said(report.workload.title)} · {said(report.faults.title)} · {text("seeds: {seeds}, {seconds} s each", { seeds: report.seeds, seconds: report.span / 1_000_000 })}
      </p>
      {report.notices.map(({ of, text: sentence, args }) => (
        <p class="warning" key={`${of}${sentence}${JSON.stringify(args)}`}>
          {of && <b>{of}: </b>}
          {said(sentence, args)}
        </p>
      ))}
      {report.tables.map((table) => (
        <Judgements key={table.nodes} table={table} report={report} choices={choices} />
      ))}
      <p class="compare-key">
        {text("The best and the worst are marked where the seeds tell them from chance and the middle halves of their runs do not overlap. In small print: the middle half of the runs by themselves, where the figure is of all runs together.")}
      </p>
    </section>
  );
}

function Judgements({ table, report, choices }: { table: Table; report: Report; choices: Choices }) {
  const caption = text("nodes: {nodes}, seeds so far: {seeds}", { nodes: table.nodes, seeds: table.seeds });
  return (
    <div class="compare-scroll" tabIndex={0} role="region" aria-label={text("Table: {caption}", { caption })}>
      <table class="compare-table">
        <caption>{report.complete ? text("{nodes} nodes", { nodes: table.nodes }) : caption}</caption>
        <thead>
          <tr>
            <th scope="col">{text("Figure")}</th>
            {report.contestants.map((contestant, index) => (
              <th scope="col" key={contestant.label}>
                <Sign index={index} /> {nameOf(contestant, choices)}
              </th>
            ))}
          </tr>
        </thead>
        {table.groups.map(({ name, title, rows }) => (
          <tbody key={name}>
            <tr class="compare-judgement">
              <th scope="rowgroup" colSpan={1 + report.contestants.length}>
                {said(title)}
              </th>
            </tr>
            {rows.map((row, index) => (
              <FigureRow key={row.name} row={row} headline={index === 0} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function FigureRow({ row, headline }: { row: Row; headline: boolean }) {
  return (
    <tr class={headline ? "compare-headline" : ""}>
      <th scope="row">
        <details>
          <summary>{titleOf(row)}</summary>
          <p>{said(row.text)}</p>
        </details>
      </th>
      {row.cells.map((cell, index) => (
        <td key={index} class={cell.mark}>
          <b>{cell.shown}</b> {cell.mark && <Mark mark={cell.mark} />}
          <Between cell={cell} unit={row.unit} />
        </td>
      ))}
    </tr>
  );
}

function Between({ cell, unit }: { cell: Cell; unit: string }) {
  if (cell.low === null || cell.high === null || cell.value === null || cell.low === cell.high) return null;
  return (
    <small title={text("the middle half of the runs by themselves; the figure is of all runs together")}>
      {text("runs: {low} to {high}", { low: shortly(cell.low, unit), high: shortly(cell.high, unit) })}
    </small>
  );
}

function shortly(value: number, unit: string): string {
  if (unit === "%") return value.toFixed(1).replace(/\.0$/, "");
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function Mark({ mark }: { mark: "best" | "worst" }) {
  return <span class={`compare-mark ${mark}`}>{mark === "best" ? text("best") : text("worst")}</span>;
}

/* ------------------------------------------------------------------ crashes */

export function Crashes({ report, choices }: { report: Report; choices: Choices }) {
  const levels = report.crashes[0]?.map(({ crashed }) => crashed) ?? [];
  return (
    <section aria-labelledby="crashes">
      <h2 id="crashes">{text("How many crashes are borne")}</h2>
      <p class="lead">{text("Nodes crash at a bad moment and stay down. What goes wrong, and in how many of the runs:")}</p>
      <div class="compare-scroll" tabIndex={0} role="region" aria-label={text("Crashes")}>
        <table class="compare-table">
          <thead>
            <tr>
              <th scope="col">{text("Nodes down")}</th>
              {report.contestants.map((contestant, index) => (
                <th scope="col" key={contestant.label}>
                  <Sign index={index} /> {nameOf(contestant, choices)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {levels.map((crashed, row) => (
              <tr key={crashed}>
                <th scope="row">{crashed}</th>
                {report.crashes.map((of, index) => (
                  <td key={index}>{of[row] && <Borne level={of[row]} />}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Borne({ level }: { level: CrashLevel }) {
  const { tried, of } = level;
  if (!tried) return <>–</>;
  const wrong = [
    level.blocked && text("requests without an answer: {n} of {of}", { n: level.blocked, of: tried }),
    level.stopped && text("operations of some kind never carried out: {n} of {of}", { n: level.stopped, of: tried }),
    level.lost && text("confirmed writes lost: {n} of {of}", { n: level.lost, of: tried }),
    level.broken && text("promised properties broken: {n} of {of}", { n: level.broken, of: tried }),
  ].filter(Boolean);
  if (wrong.length) return <>{wrong.join("; ")}</>;
  return <>{tried < of ? text("nothing yet, after {n} of {of}", { n: tried, of }) : text("no harm, runs: {n}", { n: tried })}</>;
}

/* ------------------------------------------------------------------ what broke */

export function Broken({ report, choices }: { report: Report; choices: Choices }) {
  if (!report.broken.some((each) => each.length)) return null;
  return (
    <section aria-labelledby="broken">
      <h2 id="broken">{text("Properties that broke")}</h2>
      {report.broken.map((broken, index) =>
        broken.length ? (
          <div key={index}>
            <h3>
              <Sign index={index} /> {nameOf(report.contestants[index]!, choices)}
            </h3>
            <ul class="compare-broken">
              {broken.map(({ name, title, runs, reason, assumes }) => (
                <li key={name}>
                  <b>{said(title)}</b> {text("Runs in which it broke: {n}.", { n: runs })}
                  {reason ? (
                    <>
                      {" "}
                      {text("Not promised:")} {said(reason)}
                    </>
                  ) : (
                    assumes && (
                      <>
                        {" "}
                        {text("Promised only if:")} {said(assumes)}
                      </>
                    )
                  )}
                </li>
              ))}
            </ul>
          </div>
        ) : null,
      )}
    </section>
  );
}
