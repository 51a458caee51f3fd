/** Of two branches side by side: where they part and where they differ first, and the way there. */
import { useEffect, useState } from "preact/hooks";
import type { App } from "./app.ts";
import { eventsOf, PartingText, type Difference, type Spoken } from "./difference.tsx";
import { text } from "./text.ts";

interface Side {
  app: App;
  label: string;
}

interface Props {
  cells: Side[];
  difference: Difference | null;
  found: (difference: Difference) => void;
}

/** The difference is asked for whenever the run has come to rest elsewhere: until then there may have been none. */
export function PartingCard({ cells, difference, found }: Props) {
  const [events, setEvents] = useState<Spoken | null>(null);
  for (const { app } of cells) void app.tick.value;
  const models = cells.map(({ app }) => app.model);
  const ready = models.every((model) => model !== null);
  const still = ready && models.every((model) => !model!.playing);
  const known = models.map((model) => `${model?.branch} ${model?.head}`).join();
  useEffect(() => {
    if (!still) return;
    let here = true;
    void ask(cells).then((told) => {
      if (!told || !here) return;
      setEvents(told.events);
      found(told.difference);
      mark(cells, told.difference);
    });
    return () => {
      here = false;
    };
  }, [still, known]);
  const [first] = cells;
  const protocol = models[0]?.protocol;
  if (!first || !protocol || !difference || !events) return null;
  const { time, shared } = difference;
  const names: [string, string] = [cells[0]!.label, cells[1]!.label];
  return (
    <section class="side-parting" aria-label={text("Where two branches part")}>
      <div class="row">
        <button type="button" onClick={() => void first.app.goto({ seq: shared })}>
          {text("To where they part, event {seq}", { seq: shared })}
        </button>
        <button type="button" class="primary" aria-disabled={time === null} onClick={() => time !== null && void jump(cells, difference)}>
          {text("To the first difference")}
        </button>
      </div>
      <PartingText difference={difference} events={events} names={names} protocol={protocol} />
    </section>
  );
}

async function ask(cells: Side[]): Promise<{ difference: Difference; events: Spoken } | null> {
  const reply = await cells[0]!.app.quietly({ type: "difference" });
  if (!reply.ok) return null;
  const difference = reply.difference as Difference;
  const events = await eventsOf(difference, cells.map(({ app }) => (frame) => app.quietly(frame)));
  return { difference, events };
}

async function jump(cells: Side[], difference: Difference): Promise<void> {
  await cells[0]!.app.goto({ time: difference.time ?? 0 });
  mark(cells, difference);
}

/** In both diagrams what differs first is selected, so that its causes and its consequences are lit. */
function mark(cells: Side[], { seqs }: Difference): void {
  cells.forEach(({ app }, side) => {
    const seq = seqs[side];
    if (seq === null || seq === undefined) return app.model?.select(null);
    void app.history.around(seq);
    app.model?.select({ kind: "event", seq });
  });
}
