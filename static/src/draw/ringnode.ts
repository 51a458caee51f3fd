/** One host of the ring as SVG: disc, role edge, crown, letter, number, votes, cross, pause sign, chips. */

import { nodeChannels, type NodeChannels } from "../model/channels.ts";
import { chipRows, type Spot } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { Host, HostId } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { set, setText, svg, unset } from "./theme.ts";

const CROWN = "M-14 6 L-16 -7 L-8 -1 L0 -11 L8 -1 L16 -7 L14 6 Z";

export class RingNode {
  readonly root = svg("g", { class: "host", role: "button", tabindex: -1 });
  private readonly halo = svg("circle", { class: "halo" });
  private readonly disc = svg("circle", { class: "disc" });
  private readonly outer = svg("circle", { class: "edge outer" });
  private readonly inner = svg("circle", { class: "edge inner" });
  private readonly cross = svg("path", { class: "cross" });
  private readonly name = svg("text", { class: "name" });
  private readonly number = svg("text", { class: "number" });
  private readonly chips = [svg("text", { class: "chip" }), svg("text", { class: "chip" })];
  private readonly crown = svg("path", { class: "crown", d: CROWN });
  private readonly badge = svg("g", { class: "badge" });
  private readonly badgeDisc = svg("circle", { class: "badge-disc" });
  private readonly letter = svg("text", { class: "letter" });
  private readonly paused = svg("path", { class: "paused" });
  private readonly votes = svg("g", { class: "votes" });
  private readonly pointer = svg("path", { class: "pointer" });
  private readonly dots = new Map<HostId, SVGCircleElement>();
  /** How many chips there is room for. */
  private chipRows = 2;
  /** Of the stage. */
  private width = 0;
  private seen: { host: Host; spot: Spot; selected: boolean; spots: Record<HostId, Spot>; words: Text } | null = null;

  constructor(
    readonly id: HostId,
    private readonly kind: Host["kind"],
    /** The field that fills it. */
    private readonly fill: string,
    private readonly text: Text,
  ) {
    this.root.dataset.host = id;
    this.root.classList.add(kind);
    this.badge.append(this.badgeDisc, this.letter);
    this.root.append(this.halo, this.pointer, this.disc, this.outer, this.inner, this.votes, this.cross, this.name, this.number);
    this.root.append(this.paused, this.crown, this.badge, ...this.chips);
    setText(this.name, id);
  }

  /** Writes what changed since the last time. */
  draw(model: RoomModel, t: number, spots: Record<HostId, Spot>, width: number): void {
    const host = model.world.hosts[this.id];
    const spot = spots[this.id];
    if (!host || !spot) return;
    const selected = model.selection?.kind === "host" && model.selection.host === this.id;
    const seen = this.seen;
    const placed = !seen || seen.spots !== spots;
    if (!placed && seen.host === host && seen.selected === selected) return;
    this.width = width;
    this.seen = { host, spot, selected, spots, words: this.text };
    const channels = nodeChannels(model.protocol, model.world, this.id, t, model.nodes);
    if (placed) this.place(spot, model, spots);
    this.paint(channels, spot, selected);
    this.keepInside(model, spot);
    this.paintVotes(channels);
    this.paintPointer(channels, spot, spots);
    set(this.root, "aria-pressed", String(selected));
    set(this.root, "aria-label", this.label(channels));
  }

  private place(spot: Spot, model: RoomModel, spots: Record<HostId, Spot>): void {
    const r = spot.r;
    this.chipRows = chipRows(spots, model.nodes);
    set(this.root, "transform", `translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)})`);
    set(this.halo, "r", r + 11);
    set(this.disc, "r", r);
    set(this.outer, "r", r);
    set(this.inner, "r", r - 6);
    const c = r * 0.78;
    set(this.cross, "d", `M${-c} ${-c}L${c} ${c}M${c} ${-c}L${-c} ${c}`);
    set(this.name, "font-size", Math.max(14, r * (this.kind === "node" ? 0.56 : 0.72)));
    set(this.name, "y", this.kind === "node" ? -r * 0.08 : 0);
    set(this.number, "font-size", Math.max(11.5, r * 0.36));
    set(this.number, "y", r * 0.42);
    const scale = Math.max(0.62, r / 42);
    set(this.crown, "transform", `translate(0 ${-r - 9 * scale}) scale(${scale})`);
    const at = r * 0.74;
    const badge = Math.max(10, r * 0.32);
    set(this.badge, "transform", `translate(${at} ${-at})`);
    set(this.badgeDisc, "r", badge);
    set(this.letter, "font-size", badge * 1.35);
    const p = Math.max(7, r * 0.24);
    set(this.paused, "transform", `translate(${-at} ${-at})`);
    set(this.paused, "d", `M${-p} ${-p}h${p * 0.7}v${p * 2}h${-p * 0.7}zM${p * 0.3} ${-p}h${p * 0.7}v${p * 2}h${-p * 0.7}z`);
    this.chips.forEach((chip, i) => {
      set(chip, "y", r + (this.kind === "node" ? 18 : 15) + i * 15);
      set(chip, "font-size", r < 30 ? 12 : 13.5);
    });
    this.placeVotes(spot, model, spots);
  }

