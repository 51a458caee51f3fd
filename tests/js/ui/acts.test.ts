import assert from "node:assert/strict";
import { test } from "node:test";
import { allWays, lassoCommand, linkCommands, partitionCommand } from "../../../static/src/ui/actcommands.ts";
import { actOfKey, actsFor, clusterAct, clusterActs, hostActs, linkActs, messageActs, timerActs } from "../../../static/src/ui/acts.ts";
import { roomRefusal, type Act, type Scene } from "../../../static/src/ui/scene.ts";
import { flight, host, LINK, scene, world } from "./scene.ts";

const find = (acts: Act[], id: string): Act => {
  const act = acts.find((each) => each.id === id);
  assert.ok(act, `no act ${id} among ${acts.map((each) => each.id).join(" ")}`);
  return act;
};

test("a node that is up can be crashed and not restarted, and says why", () => {
  const acts = hostActs(scene(), "n1");
  assert.deepEqual(find(acts, "crash").commands, [{ type: "crash", node: "n1" }]);
  assert.equal(find(acts, "crash").refusal, null);
  assert.equal(find(acts, "restart").refusal, "n1 is up: crash it first.");
  assert.equal(find(acts, "restart_lost").refusal, "n1 is up: crash it first.");
});

test("a node that is down can be restarted with its disk kept or lost, and neither crashed nor paused", () => {
  const acts = hostActs(scene({ world: world({ hosts: { n1: host({ up: false }), c1: host({ kind: "client" }) } }) }), "n1");
  assert.equal(find(acts, "crash").refusal, "n1 is down already.");
  assert.equal(find(acts, "pause_host").refusal, "n1 is down.");
  assert.deepEqual(find(acts, "restart").commands, [{ type: "restart", node: "n1", disk: "kept" }]);
  assert.deepEqual(find(acts, "restart_lost").commands, [{ type: "restart", node: "n1", disk: "lost" }]);
});

test("a paused node offers to go on, and its timers stand still", () => {
  const timers = { election: { set: 0, due: null, left: 5, span: 9 } };
  const at = scene({ world: world({ hosts: { n1: host({ paused: true, timers }), n2: host() } }) });
  const acts = hostActs(at, "n1");
  assert.ok(!acts.some((act) => act.id === "pause_host"));
  assert.equal(find(acts, "resume_host").refusal, null);
  assert.equal(find(acts, "fire_timer:election").refusal, "n1 is paused: its timers stand still.");
});

test("each timer can be fired by its name, and a node without timers says so", () => {
  assert.deepEqual(timerActs(scene(), "n1")[0]?.commands, [{ type: "fire_timer", node: "n1", timer: "election" }]);
  assert.equal(timerActs(scene(), "n1")[0]?.label, "Fire now: election timeout");
  assert.equal(timerActs(scene(), "n2")[0]?.refusal, "n2 has no timer set.");
});

test("cutting a node off puts all others into one group", () => {
  const act = find(hostActs(scene(), "n2"), "cut_off");
  assert.deepEqual(act.commands, [{ type: "partition", groups: [["n2"], ["n1", "n3", "c1"]] }]);
  const already = scene({ world: world({ groups: [["n2"], ["n1", "n3", "c1"]] }) });
  assert.equal(find(hostActs(already, "n2"), "cut_off").refusal, "n2 is cut off already.");
});

test("a client has no crash, and asks", () => {
  const acts = hostActs(scene(), "c1");
  assert.ok(!acts.some((act) => act.id === "crash" || act.id === "clock"));
  assert.equal(find(acts, "request").form, "request");
});

test("a link is cut one direction at a time, and both directions are two commands", () => {
  const acts = linkActs(scene(), { src: "n1", dst: "n2" });
  assert.deepEqual(find(acts, "cut").commands, [{ type: "set_link", src: "n1", dst: "n2", up: false }]);
  assert.deepEqual(find(acts, "cut:back").commands, [{ type: "set_link", src: "n2", dst: "n1", up: false }]);
  assert.equal(find(acts, "both").commands?.length, 2);
});

test("the commands on a selected link carry the link and nothing else of the selection", () => {
  for (const act of actsFor(scene(), { kind: "link", src: "n1", dst: "n2" })) {
    for (const command of act.commands ?? []) assert.ok(!("kind" in command), act.id);
  }
});

test("with one direction cut already, both directions cut only the other one", () => {
  const at = scene({ world: world({ links: { "n1>n2": { ...LINK, up: false } } }) });
  const acts = linkActs(at, { src: "n1", dst: "n2" });
  assert.deepEqual(find(acts, "mend").commands, [{ type: "set_link", src: "n1", dst: "n2", up: true }]);
  assert.deepEqual(find(acts, "both").commands, [{ type: "set_link", src: "n2", dst: "n1", up: false }]);
  assert.equal(find(acts, "hold").refusal, "The link is cut.");
});

test("a message that has landed refuses every act", () => {
  for (const act of messageActs(scene(), 99)) assert.equal(act.refusal, "Message 99 is no longer in flight.");
});

test("a message that waits at a paused node is neither delayed nor delivered", () => {
  const hosts = { n1: host(), n2: host({ paused: true }) };
  const at = scene({ world: world({ hosts, flights: { 7: flight({ place: 1000, due: null }) } }) });
  assert.equal(find(messageActs(at, 7), "delay").refusal, "Message 7 has arrived and waits for n2.");
  assert.equal(find(messageActs(at, 7), "deliver_now").refusal, "n2 is paused: messages wait.");
  assert.equal(find(messageActs(at, 7), "drop").refusal, null);
});

