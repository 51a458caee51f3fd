/**
 * What the protocol shows beside the ring: its logs, tables and matrices. Where there is room for two, the first stands
 * above the others; what does not fit has tabs, and a dot on them while the event shown has changed something behind them.
 */

import { changedEntries } from "../model/logs.ts";
import { changedKeys } from "../model/grids.ts";
import type { RoomModel } from "../model/room.ts";
import type { BoardPanel, Protocol } from "../model/types.ts";
import { GridView } from "./gridview.ts";
import type { Drawing, Hooks, Text } from "./hooks.ts";
import { LogView } from "./logview.ts";
import { boardsOf, boardTitle } from "./boardtitle.ts";
import { html, set, setText } from "./theme.ts";

/** Pixels that a panel needs to be worth its place: its title, its row of headers, its rows. */
const TITLE = 24;
const HEADERS = 26;
const LOG_ROW = 48;
const LOG_LEGEND = 28;
const GRID_ROW = 32;
/** Rows of a table, of which nobody knows how many there will be. */
const TABLE_ROWS = 4;

interface Board {
  panel: BoardPanel;
  view: LogView | GridView;
  root: HTMLElement;
  heading: HTMLElement;
  tab: HTMLElement;
  dot: HTMLElement;
}

let made = 0;

export class Boards implements Drawing {
  private readonly box = html("div", "boards");
  private readonly tabs = html("div", "boards-tabs", { role: "tablist" });
  private boards: Board[] = [];
  private protocol: Protocol | null = null;
  private chosen = 0;
  private stacked = false;
  private seen = "";
  private wanted: number | null = null;
  private nodes = 0;

  constructor(
    readonly root: HTMLElement,
    private readonly hooks: Hooks,
    private readonly text: Text,
  ) {
    this.box.append(this.tabs);
    this.root.append(this.box);
    set(this.tabs, "aria-label", text("What the nodes hold"));
    this.tabs.addEventListener("keydown", (event) => this.key(event));
  }

  resize(): void {
    const [first, second] = this.boards.map(({ panel }) => TITLE + heightOf(panel, this.nodes));
    this.stacked = this.wanted === null && second !== undefined && this.root.clientHeight >= first! + second;
    this.arrange();
    for (const { view } of this.boards) view.resize();
  }

  destroy(): void {
    for (const { view } of this.boards) view.destroy();
    this.box.remove();
  }

  render(model: RoomModel): void {
    if (this.protocol !== model.protocol) this.build(model);
    const wanted = this.hooks.board();
    if (wanted !== this.wanted) this.want(wanted);
    const front = this.hooks.front();
    if (wanted === null && front !== this.chosen && front < this.boards.length) this.show(front);
    this.boards.forEach(({ view }, i) => {
      if (this.seenNow(i)) view.render(model);
    });
    this.mark(model);
  }

  private build(model: RoomModel): void {
    for (const { view, root, tab } of this.boards) {
      view.destroy();
      root.remove();
      tab.remove();
    }
    this.protocol = model.protocol;
    this.nodes = model.nodes.length;
    this.chosen = 0;
    this.boards = boardsOf(model.protocol).map((panel, i) => this.make(model.protocol, panel, i));
    this.resize();
  }

  private make(protocol: Protocol, panel: BoardPanel, index: number): Board {
    const id = `board-${++made}`;
    const title = boardTitle(protocol, panel, this.text);
    const root = html("section", "board", { id });
    const heading = html("h3", "board-title");
    const body = html("div", "board-body");
    const tab = html("button", "", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id });
    const [label, dot] = [html("span"), html("i", "", { "aria-hidden": "true" })];
    setText(heading, title);
    setText(label, title);
    set(tab, "title", title);
    tab.append(label, dot);
    tab.addEventListener("click", () => this.choose(index));
    root.append(heading, body);
    this.tabs.append(tab);
    this.box.append(root);
    const view = panel.kind === "strip" ? new LogView(body, this.hooks, this.text, panel, title) : new GridView(body, this.hooks, this.text, panel, title);
    return { panel, view, root, heading, tab, dot };
  }

  private choose(index: number): void {
    this.hooks.bringToFront(index);
    this.show(index);
  }

  private show(index: number): void {
    this.chosen = index;
    this.arrange();
    this.boards[index]?.view.resize();
    this.seen = "";
    this.hooks.wake();
  }

  /** Somebody else says which one is to be seen, or no longer does. */
  private want(index: number | null): void {
    this.wanted = index;
    if (index !== null && index < this.boards.length) this.chosen = index;
    this.resize();
  }

  /** Whether a panel is to be seen now. */
  private seenNow(index: number): boolean {
    return index === (this.stacked ? Math.max(1, this.chosen) : this.chosen) || (this.stacked && index === 0);
  }

  private arrange(): void {
    const tabbed = this.wanted === null && this.boards.length > (this.stacked ? 2 : 1);
    this.tabs.hidden = !tabbed;
    this.box.classList.toggle("stacked", this.stacked);
    this.boards.forEach(({ root, heading, tab, panel }, i) => {
      const behind = tabbed && !(this.stacked && i === 0);
      const here = this.seenNow(i);
      root.hidden = !here;
      heading.hidden = !this.stacked || behind;
      tab.hidden = !behind;
      set(root, "style", `flex: ${heightOf(panel, this.nodes)} 1 0`);
      set(tab, "aria-selected", String(here));
      set(tab, "tabindex", here ? 0 : -1);
      if (behind) {
        root.setAttribute("role", "tabpanel");
        root.setAttribute("aria-labelledby", tab.id);
      } else {
        root.removeAttribute("role");
        root.removeAttribute("aria-labelledby");
      }
    });
  }

  /** A dot on the tabs behind which the event shown has changed something. */
  private mark(model: RoomModel): void {
    if (this.tabs.hidden) return;
    const event = model.playing && !model.detached ? undefined : model.store.get(model.world.seq);
    const key = `${model.world.seq} ${model.branch} ${model.detached} ${event !== undefined}`;
    if (key === this.seen) return;
    this.seen = key;
    for (const { panel, tab, dot } of this.boards) {
      const changed = model.nodes.some((id) => (panel.kind === "strip" ? changedEntries(event, id, panel.field) : changedKeys(event, id, panel.field)).size > 0);
      set(dot, "class", changed ? "changed" : "");
      const title = boardTitle(model.protocol, panel, this.text);
      set(tab, "aria-label", changed ? `${title}, ${this.text("changed")}` : title);
    }
  }

  private key(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const tabs = this.boards.flatMap(({ tab }, i) => (tab.hidden ? [] : [i]));
    const at = tabs.findIndex((i) => this.seenNow(i));
    this.choose(tabs[(at + by + tabs.length) % tabs.length]!);
    this.boards[this.chosen]?.tab.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What a panel needs below its title. */
function heightOf(panel: BoardPanel, nodes: number): number {
  if (panel.kind === "strip") return HEADERS + nodes * LOG_ROW + LOG_LEGEND;
  return HEADERS + (panel.kind === "matrix" ? nodes : TABLE_ROWS) * GRID_ROW;
}
