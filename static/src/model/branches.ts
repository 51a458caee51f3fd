/** How branches hang together. Pure. */

import type { HostId, Mark } from "./types";

/** A branch of the room. Its number is given once; its name is a person's text, or a letter. */
export interface Branch {
  id: number;
  name: string;
  parent: number | null;
  /** The last event that it shares with its parent, and that event's time. */
  forked_at: number;
  forked_time: number;
  head: number;
  /** How far its time goes. */
  time: number;
  /** Some of what happened in it alone: commits and violations. */
  marks: Mark[];
}

/** The last event that two branches have in common; 0 where they have none. */
export function sharedPast(branches: readonly Branch[], one: number, other: number): number {
  const mine = wayOf(branches, one);
  for (const [id, limit] of wayOf(branches, other)) {
    const own = mine.get(id);
    if (own !== undefined) return Math.min(own, limit);
  }
  return 0;
}

/** A branch and its ancestors, each with the last event of it that the branch shares. */
function wayOf(branches: readonly Branch[], id: number): Map<number, number> {
  const way = new Map<number, number>();
  let limit = Infinity;
  let at = branches.find((branch) => branch.id === id);
  while (at && !way.has(at.id)) {
    way.set(at.id, limit);
    limit = Math.min(limit, at.forked_at);
    const { parent } = at;
    at = branches.find((branch) => branch.id === parent);
  }
  return way;
}

/** A host that is not the same in two branches, and the fields of its program in which it differs. */
export type Apart = [host: HostId, fields: string[]];
