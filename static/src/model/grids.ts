/**
 * Tables and matrices beside the ring as plain cells. A table has a row for each key of a dict and a column for each node;
 * a matrix a row for each node and a column for each peer in a dict. A pure function of the world.
 */

import { brief } from "./channels.ts";
import { compareHosts, isLogWindow, type FieldValue, type HostId, type MatrixPanel, type News, type RunEvent, type TablePanel, type Value, type World } from "./types.ts";

export interface GridCell {
  /** Whose field it is: what a click on the cell selects. */
  host: HostId;
  key: string;
  /** What it shows, to be translated where `worded`; null: there is nothing. */
  shown: string | null;
  /** The panel has a label for it. */
  worded: boolean;
  /** The value behind it, for comparing. */
  value: string;
  note: string;
  tone: News;
  /** It is not what most others of its row show. */
  differs: boolean;
  changed: boolean;
  /** A node about itself. */
  self: boolean;
}

export interface GridRow {
  key: string;
  /** The node whose row it is, in a matrix. */
  host: HostId | null;
  cells: GridCell[];
  /** not all show the same; conflict: something final stands against something else that is final. */
  agrees: "yes" | "no" | "conflict";
  changed: boolean;
}

export interface Grid {
  columns: string[];
  /** Columns are nodes whose fields are shown (a table), or peers that fields are about (a matrix). */
  rows: GridRow[];
}

type Dict = Record<string, Value>;

/** Digits count as numbers: t2 before t10. */
export function byKey(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : 1);
}

export function gridOf(world: World, panel: TablePanel | MatrixPanel, nodes: readonly HostId[], event: RunEvent | undefined): Grid {
  return panel.kind === "table" ? tableOf(world, panel, nodes, event) : matrixOf(world, panel, nodes, event);
}

function dictOf(world: World, host: HostId, field: string): Dict {
  return keyed(world.hosts[host]?.state[field] ?? null);
}

function tableOf(world: World, panel: TablePanel, nodes: readonly HostId[], event: RunEvent | undefined): Grid {
  const dicts = nodes.map((id) => dictOf(world, id, panel.field));
  const changed = nodes.map((id) => changedKeys(event, id, panel.field));
  const keys = [...new Set(dicts.flatMap((dict) => Object.keys(dict)))].sort(byKey);
  const rows = keys.map((key): GridRow => {
    const cells = nodes.map((host, i) => ({ ...cellOf(panel, host, key, dicts[i]![key]), changed: changed[i]!.has(key) }));
    markDifferent(cells);
    return { key, host: null, cells, agrees: agreement(cells), changed: cells.some((cell) => cell.changed) };
  });
  return { columns: [...nodes], rows };
}

function matrixOf(world: World, panel: MatrixPanel, nodes: readonly HostId[], event: RunEvent | undefined): Grid {
  const dicts = nodes.map((id) => dictOf(world, id, panel.field));
  const others = [...new Set(dicts.flatMap((dict) => Object.keys(dict)))].filter((key) => !nodes.includes(key)).sort(compareHosts);
  const columns = [...nodes, ...others];
  const rows = nodes.map((host, i): GridRow => {
    const changed = changedKeys(event, host, panel.field);
    const cells = columns.map((key) => ({ ...cellOf(panel, host, key, dicts[i]![key]), changed: changed.has(key) && key in dicts[i]!, self: key === host }));
    return { key: host, host, cells, agrees: "yes", changed: cells.some((cell) => cell.changed) };
  });
  return { columns, rows };
}

function cellOf(panel: TablePanel | MatrixPanel, host: HostId, key: string, value: Value | undefined): GridCell {
  const nothing: GridCell = { host, key, shown: null, worded: false, value: "", note: "", tone: "neutral", differs: false, changed: false, self: false };
  if (value === undefined) return nothing;
  const { label, note, words, tones } = panel.kind === "table" ? panel : ({} as Partial<TablePanel>);
  const said = part(value, label);
  const word = String(said);
  const beside = note && isObject(value) ? value[note] : undefined;
  return {
    ...nothing,
    shown: words?.[word] ?? brief(said),
    worded: words !== undefined && word in words,
    value: JSON.stringify(said),
    note: beside === undefined || beside === null ? "" : brief(beside),
    tone: tones?.[word] ?? "neutral",
  };
}

function isObject(value: Value): value is Dict {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function part(value: Value, field: string | null | undefined): Value {
  return field && isObject(value) ? (value[field] ?? null) : value;
}

/**
 * Marks what is not shown by most of those that show anything; where no value is the most common one, all are marked.
 * What a node is still waiting for differs from nothing yet.
 */
function markDifferent(cells: GridCell[]): void {
  const said = cells.filter(({ shown, tone }) => shown !== null && tone !== "wait");
  const counts = new Map<string, number>();
  for (const { value } of said) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size < 2) return;
  const most = Math.max(...counts.values());
  const usual = [...counts.keys()].filter((value) => counts.get(value) === most);
  for (const cell of said) cell.differs = usual.length > 1 || cell.value !== usual[0];
}

function agreement(cells: GridCell[]): GridRow["agrees"] {
  const tones = new Set(cells.filter(({ shown }) => shown !== null).map(({ tone }) => tone));
  if (tones.has("good") && tones.has("bad")) return "conflict";
  return cells.some(({ differs }) => differs) ? "no" : "yes";
}

/** Keys of a host's dict whose value an event changed. */
export function changedKeys(event: RunEvent | undefined, id: HostId, field: string): Set<string> {
  const found = new Set<string>();
  for (const change of event?.changes ?? []) {
    if (change[0] !== "state" || change[1] !== id || change[2] !== field) continue;
    const [before, after] = [keyed(change[3]), keyed(change[4])];
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) found.add(key);
    }
  }
  return found;
}

/** A dict, or a set as one of its members. */
function keyed(value: FieldValue): Dict {
  if (!value || typeof value !== "object" || isLogWindow(value)) return {};
  return Array.isArray(value) ? Object.fromEntries(value.map((item) => [brief(item), true])) : (value as Dict);
}
