import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commandLabel,
  filling,
  linkChannels,
  messageChannels,
  nodeChannels,
  placeOf,
  termHue,
  timeLabel,
  TERM_HUES,
  waitsAtHost,
  type NodeChannels,
} from "../../../static/src/model/channels.ts";
import { doomed, leaderMarks, stripPanel } from "../../../static/src/model/logs.ts";
import type { Entry, FieldValue, Flight, Host, RoleSpec, Value, World } from "../../../static/src/model/types.ts";
import { LINK, PROTOCOL, world0 } from "./generator.ts";

const NODES = ["n1", "n2", "n3", "n4", "n5"];
const PANEL = stripPanel(PROTOCOL)!;

function state(world: World, id: string, part: Host["state"]): void {
  world.hosts[id] = { ...world.hosts[id]!, state: { ...world.hosts[id]!.state, ...part } };
}

const log = (...terms: number[]): Host["state"][string] => ({ log: true, length: terms.length, from: 0, items: terms.map((term) => ({ term, command: null })) });

function message(part: Partial<Flight> = {}, body: Record<string, Value> = {}): Flight {
  return { id: 1, src: "n1", dst: "n2", type: "AppendEntries", body, of: null, sent: 0, sent_seq: 1, leg: 0, place: 0, due: 100, left: null, ...part };
}

test("the seventh term has the hue of the first, and no term has none", () => {
  assert.equal(termHue(1 + TERM_HUES), termHue(1));
  assert.equal(termHue(0), null);
  assert.equal(termHue(null), null);
});

test("a candidate shows whose votes it has, counted against all members, and a follower does not", () => {
  const world = world0();
  state(world, "n1", { role: "candidate", current_term: 3, votes: ["n1", "n4"] });
  state(world, "n2", { votes: ["n2"] });
  world.hosts.n5 = { ...world.hosts.n5!, up: false };
  const candidate = nodeChannels(PROTOCOL, world, "n1", 0, NODES);
  assert.deepEqual(candidate.quorum, { n1: true, n4: true });
  assert.equal(candidate.votes, 2);
  assert.equal(candidate.needed, 3);
  assert.equal(candidate.role?.letter, "C");
  assert.equal(nodeChannels(PROTOCOL, world, "n2", 0, NODES).quorum, null);
});

test("how many votes are needed is said where the view says so, and not while the rule of the majority is off", () => {
  const world = world0();
  const needed = (quorum_of: "majority" | "all" | null): number | null => {
    const { view } = PROTOCOL;
    return nodeChannels({ ...PROTOCOL, view: { ...view, node: { ...view.node, quorum_of } } }, world, "n1", 0, NODES).needed;
  };
  assert.deepEqual([needed("majority"), needed("all"), needed(null)], [3, 5, null]);
  world.rules = {};
  assert.equal(needed("majority"), 3, "a protocol without such a rule");
  world.rules = { majority: false };
  assert.deepEqual([needed("majority"), needed("all")], [null, 5]);
});

test("a ballot that is a pair is printed as one, and has the hue of its number", () => {
  assert.equal(filling([3, "n2"]), "3.n2");
  assert.equal(filling({ round: 3, node: "n2" }), "3.n2");
  assert.equal(filling({ round: 3, node: null }), null);
  assert.equal(filling([]), null);
  assert.notEqual(termHue("3.n2"), termHue("3.n1"), "a duel has two hues");
  assert.notEqual(termHue("3.n2"), termHue("4.n2"));
  assert.equal(termHue("n2"), termHue(2));
  assert.equal(termHue("none"), null);
  const hues = [865, 721, 1_700_000_000_001, 1_700_000_000_007].map(termHue);
  assert.ok(hues.every((hue) => hue !== null && hue >= 0 && hue < TERM_HUES), "checksums and times have hues too");
  assert.ok(new Set(hues).size > 1, "and not all the same, as their rests by six would");
});

