/** The inspector: what is selected, field by field, with the paper's names; and the inbox of a node. */
import { useState } from "preact/hooks";
import { waitsAtHost } from "../model/channels.ts";
import { byKey } from "../model/grids.ts";
import { partsOf } from "../model/roster.ts";
import type { RoomModel } from "../model/room.ts";
import { asLog, isLogWindow, type FieldValue, type Flight, type HostId, type RunEvent, type Selection, type Value } from "../model/types.ts";
import { actsFor, linkOf, timerActs, timerLabel, type Act } from "./acts.ts";
import type { App, Target } from "./app.ts";
import { useModel } from "./context.tsx";
import { moment, show, span } from "./format.ts";
import { tell } from "./feed.tsx";
import { linkSettings, messageName, messageSentence } from "./sentences.ts";
import { rosterText } from "./setup.ts";
import { said, text } from "./text.ts";
import { ActButton, Jump, MessageList } from "./widgets.tsx";

export default function Inspector() {
  const { app, model } = useModel();
  const { selection } = model;
  return (
    <section class="panel inspector" aria-label={text("Inspector")}>
      <h2 class="unseen">{text("Inspector")}</h2>
      {selection === null ? <Nothing app={app} model={model} /> : <Chosen app={app} model={model} selection={selection} />}
    </section>
  );
}

/** With nothing selected the last event is of interest. */
function Nothing({ app, model }: { app: App; model: RoomModel }) {
  const event = model.store.get(model.world.seq);
  return (
    <>
      <p class="empty">{text("Select a node, a link, a message, an entry or an event to see what is in it.")}</p>
      {event && <EventDetails app={app} model={model} event={event} />}
    </>
  );
}

function Chosen({ app, model, selection }: { app: App; model: RoomModel; selection: Selection }) {
  switch (selection.kind) {
    case "host":
      return <HostDetails id={selection.host} />;
    case "link":
      return <LinkDetails app={app} model={model} src={selection.src} dst={selection.dst} />;
    case "message":
      return <MessageDetails app={app} model={model} id={selection.id} {...(selection.seq === undefined ? {} : { seq: selection.seq })} />;
    case "entry":
      return <EntryDetails app={app} model={model} host={selection.host} field={selection.field} position={selection.position} />;
    case "event": {
      const event = model.store.get(selection.seq);
      if (event) return <EventDetails app={app} model={model} event={event} />;
      void app.history.around(selection.seq);
      return <p class="empty">{text("Event {seq} is being fetched.", { seq: selection.seq })}</p>;
    }
  }
}

function Head({ title, note, app, target }: { title: string; note?: string; app: App; target?: Target }) {
  return (
    <header class="inspector-head">
      <h3>{title}</h3>
      {note && <span class="note">{note}</span>}
      {target && (
        <button
          type="button"
          class="small"
          aria-haspopup="menu"
          aria-label={text("Acts on {name}", { name: title })}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            app.menu.value = { target, x: box.left, y: box.bottom, opener: event.currentTarget };
          }}
        >
          {text("Acts")} ▾
        </button>
      )}
    </header>
  );
}

/* ------------------------------------------------------------------ hosts */

/** The fields that the last event changed on this host. */
function changedFields(model: RoomModel, id: HostId): Set<string> {
  const fields = new Set<string>();
  for (const change of model.store.get(model.world.seq)?.changes ?? []) {
    if ((change[0] === "state" || change[0] === "log" || change[0] === "timer" || change[0] === "host") && change[1] === id) fields.add(change[2]);
  }
  return fields;
}

