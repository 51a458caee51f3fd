/** A link, a message or an entry of a log in the inspector. */
import { waitsAtHost } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import { asLog, type Flight, type HostId, type RunEvent, type Value } from "../model/types.ts";
import { linkOf } from "./scene.ts";
import type { App } from "./app.ts";
import { moment, show } from "./format.ts";
import { fieldLabel, Head, Pairs, rosterOf } from "./inspectparts.tsx";
import { linkSettings, messageName, messageSentence } from "./sentences.ts";
import { text } from "./text.ts";
import { Jump, MessageList } from "./widgets.tsx";

export function LinkDetails({ app, model, src, dst }: { app: App; model: RoomModel; src: HostId; dst: HostId }) {
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

export function MessageDetails({ app, model, id, seq }: { app: App; model: RoomModel; id: number; seq?: number }) {
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

export function EntryDetails(props: { app: App; model: RoomModel; host: HostId; field: string; position: number }) {
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
