import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Connection, type ConnectionState, type Dial, type Goodbye, type Reply, type Saving } from "../../../static/src/socket.ts";
import type { Update, Welcome } from "../../../static/src/model/types.ts";

type Frame = Record<string, unknown> & { id: number; type: string };

/** The far end: keeps what was sent, and says what the test tells it to. */
class FakeSocket {
  connected = false;
  sent: Frame[] = [];
  closed = false;
  reconnects = 0;
  io = { on: () => undefined };
  private listeners = new Map<string, (value?: unknown) => void>();

  on(name: string, listener: (value?: unknown) => void): void {
    this.listeners.set(name, listener);
  }

  emit(_name: string, frame: Frame): void {
    this.sent.push(frame);
  }

  connect(): void {
    this.reconnects++;
  }

  disconnect(): this {
    this.closed = true;
    if (this.connected) this.drop("io client disconnect");
    return this;
  }

  open(): void {
    this.connected = true;
    this.listeners.get("connect")?.();
  }

  drop(reason = "transport close"): void {
    this.connected = false;
    this.listeners.get("disconnect")?.(reason);
  }

  async say(frame: unknown): Promise<void> {
    this.listeners.get("frame")?.(frame);
    await settled();
  }

  get last(): Frame {
    const frame = this.sent[this.sent.length - 1];
    assert.ok(frame);
    return frame;
  }

  joins(): Frame[] {
    return this.sent.filter((frame) => frame.type === "join");
  }
}

