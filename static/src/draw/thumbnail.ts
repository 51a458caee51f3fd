/** A small picture of the cluster at a moment: the ring as it is drawn on the stage, without anything to touch. */

import { RoomModel } from "../model/room.ts";
import type { World } from "../model/types.ts";
import type { Hooks, Text } from "./hooks.ts";
import { Ring } from "./ring.ts";

const UNTOUCHED: Hooks = {
  select: () => {},
  openMenu: () => {},
  seek: () => {},
  lasso: () => {},
  offsets: () => ({}),
  saveOffsets: () => {},
  needEvents: () => {},
  needEntries: () => {},
  filter: () => "all",
  board: () => null,
  wake: () => {},
  front: () => 0,
  bringToFront: () => {},
  describe: () => "",
};

/** A room that stands still in that world and knows nothing else. */
export function stillModel(model: RoomModel, world: World): RoomModel {
  return new RoomModel({
    epoch: "", seq: 0, room: model.room, you: model.you, protocol: model.protocol, setup: model.setup, world,
    now: world.time, cursor: world.seq, head: world.seq, branch: 0, playing: false, ratio: 1, until: null,
    tape: [], properties: {}, operations: [], people: [], controls: "", branches: [], lesson: null, scenario: null,
    limits: {}, warnings: [], disclaimed: {}, costs: null, ensemble: null, stopped: null,
  });
}

/** Draws a moment into an element of any size; returns the names of the hosts as the picture tells them, and an end to it. */
export function thumbnail(root: HTMLElement, model: RoomModel, world: World, text: Text): { told: string[]; destroy: () => void } {
  const still = stillModel(model, world);
  const ring = new Ring(root, UNTOUCHED, text);
  ring.picture.setAttribute("aria-hidden", "true");
  ring.render(still, world.time);
  const told = [...root.querySelectorAll("g.host")].map((host) => host.getAttribute("aria-label") ?? "");
  return { told, destroy: () => ring.destroy() };
}
