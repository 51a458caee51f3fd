/**
 * One animation loop for all drawings. Frames are asked for only while something moves: the model's displayed time, or
 * after `wake` (a change of the model, a size, the theme, a drag). A drawing off the screen or hidden costs nothing.
 */

import type { RoomModel } from "../model/room.ts";
import type { Drawing } from "./hooks.ts";
import { onTheme } from "./theme.ts";

const ERRORS_MAX = 5;
/** Milliseconds between two beats. */
const BEAT_MS = 125;

interface Seat {
  drawing: Drawing;
  root: HTMLElement;
  visible: boolean;
  errors: number;
  /** It is drawn on the beat while time runs, and not in every frame. */
  calm: boolean;
}

export class Loop {
  private seats: Seat[] = [];
  private frame = 0;
  private dirty = true;
  private beatAt = -Infinity;
  /** Something waits for the beat: it must have it before the loop comes to rest. */
  private owed = false;
  private leave: (() => void)[] = [];
  private readonly sizes: ResizeObserver;
  private readonly sights: IntersectionObserver;

  /** `onFrame` is called after each drawn frame; on the beat whatever stands beside the drawings may change too. */
  constructor(
    private model: RoomModel,
    private readonly onFrame: (t: number, beat: boolean) => void = () => {},
  ) {
    this.sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) this.seatOf(target)?.drawing.resize();
      this.wake();
    });
    this.sights = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const seat = this.seatOf(target);
        if (seat) seat.visible = isIntersecting;
      }
      this.wake();
    });
    this.leave.push(onTheme(() => this.wake()));
    this.use(model);
  }

  /** Draws another model from now on (after a reconnection). */
  use(model: RoomModel): void {
    this.model = model;
    const topics = ["world", "room", "selection", "events", "tape", "properties", "operations"] as const;
    this.leave.push(model.subscribe([...topics], this.wake));
    this.wake();
  }

  /**
   * `calm`: while time runs, the drawing is seen anew only on the beat, eight times a second, in one frame with the panels.
   * Measured: what changes in a frame costs the browser more for layout and painting than it costs us to draw, and the
   * whole page once costs less than its parts one after the other. At rest it is drawn at once.
   */
  add(drawing: Drawing, root: HTMLElement, calm = false): void {
    this.seats.push({ drawing, root, visible: true, errors: 0, calm });
    this.sizes.observe(root);
    this.sights.observe(root);
    this.wake();
  }

  remove(drawing: Drawing): void {
    const seat = this.seats.find((one) => one.drawing === drawing);
    if (!seat) return;
    this.sizes.unobserve(seat.root);
    this.sights.unobserve(seat.root);
    this.seats = this.seats.filter((one) => one !== seat);
  }

  /** Draws what is in `root` now, whatever it has drawn before. */
  redraw(root: HTMLElement): void {
    const seat = this.seatOf(root);
    if (!seat) return;
    seat.drawing.resize();
    seat.drawing.render(this.model, this.model.t, performance.now());
  }

  /** Asks for a frame. */
  readonly wake = (): void => {
    this.dirty = true;
    if (!this.frame) this.frame = requestAnimationFrame(this.draw);
  };

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.sizes.disconnect();
    this.sights.disconnect();
    for (const leave of this.leave) leave();
    this.leave = [];
  }

  private seatOf(root: Element): Seat | undefined {
    return this.seats.find((seat) => seat.root === root);
  }

  /** One view that fails must not stop the others; one that keeps failing is left out. */
  private render(seat: Seat, t: number, wall: number): void {
    if (!seat.visible || seat.errors >= ERRORS_MAX) return;
    try {
      seat.drawing.render(this.model, t, wall);
    } catch (error) {
      seat.errors++;
      console.error(error);
    }
  }

  private readonly draw = (wall: number): void => {
    this.frame = 0;
    const moved = this.model.advance(wall);
    if (moved || this.dirty || this.owed) {
      const beat = !this.model.moving || wall - this.beatAt >= BEAT_MS;
      if (beat) this.beatAt = wall;
      this.dirty = false;
      this.owed = !beat;
      const t = this.model.t;
      for (const seat of this.seats) if (beat || !seat.calm) this.render(seat, t, wall);
      this.onFrame(t, beat);
    }
    if (this.model.moving && !this.frame) this.frame = requestAnimationFrame(this.draw);
  };
}
