/** One host of the ring as SVG: disc, role edge, crown, letter, number, votes, cross, pause sign, chips. */

import { nodeChannels, type NodeChannels } from "../model/channels.ts";
import { CHIP_RADIUS, chipHalves, chipRows, type Spot } from "../model/layout.ts";
import type { RoomModel } from "../model/room.ts";
import type { Host, HostId, Protocol } from "../model/types.ts";
import type { Text } from "./hooks.ts";
import { lettersOf, set, setText, svg, unset } from "./theme.ts";
import { numbered } from "./words.ts";

/** Width of a letter of a chip in pixels, and of the number in the disc as a share of its size. */
const CHIP_LETTER = 7.4;
const NUMBER_LETTER = 0.58;
const NUMBER_MIN = 9.5;
/** A selected node tells all, within reason. */
const CHIP_LETTERS_MAX = 48;
const SMALL = 24;
/** In smaller discs than this a badge at the edge would cover the name. */
export const ROOMY = 34;
/** Smaller ones bear the bare number, without the word of its field. */
const WORDY = 30;
const CROWN = "M-14 6 L-16 -7 L-8 -1 L0 -11 L8 -1 L16 -7 L14 6 Z";

export interface Circle {
  x: number;
  y: number;
  r: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

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
  /** How many chips there is room for, and half of how wide each may be, in pixels. */
  private chipRows = 2;
  private chipHalves: number[] = [];
  /** Of the stage. */
  private width = 0;
  /** How far the badge stands to the right and above the middle, and its radius. */
  private badgeAt: [number, number] = [0, 0];
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
    set(this.root, "aria-label", hostWords(this.id, channels, model.protocol, this.text));
  }

  /** What is written here and must not be covered by messages: circles of the picture, and the chips as boxes. */
  covers(): { circles: Circle[]; boxes: Box[] } {
    if (!this.seen) return { circles: [], boxes: [] };
    const { x, y, r } = this.seen.spot;
    const circles = [{ x, y, r: r - 3 }];
    const [out, size] = this.badgeAt;
    if (!this.badge.hasAttribute("visibility")) circles.push({ x: x + out, y: y - out, r: size * 0.9 });
    const boxes = this.chips.flatMap((chip, i) => {
      const half = (lettersOf(chip.textContent ?? "") * CHIP_LETTER) / 2;
      return half ? [{ x: x + Number(chip.getAttribute("x") ?? 0) - half, y: y + this.chipTop(i) - 9, width: 2 * half, height: 12 }] : [];
    });
    return { circles, boxes };
  }

  private chipTop(row: number): number {
    return (this.seen?.spot.r ?? 0) + (this.kind === "node" ? 18 : 15) + row * 15;
  }

  private place(spot: Spot, model: RoomModel, spots: Record<HostId, Spot>): void {
    const r = spot.r;
    this.chipHalves = chipHalves(spots, model.nodes, this.halves(model));
    this.chipRows = chipRows(spots, model.nodes, this.chipHalves);
    set(this.root, "transform", `translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)})`);
    set(this.halo, "r", r + 11);
    set(this.disc, "r", r);
    set(this.outer, "r", r);
    set(this.inner, "r", r - (r < ROOMY ? 4.5 : 6));
    const c = r * 0.78;
    set(this.cross, "d", `M${-c} ${-c}L${c} ${c}M${c} ${-c}L${-c} ${c}`);
    set(this.name, "font-size", Math.max(r < 20 ? 13 : 14, r * (this.kind === "node" ? 0.56 : 0.72)));
    // In a small disc the name makes room for the number.
    const small = r < SMALL && this.fill !== "";
    set(this.name, "y", this.kind === "node" ? -r * (small ? 0.3 : 0.08) : 0);
    set(this.number, "y", r * (small ? 0.48 : 0.42));
    const scale = Math.max(0.62, r / 42);
    set(this.crown, "transform", `translate(0 ${-r - 9 * scale}) scale(${scale})`);
    const at = r * 0.74;
    // At a small disc it stands outside, so that the name keeps its room.
    const badge = r < ROOMY ? Math.max(7.5, r * 0.3) : Math.max(10, r * 0.32);
    const out = r < ROOMY ? (r + badge * 0.7) * Math.SQRT1_2 : at;
    this.badgeAt = [out, badge];
    set(this.badge, "transform", `translate(${out.toFixed(1)} ${(-out).toFixed(1)})`);
    set(this.badgeDisc, "r", badge);
    set(this.letter, "font-size", badge * 1.35);
    const p = Math.max(7, r * 0.24);
    set(this.paused, "transform", `translate(${-at} ${-at})`);
    set(this.paused, "d", `M${-p} ${-p}h${p * 0.7}v${p * 2}h${-p * 0.7}zM${p * 0.3} ${-p}h${p * 0.7}v${p * 2}h${-p * 0.7}z`);
    this.chips.forEach((chip, i) => {
      set(chip, "y", this.chipTop(i));
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
      const length = Math.hypot(dx, dy);
      // That of the node in the middle of a star stands inside the disc, below what is written there.
      const [ux, uy] = length > spot.r / 2 ? [dx / length, dy / length] : [0, 0.72];
      set(dot, "cx", (ux * (spot.r - 1)).toFixed(1));
      set(dot, "cy", (uy * (spot.r - 1)).toFixed(1));
      set(dot, "r", (spot.r < ROOMY ? Math.max(2.8, spot.r * 0.12) : spot.r * 0.15).toFixed(1));
    }
  }

  private paint(channels: NodeChannels, spot: Spot, selected: boolean): void {
    const { role, up, paused } = channels;
    const edge = up ? (role?.edge ?? "plain") : "plain";
    const hue = channels.hue === null ? "" : ` hue-${channels.hue}`;
    set(this.root, "class", `host ${this.kind} ${edge}${hue}${up ? "" : " down"}${paused ? " waiting" : ""}${spot.r < ROOMY ? " small" : ""}`);
    set(this.disc, "style", this.kind === "client" ? "" : `fill: var(--term-${channels.hue === null ? "none" : channels.hue})`);
    show(this.inner, edge === "double");
    show(this.cross, !up);
    show(this.paused, paused);
    show(this.crown, up && role?.icon === "crown");
    show(this.badge, role !== null && up);
    setText(this.letter, role?.letter ?? "");
    this.paintNumber(channels, spot.r, edge === "double" && spot.r < ROOMY);
    this.chips.forEach((chip, i) => {
      // A selected node tells all, whatever that covers.
      const room = i < this.chipRows || selected;
      const shown = room && spot.r >= (i === 0 ? CHIP_RADIUS : 36) ? channels.chips[i] : undefined;
      const words = shown ? `${this.text(shown.label)} ${shown.value}` : "";
      const most = selected ? CHIP_LETTERS_MAX : Math.floor(((this.chipHalves[i] ?? 46) * 2 + 10) / CHIP_LETTER);
      setText(chip, !up && i === 0 && room ? this.text("down") : clipped(words, most));
    });
  }

  /** Half the widths of the chips: their label and a short value. */
  private halves(model: RoomModel): number[] {
    return model.protocol.view.node.chips.slice(0, 2).map((field) => {
      const label = this.text(model.protocol.fields[field]?.label ?? field);
      return Math.max(46, Math.min(75, ((lettersOf(label) + 5) * CHIP_LETTER) / 2));
    });
  }

  /** Chips near the edge of the stage move inwards. */
  private keepInside({ nodes }: RoomModel, spot: Spot): void {
    if (!nodes.includes(this.id)) return;
    for (const chip of this.chips) {
      const half = (lettersOf(chip.textContent ?? "") * (spot.r < 30 ? 7.4 : 8.3)) / 2 + 4;
      const x = Math.max(half, Math.min(this.width - half, spot.x));
      set(chip, "x", (x - spot.x).toFixed(1));
    }
  }

  /** With the word of its field where there is room for that, and no wider than the disc; `narrow`: than its inner edge. */
  private paintNumber({ fill }: NodeChannels, r: number, narrow: boolean): void {
    const usual = Math.max(11.5, r * 0.36);
    const room = ((narrow ? 1.35 : 1.62) * r) / NUMBER_LETTER;
    const whole = fill === null ? "" : numbered(this.fill, fill, this.text);
    const words = r >= WORDY && lettersOf(whole) * usual <= room * 1.12 ? whole : fill === null ? "" : String(fill);
    const size = Math.max(NUMBER_MIN, Math.min(usual, room / Math.max(1, lettersOf(words))));
    set(this.number, "font-size", size.toFixed(1));
    setText(this.number, clipped(words, Math.max(2, Math.floor(room / size + 0.2))));
  }

  private paintVotes(channels: NodeChannels): void {
    show(this.votes, channels.quorum !== null);
    if (!channels.quorum) return;
    for (const [id, dot] of this.dots) {
      const counts = channels.voters === null || channels.voters.includes(id);
      set(dot, "class", !counts ? "vote none" : channels.quorum[id] ? "vote got" : "vote");
    }
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
}

/** A host in words, as the picture shows it. */
export function hostWords(id: HostId, channels: NodeChannels, protocol: Pick<Protocol, "view" | "fields">, text: Text): string {
  const view = protocol.view.node;
  const words = [id];
  if (channels.role) words.push(text(channels.role.label));
  if (channels.fill !== null) words.push(numbered(view.fill ?? "", channels.fill, text, protocol.fields[view.fill ?? ""]));
  if (channels.quorum) words.push(counted(channels, protocol.fields[view.quorum!]?.label ?? view.quorum!, text));
  if (channels.successor && channels.successor !== id) words.push(text("sends on to {node}", { node: channels.successor }));
  if (!channels.up) words.push(text("down"));
  if (channels.paused) words.push(text("paused"));
  return words.join(", ");
}

function counted({ votes, needed }: NodeChannels, field: string, text: Text): string {
  const label = text(field);
  return needed === null ? text("{label}: {n}", { label, n: votes }) : text("{label}: {n} of {needed} needed", { label, n: votes, needed });
}

function clipped(words: string, most: number): string {
  if (lettersOf(words) <= most) return words;
  let shown = "";
  for (const letter of words) {
    if (lettersOf(shown + letter) > most - 1) break;
    shown += letter;
  }
  return `${shown.trimEnd()}…`;
}

function show(element: Element, visible: boolean): void {
  if (visible) unset(element, "visibility");
  else set(element, "visibility", "hidden");
}
