/**
 * The logs, one row a node, columns aligned by index: a grid that a keyboard walks through, of which only the columns in
 * sight exist, so that the ten-thousandth is as cheap as the tenth.
 */

import { changedEntries, doomed, entryAt, leaderMarks, logRow, partOf } from "../model/logs.ts";
import { filling } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { asLog, type HostId, type Protocol, type StripPanel } from "../model/types.ts";
import { watchEdges } from "./edges.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { labelOf, LogRow, type RowContext } from "./logrow.ts";
import { html, set, setText, textWidth } from "./theme.ts";

/** Columns drawn beyond each edge of what is in sight. */
const BESIDE = 2;
/** Browsers stop at widths of about 33 million pixels. */
const COLUMNS_MAX = 400_000;
const ASK_AFTER_MS = 150;
/** Narrower cells than the style sheet's are used before anything is scrolled out of sight. */
const CELL_MIN = 54;
/** With ballots, which are longer than terms. */
const CELL_MIN_BALLOT = 68;
/** Labels: their size in narrow cells, what stands around them, the most that a cell grows for one, how many are looked at. */
const LABEL = 12.2;
const LABEL_BARE = 11.5;
/** The size of a label in cells that are not narrow. */
const LABEL_LARGE = 15.2;
const CELL_FRAME = 12;
const TERM = 6;
const CELL_WORD_MAX = 120;
const MEASURED = 12;
/** Below this width a cell is written smaller, and the leader's marks are signs alone. */
const CELL_NARROW = 58;
/** Rows shrink so that all nodes are seen, down to this height in pixels. */
const ROW_MIN = 27;
/** Below these heights a row is drawn compactly, and with the leader's marks as signs alone. */
const ROW_COMPACT = 46;
const ROW_TIGHT = 36;
/** Height of the row of indexes. */
const INDEX_ROW = 26;

