/** The form: who is compared, under what, and the buttons that begin and stop it. */
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { fitting, letter, tunables, type Choices, type Contestant, type Faults, type Order, type Setting } from "../model/comparison.ts";
import { begin, busy, problem, stop, told, watchLive } from "./comparejob.ts";
import { Dials, ProtocolSelect, Whole } from "./fields.tsx";
import { text, said } from "./text.ts";

interface Part {
  choices: Choices;
  order: Signal<Order>;
}

export function CompareForm({ choices, order }: Part) {
  const set = (part: Partial<Order>): void => void (order.value = { ...order.value, ...part });
  const { contestants, sizes, seeds, seconds } = order.value;
  const { limits } = choices;
  const submit = (event: Event): void => {
    event.preventDefault();
    void begin(order.value);
  };
  return (
    <form class="compare-form" onSubmit={submit} aria-label={text("What is compared")}>
      <ol class="contestants" aria-label={text("Protocols and tunings")}>
        {contestants.map((contestant, index) => (
          <ContestantField key={index} choices={choices} order={order} index={index} contestant={contestant} />
        ))}
      </ol>
      {contestants.length < limits.contestants && (
        <p>
          <button type="button" class="small" onClick={() => set({ contestants: [...contestants, { protocol: contestants.at(-1)?.protocol ?? "", params: {} }] })}>
            {text("Add another")}
          </button>
        </p>
      )}
      <div class="fields">
        <WorkloadField choices={choices} order={order} />
        <FaultsField choices={choices} order={order} />
        <Whole label={text("Nodes (1 to {most})", { most: limits.nodes })} value={sizes[0] ?? 5} low={1} high={limits.nodes} onValue={(value) => set({ sizes: [value] })} />
        <Whole label={text("Seeds")} value={seeds} low={1} high={limits.seeds} onValue={(value) => set({ seeds: value })} help={text("More of them tell chance from difference.")} />
        <Whole label={text("Seconds of virtual time")} value={seconds} low={limits.secondsLeast} high={limits.seconds} onValue={(value) => set({ seconds: value })} />
      </div>
      <p class="problem" role="alert">
        {problem.value}
      </p>
      <div class="row">
        <button type="submit" class="primary big">
          {busy.value ? text("Begin anew") : text("Compare")}
        </button>
        <button type="button" onClick={() => void watchLive(order.value)}>
          {text("Watch them side by side")}
        </button>
      </div>
      <Progress />
    </form>
  );
}

function Progress() {
  const now = told.value;
  if (!now) return null;
  const { done, of, part } = now.progress;
  const percent = Math.round(100 * part);
  return (
    <div class="compare-progress">
      <progress max={100} value={percent} aria-label={text("How much is computed")} />
      <p role="status">
        {now.state === "waiting" && text("Waiting. Comparisons that come first: {n}.", { n: now.before })}
        {now.state === "running" && (of ? text("Runs: {done} of {of} ({percent} %)", { percent, done, of }) : text("It begins …"))}
        {now.state === "done" && text("Done. Runs: {of}.", { of })}
        {now.state === "stopped" && text("Stopped. Runs: {done} of {of}.", { done: now.report?.done ?? done, of })}
      </p>
      {!now.over && (
        <button type="button" class="small" onClick={() => void stop()}>
          {text("Stop")}
        </button>
      )}
    </div>
  );
}

/* ------------------------------------------------------------------ who */

function ContestantField({ choices, order, index, contestant }: Part & { index: number; contestant: Contestant }) {
  const { contestants } = order.value;
  const protocol = choices.protocols.find(({ name }) => name === contestant.protocol);
  const put = (next: Contestant): void => void (order.value = { ...order.value, contestants: contestants.map((each, at) => (at === index ? next : each)) });
  const tune = (name: string, value: Setting | null): void => {
    const { [name]: _, ...others } = contestant.params;
    put({ ...contestant, params: value === null ? others : { ...others, [name]: value } });
  };
  const changed = Object.keys(contestant.params).length;
  return (
    <li class="contestant">
      <span class={`contestant-sign series-${index}`} aria-hidden="true">
        {letter(index)}
      </span>
      <label class="field">
        <span>{text("Protocol {letter}", { letter: letter(index) })}</span>
        <ProtocolSelect choices={choices} value={contestant.protocol} onValue={(protocol) => put({ protocol, params: {} })} />
      </label>
      {contestants.length > choices.limits.least && (
        <button type="button" class="quiet small" onClick={() => (order.value = { ...order.value, contestants: contestants.filter((_, at) => at !== index) })} aria-label={text("Remove protocol {letter}", { letter: letter(index) })}>
          {text("Remove")}
        </button>
      )}
      <details class="contestant-tuning">
        <summary>{changed ? text("Tuned: {n}", { n: changed }) : text("Tune it")}</summary>
        <Dials of={contestant.protocol} groups={tunables(protocol)} values={contestant.params} onTune={tune} />
      </details>
    </li>
  );
}

