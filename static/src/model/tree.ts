/**
 * The branches as a tree that hangs under the timeline: which rows there are, in which order, and where each begins and ends
 * on the time axis. A branch's children stand below it, those that left it last first: so no fork crosses another row. Pure.
 */

import type { Branch } from "./branches.ts";
import type { Mark, MarkKind } from "./types.ts";

export interface TreeRow {
  branch: Branch;
  /** 1 for the first branch. */
  level: number;
  /** The row of its parent; -1 for the first branch. */
  parent: number;
  children: number;
  /** Its children are shown. */
  open: boolean;
  /** From where to where it goes on its own, µs. */
  from: number;
  to: number;
  /** Its place among its brothers, from 1, and how many they are. */
  place: number;
  size: number;
}

/** What the room shows now: its head has gone on since the branches were told. */
export interface Present {
  branch: number;
  headTime: number;
}

/** The bar's right end, µs: a little beyond the head, and at least two seconds. */
export function barEnd(headTime: number): number {
  return Math.max(2_000_000, headTime * 1.02);
}

/** The rows that are to be seen; `folded` holds the branches whose children are not, unless the one shown is among them. */
export function treeRows(branches: readonly Branch[], folded: ReadonlySet<number>, present: Present): TreeRow[] {
  const known = new Set(branches.map(({ id }) => id));
  const below = new Map<number | null, Branch[]>();
  for (const branch of branches) {
    const parent = branch.parent !== null && known.has(branch.parent) ? branch.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), branch]);
  }
  const needed = lineOf(branches, present.branch);
  const rows: TreeRow[] = [];
  const add = (parent: number | null, row: number, level: number): void => {
    const children = [...(below.get(parent) ?? [])].sort((a, b) => b.forked_at - a.forked_at || b.id - a.id);
    children.forEach((branch, index) => {
      const count = below.get(branch.id)?.length ?? 0;
      const open = count > 0 && (!folded.has(branch.id) || needed.has(branch.id));
      const to = branch.id === present.branch ? present.headTime : branch.time;
      const from = branch.parent === null ? 0 : branch.forked_time;
      rows.push({ branch, level, parent: row, children: count, open, from, to: Math.max(from, to), place: index + 1, size: children.length });
      if (open) add(branch.id, rows.length - 1, level + 1);
    });
  };
  add(null, -1, 1);
  return rows;
}

/** Pixels between a branch's line and its name, where that stands beside it. */
const NAME_GAP = 6;

/**
 * Where the name of a branch begins, whose line goes from `from` to `to`, in a row so wide (all in pixels): behind the line,
 * else before it; where neither has room, on it, a little after its beginning: such a line is longer than any name.
 */
export function namePlace(from: number, to: number, name: number, width: number): number {
  if (to + NAME_GAP + name <= width) return to + NAME_GAP;
  if (to - from > name + 3 * NAME_GAP) return from + 2 * NAME_GAP;
  return Math.max(0, from - NAME_GAP - name);
}

/** The ancestors of a branch, without itself. */
function lineOf(branches: readonly Branch[], id: number): Set<number> {
  const line = new Set<number>();
  let at = branches.find((branch) => branch.id === id);
  while (at?.parent !== null && at?.parent !== undefined && !line.has(at.parent)) {
    const { parent } = at;
    line.add(parent);
    at = branches.find((branch) => branch.id === parent);
  }
  return line;
}

/** At most so many marks of these kinds after event `after`, those of the first kind before the others, evenly. */
export function few(marks: readonly Mark[], after: number, kinds: readonly MarkKind[], most: number): Mark[] {
  const found: Mark[] = [];
  for (const kind of kinds) {
    const all = marks.filter((mark) => mark[2] === kind && mark[0] > after);
    const left = most - found.length;
    found.push(...(all.length <= left ? all : Array.from({ length: left }, (_, i) => all[Math.floor((i * all.length) / left)]!)));
  }
  return found.sort((a, b) => a[0] - b[0]);
}

export type TreeMove = { to: number } | { fold: number } | { unfold: number } | null;

/** What a key means in the tree, with the focus in a row: another row, or a branch whose children come or go. */
export function treeMove(rows: readonly TreeRow[], at: number, key: string): TreeMove {
  const row = rows[at];
  if (!row) return null;
  switch (key) {
    case "ArrowDown":
      return at + 1 < rows.length ? { to: at + 1 } : null;
    case "ArrowUp":
      return at > 0 ? { to: at - 1 } : null;
    case "Home":
      return { to: 0 };
    case "End":
      return { to: rows.length - 1 };
    case "ArrowRight":
      if (!row.children) return null;
      return row.open ? { to: at + 1 } : { unfold: row.branch.id };
    case "ArrowLeft":
      if (row.open) return { fold: row.branch.id };
      return row.parent >= 0 ? { to: row.parent } : null;
  }
  return null;
}

/** Why a branch can't be deleted; null: it can. */
export function keepReason(branches: readonly Branch[], id: number): "first" | "needed" | null {
  const branch = branches.find((each) => each.id === id);
  if (!branch || branch.parent === null) return "first";
  return branches.some((each) => each.parent === id) ? "needed" : null;
}