test("the arc empties with the election timer, stands still while paused, and is gone when down", () => {
  const world = world0();
  const host = { ...world.hosts.n1!, timers: { election: { set: 100, due: 300, left: null, span: 200 } } };
  world.hosts.n1 = host;
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 100, NODES).ring, 1);
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 250, NODES).ring, 0.25);
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 999, NODES).ring, 0);
  world.hosts.n1 = { ...host, paused: true, timers: { election: { set: 100, due: null, left: 50, span: 200 } } };
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 250, NODES).ring, 0.25, "the pause moves nothing");
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 9999, NODES).ring, 0.25);
  world.hosts.n1 = { ...host, timers: { election: { set: 100, due: 10_049, left: null, span: 200 } } };
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 9999, NODES).ring, 0.25, "and going on moves nothing");
  world.hosts.n1 = { ...host, up: false };
  assert.equal(nodeChannels(PROTOCOL, world, "n1", 100, NODES).ring, null);
});

test("a message stands where its leg and place say, wherever it was held", () => {
  assert.equal(placeOf(message(), 25), 0.25);
  assert.equal(placeOf(message(), -5), 0);
  assert.equal(placeOf(message(), 500), 1);
  assert.equal(placeOf(message({ leg: 50, place: 400, due: 150 }), 100), 0.7);
  assert.equal(placeOf(message({ place: 300, due: null, left: 70 }), 9999), 0.3);
  assert.equal(placeOf(message({ leg: 100, due: 100 }), 100), 1);
});

test("a heartbeat is hollow, entries are beads, a reply bears its sign", () => {
  assert.equal(messageChannels(PROTOCOL, message({}, { entries: [], term: 2 })).hollow, true);
  const full = messageChannels(PROTOCOL, message({}, { entries: [{ term: 1 }, { term: 2 }], term: 2 }));
  assert.deepEqual([full.hollow, full.beads, full.hue, full.reply], [false, 2, 1, null]);
  const no = messageChannels(PROTOCOL, message({ type: "RequestVoteReply" }, { vote_granted: false, term: 1 }));
  assert.deepEqual([no.reply, no.shape, no.tone, no.hollow], [false, "diamond", "vote", false]);
  assert.equal(messageChannels(PROTOCOL, message({ type: "Unheard" })).tone, "neutral");
});

test("a link tells cut, held, slow, lossy and doubling apart", () => {
  const of = (part: object, walled = false): string[] =>
    Object.entries(linkChannels({ ...LINK, ...part }, LINK, walled)).filter(([, on]) => on).map(([name]) => name);
  assert.deepEqual(of({}), ["plain"]);
  assert.deepEqual(of({ up: false }), ["cut"]);
  assert.deepEqual(of({ held: true, loss_percent: 5 }), ["held", "lossy"]);
  assert.deepEqual(of({ low: 80_000, high: 90_000, duplicate_percent: 5 }), ["slow", "duplicating"]);
  assert.deepEqual(of({}, true), ["walled"]);
});

const entries = (...terms: number[]): Entry[] => terms.map((term) => ({ term, command: null }));

function conflict(previous: number, previousTerm: number, terms: number[], term = 2, part: Partial<World> = {}): Record<string, number> {
  const world = { ...world0(), ...part };
  state(world, "n2", { current_term: 2, log: log(1, 1, 1, 1) });
  const body = { term, prev_log_index: previous, prev_log_term: previousTerm, entries: entries(...terms) };
  world.flights["1"] = message({}, body);
  return doomed(PROTOCOL, world, PANEL);
}

test("entries about to be overwritten are known while the message still flies", () => {
  assert.deepEqual(conflict(2, 1, [2]), { n2: 2 });
  assert.deepEqual(conflict(1, 1, [1, 2, 2]), { n2: 2 });
  assert.deepEqual(conflict(0, 0, [2]), { n2: 0 });
});

test("nothing is doomed by a message that cannot arrive", () => {
  assert.deepEqual(conflict(2, 1, [2], 2, { links: { "n2>n1": { ...LINK, up: false } } }), { n2: 2 }, "the other direction is cut");
  assert.deepEqual(conflict(2, 1, [2], 2, { links: { "n1>n2": { ...LINK, up: false } } }), {});
  assert.deepEqual(conflict(2, 1, [2], 2, { groups: [["n1", "n3"], ["n4"]] }), { n2: 2 }, "a host of no group talks to all");
  assert.deepEqual(conflict(2, 1, [2], 2, { groups: [["n1"], ["n2", "n3"]] }), {});
});

