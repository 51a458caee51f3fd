/** The form: which protocol, without which rules, how it is searched; and how far the search is. */
import type { Signal } from "@preact/signals";
import type { Choices, Order, Progress, SearchedProtocol } from "../model/exploration.ts";
import { grouped } from "../model/forms.ts";
import { Dials, ProtocolSelect, Whole } from "./fields.tsx";
import { search } from "./searchjob.ts";
import { said, text } from "./text.ts";

interface Part {
  choices: Choices;
  order: Signal<Order>;
  onBegin: () => void;
}

export function ExploreForm({ choices, order, onBegin }: Part) {
  const set = (part: Partial<Order>): void => void (order.value = { ...order.value, ...part });
  const { protocol, nodes, wanted, seconds } = order.value;
  const { limits } = choices;
  const known = choices.protocols.find(({ name }) => name === protocol);
  const submit = (event: Event): void => {
    event.preventDefault();
    onBegin();
  };
  return (
    <form class="compare-form explore-form" onSubmit={submit} aria-label={text("What is searched")}>
      <div class="fields">
        <label class="field">
          <span>{text("Protocol")}</span>
          <ProtocolSelect choices={choices} value={protocol} onValue={(name) => set({ protocol: name, without: [], params: {}, wanted: null })} />
        </label>
        <label class="field">
          <span>{text("Nodes")}</span>
          <select value={nodes ?? ""} onChange={(event) => set({ nodes: event.currentTarget.value ? Number(event.currentTarget.value) : null })}>
            <option value="">{text("by chance, 3 to 5")}</option>
            {Array.from({ length: limits.nodes }, (_, i) => (
              <option key={i} value={i + 1}>
                {i + 1}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text("Property that is to break")}</span>
          <select value={wanted ?? ""} onChange={(event) => set({ wanted: event.currentTarget.value || null })}>
            <option value="">{text("any that is promised")}</option>
            {known?.properties
              .filter(({ kind }) => kind !== "sometimes")
              .map(({ name, title }) => (
                <option key={name} value={name}>
                  {said(title)}
                </option>
              ))}
          </select>
        </label>
        <Whole label={text("Seconds to search")} value={seconds} low={limits.secondsLow} high={limits.secondsHigh} onValue={(value) => set({ seconds: value })} />
      </div>
      <Rules known={known} order={order} />
      <Methods order={order} />
      <Tuning known={known} order={order} />
      <p class="problem" role="alert">
        {search.problem.value}
      </p>
      <div class="row">
        <button type="submit" class="primary big">
          {search.busy.value ? text("Begin anew") : text("Search")}
        </button>
      </div>
      <HowFar />
    </form>
  );
}

function Rules({ known, order }: { known: SearchedProtocol | undefined; order: Signal<Order> }) {
  const { without } = order.value;
  const toggle = (rule: string): void => {
    order.value = { ...order.value, without: without.includes(rule) ? without.filter((each) => each !== rule) : [...without, rule] };
  };
  return (
    <fieldset class="explore-rules">
      <legend>{text("Rules that are switched off")}</legend>
      {!without.length && (
        <p class="invite">{text("Choose a rule that you want to understand: the search shows what goes wrong without it. With all rules on, nothing should be found.")}</p>
      )}
      <ul class="rules">
        {known?.rules.map(({ name, title, text: told, cites }) => (
          <li key={name} class={without.includes(name) ? "off" : ""}>
            <label class="field check">
              <input type="checkbox" checked={without.includes(name)} onChange={() => toggle(name)} />
              <span>
                <b>{said(title)}</b> {without.includes(name) && <em>{text("off")}</em>}
              </span>
              <small>
                {said(told)} <cite>{said(cites)}</cite>
              </small>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Methods({ order }: { order: Signal<Order> }) {
  const { method } = order.value;
  const choose = (next: Order["method"]) => () => void (order.value = { ...order.value, method: next });
  return (
    <fieldset class="explore-methods">
      <legend>{text("How it is searched")}</legend>
      <label class="field check">
        <input type="radio" name="method" checked={method === "random"} onChange={choose("random")} />
        <span>{text("Random faults, aimed at decisions")}</span>
        <small>{text("Run after run with crashes, partitions, lost and late messages, mostly right after a node has decided something. What breaks something is made short.")}</small>
      </label>
      <label class="field check">
        <input type="radio" name="method" checked={method === "systematic"} onChange={choose("systematic")} />
        <span>{text("Systematic: every order of arrivals, timers and crashes")}</span>
        <small>{text("Few acts first, equal states looked at once. What is found has the fewest acts there are; the states grow fast.")}</small>
      </label>
    </fieldset>
  );
}

function Tuning({ known, order }: { known: SearchedProtocol | undefined; order: Signal<Order> }) {
  const { params, protocol } = order.value;
  const changed = Object.keys(params).length;
  const tune = (name: string, value: Order["params"][string] | null): void => {
    const { [name]: _, ...others } = params;
    order.value = { ...order.value, params: value === null ? others : { ...others, [name]: value } };
  };
  if (!known?.params.length) return null;
  const byName = Object.fromEntries(known.params.map((param) => [param.name, param]));
  return (
    <details class="contestant-tuning">
      <summary>{changed ? text("Tuned: {n}", { n: changed }) : text("Tune it")}</summary>
      <Dials of={protocol} groups={grouped({ params: byName, groups: known.groups ?? [] })} values={params} onTune={tune} />
    </details>
  );
}

/* ------------------------------------------------------------------ how far it is */

function HowFar() {
  const now = search.told.value;
  if (!now) return null;
  const { progress } = now;
  return (
    <div class="compare-progress explore-progress">
      <progress max={100} value={Math.round(100 * progress.part)} aria-label={text("How much of the time is used")} />
      <p role="status">
        {now.state === "waiting" && text("Waiting. Searches that come first: {n}.", { n: now.before })}
        {now.state === "running" && phaseOf(progress)}
        {now.state === "done" && (search.report.value?.result ? text("The search has ended: a counterexample was found.") : text("The search has ended: nothing was found."))}
        {now.state === "stopped" && text("The search was stopped.")}
      </p>
      {!now.over && (
        <button type="button" class="small" onClick={() => void search.stop()}>
          {text("Stop")}
        </button>
      )}
      {!now.over && <Numbers progress={progress} />}
    </div>
  );
}

function phaseOf({ phase, acts }: Progress): string {
  if (!phase) return text("It begins …");
  if (phase === "searching") return text("Searching …");
  return acts === 1 ? text("Found, with one act; shorter ones are looked for.") : text("Found, with {acts} acts; it is made short, and shorter ones are looked for.", { acts: acts ?? 0 });
}

/** What changes many times a minute, and need not be read aloud each time. */
function Numbers({ progress }: { progress: Progress }) {
  const rows: [string, string][] =
    progress.states !== undefined
      ? [
          [text("Acts allowed on one way"), number(progress.acts ?? 0)],
          [text("Depth, in steps"), number(progress.depth ?? 0)],
          [text("States"), number(progress.states)],
          [text("States a second"), number(progress.states_a_second ?? 0)],
        ]
      : [
          [text("Runs"), number(progress.runs ?? 0)],
          [text("Runs a second"), number(progress.runs_a_second ?? 0)],
          [text("Events"), number(progress.events ?? 0)],
          [text("Stories found"), number(progress.stories ?? 0)],
        ];
  if (!progress.phase) return null;
  return (
    <dl class="explore-numbers">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Groups of three digits, with a narrow space as in the tables. */
function number(value: number): string {
  return (value < 10 ? String(value) : Math.round(value).toString()).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
