/** What several panels use: a button of an act, a button that opens a menu, the list of messages, a jump to an event. */
import { useId } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { Flight } from "../model/types.ts";
import type { Act } from "./scene.ts";
import type { App, Target } from "./app.ts";
import { Icon } from "./context.tsx";
import { span } from "./format.ts";
import { messageName } from "./sentences.ts";
import { text } from "./text.ts";

/** A button of an act. It stays reachable when it is impossible, and then says why. */
export function ActButton({ app, act, target, label, name }: { app: App; act: Act; target: Target; label?: string; name?: string }) {
  const id = useId();
  const reason = act.refusal;
  const shown = label ?? act.label;
  return (
    <>
      <button
        type="button"
        class={`small ${act.tone ?? ""}`}
        aria-disabled={reason !== null}
        {...(name ? { "aria-label": `${shown}: ${name}` } : {})}
        {...(reason ? { "aria-describedby": id, title: reason } : {})}
        onClick={() => app.do(act, target)}
      >
        {shown}
      </button>
      {reason && (
        <span id={id} class="unseen">
          {reason}
        </span>
      )}
    </>
  );
}

export const LISTED_MAX = 100;

export function MessageList({ app, model, flights }: { app: App; model: RoomModel; flights: Flight[] }) {
  const chosen = model.selection?.kind === "message" ? model.selection.id : null;
  if (!flights.length) return <p class="empty">{text("No message is in flight.")}</p>;
  return (
    <ul class="rows" aria-label={text("Messages in flight")}>
      {flights.slice(0, LISTED_MAX).map((flight) => (
        <li key={flight.id} class={chosen === flight.id ? "chosen" : ""}>
          <button type="button" class="link-like" aria-pressed={chosen === flight.id} onClick={() => model.select({ kind: "message", id: flight.id })}>
            {messageName(flight, model.protocol)}
          </button>
          <span class="due">{flight.due === null ? text("stands still") : text("in {time}", { time: span(Math.max(0, flight.due - Math.round(model.t))) })}</span>
          <MenuButton app={app} target={{ kind: "message", id: flight.id }} name={messageName(flight, model.protocol)} />
        </li>
      ))}
      {flights.length > LISTED_MAX && <li class="empty">{text("and {n} more", { n: flights.length - LISTED_MAX })}</li>}
    </ul>
  );
}

export function MenuButton({ app, target, name }: { app: App; target: Target; name: string }) {
  return (
    <button
      type="button"
      class="quiet icon"
      aria-haspopup="menu"
      aria-label={text("Acts on {name}", { name })}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        app.menu.value = { target, x: box.left, y: box.bottom, opener: event.currentTarget };
      }}
    >
      <Icon name="menu" />
    </button>
  );
}

export function Jump({ app, model, seq, label }: { app: App; model: RoomModel; seq: number; label: string }) {
  return (
    <button
      type="button"
      class="link-like"
      onClick={() => {
        void app.history.around(seq);
        model.select({ kind: "event", seq });
      }}
    >
      {label}
    </button>
  );
}
