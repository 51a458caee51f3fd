/** What every view is given and what it gives back. A view draws a model; all acts go out through the hooks. */

import type { RoomModel } from "../model/room.ts";
import type { HostId, Selection, Text } from "../model/types.ts";
import type { Offsets } from "../model/layout.ts";

export type { Text };

export type Filter = "focus" | "context" | "all";

export interface Hooks {
  /** Something was chosen: select it in all views. */
  select(selection: Selection | null): void;
  /** Opens the menu of acts for something, at a place in the window; `opener` gets the focus back. */
  openMenu(selection: Selection, x: number, y: number, opener: Element): void;
  /** Moves to an event or a time: the room for those who may, else one's own look. */
  seek(target: { seq: number } | { time: number }): void;
  /** Hosts caught with a lasso on the ring. */
  lasso(hosts: HostId[]): void;
  /** Where hosts were dragged to, remembered by the caller. */
  offsets(): Offsets;
  saveOffsets(offsets: Offsets): void;
  /** Events from..to are looked at and not at hand (at most 500). */
  needEvents(from: number, to: number): void;
  /** Entries of a log, positions from..to-1, are looked at and not at hand. */
  needEntries(host: HostId, field: string, from: number, to: number): void;
  /** What people want to see: "focus" without heartbeats, "context" with them in the background, or "all". */
  filter(): Filter;
  /** The one panel beside the ring that is to be seen; null: those who look choose. */
  board(): number | null;
  /** Which of the panels is in front, where they have tabs; and that somebody has chosen one. */
  front(): number;
  bringToFront(index: number): void;
  /** Something is to be drawn that no event has changed. */
  wake(): void;
  /** An event in one plain sentence. */
  describe(seq: number): string;
}

export interface Drawing {
  /** Draws the model's displayed world at virtual time `t`; `wall` is the frame's time in milliseconds. */
  render(model: RoomModel, t: number, wall: number): void;
  /** The root's size changed. */
  resize(): void;
  destroy(): void;
}

export type DrawingClass = new (root: HTMLElement, hooks: Hooks, text: Text) => Drawing;
