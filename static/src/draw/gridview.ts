/**
 * A table (a row for each key, a column for each node) or a matrix (a row for each node, a column for each peer): a grid
 * that a keyboard walks through, of which only the rows in sight exist.
 *
 * A cell says by its frame and its sign what its colour says: ✓ good, ✕ bad, … waiting; ≠ where it is not what the others
 * of its row show; a corner where the event shown has changed it.
 */

import { gridOf, type Grid, type GridCell, type GridRow } from "../model/grids.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, MatrixPanel, News, TablePanel } from "../model/types.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { html, set, setText, textWidth } from "./theme.ts";

/** Pixels. Rows shrink so that more of them are seen, down to the least. */
const ROW = 38;
const ROW_MIN = 28;
/** Of a matrix, whose rows are nodes, so that all of them are seen. */
const ROW_MIN_NODE = 24;
const HEAD_ROW = 26;
/** Rows drawn beyond each edge of what is in sight. */
const BESIDE = 3;
const CELL_MIN = 38;
const CELL_SIGN = 36;
const HEAD_MAX = 132;
const HEAD_MIN = 44;
/** The sizes in pixels between which a cell is written. */
const SIZE_MIN = 10.5;
const SIZE = 15;
/** What stands in a cell beside its word: frame, margins, sign; and in the header of a row. */
const BESIDE_WORD = 12;
const SIGN = 16;
const BESIDE_KEY = 18;
/** Of words that nobody has declared, so many letters are to be read. */
const LETTERS_MAX = 10;
/** From this width on there is room for a note too. */
const CELL_NOTE = 110;

const SIGNS: Record<News, string> = { good: "✓", bad: "✕", wait: "…", neutral: "" };

interface Row {
  root: HTMLElement;
  head: HTMLElement;
  cells: Cell[];
}

interface Cell {
  root: HTMLElement;
  sign: HTMLElement;
  word: HTMLElement;
  note: HTMLElement;
}

