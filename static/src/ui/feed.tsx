/** The feed: every event in one plain sentence, newest first, with the reason and where it is written. */
import type { RefObject, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { Protocol, RunEvent } from "../model/types.ts";
import type { App, Filter } from "./app.ts";
import { Icon, useModel } from "./context.tsx";
import { moment } from "./format.ts";
import { linesOf, weightOf, type Line, type Weight } from "./sentences.ts";
import { text } from "./text.ts";

export const FEED_ROWS_MAX = 150;
/** While events come in and the reader is at the top: a new row moves all others, and these fill any panel. */
const ROWS_MOVING_MAX = 40;
/** Farther down than this the reader reads on. */
const TOP_PX = 60;
/** How far back the feed looks for rows before it stops. */
const LOOK_BACK_MAX = 3_000;

interface Told {
  lines: Line[];
  weight: Weight;
}

export type FeedRow = { kind: "event"; event: RunEvent } | { kind: "fold"; from: number; to: number; count: number };

const told = new WeakMap<RunEvent, Told>();

export function tell(event: RunEvent, protocol: Protocol): Told {
  let known = told.get(event);
  if (!known) {
    known = { lines: linesOf(event, protocol), weight: weightOf(event, protocol) };
    told.set(event, known);
  }
  return known;
}

/** A run of routine events that a reader has unfolded: from, to. */
export type Opened = readonly (readonly [number, number])[];

/** Rows from `seq` backwards. Focus leaves routine and normal out, context folds the routine, all shows all. */
export function feedRows(
  at: (seq: number) => RunEvent | undefined,
  seq: number,
  filter: Filter,
  weight: (event: RunEvent) => Weight,
  opened: Opened = [],
  most = FEED_ROWS_MAX,
): { rows: FeedRow[]; reached: number } {
  const rows: FeedRow[] = [];
  const end = Math.max(0, seq - LOOK_BACK_MAX);
  let current = seq;
  for (; current > end && rows.length < most; current--) {
    const event = at(current);
    if (!event) break;
    const heavy = weight(event);
    const unfolded = opened.some(([from, to]) => from <= event.seq && event.seq <= to);
    if (filter === "all" || heavy === "key" || (filter === "context" && (heavy === "normal" || unfolded))) rows.push({ kind: "event", event });
    else if (filter === "context") fold(rows, event);
  }
  return { rows, reached: current };
}

function fold(rows: FeedRow[], event: RunEvent): void {
  const last = rows[rows.length - 1];
  if (last?.kind === "fold") {
    last.from = event.seq;
    last.count++;
  } else rows.push({ kind: "fold", from: event.seq, to: event.seq, count: 1 });
}

/** Whether a reader has scrolled down. Kept, as asking while drawing would make the browser lay the page out twice. */
function useScrolledAway(box: RefObject<HTMLElement | null>): { current: boolean } {
  const away = useRef(false);
  useEffect(() => {
    const scroller = box.current?.parentElement;
    const scrolled = (): void => {
      away.current = (scroller?.scrollTop ?? 0) >= TOP_PX;
    };
    scroller?.addEventListener("scroll", scrolled, { passive: true });
    return () => scroller?.removeEventListener("scroll", scrolled);
  }, []);
  return away;
}

export function Feed() {
  const { app, model } = useModel();
  const [opened, setOpened] = useState<Opened>([]);
  const box = useRef<HTMLElement>(null);
  const away = useScrolledAway(box);
  const moving = model.playing && !model.detached && !away.current;
  const most = moving ? ROWS_MOVING_MAX : FEED_ROWS_MAX;
  const { rows, reached } = feedRows(
    (seq) => model.store.get(seq),
    model.world.seq,
    app.filter.value,
    (event) => tell(event, model.protocol).weight,
    opened,
    most,
  );
  const open = (from: number, to: number): void => setOpened([...opened, [from, to] as const].slice(-50));
  return (
    <section class="panel feed" aria-label={text("Feed")} ref={box}>
      <FeedList app={app} rows={rows} model={model} open={open} />
      {rows.length === 0 && <p class="empty">{reached > 0 ? text("Nothing of weight has happened lately.") : text("Nothing has happened yet.")}</p>}
      {reached > 0 && rows.length < most && !model.store.has(reached) && (
        <button type="button" class="quiet wide" onClick={() => void app.history.events(reached - 400, reached)}>
          {text("Earlier events")}
        </button>
      )}
    </section>
  );
}

function FeedList({ app, rows, model, open }: { app: App; rows: FeedRow[]; model: RoomModel; open: (from: number, to: number) => void }) {
  const list = useRef<HTMLOListElement>(null);
  const kept = useRef<Drawn>(new Map());
  const chosen = model.selection?.kind === "event" ? model.selection.seq : null;
  const anchor = rows.some((row) => row.kind === "event" && row.event.seq === chosen) ? chosen : null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>(".feed-row") ?? [])];
    const next = all[all.indexOf(document.activeElement as HTMLElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  let first = true;
  const before = kept.current;
  const drawn: Drawn = (kept.current = new Map());
  return (
    <ol class="feed-list" ref={list} onKeyDown={onKeyDown}>
      {rows.map((row) => {
        if (row.kind === "fold") {
          const within = (seq: number | null): boolean => seq !== null && row.from <= seq && seq <= row.to;
          return <Fold key={`f${row.from}`} row={row} open={open} here={within(model.world.seq)} chosen={within(chosen)} />;
        }
        const stop = anchor === null ? first : row.event.seq === anchor;
        first = false;
        const { event } = row;
        return eventRow(before, drawn, { app, model, event, chosen: event.seq === chosen, here: event.seq === model.world.seq, tabStop: stop, whole: app.filter.value === "all" });
      })}
    </ol>
  );
}

interface FoldProps {
  row: Extract<FeedRow, { kind: "fold" }>;
  open: (from: number, to: number) => void;
  /** The shown event, or the selected one, is among these. */
  here: boolean;
  chosen: boolean;
}

function Fold({ row, open, here, chosen }: FoldProps) {
  const label =
    row.from === row.to ? text("1 routine event, {from}", { from: row.from }) : text("{count} routine events, {from} to {to}", { ...row });
  return (
    <li class={`fold${chosen ? " chosen" : ""}${here ? " here" : ""}`}>
      <button type="button" class="feed-row" tabIndex={-1} aria-expanded={false} onClick={() => open(row.from, row.to)}>
        <span class="fold-dots" aria-hidden="true">
          ⋯
        </span>
        {label}
      </button>
    </li>
  );
}

/** What the nodes said is enough; what happened in the world before it comes with a closer look. */
function shownLines(lines: Line[], whole: boolean): Line[] {
  const heavy = lines.filter((line) => line.weight !== "routine");
  return whole || heavy.length === 0 ? lines : heavy;
}

interface RowProps {
  app: App;
  model: RoomModel;
  event: RunEvent;
  chosen: boolean;
  here: boolean;
  tabStop: boolean;
  whole: boolean;
}

/** The rows of one drawing of the feed, and no others: kept for every event at hand they would outweigh the events. */
type Drawn = Map<RunEvent, { key: string; model: RoomModel; row: VNode }>;

/** The row as it was drawn last, if nothing of it has changed: the very same node is passed over without a look. */
function eventRow(before: Drawn, drawn: Drawn, props: RowProps): VNode {
  const key = `${props.chosen}${props.here}${props.tabStop}${props.whole}`;
  let known = before.get(props.event);
  if (!known || known.key !== key || known.model !== props.model) known = { key, model: props.model, row: <EventRow key={props.event.seq} {...props} /> };
  drawn.set(props.event, known);
  return known.row;
}

function EventRow({ app, model, event, chosen, here, tabStop, whole }: RowProps) {
  const { lines, weight } = tell(event, model.protocol);
  const tone = lines[0]?.tone ?? "neutral";
  return (
    <li class={`event weight-${weight} tone-${tone}${chosen ? " chosen" : ""}${here ? " here" : ""}`}>
      <button
        type="button"
        class="feed-row"
        tabIndex={tabStop ? 0 : -1}
        aria-pressed={chosen}
        onClick={() => model.select({ kind: "event", seq: event.seq })}
      >
        <span class="feed-seq">{event.seq}</span>
        <span class="feed-time">{moment(event.time)}</span>
        <span class="feed-text">
          {shownLines(lines, chosen || whole).map((line, index) => (
            <span key={index} class={`line weight-${line.weight}`}>
              {line.text}
              {line.cites && <cite> {line.cites}</cite>}{" "}
            </span>
          ))}
        </span>
      </button>
      {!here && (
        <button type="button" class="quiet icon go" tabIndex={chosen ? 0 : -1} aria-label={text("Go to event {seq}", { seq: event.seq })} onClick={() => void app.goto({ seq: event.seq })}>
          <Icon name="go" />
        </button>
      )}
    </li>
  );
}
