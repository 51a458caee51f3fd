/** A node or a client in the inspector: its fields, and its inbox. */
import { useState } from "preact/hooks";
import { waitsAtHost } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import type { FieldValue, HostId, Selection } from "../model/types.ts";
import { actsFor, timerActs } from "./acts.ts";
import { timerLabel, type Act } from "./scene.ts";
import type { App, Target } from "./app.ts";
import { useModel } from "./context.tsx";
import { span } from "./format.ts";
import { FieldBody, Head, isDurable } from "./inspectparts.tsx";
import { messageName } from "./sentences.ts";
import { said, text } from "./text.ts";
import { ActButton } from "./widgets.tsx";

/** The fields that the last event changed on this host. */
function changedFields(model: RoomModel, id: HostId): Set<string> {
  const fields = new Set<string>();
  for (const change of model.store.get(model.world.seq)?.changes ?? []) {
    if ((change[0] === "state" || change[0] === "log" || change[0] === "timer" || change[0] === "host") && change[1] === id) fields.add(change[2]);
  }
  return fields;
}

export function HostDetails({ id }: { id: HostId }) {
  const { app, model } = useModel(); // one that keeps state of its own is not drawn anew with its parent
  const [explained, setExplained] = useState(false);
  const host = model.world.hosts[id];
  if (!host) return <p class="empty">{text("There is no {host}.", { host: id })}</p>;
  const changed = changedFields(model, id);
  const names = Object.keys(host.state);
  const durable = names.filter((name) => isDurable(model, name));
  const volatile = names.filter((name) => !isDurable(model, name));
  const status = !host.up ? text("down") : host.paused ? text("paused") : text("up");
  const clock = host.rate_ppm === 1_000_000 && host.offset === 0 ? "" : text("clock {rate} %, {offset}", { rate: host.rate_ppm / 10_000, offset: span(host.offset) });
  const lives = text("life {n}", { n: host.incarnation });
  const group = (label: string, list: string[]) =>
    list.length > 0 && (
      <FieldList label={label} names={list} values={host.state} model={model} changed={changed} explained={explained} />
    );
  return (
    <>
      <Head app={app} title={host.kind === "node" ? text("Node {id}", { id }) : text("Client {id}", { id })} note={[status, lives, clock].filter(Boolean).join(" · ")} target={{ kind: "host", host: id }} />
      {host.kind === "node" ? (
        <>
          {group(text("Durable: survives a crash"), durable)}
          {group(text("Volatile: lost in a crash"), volatile)}
        </>
      ) : (
        group(text("State"), names)
      )}
      <Inbox app={app} model={model} id={id} />
      <button type="button" class="quiet small" aria-pressed={explained} onClick={() => setExplained(!explained)}>
        {text("Explain the fields")}
      </button>
    </>
  );
}

function FieldList(props: { label: string; names: string[]; values: Record<string, FieldValue>; model: RoomModel; changed: Set<string>; explained: boolean }) {
  const { model } = props;
  return (
    <div class="fields-group">
      <h4>{props.label}</h4>
      <dl class="fields-list">
        {props.names.map((name) => {
          const spec = model.protocol.fields[name];
          const changed = props.changed.has(name);
          return (
            <div key={name} class={changed ? "changed" : ""}>
              <dt>
                {spec ? said(spec.label) : name}
                {changed && <span class="changed-mark"> {text("changed")}</span>}
              </dt>
              <FieldBody model={model} value={props.values[name]} />
              {spec?.unless && !isDurable(model, name) && (
                <dd class="explain">{text("durable only with the rule: {rule}", { rule: said(model.protocol.rules[spec.unless]?.title ?? spec.unless) })}</dd>
              )}
              {props.explained && spec && <dd class="explain">{said(spec.text)}</dd>}
            </div>
          );
        })}
      </dl>
    </div>
  );
}

/* ------------------------------------------------------------------ the inbox */

interface Waiting {
  key: string;
  label: string;
  due: number | null;
  /** It has arrived, and its host is paused. */
  here: boolean;
  act: Act | undefined;
  target: Target;
}

function waiting(app: App, model: RoomModel, id: HostId): Waiting[] {
  const scene = app.scene();
  const host = model.world.hosts[id];
  if (!scene || !host) return [];
  const fire = timerActs(scene, id);
  const timers = Object.entries(host.timers).map(([name, timer]) => ({
    key: `t${name}`,
    label: text("Timer: {timer}", { timer: timerLabel(model.protocol, name) }),
    due: timer.due,
    here: false,
    act: fire.find((act) => act.id === `fire_timer:${name}`),
    target: { kind: "host", host: id } as Target,
  }));
  const messages = Object.values(model.world.flights)
    .filter((flight) => flight.dst === id)
    .map((flight) => {
      const target: Selection = { kind: "message", id: flight.id };
      const act = actsFor(scene, target).find((each) => each.id === "deliver_now");
      const here = waitsAtHost(model.world, flight, model.t);
      return { key: `m${flight.id}`, label: messageName(flight, model.protocol), due: flight.due, here, act, target };
    });
  return [...timers, ...messages].sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity));
}

const INBOX_MAX = 60;

function dueText(due: number | null, t: number): string {
  return due === null ? text("stands still") : text("in {time}", { time: span(Math.max(0, due - Math.round(t))) });
}

function Inbox({ app, model, id }: { app: App; model: RoomModel; id: HostId }) {
  const list = waiting(app, model, id);
  return (
    <div class="fields-group">
      <h4>{text("Inbox: messages and timers to come")}</h4>
      {list.length === 0 && <p class="empty">{text("Nothing waits for {host}.", { host: id })}</p>}
      <ul class="inbox">
        {list.slice(0, INBOX_MAX).map(({ key, label, due, here, act, target }) => (
          <li key={key}>
            <button type="button" class="link-like" onClick={() => target.kind !== "cluster" && model.select(target)}>
              {label}
            </button>
            <span class="due">{here ? text("waits: {host} is paused", { host: id }) : dueText(due, model.t)}</span>
            {act && (
              <ActButton app={app} act={act} target={target} label={key.startsWith("t") ? text("Fire now") : text("Deliver now")} name={label} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
