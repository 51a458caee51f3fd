/** What the nodes hold at the end of a handout's span: themselves, their logs, tables and matrices. */
import { boardsOf, boardTitle } from "../draw/boardtitle.ts";
import { labelOf } from "../draw/logrow.ts";
import { brief, filling, roleOf } from "../model/channels.ts";
import { gridOf } from "../model/grids.ts";
import { cellState, entryAt, logRow, partOf } from "../model/logs.ts";
import type { RoomModel } from "../model/room.ts";
import { asLog, type HostId, type StripPanel } from "../model/types.ts";
import { said, text } from "./text.ts";

/** Entries in one row of a printed table, and how many of a log's last are printed at most. */
const COLUMNS = 12;
const ENTRIES_MAX = 48;

/** What stands in and under each node of the ring; of one that is down, what it has kept. */
export function PaperNodes({ model }: { model: RoomModel }) {
  const { protocol, world } = model;
  const { node } = protocol.view;
  const label = (field: string): string => said(protocol.fields[field]?.label ?? field);
  const number = node.fill ? label(node.fill) : "";
  return (
    <table class="paper-table">
      <thead>
        <tr>
          <th scope="col">{text("Node")}</th>
          <th scope="col">{text("State")}</th>
          {node.role && <th scope="col">{text("Role")}</th>}
          {number && <th scope="col">{number}</th>}
          {node.chips.map((field) => (
            <th key={field} scope="col">
              {label(field)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {model.nodes.map((id) => {
          const host = world.hosts[id]!;
          const role = roleOf(node, host);
          return (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>{!host.up ? `✕ ${text("down")}` : host.paused ? text("paused") : text("up")}</td>
              {node.role && <td>{host.up && role ? said(role.label) : "–"}</td>}
              {number && <td>{brief(filling(host.state[node.fill!]))}</td>}
              {node.chips.map((field) => (
                <td key={field}>{field in host.state ? brief(host.state[field]!) : "–"}</td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Each panel of the protocol, logs in rows of a few entries. */
export function PaperBoards({ model }: { model: RoomModel }) {
  return (
    <>
      {boardsOf(model.protocol).map((panel) => (
        <section key={panel.field} class="paper-board">
          <h3>{boardTitle(model.protocol, panel, text)}</h3>
          {panel.kind === "strip" ? <Logs model={model} panel={panel} /> : <Grid model={model} panel={panel} />}
        </section>
      ))}
    </>
  );
}

/** Pieces of the logs, the last entries; `from` counts from 0. */
export function piecesOf(longest: number): [number, number][] {
  const first = Math.max(0, longest - ENTRIES_MAX);
  const pieces: [number, number][] = [];
  for (let from = first; from < longest; from += COLUMNS) pieces.push([from, Math.min(longest, from + COLUMNS)]);
  return pieces;
}

function Logs({ model, panel }: { model: RoomModel; panel: StripPanel }) {
  const hosts = model.nodes.filter((id) => asLog(model.world.hosts[id]!.state[panel.field]) !== null);
  const longest = Math.max(0, ...hosts.map((id) => logRow(model.world.hosts[id]!, panel).length));
  if (!longest) return <p>{text("Nothing yet.")}</p>;
  const pieces = piecesOf(longest);
  return (
    <>
      {pieces[0]![0] > 0 && <p class="note">{text("The last {n} of {all} entries.", { n: longest - pieces[0]![0], all: longest })}</p>}
      {pieces.map(([from, to]) => (
        <table key={from} class="paper-table paper-log">
          <thead>
            <tr>
              <th scope="col">{text("index")}</th>
              {Array.from({ length: to - from }, (_, i) => (
                <th key={i} scope="col">
                  {from + i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hosts.map((id) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                {Array.from({ length: to - from }, (_, i) => (
                  <Entry key={i} model={model} panel={panel} id={id} position={from + i} longest={longest} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}

function Entry({ model, panel, id, position, longest }: { model: RoomModel; panel: StripPanel; id: HostId; position: number; longest: number }) {
  const host = model.world.hosts[id]!;
  const state = cellState(host, panel, position, longest);
  const entry = entryAt(host, panel.field, position);
  if (entry === undefined || state === "gap" || state === "missing") {
    const words: Record<string, string> = { missing: text("missing"), gap: text("gap"), snapshot: text("in the snapshot") };
    return (
      <td class={state}>
        <span class="unseen">{words[state] ?? ""}</span>
      </td>
    );
  }
  const term = filling(partOf(entry, panel.fill) ?? null);
  return (
    <td class={state}>
      {term !== null && <sup>{String(term)}</sup>}
      <span>{labelOf(entry, panel)}</span>
      {state === "pending" && <span class="unseen"> ({text("not committed")})</span>}
    </td>
  );
}

function Grid({ model, panel }: { model: RoomModel; panel: Exclude<ReturnType<typeof boardsOf>[number], StripPanel> }) {
  const grid = gridOf(model.world, panel, model.nodes, undefined);
  const rows = grid.rows.filter(({ cells }) => cells.some(({ shown }) => shown !== null));
  if (!rows.length) return <p>{text("Nothing yet.")}</p>;
  return (
    <table class="paper-table paper-grid">
      <thead>
        <tr>
          <td />
          {grid.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">{row.key}</th>
            {row.cells.map((cell, i) => (
              <td key={i} class={cell.differs ? "differs" : ""}>
                {cell.shown === null ? "" : cell.worded ? said(cell.shown) : cell.shown}
                {cell.note && <small> {cell.note}</small>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
