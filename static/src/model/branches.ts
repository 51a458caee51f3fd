/** How branches hang together. Pure. */

import type { Host, HostId, Mark, World } from "./types";

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

/** A host that is not the same in two worlds, and the fields of its program in which it differs. */
export interface Apart {
  host: HostId;
  fields: string[];
}

/** What sets one world apart from the other, host by host. Times, such as when a timer is due, do not count. */
export function apartFrom(one: World, other: World): Apart[] {
  return Object.entries(one.hosts).flatMap(([host, mine]) => {
    const theirs = other.hosts[host];
    if (!theirs) return [{ host, fields: [] }];
    const fields = Object.keys(mine.state).filter((name) => JSON.stringify(mine.state[name]) !== JSON.stringify(theirs.state[name]));
    return fields.length || standing(mine) !== standing(theirs) ? [{ host, fields }] : [];
  });
}

const standing = ({ up, paused, rate_ppm }: Host): string => `${up} ${paused} ${rate_ppm}`;
