/** A handout: what happened in a span of events, on paper and in black and white. */
import { SHAPES } from "../draw/ringlegend.ts";
import type { Branch } from "../model/branches.ts";
import type { RoomModel } from "../model/room.ts";
import type { PropertyChange, Protocol, RunEvent, Setup, Welcome, World } from "../model/types.ts";
import { feedRows, tell } from "./feed.tsx";
import { moment } from "./format.ts";
import { modelOf, paperStrips } from "./paperdiagram.ts";
import { PaperBoards, PaperNodes } from "./papertables.tsx";
import { linkSettings } from "./sentences.ts";
import { settingLabel } from "./settings.ts";
import { said, text } from "./text.ts";

/** As the server tells it (`server/rooms/handout.py`). */
export interface Told {
  title: string;
  protocol: Protocol;
  setup: Setup;
  branch: number;
  branches: Branch[];
  first: number;
  last: number;
  from: number;
  to: number;
  events: RunEvent[];
  world: World;
  properties: Record<string, PropertyChange[]>;
  disclaimed: Record<string, string>;
  digest: string;
  recording: { commands: number; digest: string };
}

/** A room that stands still at the end of the span. */
export function welcomeOf(told: Told, room: string): Welcome {
  const { protocol, setup, world, properties, branches, branch, disclaimed, last, to } = told;
  return {
    room, protocol, setup, world, properties, branches, branch, disclaimed,
    epoch: "", seq: 0, you: { id: "", name: "", role: "viewer", may_control: false }, now: to, cursor: last, head: last, playing: false, ratio: 1, until: null,
    tape: [], operations: [], people: [], controls: "", lesson: null, scenario: null, limits: {}, warnings: [], costs: null, ensemble: null, stopped: null,
  };
}

