/** What a page of a room has beside the run itself: what is open and chosen, what is said, and when panels are drawn again. */
import { signal, type Signal } from "@preact/signals";
import type { Filter } from "../model/links.ts";
import type { RoomModel } from "../model/room.ts";
import type { Args, HostId, Selection } from "../model/types.ts";
import type { ConnectionState, Saving } from "../socket.ts";
import { moment } from "./format.ts";
import { recall, remember } from "./memory.ts";
import type { FormName } from "./scene.ts";
import type { Stage } from "./stage.ts";

export type { Filter };

export interface Toast {
  id: number;
  text: string;
  tone: "info" | "bad" | "good";
}

/** What a menu or a dialog is about. */
export type Target = Selection | { kind: "cluster" };

export interface OpenMenu {
  target: Target;
  x: number;
  y: number;
  opener: Element | null;
}

export type DialogName =
  FormName | "claim" | "help" | "people" | "until" | "setup" | "inforce" | "share" | "take" | "save" | "branches" | "delete_branch" | "compare_branches";

export interface OpenDialog {
  name: DialogName;
  target: Target;
  /** Hosts already chosen, as by the lasso. */
  chosen?: HostId[];
  /** The branch that it is about. */
  branch?: number;
}

const TICK_EVERY_MS = 100;
/** While drawings move, their beat is waited for; it comes sooner than this. */
const TICK_AFTER_MS = 250;
/** A line that is back sooner was never missed. */
export const CUT_AFTER_MS = 3_000;
const TOASTS_MAX = 4;
const TOAST_LASTS_MS = 7_000;

export class PageState {
  model: RoomModel | null = null;
  /** The drawings of this room. */
  stage: Stage | null = null;
  readonly tick = signal(0);
  /** There is a model; it stays from then on. */
  readonly ready = signal(false);
  readonly connection: Signal<ConnectionState> = signal("connecting");
  /** Since when the server does not answer; null as long as that is not worth a word. */
  readonly cut = signal<Date | null>(null);
  readonly filter = signal<Filter>(recall().filter);
  readonly panel = signal(recall().panel);
  /** Which of the boards beside the ring is in front, where they have tabs. */
  readonly board = signal(0);
  readonly menu = signal<OpenMenu | null>(null);
  readonly dialog = signal<OpenDialog | null>(null);
  readonly toasts = signal<Toast[]>([]);
  readonly refused = signal<{ text: string; args: Args } | null>(null);
  readonly announced = signal("");
  /** Why nothing is saved at the moment, or at all; null as long as all is well. */
  readonly saving = signal<Saving | null>(null);
  /** The event at which the room stopped because a property broke. */
  brokenAt: number | null = null;
  /** How many are in the room; `model.people` names some of them. */
  readonly peopleCount = signal(1);
  /** The displayed time, as the clock shows it; changes many times a second, so only the clock reads it. */
  readonly clock = signal("");
  private cutDue: ReturnType<typeof setTimeout> | null = null;
  private toastCounter = 0;
  /** The displayed time that the panels show. */
  private panelsAt: number | null = null;
  protected tickDue: ReturnType<typeof setTimeout> | null = null;

  /* ---------------------------------------------------------------- redrawing of panels */

  /** Panels follow with the next beat, and without one (at rest, in a tab that nobody sees) after a moment. */
  soon(): void {
    if (this.tickDue !== null) return;
    this.tickDue = setTimeout(() => this.now(), this.model?.moving ? TICK_AFTER_MS : TICK_EVERY_MS);
  }

  now(): void {
    if (this.tickDue !== null) clearTimeout(this.tickDue);
    this.tickDue = null;
    this.panelsAt = this.model?.t ?? null;
    this.tick.value++;
  }

  /** Called in a few frames of a second, in all of them at rest: then the clock is written, and the panels that wait are drawn. */
  beat(t: number): void {
    this.clock.value = moment(t);
    // At the end of a step at once: what is due in so many milliseconds is due in fewer now.
    const late = this.model !== null && !this.model.moving && this.panelsAt !== t;
    if (this.tickDue !== null || late) this.now();
  }

  /* ---------------------------------------------------------------- telling people */

  /** The connection has come, or gone. Whether people had been told that it was gone. */
  protected heard(state: ConnectionState): boolean {
    const told = this.cut.value !== null;
    this.connection.value = state;
    if (state === "open" || state === "ended") {
      if (this.cutDue !== null) clearTimeout(this.cutDue);
      this.cutDue = null;
      this.cut.value = null;
      return told;
    }
    const since = new Date();
    this.cutDue ??= setTimeout(() => {
      this.cut.value = since;
      this.now();
    }, CUT_AFTER_MS);
    return false;
  }

  toast(sentence: string, tone: Toast["tone"] = "info"): void {
    const known = this.toasts.value.find((each) => each.text === sentence);
    if (known) return;
    const id = ++this.toastCounter;
    this.toasts.value = [...this.toasts.value, { id, text: sentence, tone }].slice(-TOASTS_MAX);
    setTimeout(() => this.dismiss(id), TOAST_LASTS_MS);
  }

  dismiss(id: number): void {
    this.toasts.value = this.toasts.value.filter((each) => each.id !== id);
  }

  /* ---------------------------------------------------------------- choices that are remembered */

  setFilter(filter: Filter): void {
    this.filter.value = filter;
    remember({ filter });
  }

  setPanel(panel: string): void {
    this.panel.value = panel;
    remember({ panel });
  }
}