test("a message waits at its host from its time on, when the host is paused and nothing stood between", () => {
  const world = world0();
  assert.equal(waitsAtHost(world, message(), 100), false);
  world.hosts.n2 = { ...world.hosts.n2!, paused: true };
  assert.equal(waitsAtHost(world, message(), 99), false);
  assert.equal(waitsAtHost(world, message(), 100), true);
  assert.equal(waitsAtHost(world, message({ place: 1000, due: 300 }), 100), true);
  assert.equal(waitsAtHost(world, message({ place: 300, due: null, left: 70 }), 100), false, "held on its link");
  world.groups = [["n1"], ["n2"]];
  assert.equal(waitsAtHost(world, message(), 100), false);
});

test("nothing is doomed by agreement, by a mismatch, by a stale leader or by entries beyond the end", () => {
  assert.deepEqual(conflict(2, 1, [1]), {});
  assert.deepEqual(conflict(2, 2, [2]), {});
  assert.deepEqual(conflict(2, 1, [2], 1), {});
  assert.deepEqual(conflict(4, 1, [2]), {});
  assert.deepEqual(conflict(7, 1, [2]), {});
});

test("of two leaders the marks are those of the higher term, or of the selected one", () => {
  const world = world0();
  assert.equal(leaderMarks(PROTOCOL, world, PANEL, null), null);
  state(world, "n1", { role: "leader", current_term: 2, next_index: { n2: 4 }, match_index: { n2: 3 } });
  state(world, "n3", { role: "leader", current_term: 5, next_index: { n2: 9 }, match_index: { n2: 0 } });
  assert.deepEqual(leaderMarks(PROTOCOL, world, PANEL, null), { leader: "n3", next: { n2: 9 }, match: { n2: 0 } });
  assert.equal(leaderMarks(PROTOCOL, world, PANEL, "n1")?.leader, "n1");
  world.hosts.n3 = { ...world.hosts.n3!, up: false };
  assert.equal(leaderMarks(PROTOCOL, world, PANEL, null)?.leader, "n1");
});

test("commands and times are short enough for a cell", () => {
  assert.equal(commandLabel({ name: "put", key: "x", value: 5 }), "x=5");
  assert.equal(commandLabel({ name: "cas", key: "x", expect: 1, value: 2 }), "x:1→2");
  assert.equal(commandLabel({ name: "delete", key: "x" }), "−x");
  assert.equal(commandLabel({ name: "get", key: "x" }), "x?");
  assert.equal(commandLabel({ name: "add", key: "x", value: 2 }), "x+=2");
  assert.equal(commandLabel({ name: "push", key: "q", value: "job" }), "q←job");
  assert.equal(commandLabel({ name: "pop", key: "q" }), "q→");
  assert.equal(commandLabel({ name: "acquire", key: "door" }), "acquire door");
  assert.equal(commandLabel({ name: "elect" }), "elect");
  assert.equal(commandLabel(null), "∅");
  assert.deepEqual([500, 12_400, 640_000, 3_210_000, 65_200_000].map(timeLabel), ["500 µs", "12.4 ms", "640 ms", "3.21 s", "1:05.2"]);
});

test("dots and what is needed are those of the nodes that vote; a plain role gives way to a standing", () => {
  const world = world0(5, 0);
  const learner: RoleSpec = { label: "learner", letter: "N", edge: "faint", icon: null };
  const node = { ...PROTOCOL.view.node, quorum_of: "majority" as const, electorate: "voting", standing: "standing", standings: { learner } };
  const protocol = { ...PROTOCOL, view: { ...PROTOCOL.view, node } };
  const seen = (state: Record<string, FieldValue>): NodeChannels => {
    world.hosts.n1 = { ...world.hosts.n1!, state: { ...world.hosts.n1!.state, role: "candidate", ...state } };
    return nodeChannels(protocol, world, "n1", 0, ["n1", "n2", "n3", "n4", "n5"]);
  };
  const one = seen({ [node.quorum!]: ["n1", "n5"], voting: [["n1", "n2", "n3"]], standing: "voter" });
  assert.deepEqual([one.votes, one.needed, one.voters], [1, 2, ["n1", "n2", "n3"]]);
  assert.equal(seen({ voting: [["n1"], ["n2", "n3"]] }).needed, null);
  assert.deepEqual([seen({ voting: [] }).needed, seen({ voting: [] }).voters], [3, null]);
  assert.equal(seen({ role: "follower", standing: "learner" }).role, learner);
  assert.notEqual(seen({ role: "leader", standing: "learner" }).role, learner);
});
