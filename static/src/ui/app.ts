/**
 * The page of a room: what comes over the wire, and everything that a person's gesture leads to (its state: `pagestate.ts`).
 *
 * Panels read `model` and subscribe to one number, `tick`: it goes up with the beat of the drawings while the run plays,
 * and at once after anything that a person did. Drawings read the model in every frame and do not come through here.
 */
import type { Look } from "../model/links.ts";
import { RoomModel } from "../model/room.ts";
import type { Command, HostId, Until, Update, Welcome, World } from "../model/types.ts";
import { Connection, type ConnectionState, type Goodbye, type Reply, type Saving } from "../socket.ts";
import type { Act, Scene } from "./scene.ts";
import { History } from "./history.ts";
import { call } from "./job.ts";
import { soon } from "./lazy.tsx";
import { recall, remember, takeLook } from "./memory.ts";
import type { Made } from "./opening.ts";
import { personName } from "./people.ts";
import { PageState, type Target } from "./pagestate.ts";
import { said, text } from "./text.ts";

export type { DialogName, Filter, OpenDialog, OpenMenu, Target, Toast } from "./pagestate.ts";

export interface Boot {
  room: string;
  locale: string;
  catalog: Record<string, string>;
  /** Nothing is done here, only looked at: an embedded room. */
  lookOnly?: boolean;
}

const TRIES_MAX = 20;
const TRY_AGAIN_MS = 250;

/** The page of a room: what comes over the wire, and what people want. */
export class App extends PageState {
  readonly history: History;
  private readonly wire: Connection;
  private onModel: ((model: RoomModel) => void)[] = [];

  constructor(readonly boot: Boot) {
    super();
    this.wire = new Connection(
      boot.room,
      {
        welcome: (welcome) => this.welcome(welcome),
        update: (update) => this.update(update),
        state: (state) => this.connected(state),
        goodbye: (goodbye) => this.goodbye(goodbye),
        refused: (reply) => this.joinRefused(reply),
        saving: (saving) => this.savingChanged(saving),
      },
      () => recall().name,
    );
    this.history = new History((frame) => this.wire.ask(frame), () => this.model, () => this.soon());
  }

  /* ---------------------------------------------------------------- from the wire */

  whenModel(listener: (model: RoomModel) => void): void {
    this.onModel.push(listener);
    if (this.model) listener(this.model);
  }

  private connected(state: ConnectionState): void {
    const back = this.heard(state) && state === "open" && this.model !== null;
    if (back) this.toast(text("The server answers again; you see the room as it is now."), "good");
    if (state === "open") this.saving.value = null; // whoever comes in is told at once if something is wrong
    this.now();
  }

  private welcome(welcome: Welcome): void {
    this.refused.value = null;
    this.countPeople(welcome);
    const first = this.model === null;
    // A later welcome carries the listeners of the model before it.
    this.model = this.model ? this.model.rejoin(welcome) : new RoomModel(welcome);
    this.model.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (first) {
      this.model.subscribe("selection", () => this.now());
      this.model.subscribe("notice", () => this.readNotices());
      this.model.subscribe("world", () => this.moved());
    }
    for (const listener of this.onModel) listener(this.model);
    this.ready.value = true;
    this.now();
    void this.history.before(this.model.cursor);
    if (!first) return;
    this.lightChain(this.model);
    this.lookAs(takeLook(this.boot.room));
  }

  /** In a room that was opened for a story, what leads to its last event is lit in the space-time diagram. */
  lightChain(model: RoomModel): void {
    const { found } = model;
    if (!found) return;
    model.select({ kind: "event", seq: found.seq });
    this.panel.value = "spacetime"; // where it is a tab; for this visit
    void this.history.before(found.seq);
  }

  /** Who followed a link looks where its maker did; for this visit. */
  lookAs(look: Look): void {
    if (look.panel) this.panel.value = look.panel;
    if (look.filter) this.filter.value = look.filter;
    if (look.board !== undefined) this.board.value = look.board;
    if (Object.keys(look).length) this.stage?.arrange(look);
    if (!look.select) return;
    this.model?.select(look.select);
    if (look.select.kind === "event") void this.history.before(look.select.seq);
  }

