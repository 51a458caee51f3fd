/** One node's row of the log matrix. Cells are made for the columns in sight and written only where something changed. */

import { brief, commandLabel, filling, nodeChannels, termHue } from "../model/channels.ts";
import { cellState, entryAt, logRow, partOf, type CellState, type LeaderMarks } from "../model/logs.ts";
import type { RoomModel } from "../model/room.ts";
import type { Entry, Host, HostId, StripPanel } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { numbered } from "./words.ts";
import { html, set, setText } from "./theme.ts";

export interface RowContext {
  /** Positions in sight, both included. */
  first: number;
  last: number;
  /** Length of the longest log. */
  longest: number;
  cell: number;
  /** The leader's marks are signs without words. */
  signs: boolean;
  head: number;
  marks: LeaderMarks | null;
  /** Host to the first position that a message in flight will remove. */
  doomed: Record<HostId, number>;
  /** Host to the positions that the event shown has changed; while the run plays, none. */
  changed: Record<HostId, Set<number>>;
  panel: StripPanel;
}

interface Cell {
  root: HTMLElement;
  term: HTMLElement;
  label: HTMLElement;
  key: string;
}

export class LogRow {
  readonly root: HTMLElement;
  readonly head: HTMLElement;
  private readonly name = html("span");
  private readonly letter = html("span", "letter");
  private readonly term = html("span", "term");
  private readonly commit = html("div", "logmatrix-commit");
  private readonly next = html("div", "logmatrix-mark next");
  private readonly match = html("div", "logmatrix-mark match");
  private readonly snapshot = html("div", "logmatrix-cell snapshot", { role: "gridcell", tabindex: "-1", "aria-colindex": "2" });
  /** How many entries it stands for. */
  private gone = 0;
  private readonly cells = new Map<number, Cell>();
  private readonly spare: Cell[] = [];
  private seen: { host: Host | null; key: string } = { host: null, key: "" };

  constructor(
    readonly id: HostId,
    row: number,
    private readonly text: Text,
  ) {
    this.root = html("div", "logmatrix-row", { role: "row", "aria-rowindex": String(row) });
    this.head = html("div", "logmatrix-head", { role: "rowheader", tabindex: "-1", "aria-colindex": "1" });
    this.head.dataset.host = id;
    setText(this.name, id);
    this.head.append(this.name, this.term, this.letter);
    for (const mark of [this.commit, this.next, this.match]) mark.setAttribute("aria-hidden", "true");
    this.snapshot.dataset.host = id;
    this.root.append(this.head, this.commit, this.next, this.match);
  }

  forget(): void {
    this.seen = { host: null, key: "" };
    for (const cell of this.cells.values()) cell.key = "";
  }

  cellAt(position: number): HTMLElement | undefined {
    return position < this.gone ? this.snapshot : this.cells.get(position)?.root;
  }

  draw(model: RoomModel, context: RowContext): void {
    const host = model.world.hosts[this.id];
    if (!host) return;
    const chosen = model.selection;
    const next = context.marks?.next[this.id];
    const match = context.marks?.match[this.id];
    const entry = chosen?.kind === "entry" ? `${chosen.host}:${chosen.position}:${chosen.field}` : "";
    const selected = chosen?.kind === "host" && chosen.host === this.id;
    const key = `${context.first} ${context.last} ${context.longest} ${context.signs} ${next} ${match} ${context.doomed[this.id]} ${[...(context.changed[this.id] ?? [])].join()} ${entry} ${selected}`;
    if (this.seen.host === host && this.seen.key === key) return;
    this.seen = { host, key };
    this.drawHead(model, selected);
    const row = logRow(host, context.panel);
    this.drawSnapshot(row.start, context);
    const first = Math.max(context.first, row.start);
    this.recycle(first, context.last);
    let before: Element = row.start ? this.snapshot : this.match;
    for (let position = first; position <= context.last; position++) {
      // In the order of the indexes, as a screen reader goes through them; cells are used again in any order.
      const { root } = this.take(position);
      if (before.nextElementSibling !== root) before.after(root);
      before = root;
      this.drawCell(position, host, context, chosen?.kind === "entry" && chosen.position === position && chosen.host === this.id && chosen.field === context.panel.field);
    }
    this.mark(this.next, next, "▲", context);
    this.mark(this.match, match, "●", context);
    set(this.commit, "style", `left:${context.head + row.committed * context.cell - 5}px;${row.committed ? "" : "display:none"}`);
  }

  private drawHead(model: RoomModel, selected: boolean): void {
    const channels = nodeChannels(model.protocol, model.world, this.id, 0, model.nodes);
    set(this.root, "class", `logmatrix-row${channels.up ? "" : " down"}`);
    setText(this.term, channels.fill === null ? "" : String(channels.fill));
    set(this.term, "style", channels.fill === null ? "display:none" : `background:var(--term-${channels.hue ?? "none"})`);
    setText(this.letter, channels.role?.letter ?? "");
    set(this.letter, "style", channels.role ? "" : "display:none");
    set(this.head, "aria-selected", String(selected));
    const words = [this.id, channels.role ? this.text(channels.role.label) : "", channels.up ? "" : this.text("down")];
    set(this.head, "aria-label", words.filter(Boolean).join(", "));
  }