function HostDetails({ id }: { id: HostId }) {
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

/** Whether a crash leaves the field: a rule that is off may have taken that away. */
export function isDurable({ protocol, world }: Pick<RoomModel, "protocol" | "world">, name: string): boolean {
  const spec = protocol.fields[name];
  return spec?.durable === true && (!spec.unless || world.rules[spec.unless] !== false);
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

export function fieldText(value: FieldValue | undefined): string {
  if (!isLogWindow(value)) return show(value as Value | undefined);
  const last = value.items[value.items.length - 1];
  if (!last) return text("empty");
  return text("{length} entries, the last {entry}", { length: value.length, entry: last });
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

/* ------------------------------------------------------------------ links, messages, entries */

function Pairs({ pairs }: { pairs: [string, string][] }) {
  return (
    <dl class="fields-list">
      {pairs.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function LinkDetails({ app, model, src, dst }: { app: App; model: RoomModel; src: HostId; dst: HostId }) {
  const scene = { world: model.world, setup: model.setup };
  const flights = Object.values(model.world.flights).filter((flight) => flight.src === src && flight.dst === dst);
  return (
    <>
      <Head app={app} title={text("Link {src} → {dst}", { src, dst })} target={{ kind: "link", src, dst }} />
      {[
        { src, dst },
        { src: dst, dst: src },
      ].map((way) => {
        const link = linkOf(scene, way);
        return (
          <div class="fields-group" key={way.src}>
            <h4>{`${way.src} → ${way.dst}`}</h4>
            <p>
              <b>{link.up ? text("up") : text("cut")}</b>
              {model.separated(src, dst) && " · "}
              {model.separated(src, dst) && <b>{text("a partition stands between")}</b>}
              {` · ${linkSettings(link)}`}
            </p>
          </div>
        );
      })}
      <div class="fields-group">
        <h4>{text("On the way {src} → {dst}", { src, dst })}</h4>
        <MessageList app={app} model={model} flights={flights} />
      </div>
    </>
  );
}

/** A message still in flight, or as the event that ended it tells. */
function findMessage(model: RoomModel, id: number, seq?: number): { message: Flight; ended: RunEvent | null } | null {
  const flight = model.world.flights[String(id)];
  if (flight) return { message: flight, ended: null };
  const events = seq === undefined ? model.store.range(model.world.seq - 2000, model.world.seq + 2000) : [model.store.get(seq)];
  for (const event of events) {
    if (event?.message?.id === id) return { message: event.message, ended: event };
    const stopped = event?.lost?.find((each) => each.message.id === id);
    if (event && stopped) return { message: stopped.message, ended: event };
  }
  return null;
}

function MessageDetails({ app, model, id, seq }: { app: App; model: RoomModel; id: number; seq?: number }) {
  const found = findMessage(model, id, seq);
  if (!found) return <p class="empty">{text("Message {id} is no longer in flight.", { id })}</p>;
  const { message, ended } = found;
  const pairs: [string, string][] = Object.entries(message.body).map(([key, value]) => [key, show(value)]);
  pairs.push([text("sent"), `${moment(message.sent)} · ${message.sent_seq}`]);
  if (message.of !== null) pairs.push([text("duplicate of"), String(message.of)]);
  if (!ended) pairs.push([text("arrives"), arrival(model, message)]);
  return (
    <>
      <Head app={app} title={messageName(message, model.protocol)} {...(ended ? {} : { target: { kind: "message" as const, id } })} />
      <p>{messageSentence(message, model.protocol)}</p>
      <Pairs pairs={pairs} />
      <p class="jumps">
        <Jump app={app} model={model} seq={message.sent_seq} label={text("Sent by event {seq}", { seq: message.sent_seq })} />
        {ended && <Jump app={app} model={model} seq={ended.seq} label={text("Ended by event {seq}", { seq: ended.seq })} />}
      </p>
    </>
  );
}

function arrival(model: RoomModel, message: Flight): string {
  if (waitsAtHost(model.world, message, model.t)) return text("waits at {host}, which is paused", { host: message.dst });
  return message.due === null ? text("stands still") : moment(message.due);
}

function EntryDetails(props: { app: App; model: RoomModel; host: HostId; field: string; position: number }) {
  const { app, model, host, field, position } = props;
  const log = asLog(model.world.hosts[host]?.state[field]);
  if (!log) return <p class="empty">{text("There is no such entry now.")}</p>;
  if (position >= log.length) return <p class="empty">{text("{host} has no entry {index} now.", { host, index: position + 1 })}</p>;
  const entry = log.items[position - log.from];
  if (!entry) void app.history.entries(host, field, Math.max(0, position - 50), Math.min(log.length, position + 50));
  const panel = model.protocol.view.panels.find((each) => each.kind === "strip" && each.field === field);
  const label = panel?.kind === "strip" ? panel.label : null;
  const holders = model.nodes.filter((id) => {
    const other = asLog(model.world.hosts[id]?.state[field]);
    return other && entry && JSON.stringify(other.items[position - other.from]) === JSON.stringify(entry);
  });
  return (
    <>
      <Head app={app} title={text("Entry {index} of {host}", { index: position + 1, host })} />
      {entry && <Pairs pairs={Object.entries(entry).flatMap(([key, value]) => (value === null && key === label ? [[key, "no-op"]] : entryPairs(model, key, value)))} />}
      {entry && <p>{text("The same entry stands in the logs of {hosts}.", { hosts: holders.join(", ") })}</p>}
    </>
  );
}

/** A field of an entry; where a configuration stands in it, that in words on a line of its own. */
function entryPairs(model: RoomModel, key: string, value: Value): [string, string][] {
  const parts = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const found = parts.flatMap(([name, part]): [string, string][] => {
    const words = rosterOf(model, part);
    return words === null ? [] : [[fieldLabel(model, name), words]];
  });
  return found.length ? [[key, String((value as Record<string, Value>).name ?? "")], ...found] : [[key, show(value)]];
}

/* ------------------------------------------------------------------ events */

function EventDetails({ app, model, event }: { app: App; model: RoomModel; event: RunEvent }) {
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

function isDict(value: FieldValue | undefined): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLogWindow(value) && !("name" in value);
}

/** Keys of a dict that are listed one below the other; of more, the last ones. */
const KEYS_SHOWN = 12;

/** What nodes go by in words, where the value is that; null: it is something else. */
function rosterOf(model: RoomModel, value: FieldValue | undefined): string | null {
  const { roster } = model.protocol.view;
  const parts = roster ? partsOf(roster, value) : null;
  return parts && rosterText(parts);
}

/** A field's value; a dict with something to read in it as a line for each key. */
function FieldBody({ model, value }: { model: RoomModel; value: FieldValue | undefined }) {
  const words = rosterOf(model, value);
  if (words !== null) return <dd>{words}</dd>;
  if (!isDict(value) || !(Object.keys(value).length > 4 || Object.values(value).some((each) => typeof each === "object" && each !== null))) return <dd>{fieldText(value)}</dd>;
  const keys = Object.keys(value).sort(byKey);
  const hidden = Math.max(0, keys.length - KEYS_SHOWN);
  return (
    <dd>
      {hidden > 0 && <span class="note">{text("and {n} more", { n: hidden })}</span>}
      <ul class="pairs">
        {keys.slice(hidden).map((key) => (
          <li key={key}>
            {key}: {show(value[key])}
          </li>
        ))}
      </ul>
    </dd>
  );
}

function fieldLabel(model: RoomModel, name: string): string {
  const spec = model.protocol.fields[name];
  return spec ? said(spec.label) : name;
}