  private update(update: Update): void {
    const { model } = this;
    if (!model) return;
    const wasDetached = model.detached;
    this.countPeople(update);
    const people = model.mayControl;
    model.receive(update, performance.now());
    if (update.jump) void this.history.before(update.cursor);
    if (wasDetached && !model.detached) this.toast(text("The room has gone to another branch; you are with it again."), "info");
    if (people !== model.mayControl) {
      this.toast(model.mayControl ? text("You have the controls.") : text("You no longer have the controls."), "info");
    }
    if (update.events || update.back || !model.playing) this.soon();
    else if (this.tickDue === null) this.soon();
  }

  private countPeople(told: { people?: unknown[]; people_count?: number }): void {
    const count = told.people_count ?? told.people?.length;
    if (count !== undefined) this.peopleCount.value = count;
  }

  /** Stepping says aloud what happened; play would only stutter. */
  private moved(): void {
    const { model } = this;
    this.soon();
    if (!model || model.playing) return;
    const event = model.store.get(model.world.seq);
    const words = soon.here.peek();
    if (event && words) this.announced.value = `${event.seq}: ${words.linesOf(event, model.protocol)[0]?.text ?? ""}`;
  }

  private readNotices(): void {
    const { model } = this;
    if (!model) return;
    for (const { code, text: sentence, args } of model.notices.splice(0)) {
      if (code === "property_broken" && typeof args?.seq === "number") {
        this.brokenAt = args.seq; // the bar at the top says it, and more
        this.soon();
        continue;
      }
      // The name of a property is a sentence of its own.
      const told = typeof args?.property === "string" ? { ...args, property: said(args.property) } : args;
      this.toast(said(sentence, told), "info");
    }
  }

  private goodbye(goodbye: Goodbye): void {
    this.toast(goodbye.text ? said(goodbye.text, goodbye.args) : text("The server says goodbye."), "bad");
    if (goodbye.final) this.refused.value = { text: goodbye.text, args: goodbye.args };
  }

  private savingChanged(saving: Saving): void {
    if (this.saving.value && saving.ok) this.toast(text("Everything is saved again; the room goes on."), "good");
    this.saving.value = saving.text ? saving : null;
    this.now();
  }

  private joinRefused(reply: Reply): void {
    this.refused.value = { text: reply.text ?? "", args: reply.args ?? {} };
    this.connected("ended");
  }

  tryNow(): void {
    this.wire.retry();
  }

  /** Asks, and says a refusal aloud. Returns the reply when it was a yes. */
  async ask(frame: Record<string, unknown>): Promise<Reply | null> {
    const reply = await this.wire.ask(frame);
    if (reply.ok) return reply;
    this.toast(reasonOf(reply), "bad");
    return null;
  }

  /** The same, where a refusal is nothing that a person has to be told. */
  quietly(frame: Record<string, unknown>): Promise<Reply> {
    return this.wire.ask(frame);
  }

  /* ---------------------------------------------------------------- what may be done */

  /**
   * Reads no signal on purpose: a component that reads one is drawn again only when that one changes or its properties
   * do, and what is possible changes with the run. Components come here through `useModel`, which follows the run.
   */
  scene(): Scene | null {
    const { model } = this;
    if (!model) return null;
    const holder = model.people.filter((person) => person.may_control).map(personName);
    return {
      world: model.world,
      now: model.t,
      protocol: model.protocol,
      setup: model.setup,
      connected: this.connection.peek() === "open",
      mayControl: model.mayControl,
      holder: holder.length ? holder.join(", ") : text("The presenter"),
      alone: model.detached ? model.world.seq : null,
      stopped: model.stopped !== null,
      compared: model.ensemble !== null,
      challenge: model.challenge,
    };
  }

  /** Gives the commands one after the other; where one is refused that is the end, and is said aloud. */
  async act(commands: Command[]): Promise<void> {
    const refused = await this.give(commands);
    if (refused !== null) this.toast(refused, "bad");
  }