  /** A dot for each node, in the direction in which it stands from the middle of the ring. */
  private placeVotes(spot: Spot, model: RoomModel, spots: Record<HostId, Spot>): void {
    const nodes = model.nodes;
    const mean = (axis: "x" | "y"): number => nodes.reduce((sum, id) => sum + spots[id]![axis], 0) / nodes.length;
    const middle = { x: mean("x"), y: mean("y") };
    for (const id of nodes) {
      let dot = this.dots.get(id);
      if (!dot) {
        dot = svg("circle", { class: "vote" });
        this.dots.set(id, dot);
        this.votes.append(dot);
      }
      const [dx, dy] = [spots[id]!.x - middle.x, spots[id]!.y - middle.y];
      const length = Math.hypot(dx, dy) || 1;
      set(dot, "cx", ((dx / length) * (spot.r - 1)).toFixed(1));
      set(dot, "cy", ((dy / length) * (spot.r - 1)).toFixed(1));
      set(dot, "r", Math.max(4.2, spot.r * 0.15).toFixed(1));
    }
  }

  private paint(channels: NodeChannels, spot: Spot, selected: boolean): void {
    const { role, up, paused } = channels;
    const edge = up ? (role?.edge ?? "plain") : "plain";
    const hue = channels.hue === null ? "" : ` hue-${channels.hue}`;
    set(this.root, "class", `host ${this.kind} ${edge}${hue}${up ? "" : " down"}${paused ? " waiting" : ""}`);
    set(this.disc, "style", this.kind === "client" ? "" : `fill: var(--term-${channels.hue === null ? "none" : channels.hue})`);
    show(this.inner, edge === "double");
    show(this.cross, !up);
    show(this.paused, paused);
    show(this.crown, up && role?.icon === "crown");
    show(this.badge, role !== null && up);
    setText(this.letter, role?.letter ?? "");
    setText(this.number, this.numberText(channels, spot));
    this.chips.forEach((chip, i) => {
      // A selected node tells all, whatever that covers.
      const room = i < this.chipRows || selected;
      const shown = room && spot.r >= (i === 0 ? 27 : 36) ? channels.chips[i] : undefined;
      setText(chip, !up && i === 0 ? this.text("down") : shown ? `${this.text(shown.label)} ${shown.value}` : "");
    });
  }

  /** Chips near the edge of the stage move inwards. */
  private keepInside({ nodes }: RoomModel, spot: Spot): void {
    if (!nodes.includes(this.id)) return;
    for (const chip of this.chips) {
      const half = ((chip.textContent ?? "").length * (spot.r < 30 ? 7.4 : 8.3)) / 2 + 4;
      const x = Math.max(half, Math.min(this.width - half, spot.x));
      set(chip, "x", (x - spot.x).toFixed(1));
    }
  }

  private numberText(channels: NodeChannels, spot: Spot): string {
    if (channels.fill === null) return "";
    return spot.r < 24 ? String(channels.fill) : this.counted(channels.fill);
  }

  /** The number that fills the node, with the word that its field is about. */
  private counted(number: number | string): string {
    if (/ballot|proposal/i.test(this.fill)) return this.text("ballot {number}", { number });
    if (/view/i.test(this.fill)) return this.text("view {number}", { number });
    return /term|epoch/i.test(this.fill) ? this.text("term {number}", { number }) : String(number);
  }

  private paintVotes(channels: NodeChannels): void {
    show(this.votes, channels.quorum !== null);
    if (!channels.quorum) return;
    for (const [id, dot] of this.dots) set(dot, "class", channels.quorum[id] ? "vote got" : "vote");
  }

  private paintPointer(channels: NodeChannels, spot: Spot, spots: Record<HostId, Spot>): void {
    const target = channels.target && channels.target !== this.id && channels.up ? spots[channels.target] : undefined;
    show(this.pointer, target !== undefined);
    if (!target) return;
    const angle = (Math.atan2(target.y - spot.y, target.x - spot.x) * 180) / Math.PI;
    const tip = spot.r + 13;
    set(this.pointer, "d", `M${tip} 0L${spot.r - 2} -7L${spot.r - 2} 7Z`);
    set(this.pointer, "transform", `rotate(${angle.toFixed(1)})`);
  }

  private voted({ votes, majority }: NodeChannels): string {
    return majority === null ? this.text("{votes} votes", { votes }) : this.text("{votes} votes, {majority} needed", { votes, majority });
  }

  private label(channels: NodeChannels): string {
    const words = [this.id];
    if (channels.role) words.push(this.text(channels.role.label));
    if (channels.fill !== null) words.push(this.counted(channels.fill));
    if (channels.quorum) words.push(this.voted(channels));
    if (!channels.up) words.push(this.text("down"));
    if (channels.paused) words.push(this.text("paused"));
    return words.join(", ");
  }
}

function show(element: Element, visible: boolean): void {
  if (visible) unset(element, "visibility");
  else set(element, "visibility", "hidden");
}
