/** The lesson, the scenario or the challenge, the branches, and the count of broken properties: what is always on the page. */
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import { Icon, useModel } from "./context.tsx";
import { lazy, soon } from "./lazy.tsx";
import { said, text } from "./text.ts";

const ChallengeCard = lazy(soon, ({ ChallengeCard }) => ChallengeCard);

/** How many properties are broken now, for the tab's badge. */
export function brokenCount(model: RoomModel): number {
  return Object.keys(model.protocol.properties).filter((name) => model.property(name).state === "broken").length;
}

/* ------------------------------------------------------------------ the lesson and the scenario */

const FoundCard = lazy(soon, ({ Found }) => Found);

export function Story() {
  const { model } = useModel();
  if (model.lesson) return <Lesson />;
  if (model.scenario) return <ScenarioCard />;
  if (model.found) return <FoundCard />;
  if (model.challenge) return <ChallengeCard />;
  return null;
}

/** On a phone the words fold away, so that the panel under them has room. */
export const folded = signal(false);

export function Fold() {
  return (
    <button type="button" class="quiet small phone-only" aria-expanded={!folded.value} onClick={() => (folded.value = !folded.value)}>
      {folded.value ? text("Show the text") : text("Hide the text")}
    </button>
  );
}

function ScenarioCard() {
  const { model } = useModel();
  const [chosen, setOpen] = useState<boolean | null>(null);
  const end = useRef<number | null>(null);
  const { met, outcome, text: tale } = model.scenario!;
  // Where it was reached; for who came later, the end of what there is.
  end.current = met === null ? null : (end.current ?? model.head);
  const before = end.current !== null && model.world.seq < end.current;
  const verdict = met === null ? text("not yet") : !met ? text("missed") : before ? text("reached at the end") : text("reached");
  const open = chosen ?? (met === true && !before);
  // On a branch that somebody has changed it may come otherwise.
  const asWritten = model.branches.find(({ id }) => id === model.branch)?.parent === null;
  const stands = met === null && asWritten && !model.playing && !model.detached && model.mayControl;
  return (
    <section class={`story${folded.value ? " folded" : ""}`} aria-label={text("Scenario")}>
      <p class="tale">{said(tale)}</p>
      <div class="row">
        <button type="button" class="link-like" aria-expanded={open} aria-controls="outcome" onClick={() => setOpen(!open)}>
          {text("Outcome")}
        </button>
        <span class={`verdict met-${before ? "later" : String(met)}`} role="status">
          {met && !before && <Icon name="good" />}
          {verdict}
        </span>
        {stands && <span class="note">{text("Play goes on to the outcome.")}</span>}
        <Fold />
      </div>
      <p id="outcome" class={`outcome-text met-${before ? "later" : String(met)}`} hidden={!open}>
        {said(outcome)}
      </p>
    </section>
  );
}

function Lesson() {
  const { app, model } = useModel();
  const [open, setOpen] = useState(false);
  const lesson = model.lesson!;
  const beat = lesson.beats[lesson.beat];
  const barred = model.mayControl ? null : text("Only who has the controls leads the lesson.");
  const go = (frame: Record<string, unknown>, refusal: string | null = null): void => {
    const reason = barred ?? refusal;
    if (reason) return app.toast(reason, "info");
    setOpen(false);
    if (model.detached) app.attach();
    void app.ask({ type: "lesson", ...frame });
  };
  const last = lesson.beat >= lesson.beats.length - 1;
  const blocked = lesson.waiting ? text("It waits until that has happened.") : last && lesson.done ? text("This was the last beat.") : null;
  const impossible = (refusal: string | null = null) => {
    const reason = barred ?? refusal;
    return { "aria-disabled": reason !== null, ...(reason ? { title: reason } : {}), ...(barred ? { "aria-describedby": "barred" } : {}) };
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open || event.key !== "Escape") return;
    setOpen(false);
    event.stopPropagation();
  };
  return (
    <section class={`story lesson${folded.value ? " folded" : ""}`} aria-label={text("Lesson")} onKeyDown={onKeyDown}>
      <header>
        <h2>{said(lesson.title)}</h2>
        <span class="note">
          {barred ? (
            <span id="barred">{barred}</span>
          ) : (
            !lesson.left && blocked
          )}{" "}
          {text("beat {n} of {all}", { n: lesson.beat + 1, all: lesson.beats.length })}
        </span>
        <Fold />
      </header>
      {beat && (
        <div class="beat" role="status">
          <h3>{said(beat.title)}</h3>
          <p>{said(beat.text)}</p>
        </div>
      )}
      {lesson.left && <p class="note">{text("You are trying it yourself. Choose a beat to return to it exactly.")}</p>}
      <div class="row">
        {lesson.left ? (
          <button type="button" class="primary" {...impossible()} onClick={() => go({ beat: lesson.beat })}>
            {text("Back to the lesson")}
          </button>
        ) : (
          <button type="button" class="primary" {...impossible(blocked)} onClick={() => go({ next: true }, blocked)}>
            {lesson.waiting ? text("Waiting …") : last ? text("The end") : text("Next")}
          </button>
        )}
        {!lesson.left && (
          <button type="button" {...impossible()} onClick={() => go({ leave: true })}>
            {text("Try it yourself")}
          </button>
        )}
        <button type="button" class="quiet beats" aria-expanded={open} aria-controls="beats" onClick={() => setOpen(!open)}>
          {text("All beats")}
        </button>
      </div>
      <div>
        <ol id="beats" class="beat-list" hidden={!open}>
          {lesson.beats.map((each, index) => {
            const unseen = each.entered === null ? text("This beat has not been reached yet.") : null;
            return (
              <li key={index}>
                <button type="button" class="link-like" aria-current={index === lesson.beat ? "step" : false} {...impossible(unseen)} onClick={() => go({ beat: index }, unseen)}>
                  {said(each.title)}
                </button>
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}