/* ------------------------------------------------------------------ under what */

function WorkloadField({ choices, order }: Part) {
  const fits = fitting(choices, order.value.contestants.map(({ protocol }) => protocol));
  const chosen = fits.includes(order.value.workload) ? order.value.workload : (fits[0] ?? "");
  // What was chosen for other protocols may not fit these; the server says what would where nothing does.
  if (chosen !== order.value.workload) queueMicrotask(() => (order.value = { ...order.value, workload: chosen }));
  return (
    <label class="field">
      <span>{text("Workload")}</span>
      <select value={chosen} onChange={(event) => (order.value = { ...order.value, workload: event.currentTarget.value })}>
        {!fits.length && <option value="">{text("none that all can serve")}</option>}
        {choices.workloads.map(({ name, title }) => (
          <option key={name} value={name} disabled={!fits.includes(name)}>
            {said(title)}
          </option>
        ))}
      </select>
      <small>{said(choices.workloads.find(({ name }) => name === chosen)?.text ?? "")}</small>
    </label>
  );
}

const FILE = "file";
const ROOM = "room";

function valueOf(faults: Faults): string {
  if ("recording" in faults) return FILE;
  if ("room" in faults) return ROOM;
  return "scenario" in faults ? `${faults.protocol}/${faults.scenario}` : faults.name;
}

function FaultsField({ choices, order }: Part) {
  const [unread, setUnread] = useState("");
  const { faults } = order.value;
  const set = (next: Faults): void => void (order.value = { ...order.value, faults: next });
  const choose = (value: string): void => {
    const [protocol, scenario] = value.split("/");
    if (value === FILE) set({ recording: null });
    else if (value === ROOM) set({ room: "" });
    else set(scenario ? { protocol: protocol!, scenario } : { name: value });
  };
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      set({ recording: JSON.parse(await file.text()) as unknown });
      setUnread("");
    } catch {
      setUnread(text("This file is no recording."));
    }
  };
  const help = "name" in faults ? choices.schedules.find(({ name }) => name === faults.name)?.text : undefined;
  return (
    <div class="field">
      <label class="field">
        <span>{text("Faults")}</span>
        <select value={valueOf(faults)} onChange={(event) => choose(event.currentTarget.value)}>
          <optgroup label={text("For any cluster")}>
            {choices.schedules.map(({ name, title }) => (
              <option key={name} value={name}>
                {said(title)}
              </option>
            ))}
          </optgroup>
          <optgroup label={text("Recorded")}>
            <option value={ROOM}>{text("as in a room …")}</option>
            <option value={FILE}>{text("as in a file …")}</option>
          </optgroup>
          {choices.protocols.map((protocol) => (
            <optgroup key={protocol.name} label={text("Scenarios of {protocol}", { protocol: said(protocol.title) })}>
              {choices.scenarios
                .filter((scenario) => scenario.protocol === protocol.name)
                .map(({ name, title }) => (
                  <option key={name} value={`${protocol.name}/${name}`}>
                    {said(title)}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
        {help && <small>{said(help)}</small>}
        {"scenario" in faults && <small>{text("What it does to nodes and links, at its own times; all protocols get the same.")}</small>}
      </label>
      {"room" in faults && (
        <label class="field">
          <span>{text("Address of the room")}</span>
          <input type="text" required value={faults.room} placeholder="/r/…" onInput={(event) => set({ room: event.currentTarget.value.trim() })} />
        </label>
      )}
      {"recording" in faults && (
        <label class="field">
          <span>{text("Recording of a run (JSON)")}</span>
          <input type="file" accept=".json,application/json" required={faults.recording === null} onChange={(event) => void read(event.currentTarget.files?.[0])} />
          {unread && <small class="problem">{unread}</small>}
        </label>
      )}
    </div>
  );
}
