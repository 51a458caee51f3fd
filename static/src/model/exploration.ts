/** What can be searched, what was ordered, and the story that came of it: the shapes of `server/web/explore.py`. Pure. */
import type { Setting } from "./comparison.ts";
import type { Args, ParamSpec } from "./types.ts";
import type { GroupSpec } from "./forms.ts";

export interface RuleChoice {
  name: string;
  title: string;
  text: string;
  cites: string;
}

export interface PropertyChoice {
  name: string;
  title: string;
  text: string;
  kind: string;
  assumes: string;
}

export interface SearchedProtocol {
  name: string;
  title: string;
  family: string;
  rules: RuleChoice[];
  properties: PropertyChoice[];
  params: ({ name: string } & ParamSpec)[];
  groups?: GroupSpec[];
}

export interface Choices {
  protocols: SearchedProtocol[];
  families: Record<string, string>;
  limits: {
    nodes: number;
    secondsLow: number;
    secondsHigh: number;
    /** How long a random run lasts, virtual µs. */
    span: number;
    bounds: { acts: number; crashes: number; doubled: number; depth: number; states: number };
  };
}

export type Method = "random" | "systematic";

/** What a page asks for. */
export interface Order {
  protocol: string;
  without: string[];
  /** null: each run has a size of its own. */
  nodes: number | null;
  params: Record<string, Setting>;
  /** The property that is to break; null: any that is promised. */
  wanted: string | null;
  method: Method;
  seconds: number;
}

export interface Act {
  time: number;
  text: string;
  args: Args;
}

/** A run that breaks a property, as it is told; a room is given all but what is optional. */
export interface Story {
  /** The event that breaks the property, and its virtual time, µs. */
  seq: number;
  time: number;
  broken: string;
  /** It is an *eventually* property: it does not break, it is lost and does not come back. */
  lost: boolean;
  off: string[];
  acts: Act[];
  /** With all rules on, the same acts do not break it. */
  guilty: boolean;
  /** What the nodes said at the event. */
  told: { text: string; args: Args }[];
  /** Why the property was not promised (msgid), where it was not. */
  unpromised: string | null;
  source?: string;
  /** How it is played; what the page of the search reads of it. */
  recording?: { nodes: number };
}

export interface Progress {
  part: number;
  phase?: "searching" | "shrinking";
  seconds?: number;
  runs?: number;
  events?: number;
  runs_a_second?: number;
  stories?: number;
  /** Random: of the shortest story so far. Systematic: as many are allowed on one way now. */
  acts?: number | null;
  depth?: number;
  states?: number;
  states_a_second?: number;
}

export interface Report {
  result: Story | null;
  stopped: boolean;
  seconds: number;
  runs?: number;
  events?: number;
  stories?: number;
  states?: number;
  /** Whether all there is within the bounds was looked at. */
  complete?: boolean;
}

export function firstOrder(choices: Choices): Order {
  const first = choices.protocols.find(({ name }) => name === "raft") ?? choices.protocols[0];
  return { protocol: first?.name ?? "", without: [], nodes: null, params: {}, wanted: null, method: "random", seconds: 30 };
}

/** What stands in the address: the choice, whether to begin at once, and the search that was begun. */
export interface Place {
  order: Order;
  begin: boolean;
  job: string | null;
}

export function asHash(order: Order, job: string | null): string {
  return `#${encodeURIComponent(JSON.stringify(job ? { ...order, job } : order))}`;
}

export function fromHash(hash: string, first: Order): Place {
  const none = { order: first, begin: false, job: null };
  try {
    const given: unknown = JSON.parse(decodeURIComponent(hash.slice(1)));
    if (typeof given !== "object" || given === null) return none;
    const { begin, job, ...rest } = given as Partial<Order> & { begin?: unknown; job?: unknown };
    const all = { ...first, ...rest };
    const order = Object.fromEntries(Object.keys(first).map((key) => [key, all[key as keyof Order]])) as unknown as Order;
    return isOrder(order) ? { order, begin: begin === true, job: typeof job === "string" ? job : null } : none;
  } catch {
    return none; // none, or somebody has cut it off
  }
}

function isOrder(order: Order): boolean {
  const { protocol, without, nodes, params, wanted, method, seconds } = order;
  const names = typeof protocol === "string" && Array.isArray(without) && without.every((rule) => typeof rule === "string") && (wanted === null || typeof wanted === "string");
  const numbers = (nodes === null || Number.isInteger(nodes)) && Number.isInteger(seconds);
  return names && numbers && typeof params === "object" && params !== null && (method === "random" || method === "systematic");
}
