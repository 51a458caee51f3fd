/** A small cluster for the tests of the interface: two followers, a leader, a client, one message under way. */
import type { Scene } from "../../../static/src/ui/scene.ts";
import type { Flight, Host, Link, Protocol, RunEvent, World } from "../../../static/src/model/types.ts";

export const LINK: Link = { up: true, held: false, low: 15_000, high: 30_000, loss_percent: 0, duplicate_percent: 0, fifo: false };

export function host(part: Partial<Host> = {}): Host {
  return { kind: "node", up: true, paused: false, rate_ppm: 1_000_000, offset: 0, incarnation: 1, state: {}, timers: {}, ...part };
}

export function flight(part: Partial<Flight> = {}): Flight {
  return {
    id: 7, src: "n1", dst: "n2", type: "AppendEntries", body: { term: 2, entries: [] }, of: null, sent: 0, sent_seq: 3,
    leg: 0, place: 0, due: 20_000, left: null, ...part,
  };
}

export function world(part: Partial<World> = {}): World {
  return {
    seq: 10,
    time: 1_000_000,
    hosts: { n1: host({ timers: { election: { set: 0, due: 5_000, left: null, span: 5_000 } } }), n2: host(), n3: host(), c1: host({ kind: "client" }) },
    links: {},
    groups: null,
    rules: { one_vote: true },
    flights: { 7: flight() },
    ...part,
  };
}

export const PROTOCOL: Protocol = {
  name: "raft",
  title: "Raft",
  summary: "",
  cites: "",
  fields: {},
  messages: {
    AppendEntries: { label: "AppendEntries", text: "Leader {src} sends {dst} entries, in term {term}.", tone: "append", shape: "circle", reply: null, beads: "entries", fill: "term" },
    RequestVote: { label: "RequestVote", text: "{src} asks {dst} for its vote.", tone: "vote", shape: "diamond", reply: null, beads: null, fill: "term" },
  },
  timers: { election: { label: "election timeout", text: "When it runs out, the node becomes a candidate." } },
  indications: {
    Elected: { text: "{host} is the leader of term {term}.", cites: "Raft §5.2", weight: "key", mark: "election", tone: "good" },
    Applied: { text: "{host} applies entry #{index}.", cites: "Raft §5.3", weight: "routine", mark: null, tone: "neutral" },
    VoteGranted: { text: "{host} gives {candidate} its vote.", cites: "Raft §5.2", weight: "normal", mark: null, tone: "neutral" },
    SteppedDown: { text: "{host}, {role} of term {term}, steps down.", cites: "Raft §5.1", weight: "key", mark: "stepdown", tone: "bad" },
  },
  properties: {},
  rules: { one_vote: { title: "One vote per term", text: "", cites: "" } },
  params: {},
  operations: [],
  view: {
    layout: "circle",
    node: {
      fill: null, role: "role", roles: { leader: { label: "Leader", letter: "L", edge: "double", icon: "crown" } }, ring: "election",
      quorum: null, quorum_role: null, target: null, chips: [],
    },
    panels: [],
  },
};

export function scene(part: Partial<Scene> = {}): Scene {
  return {
    world: world(),
    protocol: PROTOCOL,
    setup: { protocol: "raft", nodes: 3, clients: 1, params: {}, rules: {}, seed: 1, link: LINK },
    connected: true,
    mayControl: true,
    holder: "Ada",
    alone: null,
    stopped: false,
    ...part,
  };
}

export function event(part: Partial<RunEvent> = {}): RunEvent {
  return { seq: 10, time: 1_000_000, kind: "deliver", cause: 3, host: "n2", message: flight(), ...part };
}
