/** What is seen while a link is followed: what it is about, its hosts in their places, and how far its run has been played. */
import { signal } from "@preact/signals";
import { layOut } from "../model/layout.ts";
import { about, follow, type About, type Opened, type Order, type Source, type Way } from "./opening.ts";
import { said, text } from "./text.ts";

const STAGE = { width: 420, height: 280 };
/** Each in its own units: as many hosts as a room may have. */
const HOSTS_MAX = 32;

/** One link is followed at a time by a page. */
const known = signal<About | null>(null);
const way = signal<Way | null>(null);

/** Follows a link, while the poster tells of it. */
export async function followShown(source: Source, order: Order): Promise<Opened> {
  known.value = way.value = null;
  let over = false;
  void about(source).then((found) => over || (known.value = found));
  try {
    return await follow(source, order, (told) => (way.value = told));
  } finally {
    over = true;
  }
}

export function Poster() {
  const found = known.value;
  return (
    <div class="opening poster">
      {found && <Hosts of={found} />}
      {found && <p class="poster-title">{said(found.title)}</p>}
      {found && <p>{text("{nodes} nodes, seed {seed}, acts: {commands}, events: {events}", { nodes: found.nodes, seed: found.seed, commands: found.commands, events: found.events })}</p>}
      <Progress />
    </div>
  );
}

function Progress() {
  const { done = 0, of = 0, waiting = false } = way.value ?? {};
  const words = !of ? text("Opening the room …") : waiting ? text("Other links are opened before this one …") : text("Playing the run again …");
  return (
    <>
      <p role="status">{words}</p>
      {of > 0 && !waiting && <progress max={of} value={done} aria-label={text("Events that have been played")} />}
    </>
  );
}

/** They stand where they will stand; nothing is known of them yet. */
function Hosts({ of }: { of: About }) {
  const names = (letter: string, n: number): string[] => Array.from({ length: Math.min(n, HOSTS_MAX) }, (_, i) => `${letter}${i + 1}`);
  const { spots } = layOut(of.layout, names("n", of.nodes), names("c", of.clients), STAGE);
  return (
    <svg viewBox={`0 0 ${STAGE.width} ${STAGE.height}`} aria-hidden="true">
      {Object.entries(spots).map(([id, { x, y, r }]) => (
        <g key={id}>
          <circle cx={x} cy={y} r={r} />
          <text x={x} y={y} font-size={Math.max(11, r * 0.6)}>
            {id}
          </text>
        </g>
      ))}
    </svg>
  );
}
