/**
 * The wire, and the only file that knows Socket.IO.
 *
 * Frames out carry a counter; the reply with the same counter settles their promise. Updates are numbered per epoch:
 * the next number is applied, an old one is ignored, and after a gap the connection joins again and says what it has,
 * so that nothing is applied twice and nothing is lost. After a reconnection it does the same.
 */
import { io, type Socket } from "socket.io-client";
import type { Args, Update, Welcome } from "./model/types.ts";

export type ConnectionState = "connecting" | "open" | "lost" | "ended";

export interface Reply {
  type: "reply";
  id: number;
  ok: boolean;
  code?: string;
  text?: string;
  args?: Args;
  [more: string]: unknown;
}

export interface Goodbye {
  text: string;
  args: Args;
  /** The room is gone or this viewer was sent away: do not come back by yourself. */
  final: boolean;
}

/** Whether what happens in the room is saved. `held`: the room stands still until it can be. */
export interface Saving {
  ok: boolean;
  held: boolean;
  text: string;
  args: Args;
}

export interface Listener {
  welcome(welcome: Welcome): void;
  update(update: Update): void;
  state(state: ConnectionState): void;
  goodbye(goodbye: Goodbye): void;
  /** Joining was refused (no such room, room full). */
  refused(reply: Reply): void;
  /** The server can't save any more, or can again. */
  saving?(saving: Saving): void;
}

/** What of Socket.IO's client is used; the tests give another one. */
export type Dial = (options: object) => Socket;

/** Waiting answers; more than this many at once means that nobody reads them. */
const PENDING_MAX = 128;
/** Updates that arrive while a join is under way; more is a gap, which the next join fills. */
const EARLY_MAX = 256;
const ANSWER_WITHIN_MS = 15_000;
const REJOIN_AFTER_MS = 1_000;

interface Pending {
  settle(reply: Reply): void;
  timer: ReturnType<typeof setTimeout>;
}

export class Connection {
  private socket: Socket | null = null;
  private readonly pending = new Map<number, Pending>();
  private counter = 0;
  private last: { epoch: string; seq: number } | null = null;
  private joining = false;
  private early: Update[] = [];
  private ended = false;

  constructor(
    private readonly room: string,
    private readonly listener: Listener,
    private readonly name: () => string,
    dial: Promise<Dial> = Promise.resolve(io),
  ) {
    this.tell("connecting");
    dial.then((io) => this.open(io), () => this.tell("lost"));
  }

  private open(dial: Dial): void {
    if (this.ended) return;
    const socket = dial({
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      randomizationFactor: 0.5, // a class reconnects spread out, not as one burst
    });
    this.socket = socket;
    socket.on("connect", () => void this.join());
    socket.on("disconnect", (reason) => this.dropped(reason));
    socket.io.on("reconnect_attempt", () => this.tell("connecting"));
    socket.on("frame", (frame: unknown) => this.receive(frame));
  }

  /** Sends a frame; the promise is settled by the reply, also by a refusal (`ok: false`). It never rejects. */
  ask(frame: Record<string, unknown>): Promise<Reply> {
    const id = ++this.counter;
    const { socket } = this;
    if (!socket?.connected) return Promise.resolve(this.unanswered(id, "not_connected"));
    if (this.pending.size >= PENDING_MAX) return Promise.resolve(this.unanswered(id, "busy"));
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        settle(this.unanswered(id, "late"));
      }, ANSWER_WITHIN_MS);
      this.pending.set(id, { settle, timer });
      socket.emit("frame", { ...frame, id });
    });
  }

  /** Does not wait until the next try is due, nor for one that hangs. */
  retry(): void {
    if (!this.ended) this.socket?.disconnect().connect();
  }

  close(): void {
    this.ended = true;
    this.socket?.disconnect();
    this.failAll();
  }

  /** A refusal of this side; it has a code and no sentence, which is for the page to say. */
  private unanswered(id: number, code: "not_connected" | "busy" | "late"): Reply {
    return { type: "reply", id, ok: false, code };
  }

  private tell(state: ConnectionState): void {
    if (!this.ended || state === "ended") this.listener.state(state);
  }

  private dropped(reason: string): void {
    this.failAll();
    this.joining = false;
    this.early = [];
    if (this.ended) return;
    this.tell("lost");
    // Socket.IO does not come back by itself when the server closed the connection.
    if (reason === "io server disconnect") setTimeout(() => !this.ended && this.socket?.connect(), REJOIN_AFTER_MS);
  }

  private failAll(): void {
    for (const [id, { settle, timer }] of this.pending) {
      clearTimeout(timer);
      settle(this.unanswered(id, "not_connected"));
    }
    this.pending.clear();
  }

  private receive(frame: unknown): void {
    if (typeof frame !== "object" || frame === null) return;
    const { type } = frame as { type?: unknown };
    if (type === "reply") this.answered(frame as Reply);
    else if (type === "update") this.updated(frame as Update);
    else if (type === "goodbye") this.farewell(frame as Partial<Goodbye>);
    else if (type === "saving") this.listener.saving?.(frame as unknown as Saving);
  }

  private answered(reply: Reply): void {
    const waiting = this.pending.get(reply.id);
    if (!waiting) return;
    this.pending.delete(reply.id);
    clearTimeout(waiting.timer);
    waiting.settle(reply);
  }

  private updated(update: Update): void {
    if (this.joining || this.last === null) {
      if (this.early.length < EARLY_MAX) this.early.push(update);
      return;
    }
    this.take(update);
  }

  /** Applies the update if it is the next one; returns false when something is missing before it. */
  private take(update: Update): boolean {
    const last = this.last;
    if (last === null || update.epoch !== last.epoch || update.seq > last.seq + 1) {
      void this.join();
      return false;
    }
    if (update.seq <= last.seq) return true; // seen before
    this.last = { epoch: update.epoch, seq: update.seq };
    this.listener.update(update);
    return true;
  }

  private async join(): Promise<void> {
    if (this.joining || this.ended) return;
    this.joining = true;
    this.early = [];
    const name = this.name();
    const reply = await this.ask({ type: "join", room: this.room, last: this.last, ...(name ? { name } : {}) });
    this.joining = false;
    if (this.ended) return;
    if (!reply.ok) return this.joinRefused(reply);
    const welcome = reply.welcome as Welcome | undefined;
    if (welcome) {
      this.last = { epoch: welcome.epoch, seq: welcome.seq };
      this.listener.welcome(welcome);
    } else {
      for (const update of (reply.updates as Update[] | undefined) ?? []) if (!this.take(update)) return;
    }
    this.tell("open");
    const early = this.early;
    this.early = [];
    for (const update of early) if (!this.take(update)) return;
  }

  private joinRefused(reply: Reply): void {
    if (reply.code === "not_connected") return; // the next connection joins
    if (reply.code === "not_saved" || (reply.code === "busy" && reply.text)) {
      this.listener.saving?.({ ok: false, held: true, text: reply.text ?? "", args: reply.args ?? {} });
    }
    if (reply.code === "late" || reply.code === "busy" || reply.code === "not_saved") {
      setTimeout(() => void this.join(), REJOIN_AFTER_MS);
      return;
    }
    this.listener.refused(reply);
  }

  private farewell(frame: Partial<Goodbye>): void {
    const goodbye = { text: frame.text ?? "", args: frame.args ?? {}, final: frame.final === true };
    this.listener.goodbye(goodbye);
    if (goodbye.final) {
      this.close();
      this.listener.state("ended");
    }
  }
}