test("a message whose time is up waits at its paused node, though its place is on the way", () => {
  const hosts = { n1: host(), n2: host({ paused: true }) };
  const at = scene({ world: world({ hosts, time: 20_000, flights: { 7: flight() } }) });
  assert.equal(find(messageActs(at, 7), "delay").refusal, "Message 7 has arrived and waits for n2.");
  assert.equal(find(messageActs({ ...at, now: 19_999 }, 7), "delay").refusal, null);
  assert.equal(find(messageActs({ ...scene(), now: 10_000 }, 7), "delay").refusal, null);
});

test("a node is cut off already only when it reaches nobody", () => {
  const of = (groups: string[][] | null, id = "n1") => find(hostActs(scene({ world: world({ groups }) }), id), "cut_off").refusal;
  assert.equal(of([["n1"], ["n2", "n3", "c1"]]), "n1 is cut off already.");
  assert.equal(of([["n1"], ["n2", "n3"]]), null, "c1 is in no group, and reached");
  assert.equal(of([["n2"], ["n3"]]), null);
  assert.equal(find(hostActs(scene({ world: world({ hosts: { n1: host() } }) }), "n1"), "cut_off").refusal, "There is nobody to cut n1 off from.");
});

test("healing needs something to heal: a partition or a cut link", () => {
  assert.equal(clusterAct(scene(), "heal")?.refusal, "No partition is in force and no link is cut.");
  assert.equal(clusterAct(scene({ world: world({ groups: [["n1"], ["n2"]] }) }), "heal")?.refusal, null);
  assert.equal(clusterAct(scene({ world: world({ links: { "n1>n2": { ...LINK, up: false } } }) }), "heal")?.refusal, null);
});

test("nobody acts without the controls, alone, without a connection, or in a stopped room", () => {
  assert.equal(roomRefusal(scene()), null);
  assert.equal(roomRefusal(scene({ mayControl: false })), "Ada has the controls.");
  assert.match(roomRefusal(scene({ alone: 8 })) ?? "", /alone/);
  assert.match(roomRefusal(scene({ connected: false })) ?? "", /connection/);
  assert.match(roomRefusal(scene({ stopped: true })) ?? "", /stopped/);
  const refused = actsFor(scene({ mayControl: false }), { kind: "host", host: "n1" });
  assert.ok(refused.length > 5);
  for (const act of refused) assert.equal(act.refusal, "Ada has the controls.");
});

test("a key acts on the selection first, and on the cluster when nothing fits", () => {
  const node = { kind: "host", host: "n1" } as const;
  assert.equal(actOfKey(scene(), node, "c")?.id, "crash");
  assert.equal(actOfKey(scene(), { kind: "link", src: "n1", dst: "n2" }, "x")?.id, "cut");
  assert.equal(actOfKey(scene(), { kind: "message", id: 7 }, "d")?.id, "drop");
  assert.equal(actOfKey(scene(), node, "p")?.id, "partition");
  assert.equal(actOfKey(scene(), null, "c"), undefined);
});

test("no two acts that may stand in one menu share a key", () => {
  const menus = [
    hostActs(scene(), "n1"),
    linkActs(scene(), { src: "n1", dst: "n2" }),
    messageActs(scene(), 7),
  ];
  for (const acts of menus) {
    const keys = acts.flatMap((act) => (act.key ? [act.key] : []));
    assert.equal(new Set(keys).size, keys.length, keys.join(" "));
  }
});

test("groups need two sides; a host without a letter stands in none", () => {
  assert.deepEqual(partitionCommand({ n1: "A", n2: "B", n3: "B", c1: "" }), { type: "partition", groups: [["n1"], ["n2", "n3"]] });
  assert.equal(typeof partitionCommand({ n1: "A", n2: "A" }), "string");
  assert.deepEqual(lassoCommand(world(), ["n1", "c1"]), { type: "partition", groups: [["n1", "c1"], ["n2", "n3"]] });
  assert.equal(typeof lassoCommand(world(), ["n1", "n2", "n3", "c1"]), "string");
});

test("the dials leave links alone that are so already", () => {
  const at = scene({ world: world({ links: { "n1>n2": { ...LINK, loss_percent: 10 } } }) });
  const ways = allWays(at.world);
  assert.equal(ways.length, 4 * 3);
  const commands = linkCommands(at, ways, { loss_percent: 10 });
  assert.equal(commands.length, ways.length - 1);
  assert.ok(!commands.some((command) => command.type === "set_link" && command.src === "n1" && command.dst === "n2"));
});

test("a request is greyed with the reason, where nobody can ask or there is nothing to ask for", () => {
  const reason = (part: Partial<Scene>): string | null | undefined => clusterActs(scene(part)).find((act) => act.id === "request_any")?.refusal;
  const asking = { ...scene().protocol, operations: [{ name: "get", title: "Read", args: ["key"], text: "" }] };
  const alone = world({ hosts: { n1: host() } });
  assert.equal(reason({ protocol: asking }), null);
  assert.equal(reason({ protocol: asking, world: alone }), "This room has no client.");
  assert.equal(reason({ protocol: { ...asking, operations: [] } }), "In this protocol clients ask for nothing.");
});
