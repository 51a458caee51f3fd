/** Time: previous and next event, play, speed, run until, live, the clock and the event's number. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { App } from "./app.ts";
import { Icon, useModel } from "./context.tsx";
import { positionOf, ratioAt, ratioLabel, SPEED_STEPS } from "./format.ts";
import { text } from "./text.ts";
import { untilLabel } from "./until.ts";

/** On a phone the slider of the speed opens on demand. */
const slow = signal(false);

/**
 * What only the server can do is greyed while it does not answer, with the reason; a click says it too. Peeks on purpose: who
 * reads a signal and has the same properties is drawn again for that alone (`App.scene`).
 */
function impossible(app: App): { "aria-disabled"?: true; title?: string } {
  return app.cut.peek() === null ? {} : { "aria-disabled": true, title: text("The connection is lost; wait until it is back.") };
}

export function Transport() {
  const { app, model } = useModel();
  const alone = model.detached;
  const seq = model.world.seq;
  const barred = impossible(app);
  const stepping = alone || !model.mayControl ? {} : barred;
  const last = alone || !model.mayControl ? model.head : null;
  return (
    <div class={`transport${slow.value ? " with-speed" : ""}`} role="toolbar" aria-label={text("Time")}>
      <button type="button" class="icon" aria-disabled={seq <= 0} {...stepping} aria-keyshortcuts="ArrowLeft" aria-label={text("Previous event")} onClick={() => void app.step(-1)}>
        <Icon name="previous" />
      </button>
      <PlayButton app={app} model={model} />
      <button type="button" class="icon" aria-disabled={last !== null && seq >= last} {...stepping} aria-keyshortcuts="ArrowRight" aria-label={text("Next event")} onClick={() => void app.step(1)}>
        <Icon name="next" />
      </button>
      <button type="button" class="with-icon until" {...barred} aria-haspopup="dialog" onClick={() => (app.dialog.value = { name: "until", target: { kind: "cluster" } })}>
        <Icon name="until" /> {text("Run until…")}
      </button>
      <button type="button" class="with-icon live" {...barred} aria-keyshortcuts="End" aria-pressed={!alone && model.cursor === model.head} onClick={() => app.live()}>
        <Icon name="live" /> {text("Live")}
      </button>
      <button type="button" class="phone-only" aria-expanded={slow.value} aria-label={text("Speed, {ratio}", { ratio: ratioLabel(model.ratio) })} onClick={() => (slow.value = !slow.value)}>
        {ratioLabel(model.ratio)} <span aria-hidden="true">{slow.value ? "▴" : "▾"}</span>
      </button>
      <Speed />
      <p class="clock">
        <b>{app.clock}</b>
        <span>{text("event {seq} of {head}", { seq, head: model.head })}</span>
        {model.until && <span class="until-note">{untilLabel(model.until, model.protocol)}</span>}
      </p>
    </div>
  );
}

export function PlayButton({ app, model }: { app: App; model: RoomModel }) {
  const playing = model.playing && !model.detached;
  return (
    <button type="button" class="icon play primary" {...impossible(app)} aria-keyshortcuts="Space" aria-label={playing ? text("Pause") : model.detached ? text("Return to the room") : text("Play")} onClick={() => app.togglePlay(playing)}>
      <Icon name={playing ? "pause" : "play"} />
    </button>
  );
}

export function Speed() {
  const { app, model } = useModel(); // one that keeps state of its own is not drawn anew with its parent
  const [dragged, setDragged] = useState<number | null>(null);
  const ratio = dragged === null ? model.ratio : ratioAt(dragged);
  const label = ratio === 1 ? text("real time, 1:1") : text("{ratio}, {times} times slower", { ratio: ratioLabel(ratio), times: ratio });
  return (
    <label class="speed">
      <span>{text("Speed")}</span>
      <input
        type="range"
        min="0"
        max={SPEED_STEPS}
        step="1"
        value={dragged ?? positionOf(model.ratio)}
        disabled={app.cut.peek() !== null}
        aria-label={text("Speed")}
        aria-valuetext={label}
        onInput={(event) => setDragged(Number(event.currentTarget.value))}
        onChange={(event) => {
          app.speed(ratioAt(Number(event.currentTarget.value)));
          setTimeout(() => setDragged(null), 400); // until the room's answer is here
        }}
      />
      <output>{ratioLabel(ratio)}</output>
    </label>
  );
}
