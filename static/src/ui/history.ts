/** Events and entries that somebody looks at and that are not at hand: asked for once, and again only after a while. */
import type { RoomModel } from "../model/room.ts";
import type { Entry, HostId, RunEvent } from "../model/types.ts";
import type { Reply } from "../socket.ts";

/** Fetched around a moment somebody looks at. */
const SPAN = 200;
/** The server's page. */
const EVENTS_MAX = 500;
/** A view asks in every frame for what it lacks; what was refused is not asked for again before this. */
const AGAIN_AFTER_MS = 2_000;
const REFUSED_MAX = 200;
/** How often events are asked for that somebody looks at, where no answer comes: a page that stands still does not ask again in its next frame. */
const TRIES = 5;

const afterwards = (act: () => void, ms: number): void => void setTimeout(act, ms);

export class History {
  private readonly under = new Set<string>();
  private readonly refused = new Map<string, number>();

  constructor(
    private readonly ask: (frame: Record<string, unknown>) => Promise<Reply>,
    private readonly model: () => RoomModel | null,
    private readonly arrived: () => void,
    private readonly wall: () => number = () => performance.now(),
    private readonly later: (act: () => void, ms: number) => void = afterwards,
  ) {}

  before(cursor: number): Promise<void> {
    return this.events(Math.max(1, cursor - SPAN), cursor);
  }

  around(seq: number): Promise<void> {
    return this.events(Math.max(1, seq - SPAN / 2), seq + SPAN / 2);
  }

  /** Brings events from..to to hand, as far as they exist and are not there yet; at most a page for each gap. */
  async events(from: number, to: number, tries = TRIES): Promise<void> {
    const model = this.model();
    if (!model) return;
    const { branch } = model;
    for (const [first, end] of model.store.missing(Math.max(1, from), Math.min(to, model.head))) {
      const last = Math.min(end, first + EVENTS_MAX - 1);
      const reply = await this.once(`${branch}:${first}-${last}`, { type: "events", from: first, to: last, branch });
      const now = this.model(); // a reconnection may have made another one
      if (now?.branch !== branch) return;
      if (reply) now.insertEvents((reply.events as RunEvent[] | undefined) ?? []);
      else if (reply === undefined && tries > 1) this.later(() => void this.events(first, last, tries - 1), AGAIN_AFTER_MS + 1);
    }
  }

  /** Brings entries from..to-1 of a log, as it is at the displayed moment, to hand. */
  async entries(host: HostId, field: string, from: number, to: number): Promise<void> {
    const model = this.model();
    if (!model) return;
    const { branch, world } = model;
    const { seq } = world;
    const reply = await this.once(`${branch}:${seq}:${host}.${field}:${from}`, { type: "log", seq, host, field, from, to, branch });
    const now = this.model();
    if (reply && now?.branch === branch) now.insertEntries(seq, host, field, Number(reply.from), (reply.items as Entry[] | undefined) ?? []);
  }

  /** The answer; undefined when it is refused now, null when it was a moment ago or the same is being asked already. */
  private async once(key: string, frame: Record<string, unknown>): Promise<Reply | null | undefined> {
    if (this.under.has(key) || this.wall() < (this.refused.get(key) ?? -Infinity)) return null;
    this.under.add(key);
    const reply = await this.ask(frame);
    this.under.delete(key);
    this.arrived();
    if (reply.ok) return reply;
    if (this.refused.size >= REFUSED_MAX) this.refused.clear();
    this.refused.set(key, this.wall() + AGAIN_AFTER_MS);
    return undefined;
  }
}
