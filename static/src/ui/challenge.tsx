/** The card of a challenge: what is to be brought about, what may still be spent on it, hints, and the verdict. */
import { useEffect, useRef } from "preact/hooks";
import type { RoomModel } from "../model/room.ts";
import type { ChallengeState } from "../model/told.ts";
import { Icon, useModel } from "./context.tsx";
import { kindLabel } from "./limits.ts";
import { recall, remember } from "./memory.ts";
import { Fold, folded } from "./story.tsx";
import { said, text } from "./text.ts";

const SECOND = 1_000_000;

interface Verdict {
  tone: "open" | "won" | "lost" | "seen";
  title: string;
  reason: string;
}

/** What is said of the attempt at the moment shown, or else of what was claimed; as long as it is open, what is to be done. */
export function verdictOf(state: ChallengeState, ruleTitle: (rule: string) => string): Verdict {
  const { outcome, claim, impossible } = state;
  const task = said(state.text);
  const reason = state.said === null ? "" : said(state.said);
  if (outcome === "won") return state.solved ? { tone: "won", title: text("Won!"), reason } : { tone: "seen", title: text("Seen:"), reason };
  if (outcome === "lost") return { tone: "lost", title: text("Lost:"), reason };
  if (state.without) return { tone: "open", title: text("The rule is off, and now it can be done."), reason: task };
  if (claim !== null && impossible) {
    return { tone: claim === "right" ? "won" : "open", title: claim === "right" ? text("Right: it is impossible.") : text("It is impossible."), reason: said(impossible.why) };
  }
  if (claim !== null) return { tone: "open", title: text("It is possible. Acts that are enough: {n}.", { n: state.takes }), reason: task };
  if (state.missed !== null) return { tone: "lost", title: text("Claimed wrongly: “{rule}” does not forbid it.", { rule: ruleTitle(state.missed) }), reason: task };
  return { tone: "open", title: state.shown ? text("The solution is played.") : text("Not yet."), reason: task };
}

export function ChallengeCard() {
  const { app, model } = useModel();
  const state = model.challenge!;
  const barred = model.mayControl ? null : text("Only who has the controls takes the challenge.");
  const ask = (what: string, refusal: string | null = null): void => {
    const reason = barred ?? refusal;
    if (reason) return app.toast(reason, "info");
    if (model.detached) app.attach();
    void app.ask({ type: "challenge", ask: what });
  };
  useEffect(() => {
    const { solved, seen } = recall();
    if (!model.mayControl) return;
    if (state.solved && !solved.includes(state.name)) remember({ solved: [...solved, state.name] });
    if (state.seen && !seen.includes(state.name)) remember({ seen: [...seen, state.name] });
  }, [state.solved, state.seen, state.name]);
  const impossible = (refusal: string | null = null) => {
    const reason = barred ?? refusal;
    return { "aria-disabled": reason !== null, ...(reason ? { title: reason } : {}), ...(barred ? { "aria-describedby": "barred" } : {}) };
  };
  const noHints = state.hints_left ? null : text("There are no more hints.");
  const known = state.claim !== null || state.outcome !== "open";
  const verdict = verdictOf(state, (rule) => said(model.protocol.rules[rule]?.title ?? rule));
  const claim = (): void => {
    if (barred) app.toast(barred, "info");
    else app.dialog.value = { name: "claim", target: { kind: "cluster" } };
  };
  return (
    <section class={`story challenge${folded.value ? " folded" : ""}`} aria-label={text("Challenge")}>
      <header>
        <VerdictLine verdict={verdict} />
        {verdict.tone === "won" && <Sparks />}
        <Fold />
      </header>
      <Budget model={model} state={state} />
      <div class="beat" tabIndex={0} role="group" aria-label={text("Acts and hints")}>
        {state.impossible && <Why model={model} state={state} />}
        <AsOften state={state} />
        <Hints state={state} />
      </div>
      <div class="row">
        <button type="button" class="small" {...impossible(noHints)} onClick={() => ask("hint", noHints)}>
          {text("Hint ({n} left)", { n: state.hints_left })}
        </button>
        {state.claim === null && !state.shown && (
          <>
            <button type="button" class="small" aria-haspopup="dialog" {...impossible()} onClick={claim}>
              {text("It is impossible")}
            </button>
            <button type="button" class="quiet small" {...impossible()} onClick={() => ask("give_up")}>
              {text("I give up")}
            </button>
          </>
        )}
        {state.impossible && (
          <button type="button" class="primary small" {...impossible()} onClick={() => ask("without")}>
            {text("Try it without the rule")}
          </button>
        )}
        <button type="button" class="small" {...impossible()} onClick={() => ask("again")}>
          {state.shown ? text("Try it yourself") : text("Try again")}
        </button>
        {known && !state.shown && <ShowMe model={model} state={state} />}
        {barred && (
          <span class="note" id="barred">
            {barred}
          </span>
        )}
      </div>
    </section>
  );
}

