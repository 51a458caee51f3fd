/** A small picture of the cluster at a moment: the ring as it is drawn on the stage, without anything to touch. */

import { nodeChannels } from "../model/channels.ts";
import { RoomModel } from "../model/room.ts";
import type { HostId, World } from "../model/types.ts";
import type { Hooks, Text } from "./hooks.ts";
import { Ring } from "./ring.ts";
import { hostWords } from "./ringnode.ts";

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

/** The hosts of a moment in words. */
export function hostsTold(model: RoomModel, world: World, text: Text): Record<HostId, string> {
  const { protocol, nodes } = model;
  return Object.fromEntries(Object.keys(world.hosts).map((id) => [id, hostWords(id, nodeChannels(protocol, world, id, world.time, nodes), protocol, text)]));
}

/** Draws a moment into an element of any size, with some of the hosts marked; returns an end to it. */
export function thumbnail(root: HTMLElement, model: RoomModel, world: World, marked: readonly HostId[], text: Text): () => void {
  const still = stillModel(model, world);
  const ring = new Ring(root, UNTOUCHED, text);
  ring.picture.setAttribute("aria-hidden", "true");
  ring.render(still, world.time);
  for (const host of root.querySelectorAll<SVGGElement>("g.host")) host.classList.toggle("apart", marked.includes(host.dataset.host ?? ""));
  return () => ring.destroy();
}