  /** The same, for a form that shows the reason itself; null = all were taken. */
  async give(commands: Command[]): Promise<string | null> {
    const at = this.model?.cursor ?? null;
    for (const command of commands) {
      const refused = await this.command({ type: "command", command, at });
      if (refused !== null) return refused;
    }
    return null;
  }

  /** The dials of nine nodes are 72 commands, more than a room takes in a second: the rest waits for its turn. */
  private async command(frame: Record<string, unknown>): Promise<string | null> {
    for (let tries = 0; ; tries++) {
      const reply = await this.wire.ask(frame);
      if (reply.ok) return null;
      if (reply.code !== "too_fast" || tries === TRIES_MAX) return reasonOf(reply);
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }

  /** Does an act: refuses aloud, opens its form, or sends its commands. */
  do(act: Act, target: Target): void {
    this.menu.value = null;
    if (act.refusal !== null) this.toast(act.refusal, "bad");
    else if (act.form) this.dialog.value = { name: act.form, target: formTarget(act, target) };
    else if (act.commands) void this.act(act.commands);
  }

  lasso(hosts: HostId[]): void {
    const { model } = this;
    if (!model || !hosts.length) return;
    const command = soon.here.peek()?.lassoCommand(model.world, hosts);
    if (typeof command === "string") this.toast(command, "bad");
    else this.dialog.value = { name: "partition", target: { kind: "cluster" }, chosen: hosts };
  }

  /* ---------------------------------------------------------------- transport */

  private mayMoveRoom(): boolean {
    const { model } = this;
    if (!model) return false;
    if (model.mayControl) return true;
    this.toast(text("Only who has the controls moves the room. Look around alone: choose an event or step."), "info");
    return false;
  }

  /** A viewer without the controls steps alone; so does anybody who looks around alone already. */
  private alone(): boolean {
    return this.model !== null && (this.model.detached || !this.model.mayControl);
  }

  /** `playing` is what the button said that was clicked, which may lag behind by a moment. */
  togglePlay(playing = this.model?.playing): void {
    const { model } = this;
    if (!model) return;
    if (model.detached) return void this.attach();
    if (this.mayMoveRoom()) void this.ask({ type: playing ? "pause" : "play" });
  }

  async step(by: 1 | -1, times = 1): Promise<void> {
    const { model } = this;
    if (!model) return;
    if (this.alone()) {
      for (let i = 0; i < times; i++) if (!(await this.stepAlone(by))) break;
      return this.now();
    }
    if (times === 1) return void (await this.ask({ type: "step", by }));
    await this.ask({ type: "seek", seq: Math.max(0, model.cursor + by * times) });
  }

  private async stepAlone(by: 1 | -1): Promise<boolean> {
    const { model } = this;
    if (!model) return false;
    model.detach();
    const at = model.world.seq;
    const wanted = by === 1 ? at + 1 : at;
    if (wanted < 1 || wanted > model.head) return false;
    const { branch } = model;
    if (!model.store.has(wanted)) await this.history.around(wanted);
    return this.model === model && model.branch === branch && model.stepLocal(by);
  }

  /** The room goes there when this person moves the room, else this viewer alone. */
  async goto(place: { seq: number } | { time: number }, alone = this.alone()): Promise<void> {
    const { model } = this;
    if (!model) return;
    if (!alone) return void (await this.ask({ type: "seek", ...place }));
    const seq = "seq" in place ? place.seq : this.seqAt(place.time);
    await this.lookAt(seq, "time" in place ? place.time : undefined);
  }

  /** The last event not later than `time`, as well as the marks and the events at hand tell. */
  private seqAt(time: number): number {
    const { model } = this;
    if (!model) return 0;
    const event = model.store.atTime(time);
    let seq = event?.seq ?? 0;
    for (const mark of model.tape.marks) if (mark[1] <= time && mark[0] > seq) seq = mark[0];
    return Math.min(seq, model.head);
  }

  async lookAt(seq: number, time?: number): Promise<void> {
    const { model } = this;
    if (!model) return;
    const { branch } = model;
    const reply = await this.ask({ type: "world", seq: Math.min(Math.max(0, seq), model.head), branch });
    if (!reply) return;
    const world = reply.world as World;
    await this.history.around(world.seq);
    // Meanwhile the room may have gone to another branch, where that event is another one; or have been joined anew.
    if (this.model !== model || model.branch !== branch) return;
    model.goto(world, time === undefined ? world.time : Math.max(time, world.time));
    this.now();
  }

  attach(): void {
    this.model?.attach();
    this.now();
  }

  live(): void {
    const { model } = this;
    if (!model) return;
    if (model.detached) return this.attach();
    if (this.mayMoveRoom()) void this.ask({ type: "live" });
  }

  speed(ratio: number): void {
    if (this.mayMoveRoom()) void this.ask({ type: "speed", ratio });
  }

  runUntil(until: Until): void {
    const { model } = this;
    if (!model) return;
    const mark = until.kind === "leader" ? "election" : until.kind === "commit" ? "commit" : null;
    if (mark && !Object.values(model.protocol.indications).some((each) => each.mark === mark)) {
      return this.toast(text("In this protocol there is nothing of that kind to wait for."), "info");
    }
    if (model.detached) this.attach();
    if (this.mayMoveRoom()) void this.ask({ type: "run_until", until });
  }

  async copy(): Promise<void> {
    const { model } = this;
    if (!model) return;
    const { seq } = model.world;
    if (await this.inNewTab({ type: "copy", seq }, "/r/")) {
      this.toast(text("Your own copy of this room, from event {seq} on, is in a new tab. This room goes on without it.", { seq }), "good");
    }
  }

  /** Copies of two branches, under one clock. */
  async beside(branch: number, other: number): Promise<void> {
    if (await this.inNewTab({ type: "compare", branch, other }, "/compare/live/")) {
      this.toast(text("Both branches are side by side in a new tab. This room goes on without them."), "good");
    }
  }

  /** Asks for a room, and goes there in a tab of its own where the browser lets it. */
  private async inNewTab(frame: Record<string, unknown>, where: string): Promise<boolean> {
    // Opened before the answer is here: later it would not be this person's gesture any more, and be blocked.
    const tab = window.open("", "_blank");
    const reply = await this.ask(frame);
    if (typeof reply?.room !== "string") {
      tab?.close();
      return false;
    }
    const address = where + encodeURIComponent(reply.room);
    if (!tab) {
      location.assign(address);
      return false;
    }
    tab.opener = null;
    tab.location.replace(new URL(address, location.href).href);
    return true;
  }

  /** Where this person looks now. */
  private get look(): Look {
    const select = this.model?.selection;
    return { ...(select ? { select } : {}), panel: this.panel.value, filter: this.filter.value, ...(this.board.value ? { board: this.board.value } : {}), ...this.stage?.arranged };
  }

  /** The link to the moment that this person sees. `keep` it on the server, or only where an address can't hold it. */
  async link(keep: boolean): Promise<Made> {
    const { model } = this;
    const at = model ? { branch: model.branch, ...(model.detached ? { seq: model.world.seq } : {}) } : {};
    return (await call("POST", "/api/links", { room: this.boot.room, ...at, look: this.look, keep })) as unknown as Made;
  }

  share(): void {
    this.dialog.value = { name: "share", target: { kind: "cluster" } };
  }

  /** Opens the dialog in which a room is saved. */
  save(): void {
    this.dialog.value = { name: "save", target: { kind: "cluster" } };
  }

  /* ---------------------------------------------------------------- choices that are remembered */

  setName(name: string): void {
    remember({ name });
    void this.ask({ type: "name", name });
  }
}

/** Why something was not done, in the reader's language. */
function reasonOf(reply: Reply): string {
  if (reply.text) return said(reply.text, reply.args);
  if (reply.code === "not_connected") return text("The connection is lost.");
  if (reply.code === "busy") return text("Too many requests are waiting for their answers.");
  return text("The server did not answer in time.");
}

/** "Cut n1 → n2 …" of the way back opens the form of the way back. */
function formTarget(act: Act, target: Target): Target {
  if (target.kind === "link" && act.id.endsWith(":back")) return { kind: "link", src: target.dst, dst: target.src };
  return target;
}
