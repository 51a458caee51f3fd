/** The story of a search, in the room that was opened for it: what had to be done, and what the next event breaks. */
import { useState } from "preact/hooks";
import { useModel } from "./context.tsx";
import { Acts, blame, nothingDone } from "./tale.tsx";
import { said, text } from "./text.ts";

export function Found() {
  const { app, model } = useModel();
  const [open, setOpen] = useState(false);
  const story = model.found!;
  const { rules, properties } = model.protocol;
  const property = properties[story.broken]?.title ?? story.broken;
  const off = story.off.map((rule) => said(rules[rule]?.title ?? rule)).join(", ");
  // On a branch that somebody has changed it may come otherwise.
  const asFound = model.branches.find(({ id }) => id === model.branch)?.parent === null;
  const breaking = { seq: story.seq, property: said(property) };
  const toCome = model.world.seq === story.seq - 1 ? text("The next event breaks “{property}”. What leads to it is lit.", breaking) : text("Event {seq} breaks “{property}”.", breaking);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open || event.key !== "Escape") return;
    setOpen(false);
    event.stopPropagation();
  };
  return (
    <section class="story found" aria-label={text("Counterexample")} onKeyDown={onKeyDown}>
      <p class="tale" role="status">
        {off && text("Found without: {rules}.", { rules: off })} {!asFound ? text("Somebody has changed something here: see what happens instead.") : model.world.seq < story.seq ? toCome : text("Event {seq} broke “{property}”.", breaking)}
      </p>
      <div class="row">
        <button type="button" class="link-like" aria-expanded={open} aria-controls="found-acts" onClick={() => setOpen(!open)}>
          {text("What was done ({n})", { n: story.acts.length })}
        </button>
        {asFound && (
          <button type="button" class="small" onClick={() => app.lightChain(model)}>
            {text("Light again what leads to it")}
          </button>
        )}
      </div>
      <div>
        <div id="found-acts" hidden={!open} tabIndex={0} role="group" aria-label={text("What was done ({n})", { n: story.acts.length })}>
          {nothingDone(story) && <p>{nothingDone(story)}</p>}
          <Acts story={story} property={property} />
          {blame(story) && <p class="note">{blame(story)}</p>}
        </div>
      </div>
    </section>
  );
}