export function Handout({ told, room }: { told: Told; room: string }) {
  const welcome = welcomeOf(told, room);
  const model = modelOf(welcome, told.events);
  const weight = (event: RunEvent) => tell(event, told.protocol).weight;
  const strips = paperStrips(welcome, told.events, (seq) => {
    const event = model.store.get(seq);
    return event !== undefined && weight(event) !== "routine";
  });
  return (
    <main class="handout">
      <p class="handout-tools">
        <button type="button" class="primary" onClick={() => window.print()}>
          {text("Print, or keep as PDF")}
        </button>
        <a class="button" href={`/r/${encodeURIComponent(room)}`}>
          {text("To the room")}
        </a>
      </p>
      <Head told={told} />
      <section class="handout-diagram">
        <h2>{text("Space-time diagram")}</h2>
        {strips.map((strip, i) => (
          <figure key={i}>
            <img
              src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(strip.svg)}`}
              width={strip.width}
              height={strip.height}
              alt={text("From {from} to {to}; the sentences below tell the same.", { from: moment(strip.from), to: moment(strip.to) })}
            />
          </figure>
        ))}
        <Signs told={told} />
      </section>
      <Sentences model={model} told={told} />
      <section class="handout-end">
        <h2>{text("After event {seq}", { seq: told.last })}</h2>
        <PaperNodes model={model} />
        <PaperBoards model={model} />
        <Properties model={model} />
      </section>
      <Foot told={told} />
    </main>
  );
}

function Head({ told }: { told: Told }) {
  const { protocol, setup, branches, branch } = told;
  const tuned = Object.entries(setup.params).filter(([name, value]) => protocol.params[name] && value !== protocol.params[name].default);
  const off = Object.entries(setup.rules).filter(([, on]) => !on);
  const facts: [string, string][] = [
    [text("Protocol"), said(protocol.title)],
    [text("Nodes"), String(setup.nodes)],
    [text("Clients"), String(setup.clients)],
    [text("Seed"), String(setup.seed)],
    [text("Links"), linkSettings(setup.link)],
    ...tuned.map(([name, value]): [string, string] => [said(protocol.params[name]!.title), settingLabel(protocol.params[name]!, value)]),
    ...(off.length ? [[text("Rules that are off"), off.map(([name]) => said(protocol.rules[name]?.title ?? name)).join("; ")] as [string, string]] : []),
    [text("Branch"), branches.find(({ id }) => id === branch)?.name ?? ""],
    [text("Events"), text("{first} to {last}, from {from} to {to}", { first: told.first, last: told.last, from: moment(told.from), to: moment(told.to) })],
  ];
  return (
    <header>
      <p class="handout-brand">Quorumscope</p>
      <h1>{said(told.title)}</h1>
      <dl class="handout-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** What the shapes on the arrows mean; each kind that was sent. */
function Signs({ told }: { told: Told }) {
  const sent = new Set(told.events.flatMap((event) => [...(event.message ? [event.message.type] : []), ...(event.lost ?? []).map(({ message }) => message.type)]));
  const kinds = new Map<string, string[]>();
  for (const [name, spec] of Object.entries(told.protocol.messages)) {
    if (sent.has(name)) kinds.set(spec.shape, [...(kinds.get(spec.shape) ?? []), said(spec.label)]);
  }
  return (
    <ul class="handout-signs">
      {[...kinds].map(([shape, labels]) => (
        <li key={shape}>
          <svg viewBox="0 0 18 18" width="14" height="14" aria-hidden="true">
            <path d={SHAPES[shape]} fill="none" stroke="#000" stroke-width="2" />
          </svg>
          {labels.join(", ")}
        </li>
      ))}
      <li>{text("+ yes, filled: no, ✕ lost; numbers are those of the events, wherever they fit")}</li>
    </ul>
  );
}

function Sentences({ model, told }: { model: RoomModel; told: Told }) {
  const { rows } = feedRows((seq) => (seq < told.first ? undefined : model.store.get(seq)), told.last, "context", (event) => tell(event, told.protocol).weight, [], told.events.length);
  return (
    <section class="handout-story">
      <h2>{text("What happened")}</h2>
      <ol>
        {rows.reverse().map((row) =>
          row.kind === "fold" ? (
            <li key={row.from} class="fold">
              {row.from === row.to ? text("1 routine event, {from}", { from: row.from }) : text("{count} routine events, {from} to {to}", { ...row })}
            </li>
          ) : (
            <Sentence key={row.event.seq} event={row.event} told={told} />
          ),
        )}
      </ol>
    </section>
  );
}

function Sentence({ event, told }: { event: RunEvent; told: Told }) {
  const { lines } = tell(event, told.protocol);
  const heavy = lines.filter((line) => line.weight !== "routine");
  return (
    <li>
      <b>{event.seq}</b> <time>{moment(event.time)}</time>
      <div>
        {(heavy.length ? heavy : lines).map((line, i) => (
          <p key={i} class={line.weight}>
            {line.text} {line.cites && <cite>{line.cites}</cite>}
          </p>
        ))}
      </div>
    </li>
  );
}

function Properties({ model }: { model: RoomModel }) {
  const names = Object.keys(model.protocol.properties);
  const broken = names.filter((name) => model.property(name).state === "broken");
  return (
    <section class="paper-board">
      <h3>{text("Properties")}</h3>
      {broken.length === 0 && <p>{text("{n} properties are watched, none is broken.", { n: names.length })}</p>}
      <ul class="handout-broken">
        {broken.map((name) => {
          const { title, text: sentence, cites } = model.protocol.properties[name]!;
          const reason = model.disclaimed[name];
          return (
            <li key={name}>
              <b>✕ {said(title)}</b> {text("broken since event {seq}", { seq: model.property(name).since })}. {said(sentence)} {cites && <cite>{said(cites)}</cite>}
              {reason && <i> {said(reason)}</i>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Foot({ told }: { told: Told }) {
  const { first, last, digest, recording } = told;
  return (
    <footer class="handout-foot">
      <p>
        {text("Recording {digest}, with {n} commands up to here. Events {first} to {last} have the checksum {sum}: the same recording gives the same events.", {
          digest: recording.digest, n: recording.commands, first, last, sum: digest,
        })}
      </p>
      <p>
        <code>{`quorumscope export FILE --to jsonl --from ${first} --upto ${last}`}</code>
      </p>
    </footer>
  );
}
