/** The lesson or the scenario, the branches, and the count of broken properties: what is always on the page. */
import { useState } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { Branch } from "../model/types.ts";
import { useModel } from "./context.tsx";
import { said, text } from "./text.ts";

/** How many properties are broken now, for the tab's badge. */
export function brokenCount(model: RoomModel): number {
  return Object.keys(model.protocol.properties).filter((name) => model.property(name).state === "broken").length;
}

/* ------------------------------------------------------------------ branches */

export function Branches() {
  const { app, model } = useModel();
  if (model.branches.length < 2) return null;
  const reason = model.mayControl ? null : text("Only who has the controls changes the branch.");
  return (
    <nav class="branches" aria-label={text("Branches")}>
      <span class="note">{text("Branches")}</span>
      <ul>
        {model.branches.map((branch) => (
          <li key={branch.id}>
            <button
              type="button"
              class="small"
              aria-current={branch.id === model.branch}
              aria-disabled={reason !== null}
              onClick={() => (reason ? app.toast(reason, "info") : branch.id !== model.branch && void app.ask({ type: "branch", branch: branch.id }))}
            >
              {branchLabel(branch)}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function branchLabel(branch: Branch): string {
  const name = branch.name ? said(branch.name, { id: branch.id }) : text("Branch {id}", { id: branch.id });
  return branch.parent === null ? name : text("{name}, from event {seq}", { name, seq: branch.forked_at });
}

/* ------------------------------------------------------------------ the lesson and the scenario */

export function Story() {
  const { model } = useModel();
  if (model.lesson) return <Lesson />;
  if (model.scenario) return <ScenarioCard />;
  return null;
}

function ScenarioCard() {
  const { model } = useModel();
  const [open, setOpen] = useState(false);
  const scenario = model.scenario!;
  const verdict = scenario.met === null ? text("not yet") : scenario.met ? text("reached") : text("missed");
  return (
    <section class="story" aria-label={text("Scenario")}>
      <p class="tale">{said(scenario.text)}</p>
      <div class="row">
        <button type="button" class="link-like" aria-expanded={open} aria-controls="outcome" onClick={() => setOpen(!open)}>
          {text("Outcome")}
        </button>
        <span class={`verdict met-${String(scenario.met)}`}>{verdict}</span>
      </div>
      <p id="outcome" hidden={!open}>
        {said(scenario.outcome)}
      </p>
    </section>
  );
}

function Lesson() {
  const { app, model } = useModel();
  const [open, setOpen] = useState(false);
  const lesson = model.lesson!;
  const beat = lesson.beats[lesson.beat];
  const go = (frame: Record<string, unknown>): void => {
    if (!model.mayControl) return app.toast(text("Only who has the controls leads the lesson."), "info");
    if (model.detached) app.attach();
    void app.ask({ type: "lesson", ...frame });
  };
  const last = lesson.beat >= lesson.beats.length - 1;
  const blocked = lesson.waiting ? text("It waits until that has happened.") : last && lesson.done ? text("This was the last beat.") : null;
  return (
    <section class="story lesson" aria-label={text("Lesson")}>
      <header>
        <h2>{said(lesson.title)}</h2>
        <span class="note">
          {blocked && !lesson.left ? blocked : ""} {text("beat {n} of {all}", { n: lesson.beat + 1, all: lesson.beats.length })}
        </span>
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
          <button type="button" class="primary" onClick={() => go({ beat: lesson.beat })}>
            {text("Back to the lesson")}
          </button>
        ) : (
          <button type="button" class="primary" aria-disabled={blocked !== null} onClick={() => (blocked ? app.toast(blocked) : go({ next: true }))}>
            {lesson.waiting ? text("Waiting …") : last ? text("The end") : text("Next")}
          </button>
        )}
        {!lesson.left && (
          <button type="button" onClick={() => go({ leave: true })}>
            {text("Try it yourself")}
          </button>
        )}
        <button type="button" class="quiet beats" aria-expanded={open} aria-controls="beats" onClick={() => setOpen(!open)}>
          {text("All beats")}
        </button>
      </div>
      <ol id="beats" class="beat-list" hidden={!open}>
            {lesson.beats.map((each, index) => (
              <li key={index}>
                <button type="button" class="link-like" aria-current={index === lesson.beat ? "step" : false} aria-disabled={each.entered === null} onClick={() => (each.entered === null ? app.toast(text("This beat has not been reached yet.")) : go({ beat: index }))}>
                  {said(each.title)}
                </button>
              </li>
            ))}
      </ol>
    </section>
  );
}
