/**
 * One animation loop for all drawings. Frames are asked for only while something moves: the model's displayed time, or
 * after `wake` (a change of the model, a size, the theme, a drag). A drawing off the screen or hidden costs nothing.
 */

import type { RoomModel } from "../model/room.ts";
import type { Drawing } from "./hooks.ts";
import { onTheme } from "./theme.ts";

const ERRORS_MAX = 5;

interface Seat {
  drawing: Drawing;
  root: HTMLElement;
  visible: boolean;
  errors: number;
  /** Milliseconds between two renderings while time runs, and when the last one was. */
  every: number;
  rendered: number;
}

export class Loop {
  private seats: Seat[] = [];
  private frame = 0;
  private dirty = true;
  /** A drawing waits for its turn: it must have it before the loop comes to rest. */
  private owed = false;
  private leave: (() => void)[] = [];
  private readonly sizes: ResizeObserver;
  private readonly sights: IntersectionObserver;

  /** `onFrame` is called after each drawn frame, e.g. to show the time. */
  constructor(
    private model: RoomModel,
    private readonly onFrame: (t: number) => void = () => {},
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
    const topics = ["world", "room", "selection", "events", "tape", "properties"] as const;
    this.leave.push(model.subscribe([...topics], this.wake));
    this.wake();
  }

  /**
   * `every`: while time runs, the drawing needs to be seen anew only so many milliseconds apart. Measured: what changes in a
   * frame costs the browser more for painting and putting together than it costs us to draw. At rest it is drawn at once.
   */
  add(drawing: Drawing, root: HTMLElement, every = 0): void {
    this.seats.push({ drawing, root, visible: true, errors: 0, every, rendered: -Infinity });
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
    if (this.model.moving && wall - seat.rendered < seat.every) {
      this.owed = true;
      return;
    }
    seat.rendered = wall;
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
      this.dirty = this.owed = false;
      const t = this.model.t;
      for (const seat of this.seats) this.render(seat, t, wall);
      this.onFrame(t);
    }
    if (this.model.moving && !this.frame) this.frame = requestAnimationFrame(this.draw);
  };
}
