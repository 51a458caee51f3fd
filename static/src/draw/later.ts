/** A drawing that comes in a second file, so that the first picture does not wait for it. */

import type { RoomModel } from "../model/room.ts";
import type { Drawing, DrawingClass, Hooks, Text } from "./hooks.ts";

const TRY_AGAIN_MS = 2000;

export function later(load: () => Promise<DrawingClass>): DrawingClass {
  return class Later implements Drawing {
    private inner: Drawing | null = null;
    private last: [RoomModel, number, number] | null = null;
    private gone = false;
    private failed = 0;

    constructor(
      readonly root: HTMLElement,
      private readonly hooks: Hooks,
      private readonly text: Text,
    ) {
      void this.fetch();
    }

    private async fetch(): Promise<void> {
      try {
        const View = await load();
        if (this.gone) return;
        this.inner = new View(this.root, this.hooks, this.text);
        if (this.last) this.inner.render(...this.last);
      } catch (error) {
        console.error(error);
        this.failed = performance.now();
      }
    }

    render(model: RoomModel, t: number, wall: number): void {
      this.last = [model, t, wall];
      if (this.inner) return this.inner.render(model, t, wall);
      if (!this.failed || performance.now() - this.failed < TRY_AGAIN_MS) return;
      this.failed = 0;
      void this.fetch();
    }

    resize(): void {
      this.inner?.resize();
    }

    destroy(): void {
      this.gone = true;
      this.inner?.destroy();
    }
  };
}
