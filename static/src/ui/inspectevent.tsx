/** An event in the inspector: what happened, why, and what it changed. */
import type { RoomModel } from "../model/room.ts";
import type { FieldValue, RunEvent } from "../model/types.ts";
import { timerLabel } from "./scene.ts";
import type { App } from "./app.ts";
import { tell } from "./feed.tsx";
import { moment, show } from "./format.ts";
import { fieldLabel, fieldText, isDict, rosterOf } from "./inspectparts.tsx";
import { messageName } from "./sentences.ts";
import { said, text } from "./text.ts";
import { Jump } from "./widgets.tsx";

export function EventDetails({ app, model, event }: { app: App; model: RoomModel; event: RunEvent }) {
  const { lines } = tell(event, model.protocol);
  const sent = event.sent ?? [];
  return (
    <>
      <header class="inspector-head">
        <h3>{text("Event {seq}", { seq: event.seq })}</h3>
        <span class="note">{`${moment(event.time)}${event.host ? ` · ${event.host}` : ""}`}</span>
        <button type="button" class="small" onClick={() => void app.goto({ seq: event.seq })}>
          {text("Go there")}
        </button>
      </header>
      <ul class="lines">
        {lines.map((line, index) => (
          <li key={index} class={`tone-${line.tone}`}>
            {line.text}
            {line.cites && <cite> {line.cites}</cite>}
          </li>
        ))}
      </ul>
      <p class="jumps">
        {event.cause > 0 ? <Jump app={app} model={model} seq={event.cause} label={text("Caused by event {seq}", { seq: event.cause })} /> : text("No event caused it.")}
      </p>
      {event.changes && event.changes.length > 0 && <Changes model={model} event={event} />}
      {sent.length > 0 && (
        <div class="fields-group">
          <h4>{text("It sent")}</h4>
          <ul class="rows">
            {sent.map((flight) => (
              <li key={flight.id}>
                <button type="button" class="link-like" onClick={() => model.select({ kind: "message", id: flight.id })}>
                  {messageName(flight, model.protocol)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Changes({ model, event }: { model: RoomModel; event: RunEvent }) {
  const rows = (event.changes ?? []).flatMap((change): [string, string, string][] => {
    const [before, after] = change[0] === "state" ? [rosterOf(model, change[3]), rosterOf(model, change[4])] : [null, null];
    if (change[0] === "state" && after !== null) return [[`${change[1]}.${fieldLabel(model, change[2])}`, before ?? "–", after]];
    if (change[0] === "state") return stateRows(`${change[1]}.${fieldLabel(model, change[2])}`, change[3], change[4]);
    if (change[0] === "log") {
      const at = change[3];
      return [[`${change[1]}.${fieldLabel(model, change[2])} [${at + 1}…]`, show(change[4]), show(change[5])]];
    }
    if (change[0] === "timer") {
      const label = `${change[1]} ${timerLabel(model.protocol, change[2])}`;
      const due = (timer: { due: number | null } | null) => (timer === null ? "–" : timer.due === null ? text("stands still") : moment(timer.due));
      return [[label, due(change[3]), due(change[4])]];
    }
    if (change[0] === "host") return [[`${change[1]} ${change[2]}`, show(change[3]), show(change[4])]];
    if (change[0] === "rule") return [[said(model.protocol.rules[change[1]]?.title ?? change[1]), show(change[2]), show(change[3])]];
    return [];
  });
  if (!rows.length) return null;
  return (
    <div class="fields-group">
      <h4>{text("It changed")}</h4>
      <table class="changes">
        <thead>
          <tr>
            <th scope="col">{text("field")}</th>
            <th scope="col">{text("before")}</th>
            <th scope="col">{text("after")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, before, after], index) => (
            <tr key={index}>
              <th scope="row">{label}</th>
              <td>{before}</td>
              <td>{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of a dict, only the keys that have changed. */
function stateRows(name: string, before: FieldValue, after: FieldValue): [string, string, string][] {
  if (!isDict(before) || !isDict(after)) return [[name, fieldText(before), fieldText(after)]];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return keys.map((key) => [`${name}[${key}]`, show(before[key]), show(after[key])]);
}
