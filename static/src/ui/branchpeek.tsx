/** What sets a branch apart: its cluster beside its parent's at the latest moment that both have, as a picture and in words. */
import { useEffect, useRef, useState } from "preact/hooks";
import { hostsTold, thumbnail } from "../draw/thumbnail.ts";
import type { Apart, Branch } from "../model/branches.ts";
import { timeLabel } from "../model/channels.ts";
import type { RoomModel } from "../model/room.ts";
import type { HostId, RunEvent, World } from "../model/types.ts";
import type { App } from "./app.ts";
import { branchLabel } from "./branchacts.ts";
import { useModel } from "./context.tsx";
import { differsText, sentenceOf, type Difference } from "./difference.tsx";
import { text } from "./text.ts";

/** So many hosts, fields and acts are named; the picture marks all hosts. */
const HOSTS_MAX = 3;
const ACTS_MAX = 2;
const KEPT_MAX = 100;

interface Apartness {
  /** The branch at the moment that is shown. */
  world: World;
  /** Its parent at the same time; null: it has none. */
  beside: World | null;
  /** The hosts that are not as its parent's: the server compares them whole, and sends the ends of long logs only. */
  apart: Apart[];
  /** What was done where it left its parent, as sentences. */
  acts: string[];
}

const known = new Map<string, Promise<Apartness | null>>();

const headOf = (model: RoomModel, branch: Branch): number => (branch.id === model.branch ? model.head : branch.head);

/** As long as neither of the two goes on it stays the same, so it is asked for once. */
function apartness(app: App, model: RoomModel, branch: Branch): Promise<Apartness | null> {
  const parent = model.branches.find(({ id }) => id === branch.parent);
  const key = [model.room, model.epoch, branch.id, branch.forked_at, headOf(model, branch), parent ? headOf(model, parent) : ""].join(" ");
  let found = known.get(key);
  if (!found) {
    if (known.size >= KEPT_MAX) known.clear();
    found = ask(app, model, branch);
    known.set(key, found);
    void found.then((told) => told ?? known.delete(key));
  }
  return found;
}

async function ask(app: App, model: RoomModel, branch: Branch): Promise<Apartness | null> {
  const worldOf = async (id: number, seq: number): Promise<World | null> => {
    const reply = await app.quietly({ type: "world", seq, branch: id });
    return reply.ok ? (reply.world as World) : null;
  };
  if (branch.parent === null) {
    const world = await worldOf(branch.id, headOf(model, branch));
    return world && { world, beside: null, apart: [], acts: [] };
  }
  const reply = await app.quietly({ type: "difference", branch: branch.id, other: branch.parent });
  if (!reply.ok) return null;
  const { acts, ends, apart } = reply.difference as Difference;
  const [world, beside] = await Promise.all([worldOf(branch.id, ends[0]), worldOf(branch.parent, ends[1])]);
  if (!world || !beside) return null;
  const events = await Promise.all(acts[0].slice(0, ACTS_MAX).map((seq) => app.quietly({ type: "events", from: seq, to: seq, branch: branch.id })));
  return { world, beside, apart, acts: events.map(({ events: list }) => sentenceOf((list as RunEvent[] | undefined)?.[0], model.protocol)).filter(Boolean) };
}

/** The picture, and in words for those who do not see it. */
export function AtBranching({ branch }: { branch: Branch }) {
  const { app, model } = useModel();
  const root = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<Apartness | null>(null);
  useEffect(() => {
    let here = true;
    let destroy = (): void => {};
    void apartness(app, model, branch).then((found) => {
      if (!here || !found || !root.current) return;
      destroy = thumbnail(root.current, model, found.world, found.apart.map(([host]) => host), text);
      setSeen(found);
    });
    return () => {
      here = false;
      destroy();
    };
  }, [branch.id, branch.forked_at]);
  const told = seen ? hostsTold(model, seen.world, text) : {};
  return (
    <figure class="at-branching">
      <div class="frame" role="img" aria-label={Object.values(told).join("; ")}>
        <div ref={root} class="small-ring" inert />
      </div>
      <figcaption>
        <b class="foreign">{branch.parent === null ? branchLabel(branch, model.branches) : text("{label}, at {time}", { label: branchLabel(branch, model.branches), time: timeLabel(branch.forked_time) })}</b>
        {seen && <Caption seen={seen} told={told} branch={branch} model={model} />}
      </figcaption>
    </figure>
  );
}

function Caption({ seen, told, branch, model }: { seen: Apartness; told: Record<HostId, string>; branch: Branch; model: RoomModel }) {
  const { world, beside, apart, acts } = seen;
  const time = timeLabel(world.time);
  if (!beside) {
    return (
      <>
        <p>{text("The first branch: the run began with it, and all others left it or a branch of it.")}</p>
        <p>{text("The picture: its end, at {time}.", { time })}</p>
      </>
    );
  }
  const parent = model.branches.find(({ id }) => id === branch.parent)?.name ?? "";
  const others = hostsTold(model, beside, text);
  const more = apart.length - HOSTS_MAX;
  return (
    <>
      {acts.map((act) => (
        <p key={act}>{act}</p>
      ))}
      <p class="foreign">
        {apart.length ? text("The picture: at {time}. Marked is what is not as in “{parent}” then:", { time, parent }) : text("The picture: at {time}. All hosts are as in “{parent}” then.", { time, parent })}
      </p>
      {apart.length > 0 && (
        <ul>
          {apart.slice(0, HOSTS_MAX).map(([host, fields]) => (
            <li key={host}>{apartText(model, host, fields, told[host] ?? "", others[host] ?? "")}</li>
          ))}
          {more > 0 && <li>{text("and {n} more", { n: more })}</li>}
        </ul>
      )}
    </>
  );
}

/** "n3: down, there leader, term 2"; where both look the same, what is in them that is not. */
function apartText(model: RoomModel, host: HostId, fields: string[], mine: string, theirs: string): string {
  const look = (words: string): string => words.split(", ").slice(1).join(", ") || text("up");
  if (mine !== theirs) return text("{host}: {here}; there: {there}", { host, here: look(mine), there: look(theirs) });
  return differsText(model.protocol, host, fields);
}

export interface Peek {
  id: number;
  x: number;
  y: number;
}

export const PEEK_ID = "branch-peek";
const PEEK_WIDTH = 256;

export function Popover({ peek, width }: { peek: Peek; width: number }) {
  const { model } = useModel();
  const branch = model.branches.find(({ id }) => id === peek.id);
  if (!branch) return null;
  const style = { left: `${Math.max(4, Math.min(peek.x - 40, width - PEEK_WIDTH))}px`, bottom: `${innerHeight - peek.y + 6}px` };
  return (
    <div class="branch-peek" id={PEEK_ID} style={style}>
      <AtBranching key={branch.id} branch={branch} />
    </div>
  );
}
