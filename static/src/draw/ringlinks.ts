/**
 * The links of the ring, each direction by itself, and the walls of a partition.
 *
 * Line style says the state: cut = a gap closed by two bars, held = a pause sign, slow = dots and a clock, lossy = sparse
 * dashes and a percentage; plain links are a faint line. Colour only repeats it.
 */

import { linkChannels, type LinkChannels } from "../model/channels.ts";
import { lane, walls, type Stage } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, Link } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { set, setText, svg } from "./theme.ts";

/** Half the distance between the two lanes of a pair, in pixels. */
export const LANE = 7;

export class RingLink {
  readonly root = svg("g", { class: "link plain", role: "button", tabindex: -1 });
  private readonly hit = svg("line", { class: "hit" });
  private readonly wire = svg("line", { class: "wire" });
  private readonly mark = svg("path", { class: "mark" });
  private readonly note = svg("text", { class: "note" });
  private seen = "";
  private stage: Stage | null = null;

  constructor(
    readonly src: HostId,
    readonly dst: HostId,
    /** Links with clients are seen only when something is the matter with them. */
    private readonly quiet: boolean,
    private readonly text: Text,
  ) {
    this.root.dataset.src = src;
    this.root.dataset.dst = dst;
    this.root.append(this.hit, this.wire, this.mark, this.note);
  }

  draw(model: RoomModel, stage: Stage): void {
    const link = model.linkState(this.src, this.dst);
    const usual = model.setup.link;
    const state = linkChannels(link, usual, model.separated(this.src, this.dst));
    const chosen = model.selection;
    const selected = chosen?.kind === "link" && chosen.src === this.src && chosen.dst === this.dst;
    const key = `${JSON.stringify(link)}${state.walled}${selected}`;
    if (key === this.seen && stage === this.stage) return;
    this.seen = key;
    this.stage = stage;
    const names = ["cut", "held", "slow", "lossy", "duplicating", "walled", "plain"] as const;
    const states = names.filter((name) => state[name]);
    set(this.root, "class", ["link", ...states, this.quiet ? "quiet" : "", selected ? "selected" : ""].join(" ").trim());
    set(this.root, "aria-pressed", String(selected));
    set(this.root, "aria-label", this.label(link, usual, state));
    this.place(stage, state, link);
  }

  private place(stage: Stage, state: LinkChannels, link: Link): void {
    const { x0, y0, x1, y1 } = lane(stage.spots[this.src]!, stage.spots[this.dst]!, LANE);
    for (const line of [this.hit, this.wire]) {
      set(line, "x1", x0.toFixed(1));
      set(line, "y1", y0.toFixed(1));
      set(line, "x2", x1.toFixed(1));
      set(line, "y2", y1.toFixed(1));
    }
    const [x, y] = [x0 + (x1 - x0) * 0.38, y0 + (y1 - y0) * 0.38];
    const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
    set(this.mark, "d", markPath(state));
    set(this.mark, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(1)})`);
    const notes = [];
    if (state.slow) notes.push(link.low === link.high ? `${ms(link.low)} ms` : `${ms(link.low)}–${ms(link.high)} ms`);
    if (state.lossy) notes.push(`−${link.loss_percent}%`);
    if (state.duplicating) notes.push(`×2 ${link.duplicate_percent}%`);
    setText(this.note, notes.join(" "));
    if (!notes.length) return;
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [nx, ny] = [-(y1 - y0) / length, (x1 - x0) / length];
    set(this.note, "x", (x + nx * 16).toFixed(1));
    set(this.note, "y", (y + ny * 16).toFixed(1));
    set(this.note, "text-anchor", nx > 0.35 ? "start" : nx < -0.35 ? "end" : "middle");
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

function ms(micros: number): number {
  return Math.round(micros / 100) / 10;
}

function markPath(state: LinkChannels): string {
  if (state.cut) return "M-7 -8L-1 8M1 -8L7 8";
  if (state.held) return "M-4 -8V8M4 -8V8";
  if (state.slow) return "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M0 -4V0L3.500 2";
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

  draw(groups: HostId[][] | null, stage: Stage): void {
    if (this.seen.groups === groups && this.seen.stage === stage) return;
    this.seen = { groups, stage };
    set(this.root, "visibility", groups ? "visible" : "hidden");
    if (!groups) return;
    const path = walls(stage.spots, groups, stage.box)
      .map(([x0, y0, x1, y1]) => `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}`)
      .join("");
    set(this.base, "d", path);
    set(this.bricks, "d", path);
    const names = groups.map((group) => group.join(" ")).join(" | ");
    set(this.root, "aria-label", this.text("Partition: {groups}", { groups: names }));
  }
}
