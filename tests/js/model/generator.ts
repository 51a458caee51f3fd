/** Worlds and events made from a seed: every kind of change the server tells, consistent with the world they are applied to. */

import { apply, copyWorld } from "../../../static/src/model/reducer.ts";
import {
  isLogWindow,
  type Change,
  type Entry,
  type Flight,
  type Link,
  type Protocol,
  type RunEvent,
  type Timer,
  type Welcome,
  type World,
} from "../../../static/src/model/types.ts";

export type Draw = () => number;

/** Mulberry32: 32 bits of state, enough for tests, the same everywhere. */
export function seeded(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

export const below = (draw: Draw, n: number): number => Math.floor(draw() * n);
export const pick = <T>(draw: Draw, list: readonly T[]): T => list[below(draw, list.length)]!;

export const LINK: Link = { up: true, held: false, low: 15_000, high: 30_000, loss_percent: 0, duplicate_percent: 0, fifo: false };

export const PROTOCOL = {
  name: "raft",
  title: "Raft",
  summary: "",
  cites: "",
  fields: {},
  messages: {
    RequestVote: { label: "RequestVote", text: "", tone: "vote", shape: "diamond", reply: null, beads: null, fill: "term" },
    RequestVoteReply: { label: "RequestVote reply", text: "", tone: "vote", shape: "diamond", reply: "vote_granted", beads: null, fill: "term" },
    AppendEntries: { label: "AppendEntries", text: "", tone: "append", shape: "circle", reply: null, beads: "entries", fill: "term", hollow: "heartbeat", after: ["prev_log_index", "prev_log_term"] },
  },
  timers: {},
  indications: {
    Elected: { text: "", cites: "", weight: "key", mark: "election", tone: "good" },
    Refused: { text: "", cites: "", weight: "normal", mark: null, tone: "bad" },
  },
  properties: { ElectionSafety: { title: "", text: "", cites: "", kind: "always" }, Leader: { title: "", text: "", cites: "", kind: "eventually" } },
  rules: {},
  params: {},
  operations: [],
  view: {
    layout: "circle",
    node: {
      fill: "current_term",
      role: "role",
      roles: {
        follower: { label: "follower", letter: "F", edge: "plain", icon: null },
        candidate: { label: "candidate", letter: "C", edge: "dashed", icon: null },
        leader: { label: "leader", letter: "L", edge: "double", icon: "crown" },
      },
      ring: "election",
      quorum: "votes",
      quorum_role: "candidate",
      quorum_of: "majority",
      target: "leader",
      chips: ["commit_index"],
    },
    panels: [{ kind: "strip", field: "log", fill: "term", label: "command", commit: "commit_index", next: "next_index", match: "match_index" }],
  },
} as unknown as Protocol;

export function world0(nodes = 5, clients = 2): World {
  const hosts: World["hosts"] = {};
  const common = { up: true, paused: false, rate_ppm: 1_000_000, offset: 0, incarnation: 1, timers: {} };
  for (let i = 1; i <= nodes; i++) {
    const log = { log: true as const, length: 0, from: 0, items: [] };
    const state = { current_term: 0, role: "follower", log, commit_index: 0, votes: [], leader: null, next_index: {}, match_index: {} };
    hosts[`n${i}`] = { kind: "node", ...common, state };
  }
  for (let i = 1; i <= clients; i++) hosts[`c${i}`] = { kind: "client", ...common, state: { serial: 0 } };
  return { seq: 0, time: 0, hosts, links: {}, groups: null, rules: { majority: true }, flights: {} };
}

const timer = (set: number, span: number): Timer => ({ set, due: set + span, left: null, span });

let nextMessage = 1;

export function flight(draw: Draw, world: World, seq: number, time: number): Flight {
  const hosts = Object.keys(world.hosts);
  const src = pick(draw, hosts);
  const dst = pick(draw, hosts.filter((id) => id !== src));
  const type = pick(draw, ["RequestVote", "RequestVoteReply", "AppendEntries"]);
  const body = { term: 1 + below(draw, 9), vote_granted: draw() < 0.5, entries: [] };
  return { id: nextMessage++, src, dst, type, body, of: null, sent: time, sent_seq: seq, leg: time, place: 0, due: time + 1000 + below(draw, 30_000), left: null };
}

function logChange(draw: Draw, world: World, host: string): Change {
  const log = world.hosts[host]!.state.log;
  const known = isLogWindow(log) ? log : { length: 0, from: 0, items: [] as Entry[] };
  const keep = known.from + below(draw, known.length - known.from + 1);
  const add = Array.from({ length: below(draw, 4) }, () => ({ term: 1 + below(draw, 9), command: { name: "put", key: "x", value: below(draw, 99) } }));
  return ["log", host, "log", keep, known.items.slice(keep - known.from), add];
}

function change(draw: Draw, world: World, time: number): Change | null {
  const hosts = Object.keys(world.hosts);
  const id = pick(draw, hosts);
  const host = world.hosts[id]!;
  const node = pick(draw, hosts.filter((one) => one.startsWith("n")));
  switch (below(draw, 9)) {
    case 0:
      return ["state", node, "current_term", world.hosts[node]!.state.current_term!, below(draw, 50)];
    case 1:
      return ["state", node, "role", world.hosts[node]!.state.role!, pick(draw, ["follower", "candidate", "leader"])];
    case 2:
      return logChange(draw, world, node);
    case 3: {
      const before = host.timers.election ?? null;
      const after: Timer | null = draw() < 0.3 ? null : timer(time, below(draw, 300_000));
      return before || after ? ["timer", id, "election", before, after] : null;
    }
    case 4:
      return ["host", id, "up", host.up, !host.up];
    case 5: {
      const link = `${node}>${pick(draw, hosts)}`;
      return ["link", link, world.links[link] ?? null, draw() < 0.3 ? null : { ...LINK, up: draw() < 0.5, loss_percent: below(draw, 50) }];
    }
    case 6:
      return ["groups", world.groups, draw() < 0.4 ? null : [[hosts[0]!, hosts[1]!], hosts.slice(2)]];
    case 7:
      return ["rule", "majority", world.rules.majority!, !world.rules.majority];
    default: {
      const known = Object.values(world.flights);
      if (!known.length) return null;
      const before = pick(draw, known);
      return ["flight", before.id, before, draw() < 0.2 ? null : { ...before, leg: time, place: 500, due: null, left: 900 }];
    }
  }
}

/** The next event, and its effect on `world`, to which it is applied. */
export function nextEvent(draw: Draw, world: World): RunEvent {
  const seq = world.seq + 1;
  const time = world.time + (draw() < 0.15 ? 0 : below(draw, 9000));
  const flights = Object.values(world.flights);
  const event: RunEvent = { seq, time, kind: "timer", cause: 0, host: pick(draw, Object.keys(world.hosts)) };
  const scratch = copyWorld(world);
  if (flights.length && draw() < 0.6) {
    const message = pick(draw, flights);
    event.message = message;
    event.kind = draw() < 0.85 ? "deliver" : "lost";
    event.host = message.dst;
    event.cause = message.sent_seq;
    delete scratch.flights[String(message.id)];
  }
  const changes: Change[] = [];
  for (let i = below(draw, 4); i > 0; i--) {
    const one = change(draw, scratch, time);
    if (!one) continue;
    changes.push(one);
    apply(scratch, { ...event, message: undefined, sent: undefined, changes: [one] });
  }
  if (changes.length) event.changes = changes;
  if (draw() < 0.7) event.sent = Array.from({ length: 1 + below(draw, 3) }, () => flight(draw, world, seq, time));
  if (draw() < 0.1) event.lost = [{ message: flight(draw, world, seq, time), reason: "cut" }];
  apply(world, event);
  return event;
}

export function run(seed: number, events: number, nodes = 5): { first: World; last: World; events: RunEvent[] } {
  const draw = seeded(seed);
  nextMessage = 1;
  const first = world0(nodes);
  const last = copyWorld(first);
  const list = Array.from({ length: events }, () => nextEvent(draw, last));
  return { first, last, events: list };
}

export function welcome(world: World, extra: Partial<Welcome> = {}): Welcome {
  return {
    epoch: "e",
    seq: 10,
    room: "r",
    you: { id: "v1", name: "Ada", role: "presenter", may_control: true },
    protocol: PROTOCOL,
    setup: { protocol: "raft", nodes: 5, clients: 2, params: {}, rules: {}, seed: 1, link: LINK },
    world,
    now: world.time,
    cursor: world.seq,
    head: world.seq,
    branch: 1,
    playing: false,
    ratio: 1,
    until: null,
    disclaimed: {},
    costs: null,
    ensemble: null,
    tape: [],
    properties: {},
    operations: [],
    people: [],
    controls: "presenter",
    branches: [{ id: 1, name: "main", parent: null, forked_at: 0, forked_time: 0, head: world.seq, time: world.time, marks: [] }],
    lesson: null,
    scenario: null,
    limits: {},
    warnings: [],
    stopped: null,
    ...extra,
  };
}