  /** One cell for all entries that are in the snapshot, as long as they would be; its words stand at its end. */
  private drawSnapshot(start: number, context: RowContext): void {
    if (start !== this.gone) {
      this.gone = start;
      if (start) this.match.after(this.snapshot);
      else this.snapshot.remove();
    }
    if (!start) return;
    const from = Math.min(context.first, start - 1);
    set(this.snapshot, "style", `left:${context.head + from * context.cell}px;width:${(start - from) * context.cell - 5}px`);
    setText(this.snapshot, start === 1 ? "▤ 1" : `▤ 1–${start}`);
    this.snapshot.dataset.position = String(start - 1);
    set(this.snapshot, "aria-colspan", start);
    set(this.snapshot, "aria-label", this.text("entries 1 to {last}: in the snapshot", { last: start }));
    set(this.snapshot, "title", this.text("entries 1 to {last}: in the snapshot", { last: start }));
  }

  private recycle(first: number, last: number): void {
    for (const [position, cell] of this.cells) {
      if (position >= first && position <= last) continue;
      this.cells.delete(position);
      if (cell.root === document.activeElement || this.spare.length > 20) cell.root.remove();
      else {
        this.spare.push(cell);
        set(cell.root, "style", "display:none");
      }
    }
  }

  private take(position: number): Cell {
    let cell = this.cells.get(position);
    if (cell) return cell;
    cell = this.spare.pop() ?? this.make();
    cell.key = "";
    this.cells.set(position, cell);
    return cell;
  }

  private make(): Cell {
    const root = html("div", "logmatrix-cell", { role: "gridcell", tabindex: "-1" });
    root.dataset.host = this.id;
    const term = html("b");
    const label = html("span");
    root.append(term, label);
    this.root.append(root);
    return { root, term, label, key: "" };
  }

  private drawCell(position: number, host: Host, context: RowContext, selected: boolean): void {
    const cell = this.take(position);
    const { panel } = context;
    const entry = entryAt(host, panel.field, position);
    const state = cellState(host, panel, position, context.longest);
    const filled = state === "committed" || state === "pending" || state === "kept";
    const struck = filled && (context.doomed[this.id] ?? Infinity) <= position;
    const changed = context.changed[this.id]?.has(position) === true;
    const term = filled ? filling(partOf(entry, panel.fill) ?? null) : null;
    const command = filled ? labelOf(entry!, panel) : state === "unknown" ? "…" : "";
    const key = `${position} ${state} ${struck} ${changed} ${selected} ${String(term)} ${command} ${context.cell}`;
    if (cell.key === key) return;
    cell.key = key;
    const hue = termHue(term);
    const { root } = cell;
    root.dataset.position = String(position);
    const looks = [state, filled && "filled", struck && "doomed", changed && "changed", term === null && "bare", command.length > 4 && "long", hue !== null && `hue-${hue}`];
    set(root, "class", `logmatrix-cell ${looks.filter(Boolean).join(" ")}`);
    set(root, "style", `left:${context.head + position * context.cell}px${filled ? `;background-color:var(--term-${hue ?? "none"})` : ""}`);
    setText(cell.term, term === null ? "" : String(term));
    setText(cell.label, command);
    set(root, "aria-colindex", position + 2);
    set(root, "aria-selected", String(selected));
    const words = [this.label(position, state, term, command, panel)];
    if (struck) words.push(this.text("about to be overwritten"));
    if (changed) words.push(this.text("changed"));
    set(root, "aria-label", words.join(", "));
  }

  private label(position: number, state: CellState, term: string | number | null, command: string, panel: StripPanel): string {
    const index = position + 1;
    if (state === "missing") return this.text("index {index}: missing", { index });
    if (state === "free") return this.text("index {index}: free", { index });
    if (state === "unknown") return this.text("index {index}: not loaded", { index });
    if (state === "gap") return this.text("index {index}: a gap", { index });
    if (state === "snapshot") return this.text("entries 1 to {last}: in the snapshot", { last: index });
    const words = [this.text("index {index}: {command}", { index, command })];
    if (term !== null) words.push(numbered(panel.fill!, term, this.text));
    if (state === "committed") words.push(this.text("committed"));
    else if (state === "pending") words.push(this.text("not committed"));
    return words.join(", ");
  }

  /** A mark of the leader's under the cell of an index (from 1; 0 = none). */
  private mark(element: HTMLElement, index: number | undefined, sign: string, context: RowContext): void {
    const shown = index !== undefined && index > 0;
    set(element, "style", shown ? `left:${context.head + (index - 0.5) * context.cell - 2}px` : "display:none");
    if (shown) setText(element, context.signs ? sign : sign === "▲" ? `▲ ${this.text("next")}` : `● ${this.text("match")}`);
  }
}

/** What an entry is written as; one that is no object is its own label. */
export function labelOf(entry: Entry, panel: StripPanel): string {
  return typeof entry === "object" && !Array.isArray(entry) ? commandLabel(entry[panel.label]) : brief(entry);
}
