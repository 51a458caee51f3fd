/**
 * The links of the ring, each direction by itself, and the walls of a partition.
 *
 * Line style says the state: cut = a gap closed by two bars, held = a pause sign, slow = dots and a clock, lossy = sparse
 * dashes and a percentage; plain links are a faint line. Colour only repeats it.
 */

import { differs, linkChannels, type LinkChannels } from "../model/channels.ts";
import { lane, walls, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, Link } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { set, setText, svg } from "./theme.ts";

/** Half the distance between the two lanes of a pair, in pixels. */
export const LANE = 7;
/** Where along its lane a link's note may stand, the most wanted first. */
const NOTE_SHARES = [0.38, 0.5, 0.62, 0.74];
/** Width of a letter of a note, and the room around one that is enough, in pixels. */
const NOTE_LETTER = 9.4;
const NOTE_FREE = 6;

export class RingLink {
  readonly root = svg("g", { class: "link plain", role: "button", tabindex: -1 });
  private readonly hit = svg("line", { class: "hit" });
  private readonly wire = svg("line", { class: "wire" });
  private readonly mark = svg("path", { class: "mark" });
  private readonly note = svg("text", { class: "note" });
  private seen = "";
  private stage: Stage | null = null;
  /** Where its note stands. */
  noteBox: TextBox | null = null;

  constructor(
    readonly src: HostId,
    readonly dst: HostId,
    /** Links with clients are seen only when something is the matter with them. */
    readonly quiet: boolean,
    private readonly text: Text,
  ) {
    this.root.dataset.src = src;
    this.root.dataset.dst = dst;
    this.root.append(this.hit, this.wire, this.mark, this.note);
  }

  /** `common`: what most links have; only what differs from it is printed, and where there are `many` on a chosen link alone.
   *  `taken`: where else something is written. */
  draw(model: RoomModel, stage: Stage, common: Link, many: boolean, taken: () => TextBox[]): void {
    const link = model.linkState(this.src, this.dst);
    // Where both ways are alike, one note tells of both.
    const noted = !many && (this.src < this.dst || differs(link, model.linkState(this.dst, this.src)));
    const usual = model.setup.link;
    const state = linkChannels(link, usual, model.separated(this.src, this.dst));
    const chosen = model.selection;
    const selected = chosen?.kind === "link" && chosen.src === this.src && chosen.dst === this.dst;
    const key = `${JSON.stringify(link)}${JSON.stringify(common)}${state.walled}${selected}${noted}`;
    if (key === this.seen && stage === this.stage) return;
    this.seen = key;
    this.stage = stage;
    const names = ["cut", "held", "slow", "lossy", "duplicating", "walled", "plain"] as const;
    const states = names.filter((name) => state[name]);
    set(this.root, "class", ["link", ...states, this.quiet ? "quiet" : "", selected ? "selected" : ""].join(" ").trim());
    set(this.root, "aria-pressed", String(selected));
    set(this.root, "aria-label", this.label(link, usual, state));
    this.place(stage, state, link, common, noted || selected, taken);
  }

