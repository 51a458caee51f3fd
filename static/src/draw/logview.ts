/**
 * The logs, one row a node, columns aligned by index: a grid that a keyboard walks through, of which only the columns in
 * sight exist, so that the ten-thousandth is as cheap as the tenth.
 */

import { doomed, leaderMarks, logRow, stripPanel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { isLogWindow, type HostId, type StripPanel } from "../model/types.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { LogRow, type RowContext } from "./logrow.ts";
import { html, set, setText } from "./theme.ts";

/** Columns drawn beyond each edge of what is in sight. */
const BESIDE = 2;
/** Browsers stop at widths of about 33 million pixels. */
const COLUMNS_MAX = 400_000;
const ASK_AFTER_MS = 150;

export class LogView implements Drawing {
  private readonly box = html("div", "logmatrix");
  private readonly scroller = html("div", "logmatrix-scroll");
  private readonly table = html("div", "logmatrix-table", { role: "grid" });
  private readonly indexRow = html("div", "logmatrix-row index", { role: "row", "aria-rowindex": "1" });
  private readonly legend = html("div", "logmatrix-legend");
  private readonly indexCells = new Map<number, HTMLElement>();
  private rows = new Map<HostId, LogRow>();
  private shown: RoomModel | null = null;
  private panel: StripPanel | null = null;
  /** Pixels, read from the style sheet. */
  private cell = 64;
  private head = 92;
  private width = 0;
  private left = 0;
  /** At the right end it stays at the right end. */
  private following = true;
  private asked = "";
  private askTimer = 0;
  private lastSelection = "";
  private drawn = "";

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    const corner = html("div", "logmatrix-head", { role: "columnheader", "aria-colindex": "1" });
    setText(corner, text("index"));
    this.indexRow.append(corner);
    this.scroller.append(this.table);
    this.box.append(this.scroller, this.legend);
    this.root.append(this.box);
    set(this.table, "aria-label", text("Logs"));
    this.writeLegend();
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.table.addEventListener("click", (event) => this.click(event));
    this.table.addEventListener("contextmenu", (event) => this.menu(event));
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.resize();
  }

  resize(): void {
    const style = getComputedStyle(this.box);
    this.cell = Number.parseFloat(style.getPropertyValue("--cell")) || 64;
    this.head = Number.parseFloat(style.getPropertyValue("--head")) || 92;
    this.width = this.scroller.clientWidth;
    this.drawn = "";
    for (const row of this.rows.values()) row.forget();
    this.indexCells.forEach((cell) => cell.remove());
    this.indexCells.clear();
  }

  destroy(): void {
    clearTimeout(this.askTimer);
    this.box.remove();
  }

  render(model: RoomModel): void {
    if (this.shown !== model) this.build(model);
    const panel = this.panel;
    // Events, selections, scrolling and sizes change it; time alone does not.
    const key = `${model.world.seq} ${model.branch} ${model.detached} ${model.entriesVersion} ${this.left} ${this.width} ${JSON.stringify(model.selection)}`;
    if (!panel || key === this.drawn) return;
    this.drawn = key;
    let longest = 0;
    for (const id of model.nodes) longest = Math.max(longest, logRow(model.world.hosts[id]!, panel).length);
    const columns = Math.min(COLUMNS_MAX, Math.max(longest + 1, this.width ? Math.floor((this.width - this.head) / this.cell) : 1));
    set(this.table, "style", `width:${this.head + columns * this.cell}px`);
    set(this.table, "aria-colcount", longest + 1);
    const fate = doomed(model.protocol, model.world, panel);
    this.reveal(model, longest, Math.min(...Object.values(fate)));
    const first = Math.max(0, Math.floor(this.left / this.cell) - BESIDE);
    const last = Math.min(columns - 1, Math.ceil((this.left + this.width - this.head) / this.cell) + BESIDE);
    this.drawIndexes(first, last);
    const chosen = model.selection?.kind === "host" ? model.selection.host : null;
    const marks = leaderMarks(model.protocol, model.world, panel, chosen);
    const context: RowContext = { first, last, longest, cell: this.cell, head: this.head, marks, doomed: fate, panel };
    for (const row of this.rows.values()) row.draw(model, context);
    this.askFor(model, panel, first, last);
    this.tabStop();
  }

  private build(model: RoomModel): void {
    this.shown = model;
    this.panel = stripPanel(model.protocol);
    this.table.replaceChildren(this.indexRow);
    this.rows = new Map();
    if (!this.panel) return;
    model.nodes.forEach((id, i) => {
      const row = new LogRow(id, i + 2, this.text);
      this.rows.set(id, row);
      this.table.append(row.root);
    });
    set(this.table, "aria-rowcount", model.nodes.length + 1);
  }

  /** Follows the end of the logs, or brings a newly selected entry or a coming conflict into sight. */
  private reveal(model: RoomModel, longest: number, conflict: number): void {
    const chosen = JSON.stringify(model.selection);
    const room = this.width - this.head;
    if (chosen !== this.lastSelection) {
      this.lastSelection = chosen;
      if (model.selection?.kind === "entry") {
        const x = model.selection.position * this.cell;
        if (x < this.left || x + this.cell > this.left + room) return this.scrollTo(Math.max(0, x - room / 2), false);
      }
    }
    if (!this.following) return;
    const end = (longest + 1) * this.cell - room;
    // What is about to be overwritten is seen before it goes.
    this.scrollTo(Math.max(0, Math.min(end, (conflict - 1) * this.cell)), true);
  }

  private scrollTo(left: number, following: boolean): void {
    this.following = following;
    if (Math.abs(this.left - left) < 1) return;
    this.left = left;
    this.scroller.scrollLeft = left;
  }

  private scrolled(): void {
    const left = this.scroller.scrollLeft;
    if (Math.abs(left - this.left) < 1) return;
    this.left = left;
    this.following = left + this.scroller.clientWidth >= this.scroller.scrollWidth - this.cell / 2;
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
      const log = model.world.hosts[id]!.state[panel.field];
      if (!isLogWindow(log) || first >= log.from) continue;
      const key = `${model.world.seq} ${id} ${first}`;
      if (key === this.asked) continue;
      this.asked = key;
      clearTimeout(this.askTimer);
      const to = log.from;
      this.askTimer = window.setTimeout(() => this.hooks.needEntries(id, panel.field, Math.max(0, Math.min(first, to - 1)), Math.max(to, last)), ASK_AFTER_MS);
      return;
    }
  }

  private writeLegend(): void {
    const text = this.text;
    const items: [string, string][] = [
      ["committed", text("committed")],
      ["pending", text("not committed")],
      ["missing", text("missing")],
      ["doomed", text("about to be overwritten")],
    ];
    for (const [kind, label] of items) {
      const item = html("span", "logmatrix-key");
      const sample = html("i", `logmatrix-sample ${kind}`, { "aria-hidden": "true" });
      item.append(sample, label);
      this.legend.append(item);
    }
    const marks = html("span", "logmatrix-key");
    marks.textContent = text("▲ next, ● match: what the leader believes");
    this.legend.append(marks);
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
    if (!found || !this.panel || !model) return;
    if (found.position === null) this.hooks.select({ kind: "host", host: found.host });
    else if (found.position < logRow(model.world.hosts[found.host]!, this.panel).length) {
      this.hooks.select({ kind: "entry", host: found.host, field: this.panel.field, position: found.position });
    }
  }

  private click(event: MouseEvent): void {
    this.choose(event.target);
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
        to(row, Math.max(-1, position - 1));
        break;
      case "Home":
        to(row, -1);
        break;
      case "End":
        to(row, logRow(this.shown!.world.hosts[found.host]!, this.panel!).length - 1);
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
        this.scrollTo(Math.max(0, x - room / 2), false);
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