export class LogView implements Drawing {
  private readonly box = html("div", "logmatrix");
  private readonly scroller = html("div", "logmatrix-scroll");
  private readonly table = html("div", "logmatrix-table", { role: "grid" });
  private readonly leaveEdges: () => void;
  private readonly indexRow = html("div", "logmatrix-row index", { role: "row", "aria-rowindex": "1" });
  private readonly legend = html("div", "logmatrix-legend");
  private readonly indexCells = new Map<number, HTMLElement>();
  private rows = new Map<HostId, LogRow>();
  private shown: RoomModel | null = null;
  /** Pixels, read from the style sheet. */
  private cell = 64;
  private head = 92;
  private width = 0;
  private left = 0;
  /** "auto": what matters is kept in sight; "end": scrolled to the right end, it stays there; null: as it was scrolled. */
  private following: "auto" | "end" | null = "auto";
  /** As the style sheet has them. */
  private cellUsual = 64;
  private rowUsual = 56;
  private leader = "";
  private tight = false;
  private narrow = false;
  /** Cells narrower than this are written smaller. */
  private narrowBelow = CELL_NARROW;
  /** What the widest label that was seen needs. */
  private widest = 0;
  private ballots = false;
  private asked = "";
  private askTimer = 0;
  private lastSelection = "";
  private drawn = "";

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
    private readonly panel: StripPanel,
    title: string,
  ) {
    const corner = html("div", "logmatrix-head", { role: "columnheader", "aria-colindex": "1" });
    setText(corner, text("index"));
    this.indexRow.append(corner);
    this.scroller.append(this.table);
    this.box.append(this.scroller, this.legend);
    this.root.append(this.box);
    set(this.table, "aria-label", title);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.leaveEdges = watchEdges(this.scroller);
    this.table.addEventListener("click", (event) => this.choose(event.target));
    // A click leaves the focus where it was, so that the arrows and space go on meaning steps and play.
    this.table.addEventListener("mousedown", (event) => event.preventDefault());
    this.table.addEventListener("contextmenu", (event) => this.menu(event));
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.resize();
  }

  resize(): void {
    this.box.removeAttribute("style");
    this.box.classList.remove("narrow");
    const style = getComputedStyle(this.box);
    const length = (name: string, otherwise: number): number => Number.parseFloat(style.getPropertyValue(name)) || otherwise;
    this.cell = this.cellUsual = length("--cell", 64);
    this.rowUsual = length("--row", 56);
    this.head = length("--head", 92);
    this.width = this.scroller.clientWidth;
    this.fitRows();
    this.forget();
  }

  /** Everything is placed anew. */
  private forget(): void {
    this.drawn = "";
    for (const row of this.rows.values()) row.forget();
    this.indexCells.forEach((cell) => cell.remove());
    this.indexCells.clear();
  }

  /** All rows in sight, if they can be. */
  private fitRows(): void {
    if (!this.rows.size || !this.root.clientHeight) return;
    const room = this.root.clientHeight - this.legend.offsetHeight - INDEX_ROW - 2;
    const high = Math.max(ROW_MIN, Math.min(this.rowUsual, Math.floor(room / this.rows.size)));
    this.box.style.setProperty("--row", `${high}px`);
    this.box.classList.toggle("compact", high < ROW_COMPACT);
    this.box.classList.toggle("tight", (this.tight = high < ROW_TIGHT));
  }

  /** Ballots such as "12.n3" need more room than terms. */
  private fitBallots({ protocol, world, nodes }: RoomModel): void {
    const field = protocol.view.node.fill;
    const wanted = field !== null && typeof filling(world.hosts[nodes[0]!]?.state[field]) === "string";
    if (!wanted || this.ballots) return;
    this.ballots = true;
    this.box.classList.add("ballots");
    this.resize();
  }

  /** Words in cells are read whole, within reason; what was once as wide may be so again. */
  private measure({ world, nodes }: RoomModel): void {
    const { panel } = this;
    const [size, weight, beside] = panel.fill ? [LABEL, 700, CELL_FRAME + TERM] : [LABEL_BARE, 600, CELL_FRAME];
    for (const id of nodes) {
      const log = asLog(world.hosts[id]!.state[panel.field]);
      for (const entry of log?.items.slice(-MEASURED) ?? []) {
        if (entry === null || partOf(entry, panel.gap) === true) continue;
        const wide = Math.ceil(textWidth(labelOf(entry, panel), size, weight) + beside);
        this.widest = Math.max(this.widest, Math.min(CELL_WORD_MAX, wide));
        this.narrowBelow = Math.max(this.narrowBelow, ((wide - beside) * LABEL_LARGE) / size + beside);
      }
    }
  }

  /** Narrower cells where there are more than fit. */
  private fitCells(longest: number): void {
    const room = this.width - this.head;
    if (room <= 0) return;
    // In few steps, so that they do not change with every entry.
    const wide = Math.floor(room / (longest + 1));
    const least = Math.max(this.ballots ? Math.min(this.cellUsual, CELL_MIN_BALLOT) : CELL_MIN, this.widest);
    const cell = [this.cellUsual, (this.cellUsual + least) >> 1, least].find((size) => size <= wide && size >= least) ?? least;
    this.narrow = cell < this.narrowBelow;
    this.box.classList.toggle("narrow", this.narrow);
    if (cell === this.cell) return;
    this.cell = cell;
    this.box.style.setProperty("--cell", `${cell}px`);
    this.forget();
  }

  destroy(): void {
    clearTimeout(this.askTimer);
    this.leaveEdges();
    this.box.remove();
  }

  render(model: RoomModel): void {
    if (this.shown !== model) this.build(model);
    const { panel } = this;
    this.fitBallots(model);
    // What it changed is marked while the run stands still.
    const event = model.playing && !model.detached ? undefined : model.store.get(model.world.seq);
    // Events, selections, scrolling and sizes change it; time alone does not.
    const key = `${model.world.seq} ${model.branch} ${model.detached} ${event !== undefined} ${model.entriesVersion} ${this.left} ${this.width} ${JSON.stringify(model.selection)}`;
    if (key === this.drawn) return;
    let longest = 0;
    for (const id of model.nodes) longest = Math.max(longest, logRow(model.world.hosts[id]!, panel).length);
    this.measure(model);
    this.fitCells(longest);
    this.drawn = key;
    const columns = Math.min(COLUMNS_MAX, Math.max(longest + 1, this.width ? Math.floor((this.width - this.head) / this.cell) : 1));
    set(this.table, "style", `width:${this.head + columns * this.cell}px`);
    set(this.table, "aria-colcount", longest + 1);
    const fate = doomed(model.protocol, model.world, panel);
    this.reveal(model, longest, Math.min(...Object.values(fate), this.fork(model, panel), this.committed(model, panel)));
    const first = Math.max(0, Math.floor(this.left / this.cell) - BESIDE);
    const last = Math.min(columns - 1, Math.ceil((this.left + this.width - this.head) / this.cell) + BESIDE);
    this.drawIndexes(first, last);
    const chosen = model.selection?.kind === "host" ? model.selection.host : null;
    const marks = leaderMarks(model.protocol, model.world, panel, chosen);
    this.revealLeader(marks?.leader ?? "");
    const changed = Object.fromEntries(model.nodes.map((id) => [id, changedEntries(event, id, panel.field)]));
    const context: RowContext = { first, last, longest, cell: this.cell, signs: this.tight || this.narrow, head: this.head, marks, doomed: fate, changed, panel };
    for (const row of this.rows.values()) row.draw(model, context);
    this.askFor(model, panel, first, last);
    this.tabStop();
  }

  private build(model: RoomModel): void {
    this.shown = model;
    this.table.replaceChildren(this.indexRow);
    this.rows = new Map();
    this.writeLegend(model.protocol);
    model.nodes.forEach((id, i) => {
      const row = new LogRow(id, i + 2, this.text);
      this.rows.set(id, row);
      this.table.append(row.root);
    });
    set(this.table, "aria-rowcount", model.nodes.length + 1);
    this.fitRows();
  }

  /** The first position at which two logs have entries that differ, by what fills them; Infinity: they agree where both have one. */
  private fork(model: RoomModel, panel: StripPanel): number {
    const hosts = model.nodes.map((id) => model.world.hosts[id]!);
    const rows = hosts.map((host) => logRow(host, panel));
    const from = Math.min(...rows.map((row) => row.from));
    const longest = Math.max(...rows.map((row) => row.length));
    for (let position = from; position < longest; position++) {
      let known: unknown;
      for (const host of hosts) {
        const entry = entryAt(host, panel.field, position);
        if (entry === undefined || partOf(entry, panel.gap) === true) continue;
        const told = JSON.stringify(partOf(entry, panel.fill) ?? partOf(entry, panel.label) ?? entry);
        if (known !== undefined && known !== told) return position;
        known = told;
      }
    }
    return Infinity;
  }

  /** The last committed position of all. */
  private committed(model: RoomModel, panel: StripPanel): number {
    const most = Math.max(...model.nodes.map((id) => logRow(model.world.hosts[id]!, panel).committed));
    return most > 0 ? most - 1 : Infinity;
  }

  /**
   * Brings a newly selected entry into sight, or follows what happens: the end of the logs, but never so far that `first`,
   * where logs differ, an entry is about to go or the commit line stands, is lost from sight.
   */
  private reveal(model: RoomModel, longest: number, first: number): void {
    const chosen = JSON.stringify(model.selection);
    const room = this.width - this.head;
    if (chosen !== this.lastSelection) {
      this.lastSelection = chosen;
      if (model.selection?.kind === "entry") {
        const x = model.selection.position * this.cell;
        if (x < this.left || x + this.cell > this.left + room) return this.scrollTo(Math.max(0, x - room / 2), null);
      }
    }
    if (!this.following) return;
    const end = (longest + 1) * this.cell - room;
    const best = this.following === "auto" ? Math.min(end, (first - 1) * this.cell) : end;
    this.scrollTo(Math.max(0, best), this.following);
  }

  /** A new leader's row is brought into sight. */
  private revealLeader(leader: string): void {
    if (leader === this.leader) return;
    this.leader = leader;
    const row = this.rows.get(leader)?.root;
    if (!row) return;
    const { scrollTop, clientHeight } = this.scroller;
    const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
    if (top - INDEX_ROW < scrollTop) this.scroller.scrollTop = top - INDEX_ROW;
    else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
  }

  private scrollTo(left: number, following: "auto" | "end" | null): void {
    this.following = following;
    if (Math.abs(this.left - left) < 1) return;
    this.left = left;
    this.scroller.scrollLeft = left;
  }

  private scrolled(): void {
    const left = this.scroller.scrollLeft;
    if (Math.abs(left - this.left) < 1) return;
    this.left = left;
    this.following = left + this.scroller.clientWidth >= this.scroller.scrollWidth - this.cell / 2 ? "end" : null;
    if (this.shown) this.render(this.shown);
  }

  private drawIndexes(first: number, last: number): void {
    for (const [position, cell] of this.indexCells) {
      if (position >= first && position <= last) continue;
      cell.remove();
      this.indexCells.delete(position);
    }
    for (let position = first; position <= last; position++) {
      if (this.indexCells.has(position)) continue;
      const cell = html("div", "logmatrix-cell", { role: "columnheader", "aria-colindex": String(position + 2) });
      cell.style.left = `${this.head + position * this.cell}px`;
      cell.textContent = String(position + 1);
      this.indexCells.set(position, cell);
      this.indexRow.append(cell);
    }
  }

  /** Entries in sight that were forgotten here are fetched, once one stays there for a moment. */
  private askFor(model: RoomModel, panel: StripPanel, first: number, last: number): void {
    for (const id of model.nodes) {
      const log = asLog(model.world.hosts[id]!.state[panel.field]);
      if (!log || Math.max(first, log.start ?? 0) >= log.from) continue;
      const key = `${model.world.seq} ${id} ${first}`;
      if (key === this.asked) continue;
      this.asked = key;
      clearTimeout(this.askTimer);
      const to = log.from;
      this.askTimer = window.setTimeout(() => this.hooks.needEntries(id, panel.field, Math.max(0, Math.min(first, to - 1)), Math.max(to, last)), ASK_AFTER_MS);
      return;
    }
  }

  /** Only what this panel can show. */
  private writeLegend(protocol: Protocol): void {
    const { text, panel } = this;
    const items: [string, string][] = [];
    if (panel.commit || panel.settled) items.push(["committed", text("committed")], ["pending", text("not committed")]);
    if (panel.gap) items.push(["gap", text("gap")]);
    items.push(["missing", text("missing")]);
    if (panel.snapshot) items.push(["snapshot", text("in the snapshot")]);
    if (Object.values(protocol.messages).some(({ after }) => after)) items.push(["doomed", text("about to be overwritten")]);
    this.legend.replaceChildren();
    for (const [kind, label] of items) {
      const item = html("span", "logmatrix-key");
      const sample = html("i", `logmatrix-sample ${kind}`, { "aria-hidden": "true" });
      item.append(sample, label);
      this.legend.append(item);
    }
    const words = panel.next ? text("▲ next, ● match: what the leader believes") : panel.match ? text("● known to be there") : "";
    const marks = html("span", "logmatrix-key");
    setText(marks, words);
    if (words) this.legend.append(marks);
  }

  /* ---------------------------------------------------------------- gestures */

  private find(target: EventTarget | null): { host: HostId; position: number | null; element: HTMLElement } | null {
    const element = (target as Element | null)?.closest<HTMLElement>("[data-host]");
    if (!element) return null;
    const position = element.dataset.position;
    return { host: element.dataset.host!, position: position === undefined ? null : Number(position), element };
  }

  private choose(target: EventTarget | null): void {
    const found = this.find(target);
    const model = this.shown;
    if (!found || !model) return;
    const { length, start } = logRow(model.world.hosts[found.host]!, this.panel);
    if (found.position === null || found.position < start) this.hooks.select({ kind: "host", host: found.host });
    else if (found.position < length) {
      this.hooks.select({ kind: "entry", host: found.host, field: this.panel.field, position: found.position });
    }
  }

  private menu(event: MouseEvent): void {
    const found = this.find(event.target);
    if (!found) return;
    event.preventDefault();
    const selection = { kind: "host", host: found.host } as const;
    this.hooks.select(selection);
    const frame = found.element.getBoundingClientRect();
    const keyboard = event.clientX === 0 && event.clientY === 0;
    this.hooks.openMenu(selection, keyboard ? frame.left : event.clientX, keyboard ? frame.bottom : event.clientY, found.element);
  }

  private key(event: KeyboardEvent): void {
    const found = this.find(event.target);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    const hosts = [...this.rows.keys()];
    const row = hosts.indexOf(found.host);
    const position = found.position ?? -1;
    const to = (r: number, p: number): void => this.focusCell(hosts[Math.max(0, Math.min(hosts.length - 1, r))]!, p);
    switch (event.key) {
      case "ArrowDown":
        to(row + 1, position);
        break;
      case "ArrowUp":
        to(row - 1, position);
        break;
      case "ArrowRight":
        to(row, position + 1);
        break;
      case "ArrowLeft":
        to(row, position < logRow(this.shown!.world.hosts[found.host]!, this.panel).start ? -1 : Math.max(-1, position - 1));
        break;
      case "Home":
        to(row, -1);
        break;
      case "End":
        to(row, logRow(this.shown!.world.hosts[found.host]!, this.panel).length - 1);
        break;
      case "Enter":
      case " ":
        this.choose(event.target);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private focusCell(host: HostId, position: number): void {
    const row = this.rows.get(host);
    const model = this.shown;
    if (!row || !model) return;
    if (position >= 0) {
      const room = this.width - this.head;
      const x = position * this.cell;
      if (x < this.left || x + this.cell > this.left + room) {
        this.scrollTo(Math.max(0, x - room / 2), null);
        this.render(model);
      }
    }
    const element = position < 0 ? row.head : (row.cellAt(position) ?? row.head);
    for (const one of this.table.querySelectorAll('[tabindex="0"]')) one.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
    element.focus({ preventScroll: position >= 0 });
  }

  /** One cell of the grid is reached with Tab. */
  private tabStop(): void {
    if (this.table.querySelector('[tabindex="0"]')) return;
    this.rows.values().next().value?.head.setAttribute("tabindex", "0");
  }
}