  private place(stage: Stage, state: LinkChannels, link: Link, common: Link, noted: boolean, taken: () => TextBox[]): void {
    const { x0, y0, x1, y1 } = lane(stage.spots[this.src]!, stage.spots[this.dst]!, LANE);
    for (const line of [this.hit, this.wire]) {
      set(line, "x1", x0.toFixed(1));
      set(line, "y1", y0.toFixed(1));
      set(line, "x2", x1.toFixed(1));
      set(line, "y2", y1.toFixed(1));
    }
    const [x, y] = [x0 + (x1 - x0) * 0.38, y0 + (y1 - y0) * 0.38];
    const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
    set(this.mark, "d", markPath(state, differs(link, common)));
    set(this.mark, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(1)})`);
    const notes = [];
    if (link.low !== common.low || link.high !== common.high) notes.push(`${span(link)} ms`);
    if (link.loss_percent !== common.loss_percent) notes.push(`−${link.loss_percent}%`);
    if (link.duplicate_percent !== common.duplicate_percent) notes.push(`×2 ${link.duplicate_percent}%`);
    this.noteBox = null;
    const words = noted ? notes.join(" ") : "";
    const spot = words ? noteSpot(stage, [x0, y0, x1, y1], words.length * NOTE_LETTER, taken()) : null;
    // One that would cover something is left out: the line's style is there, and the inspector has the figures.
    setText(this.note, spot ? words : "");
    if (!spot) return;
    this.noteBox = spot.box;
    set(this.note, "x", spot.x.toFixed(1));
    set(this.note, "y", spot.y.toFixed(1));
    set(this.note, "style", `text-anchor: ${spot.anchor}`);
  }

  private label(link: Link, usual: Link, state: LinkChannels): string {
    const words = [this.text("link from {src} to {dst}", { src: this.src, dst: this.dst })];
    if (state.cut) words.push(this.text("cut"));
    if (state.walled) words.push(this.text("behind the partition"));
    if (state.held) words.push(this.text("holds its messages"));
    if (state.slow) words.push(this.text("slow, {low} to {high} ms", { low: ms(link.low), high: ms(link.high) }));
    if (state.lossy) words.push(this.text("loses {percent} %", { percent: link.loss_percent }));
    if (state.duplicating) words.push(this.text("duplicates {percent} %", { percent: link.duplicate_percent }));
    if (link.fifo !== usual.fifo) words.push(link.fifo ? this.text("keeps the order") : this.text("may reorder"));
    return words.join(", ");
  }
}

export interface TextBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface NoteSpot {
  box: TextBox;
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

/** Beside the lane, on its own side if that is free, where a note is farthest from hosts and what is written below them. */
function noteSpot(stage: Stage, [x0, y0, x1, y1]: [number, number, number, number], wide: number, taken: TextBox[]): NoteSpot | null {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const spots = Object.values(stage.spots);
  let best: NoteSpot | null = null;
  let most = -NOTE_FREE;
  for (const side of [1, -1]) {
    const [nx, ny] = [(-(y1 - y0) / length) * side, ((x1 - x0) / length) * side];
    const away = side === 1 ? 16 : 16 + 2 * LANE;
    const anchor = nx > 0.35 ? "start" : nx < -0.35 ? "end" : "middle";
    const shift = anchor === "start" ? wide / 2 : anchor === "end" ? -wide / 2 : 0;
    for (const share of NOTE_SHARES) {
      const [x, y] = [x0 + (x1 - x0) * share + nx * away, y0 + (y1 - y0) * share + ny * away];
      const [left, right] = [x + shift - wide / 2, x + shift + wide / 2];
      const inside = left >= 2 && right <= stage.box.width - 2 ? 0 : -100;
      const free = Math.min(NOTE_FREE, ...spots.map((spot) => Math.min(gap(left, right, y, spot.x, spot.y, spot.r + 8), gap(left - 55, right + 55, y, spot.x, spot.y + spot.r + 25, 24))));
      const box = { left, right, top: y - 9, bottom: y + 9 };
      const clear = Math.min(free, ...taken.map((other) => apart(box, other)));
      // The first of those that are free; else the one that covers least; none where all cover much.
      if (clear + inside > most + 1) [most, best] = [clear + inside, { box, x, y, anchor }];
    }
  }
  return best;
}

/** The gap between two boxes; negative: how deep they overlap. */
function apart(a: TextBox, b: TextBox): number {
  return Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
}

/** From a line of text to a disc. */
function gap(left: number, right: number, y: number, cx: number, cy: number, r: number): number {
  return Math.hypot(Math.max(0, left - cx, cx - right), y - cy) - r;
}

/** What the links have in common, in one line; empty where that is the set-up's. */
export function commonText(common: Link, usual: Link, all: boolean, text: Text): string {
  const facts = [];
  if (common.low !== usual.low || common.high !== usual.high) facts.push(text("{delay} ms", { delay: span(common) }));
  if (common.loss_percent !== usual.loss_percent) facts.push(text("loss {percent} %", { percent: common.loss_percent }));
  if (common.duplicate_percent !== usual.duplicate_percent) facts.push(text("duplicates {percent} %", { percent: common.duplicate_percent }));
  if (!facts.length) return "";
  const list = facts.join(", ");
  return all ? text("all links: {list}", { list }) : text("most links: {list}", { list });
}

/** Delays in milliseconds: "15–150". */
export function span(link: Link): string {
  return link.low === link.high ? `${ms(link.low)}` : `${ms(link.low)}–${ms(link.high)}`;
}

function ms(micros: number): number {
  return Math.round(micros / 100) / 10;
}

function markPath(state: LinkChannels, unusual: boolean): string {
  if (state.cut) return "M-7 -8L-1 8M1 -8L7 8";
  if (state.held) return "M-4 -8V8M4 -8V8";
  if (state.slow && unusual) return "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M0 -4V0L3.500 2";
  return "";
}

/* ------------------------------------------------------------------ the wall */

export class Wall {
  readonly root = svg("g", { class: "wall", role: "img" });
  private readonly base = svg("path", { class: "wall-base" });
  private readonly bricks = svg("path", { class: "wall-bricks" });
  private seen: { groups: HostId[][] | null; stage: Stage | null } = { groups: null, stage: null };

  constructor(private readonly text: Text) {
    this.root.append(this.base, this.bricks);
    set(this.root, "visibility", "hidden");
  }

  draw(groups: HostId[][] | null, stage: Stage, clients: readonly HostId[]): void {
    if (this.seen.groups === groups && this.seen.stage === stage) return;
    this.seen = { groups, stage };
    set(this.root, "visibility", groups ? "visible" : "hidden");
    if (!groups) return;
    const path = walls(stage.spots, groups, stage.box, clients)
      .map(([x0, y0, x1, y1]) => `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}`)
      .join("");
    set(this.base, "d", path);
    set(this.bricks, "d", path);
    const names = groups.map((group) => group.join(" ")).join(" | ");
    set(this.root, "aria-label", this.text("Partition: {groups}", { groups: names }));
  }
}