/** Lets every promise that is settled already go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const update = (seq: number, epoch = "e"): Update => ({ type: "update", epoch, seq }) as Update;
const welcome = (seq: number, epoch = "e"): Welcome => ({ epoch, seq }) as Welcome;

const made: Connection[] = [];
afterEach(() => made.splice(0).forEach((connection) => connection.close()));

async function opened() {
  const socket = new FakeSocket();
  const heard = { updates: [] as number[], welcomes: [] as number[], states: [] as ConnectionState[], goodbyes: [] as Goodbye[], refused: [] as Reply[], saving: [] as Saving[] };
  const connection = new Connection(
    "r1",
    {
      welcome: (one) => heard.welcomes.push(one.seq),
      update: (one) => heard.updates.push(one.seq),
      state: (one) => heard.states.push(one),
      goodbye: (one) => heard.goodbyes.push(one),
      refused: (one) => heard.refused.push(one),
      saving: (one) => heard.saving.push(one),
    },
    () => "Ada",
    Promise.resolve((() => socket) as unknown as Dial),
  );
  made.push(connection);
  await settled();
  socket.open();
  return { socket, heard, connection };
}

async function joined(seq = 5) {
  const all = await opened();
  await all.socket.say({ type: "reply", id: all.socket.last.id, ok: true, welcome: welcome(seq) });
  return all;
}

test("it joins with its name, and takes the welcome", async () => {
  const { socket, heard } = await joined();
  assert.deepEqual({ ...socket.sent[0], id: 0 }, { type: "join", room: "r1", last: null, name: "Ada", id: 0 });
  assert.deepEqual(heard.welcomes, [5]);
  assert.equal(heard.states.at(-1), "open");
});

test("updates are applied in order and none of them twice", async () => {
  const { socket, heard } = await joined();
  for (const seq of [6, 7, 7, 6, 8]) await socket.say(update(seq));
  assert.deepEqual(heard.updates, [6, 7, 8]);
  assert.equal(socket.joins().length, 1);
});

test("a gap is noticed, asked for once, and filled before anything later", async () => {
  const { socket, heard } = await joined();
  await socket.say(update(6));
  await socket.say(update(9));
  await socket.say(update(10));
  assert.equal(socket.joins().length, 2);
  assert.deepEqual(socket.last.last, { epoch: "e", seq: 6 });
  await socket.say({ type: "reply", id: socket.last.id, ok: true, updates: [7, 8, 9, 10].map((seq) => update(seq)) });
  await socket.say(update(11));
  assert.deepEqual(heard.updates, [6, 7, 8, 9, 10, 11]);
});

test("updates that overtake the answer to a join wait for it", async () => {
  const { socket, heard } = await opened();
  await socket.say(update(6));
  await socket.say(update(7));
  await socket.say({ type: "reply", id: socket.last.id, ok: true, welcome: welcome(6) });
  assert.deepEqual(heard.updates, [7]);
});

test("an update of another life of the room is a reason to join again", async () => {
  const { socket } = await joined();
  await socket.say(update(6, "later"));
  assert.equal(socket.joins().length, 2);
});

test("after a reconnection it says what it has", async () => {
  const { socket, heard } = await joined();
  await socket.say(update(6));
  socket.drop();
  assert.equal(heard.states.at(-1), "lost");
  socket.open();
  assert.deepEqual(socket.last.last, { epoch: "e", seq: 6 });
});

test("what was asked when the connection broke is answered by a refusal, and nothing hangs", async () => {
  const { socket, connection } = await joined();
  const asked = connection.ask({ type: "play" });
  socket.drop();
  assert.deepEqual(((reply) => [reply.ok, reply.code])(await asked), [false, "not_connected"]);
  assert.equal((await connection.ask({ type: "play" })).code, "not_connected");
});

test("replies find their questions by number, in any order", async () => {
  const { socket, connection } = await joined();
  const first = connection.ask({ type: "play" });
  const firstId = socket.last.id;
  const second = connection.ask({ type: "pause" });
  await socket.say({ type: "reply", id: socket.last.id, ok: true, mark: 2 });
  await socket.say({ type: "reply", id: firstId, ok: false, code: "no_controls", text: "No." });
  assert.equal((await second).mark, 2);
  assert.equal((await first).code, "no_controls");
});

test("too many questions at once are refused here", async () => {
  const { socket, connection } = await joined();
  const many = Array.from({ length: 129 }, () => connection.ask({ type: "play" }));
  assert.equal((await many[128])?.code, "busy");
  socket.drop();
  await Promise.all(many);
});

test("a final goodbye ends the connection, another one does not", async () => {
  const { socket, heard } = await joined();
  await socket.say({ type: "goodbye", text: "The server is being stopped.", args: {} });
  assert.equal(socket.closed, false);
  await socket.say({ type: "goodbye", text: "This room was closed.", args: {}, final: true });
  assert.equal(socket.closed, true);
  assert.equal(heard.states.at(-1), "ended");
  assert.deepEqual(heard.goodbyes.map((one) => one.final), [false, true]);
});

test("a room that is not there is told, and not asked for again", async () => {
  const { socket, heard } = await opened();
  await socket.say({ type: "reply", id: socket.last.id, ok: false, code: "unknown_room", text: "There is no room." });
  assert.equal(heard.refused.length, 1);
  assert.equal(socket.joins().length, 1);
});

test("that nothing can be saved is told, is no update, and keeps nobody out for good", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, heard } = await opened();
  await socket.say({ type: "reply", id: socket.last.id, ok: false, code: "not_saved", text: "The disk is full.", args: {} });
  assert.deepEqual(heard.saving.map(({ ok, held, text }) => [ok, held, text]), [[false, true, "The disk is full."]]);
  assert.deepEqual(heard.refused, []);
  t.mock.timers.tick(1_000);
  assert.equal(socket.joins().length, 2);
  await socket.say({ type: "reply", id: socket.last.id, ok: true, welcome: welcome(5) });
  await socket.say({ type: "saving", ok: true, held: false, text: "", args: {} });
  await socket.say(update(6));
  assert.deepEqual([heard.saving.length, heard.saving[1]?.ok, heard.updates], [2, true, [6]]);
});

test("frames that make no sense are passed over", async () => {
  const { socket, heard } = await joined();
  for (const frame of [null, 3, "x", {}, { type: "nonsense" }, { type: "reply", id: 12345, ok: true }]) await socket.say(frame);
  assert.deepEqual(heard.updates, []);
});

test("who does not want to wait has the line tried at once, and it joins from where it was", async () => {
  const { socket, heard, connection } = await joined();
  socket.drop();
  connection.retry();
  assert.deepEqual([socket.closed, socket.reconnects], [true, 1]);
  socket.open();
  assert.deepEqual(socket.last.last, { epoch: "e", seq: 5 });
  await socket.say({ type: "reply", id: socket.last.id, ok: true, updates: [update(6)] });
  assert.deepEqual([heard.updates, heard.states.at(-1)], [[6], "open"]);
});