export class GridView implements Drawing {
  private readonly box = html("div", "gridboard");
  private readonly scroller = html("div", "gridboard-scroll");
  private readonly table = html("div", "gridboard-table", { role: "grid" });
  private readonly heads = html("div", "gridboard-row heads", { role: "row", "aria-rowindex": "1" });
  private readonly empty = html("p", "empty");
  private rows = new Map<string, Row>();
  private shown: RoomModel | null = null;
  private grid: Grid = { columns: [], rows: [] };
  private drawn = "";
  private width = 0;
  private height = 0;
  private row = ROW;
  private top = 0;
  private count = 0;
  /** Pixels for a word, and its size where all are of one. */
  private room = 0;
  private size: number | null = null;
  /** The rows in which something happens are kept in sight, until somebody scrolls. */
  private following = true;

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
    private readonly panel: TablePanel | MatrixPanel,
    title: string,
  ) {
    this.table.append(this.heads);
    this.scroller.append(this.table, this.empty);
    this.box.append(this.scroller);
    this.root.append(this.box);
    this.box.classList.add(panel.kind);
    set(this.table, "aria-label", title);
    setText(this.empty, text("Nothing stands here yet."));
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.table.addEventListener("click", (event) => this.choose(event.target));
    // A click leaves the focus where it was, so that the arrows and space go on meaning steps and play.
    this.table.addEventListener("mousedown", (event) => event.preventDefault());
    this.table.addEventListener("contextmenu", (event) => this.menu(event));
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.resize();
  }

  resize(): void {
    this.width = this.scroller.clientWidth;
    this.height = this.root.clientHeight;
    this.drawn = "";
  }

  destroy(): void {
    this.box.remove();
  }

  render(model: RoomModel): void {
    if (this.shown !== model) this.build(model);
    const event = model.playing && !model.detached ? undefined : model.store.get(model.world.seq);
    const key = `${model.world.seq} ${model.branch} ${model.detached} ${event !== undefined} ${this.top} ${this.width} ${this.height} ${JSON.stringify(model.selection)}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.grid = gridOf(model.world, this.panel, model.nodes, event);
    const { rows } = this.grid;
    this.fit(rows);
    set(this.table, "aria-rowcount", rows.length + 1);
    set(this.table, "aria-colcount", this.grid.columns.length + 1);
    this.empty.hidden = rows.length > 0;
    this.reveal(rows);
    const first = Math.max(0, Math.floor(this.top / this.row) - BESIDE);
    const last = Math.min(rows.length, Math.ceil((this.top + this.height) / this.row) + BESIDE);
    const kept = new Set(rows.slice(first, last).map((row) => row.key));
    for (const [name, row] of this.rows) {
      if (kept.has(name) || row.root.contains(document.activeElement)) continue;
      row.root.remove();
      this.rows.delete(name);
    }
    this.drawHeads(model);
    for (let i = first; i < last; i++) this.drawRow(model, rows[i]!, i);
    this.tabStop();
  }

  private build(model: RoomModel): void {
    this.shown = model;
    this.following = true;
    this.count = 0;
    this.rows.clear();
    this.table.replaceChildren(this.heads);
  }

  /** The width of the first column and of the others, the height of a row, the size of the letters. */
  private fit(rows: GridRow[]): void {
    const { columns } = this.grid;
    const longest = Math.max(0, ...rows.map(({ key, agrees }) => wide(agrees === "yes" ? key : `${key} ≠`)));
    const head = Math.round(Math.max(HEAD_MIN, Math.min(HEAD_MAX, this.width * 0.3, longest + BESIDE_KEY)));
    const words = this.panel.kind === "table" ? Object.values(this.panel.words ?? {}).map((word) => this.text(word)) : [];
    const signed = this.panel.kind === "table" && Object.keys(this.panel.tones ?? {}).length > 0;
    const cell = Math.max(signed ? CELL_SIGN : CELL_MIN, Math.floor((this.width - head) / Math.max(1, columns.length)));
    this.room = cell - BESIDE_WORD - (signed ? SIGN : 0);
    const size = (SIZE * this.room) / Math.max(SIZE, ...words.map(wide));
    const least = this.panel.kind === "matrix" ? ROW_MIN_NODE : ROW_MIN;
    const seen = Math.max(1, Math.min(rows.length, Math.floor((this.height - HEAD_ROW) / least)));
    this.row = Math.max(least, Math.min(ROW, (this.height - HEAD_ROW) / seen));
    this.box.classList.toggle("signs", signed && size < SIZE_MIN);
    this.box.classList.toggle("noted", cell >= CELL_NOTE);
    const { style } = this.box;
    style.setProperty("--head", `${head}px`);
    style.setProperty("--row", `${this.row}px`);
    this.size = signed ? Math.max(SIZE_MIN, Math.min(SIZE, size)) : null;
    set(this.table, "style", `height:${HEAD_ROW + rows.length * this.row}px;width:${head + columns.length * cell}px;--columns:${columns.length}`);
  }

  /** New rows and those in which the event shown has changed something. */
  private reveal(rows: GridRow[]): void {
    const grown = rows.length > this.count;
    this.count = rows.length;
    if (!this.following || !this.height) return;
    const at = rows.findIndex((row) => row.changed);
    const wanted = at >= 0 ? at : grown ? rows.length - 1 : -1;
    if (wanted < 0) return;
    const room = this.height - HEAD_ROW;
    const [from, to] = [wanted * this.row, (wanted + 1) * this.row];
    if (from < this.top) this.scrollTo(from);
    else if (to > this.top + room) this.scrollTo(to - room);
  }

  private scrollTo(top: number): void {
    this.top = Math.max(0, top);
    this.scroller.scrollTop = this.top;
  }

  private scrolled(): void {
    const top = this.scroller.scrollTop;
    if (Math.abs(top - this.top) < 1) return;
    this.top = top;
    this.following = top + this.scroller.clientHeight >= this.scroller.scrollHeight - this.row / 2;
    if (this.shown) this.render(this.shown);
  }

  private drawHeads(model: RoomModel): void {
    const { columns } = this.grid;
    const matrix = this.panel.kind === "matrix";
    while (this.heads.children.length < columns.length + 1) this.heads.append(html("div", "gridboard-head", { role: "columnheader", tabindex: "-1", "aria-colindex": String(this.heads.children.length + 1) }));
    while (this.heads.children.length > columns.length + 1) this.heads.lastElementChild!.remove();
    const corner = this.heads.firstElementChild as HTMLElement;
    const { hosts } = model.world;
    setText(corner, matrix || this.grid.rows.every(({ key }) => key in hosts) ? this.text("node") : this.text("key"));
    columns.forEach((id, i) => {
      const head = this.heads.children[i + 1] as HTMLElement;
      this.header(model, head, id, matrix ? null : id);
    });
  }

  /** A header of a host; `host`: the one that it selects. */
  private header(model: RoomModel, head: HTMLElement, id: string, host: HostId | null): void {
    const { selection } = model;
    const up = model.world.hosts[id]?.up ?? true;
    const selected = selection?.kind === "host" && selection.host === id;
    if (host) head.dataset.host = host;
    setText(head, id);
    set(head, "class", `gridboard-head${up ? "" : " down"}${selected ? " chosen" : ""}`);
    if (host) set(head, "aria-selected", String(selected));
    set(head, "aria-label", up ? id : `${id}, ${this.text("down")}`);
  }

  private drawRow(model: RoomModel, data: GridRow, index: number): void {
    let row = this.rows.get(data.key);
    if (!row) this.rows.set(data.key, (row = this.make(data)));
    // In the order in which a screen reader goes through them.
    set(row.root, "style", `top:${HEAD_ROW + index * this.row}px`);
    set(row.root, "aria-rowindex", index + 2);
    const before = this.rows.get(this.grid.rows[index - 1]?.key ?? "")?.root ?? this.heads;
    if (before.nextElementSibling !== row.root) before.after(row.root);
    if (data.host) this.header(model, row.head, data.key, data.host);
    else this.keyHead(row.head, data);
    while (row.cells.length < data.cells.length) row.cells.push(this.cell(row.root));
    while (row.cells.length > data.cells.length) row.cells.pop()!.root.remove();
    data.cells.forEach((cell, i) => this.drawCell(model, row.cells[i]!, cell, i));
  }

  private keyHead(head: HTMLElement, { key, agrees }: GridRow): void {
    set(head, "class", `gridboard-head key ${agrees}`);
    setText(head, agrees === "yes" ? key : `${key} ≠`);
    set(head, "title", key);
    const words = agrees === "conflict" ? this.text("they contradict each other") : agrees === "no" ? this.text("not the same everywhere") : "";
    set(head, "aria-label", words ? `${key}, ${words}` : key);
  }

  private make(data: GridRow): Row {
    const root = html("div", "gridboard-row", { role: "row" });
    const head = html("div", "gridboard-head", { role: "rowheader", tabindex: "-1", "aria-colindex": "1" });
    head.dataset.key = data.key;
    root.append(head);
    this.heads.after(root);
    return { root, head, cells: [] };
  }

  private cell(row: HTMLElement): Cell {
    const root = html("div", "gridboard-cell", { role: "gridcell", tabindex: "-1" });
    const [sign, word, note] = [html("b"), html("span"), html("small")];
    root.append(sign, word, note);
    row.append(root);
    return { root, sign, word, note };
  }

  private drawCell(model: RoomModel, { root, sign, word, note }: Cell, cell: GridCell, index: number): void {
    const { selection, world } = model;
    const up = world.hosts[cell.host]?.up ?? true;
    const selected = selection?.kind === "host" && selection.host === cell.host;
    const shown = cell.shown === null ? "" : cell.worded ? this.text(cell.shown) : cell.shown;
    const looks = [
      cell.shown === null ? "nothing" : cell.tone, cell.differs && "differs", cell.changed && "changed", cell.self && "self", !up && "down",
      selected && "chosen",
    ]; // prettier-ignore
    root.dataset.host = cell.host;
    root.dataset.key = cell.key;
    set(root, "class", `gridboard-cell ${looks.filter(Boolean).join(" ")}`);
    setText(sign, cell.shown === null ? "" : SIGNS[cell.tone] + (cell.differs ? "≠" : ""));
    setText(word, shown);
    set(root, "style", `font-size:${(this.size ?? this.sizeOf(shown, cell.differs)).toFixed(1)}px`);
    setText(note, cell.note && `(${cell.note})`);
    set(root, "title", [shown, cell.note].filter(Boolean).join(" · "));
    set(root, "aria-colindex", index + 2);
    set(root, "aria-selected", String(selected));
    const words = [`${cell.host}, ${cell.key}: ${cell.shown === null ? this.text("nothing") : [shown, cell.note].filter(Boolean).join(" · ")}`];
    if (cell.differs) words.push(this.text("differs"));
    if (cell.changed) words.push(this.text("changed"));
    set(root, "aria-label", words.join(", "));
  }

  /** As large as it fits; what is too long is cut. */
  private sizeOf(shown: string, marked: boolean): number {
    const room = this.room - (marked ? SIGN : 0);
    return Math.max(SIZE_MIN, Math.min(SIZE, (SIZE * room) / Math.max(1, wide(shown.slice(0, LETTERS_MAX)))));
  }

  /* ---------------------------------------------------------------- gestures */

  private choose(target: EventTarget | null): void {
    const host = (target as Element | null)?.closest<HTMLElement>("[data-host]")?.dataset.host;
    if (host) this.hooks.select({ kind: "host", host });
  }

  private menu(event: MouseEvent): void {
    const found = (event.target as Element).closest<HTMLElement>("[data-host]");
    const host = found?.dataset.host;
    if (!found || !host) return;
    event.preventDefault();
    const selection = { kind: "host", host } as const;
    this.hooks.select(selection);
    const frame = found.getBoundingClientRect();
    const keyboard = event.clientX === 0 && event.clientY === 0;
    this.hooks.openMenu(selection, keyboard ? frame.left : event.clientX, keyboard ? frame.bottom : event.clientY, found);
  }

  private key(event: KeyboardEvent): void {
    const item = (event.target as Element).closest<HTMLElement>("[tabindex]");
    const row = item?.parentElement;
    if (!item || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.grid.rows.findIndex(({ key }) => this.rows.get(key)?.root === row); // -1: the row of headers
    const column = [...row.children].indexOf(item);
    const last = this.grid.columns.length;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [at + 1, column],
      ArrowUp: [at - 1, column],
      ArrowRight: [at, column + 1],
      ArrowLeft: [at, column - 1],
      Home: [at, 0],
      End: [at, last],
      PageDown: [at + 8, column],
      PageUp: [at - 8, column],
    };
    const move = moves[event.key];
    if (move) this.focus(Math.max(-1, Math.min(this.grid.rows.length - 1, move[0])), Math.max(0, Math.min(last, move[1])));
    else if (event.key === "Enter" || event.key === " ") this.choose(item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private focus(row: number, column: number): void {
    const model = this.shown;
    const data = this.grid.rows[row];
    if (!model) return;
    const [from, to, room] = [row * this.row, (row + 1) * this.row, this.height - HEAD_ROW];
    if (data && (from < this.top || to > this.top + room)) {
      this.following = false;
      this.scrollTo(from < this.top ? from : to - room);
      this.drawn = "";
      this.render(model);
    }
    const line = data ? this.rows.get(data.key)?.root : this.heads;
    const element = line?.children[column] as HTMLElement | undefined;
    if (!element) return;
    for (const one of this.table.querySelectorAll('[tabindex="0"]')) one.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
    element.focus();
  }

  /** One cell of the grid is reached with Tab. */
  private tabStop(): void {
    if (this.table.querySelector('[tabindex="0"]')) return;
    this.heads.children[1]?.setAttribute("tabindex", "0");
  }
}

/** How wide a word is at the usual size, in pixels. */
const wide = (word: string): number => textWidth(word, SIZE, 500);