/** Reserved from the beginning on, so that nothing moves when it is won. */
function VerdictLine({ verdict: { tone, title, reason } }: { verdict: Verdict }) {
  return (
    <p class={`verdict-line ${tone}`} role="status" tabIndex={0}>
      {tone === "won" && <Icon name="good" />}
      {tone === "lost" && <Icon name="bad" />}
      <span>
        <b>{title}</b> {reason}
      </span>
    </p>
  );
}

const SPARKS = 10;

/** Over what is there, for a moment; nobody needs to see it. */
function Sparks() {
  return (
    <span class="sparks" aria-hidden="true">
      {Array.from({ length: SPARKS }, (_, index) => (
        <i key={index} style={{ "--turn": `${index / SPARKS}turn` }} />
      ))}
    </span>
  );
}

/** Counts down with the picture; a screen reader reads it when it comes by. */
function TimeLeft({ model, state }: { model: RoomModel; state: ChallengeState }) {
  const left = Math.max(0, state.span - model.t);
  return <span class="time-left">{text("{seconds} s left", { seconds: (Math.ceil(left / (SECOND / 10)) / 10).toFixed(1) })}</span>;
}

/** In sight however long the hints are: what is left, and what was claimed wrongly. */
function Budget({ model, state }: { model: RoomModel; state: ChallengeState }) {
  const few = state.acts.filter(({ most }) => most !== null);
  const wrong = state.wrong.length;
  return (
    <ul class="budget" aria-label={text("What is left")}>
      {few.map(({ kind, most, spent }) => (
        <li key={kind} class={spent >= most! ? "spent" : ""}>
          {text("{act}: {left} of {most}", { act: kindLabel(kind), left: Math.max(0, most! - spent), most })}
        </li>
      ))}
      {wrong > 0 && <li class="wrong">{wrong === 1 ? text("claimed wrongly once") : text("claimed wrongly {n} times", { n: wrong })}</li>}
      <li class="rest">
        <TimeLeft model={model} state={state} />
      </li>
    </ul>
  );
}

function AsOften({ state }: { state: ChallengeState }) {
  const any = state.acts.filter(({ most }) => most === null);
  if (!any.length) return null;
  return <p class="note">{text("As often as you like: {acts}", { acts: any.map(({ kind }) => kindLabel(kind)).join(", ") })}</p>;
}

function Why({ model, state }: { model: RoomModel; state: ChallengeState }) {
  const { rule, cites } = state.impossible!;
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <p class="why" ref={line}>
      {text("The rule that forbids it: {rule}", { rule: said(model.protocol.rules[rule]?.title ?? rule) })} <cite>{cites}</cite>
    </p>
  );
}

function Hints({ state }: { state: ChallengeState }) {
  const list = useRef<HTMLOListElement>(null);
  const shown = useRef(state.hints.length);
  useEffect(() => {
    if (state.hints.length > shown.current) list.current?.lastElementChild?.scrollIntoView({ block: "nearest" });
    shown.current = state.hints.length;
  }, [state.hints.length]);
  return (
    <div role="status">
      <ol class="hints" ref={list} hidden={!state.hints.length} aria-label={text("Hints")}>
        {state.hints.map((hint) => (
          <li key={hint}>{said(hint)}</li>
        ))}
      </ol>
    </div>
  );
}

/** The solution, in a room of one's own: anybody may look at it. */
function ShowMe({ model, state }: { model: RoomModel; state: ChallengeState }) {
  const { app } = useModel();
  const tell = (): void => app.toast(text("The solution plays in a room of its own, in a new tab. This room stays as it is."), "good");
  return (
    <form method="post" action="/rooms" target="_blank" onSubmit={tell}>
      <input type="hidden" name="challenge" value={state.name} />
      <input type="hidden" name="of" value={model.protocol.name} />
      <input type="hidden" name="solved" value="on" />
      <button type="submit" class="quiet small">
        {text("Show me, in a new tab")} <span aria-hidden="true">↗</span>
      </button>
    </form>
  );
}
