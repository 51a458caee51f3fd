/** The dialogs that ask for the rest of a command: clock, link, delay, dials, rules. */
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Command, HostId, Link } from "../model/types.ts";
import { allWays, linkCommands } from "./actcommands.ts";
import { linkOf, roomRefusal, type Way } from "./scene.ts";
import type { OpenDialog, Target } from "./app.ts";
import { Dialog, useModel } from "./context.tsx";
import { clamp } from "./format.ts";
import { said, text } from "./text.ts";
import { WhatFor } from "./whatfor.tsx";

export interface FormProps {
  open: OpenDialog;
  onClose: () => void;
}

/** A number of milliseconds as typed, in microseconds. */
const micro = (milliseconds: number): number => Math.round(milliseconds * 1000);

export function Numeric(props: { label: string; value: number; low?: number; high?: number; step?: number | "any"; onValue: (value: number) => void; help?: string }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="number"
        inputMode="decimal"
        value={props.value}
        min={props.low}
        max={props.high}
        step={props.step ?? "any"}
        required
        onInput={(event) => Number.isFinite(event.currentTarget.valueAsNumber) && props.onValue(event.currentTarget.valueAsNumber)}
      />
      {props.help && <small>{props.help}</small>}
    </label>
  );
}

/** A form that sends commands and closes when all of them were taken. */
export function CommandForm(props: {
  title: string;
  submit: string;
  commands: () => Command[] | string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  /** Why what is chosen can't be done; null: it can. */
  refusal?: string | null;
}) {
  const { app } = useModel();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const scene = app.scene();
  const reason = (scene ? roomRefusal(scene) : null) ?? props.refusal ?? null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const commands = props.commands();
    if (reason) return setProblem(reason);
    if (typeof commands === "string") return setProblem(commands);
    setBusy(true);
    const refused = await app.give(commands);
    setBusy(false);
    if (refused === null) props.onClose();
    else setProblem(refused);
  };
  return (
    <Dialog title={props.title} onClose={props.onClose} closeLabel={text("Close")} wide={props.wide ?? false}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        {props.children}
        <p class="problem" role="alert">
          {reason || problem || ""}
        </p>
        <div class="row end">
          <button type="submit" class="primary" aria-disabled={busy || reason !== null}>
            {props.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export const targetHost = (target: Target): HostId => (target.kind === "host" ? target.host : "");

/* ------------------------------------------------------------------ clock */

export function ClockForm({ open, onClose }: FormProps) {
  const { model } = useModel();
  const id = targetHost(open.target);
  const host = model.world.hosts[id];
  const [rate, setRate] = useState((host?.rate_ppm ?? 1_000_000) / 10_000);
  const [offset, setOffset] = useState((host?.offset ?? 0) / 1000);
  return (
    <CommandForm
      title={text("Clock of {node}", { node: id })}
      submit={text("Set the clock")}
      onClose={onClose}
      commands={() => [{ type: "set_clock", node: id, rate_ppm: Math.round(rate * 10_000), offset: micro(offset) }]}
    >
      <Numeric label={text("Rate in percent of true time")} value={rate} low={10} high={1000} onValue={setRate} help={text("110 runs a tenth too fast: its timers ring early.")} />
      <Numeric label={text("Offset in ms")} value={offset} onValue={setOffset} help={text("What it shows beyond true time.")} />
    </CommandForm>
  );
}

/* ------------------------------------------------------------------ one link, or all of them */

interface LinkSettings {
  low: number;
  high: number;
  loss: number;
  duplicate: number;
  fifo: boolean;
}

const settingsOf = (link: Link): LinkSettings => ({
  low: link.low / 1000,
  high: link.high / 1000,
  loss: link.loss_percent,
  duplicate: link.duplicate_percent,
  fifo: link.fifo,
});

function linkPart(settings: LinkSettings): Partial<Link> {
  return {
    low: micro(Math.min(settings.low, settings.high)),
    high: micro(Math.max(settings.low, settings.high)),
    loss_percent: Math.round(clamp(settings.loss, 0, 100)),
    duplicate_percent: Math.round(clamp(settings.duplicate, 0, 100)),
    fifo: settings.fifo,
  };
}

function LinkFields({ value, onValue }: { value: LinkSettings; onValue: (value: LinkSettings) => void }) {
  const set = (part: Partial<LinkSettings>): void => onValue({ ...value, ...part });
  const dial = (label: string, current: number, high: number, key: "low" | "high" | "loss" | "duplicate", unit: string) => (
    <label class="field dial">
      <span>{label}</span>
      <input type="range" min="0" max={high} step={key === "loss" || key === "duplicate" ? 1 : 0.5} value={current} aria-valuetext={`${current} ${unit}`} onInput={(event) => set({ [key]: Number(event.currentTarget.value) })} />
      <input type="number" min="0" step="any" value={current} aria-label={`${label} (${unit})`} onInput={(event) => Number.isFinite(event.currentTarget.valueAsNumber) && set({ [key]: event.currentTarget.valueAsNumber })} />
      <span class="unit">{unit}</span>
    </label>
  );
  return (
    <>
      {dial(text("Shortest delay"), value.low, 500, "low", "ms")}
      {dial(text("Longest delay"), value.high, 500, "high", "ms")}
      {dial(text("Loss"), value.loss, 100, "loss", "%")}
      {dial(text("Duplicates"), value.duplicate, 100, "duplicate", "%")}
      <label class="field check">
        <input type="checkbox" checked={value.fifo} onChange={(event) => set({ fifo: event.currentTarget.checked })} />
        <span>{text("In order (first in, first out)")}</span>
      </label>
    </>
  );
}

export function LinkForm({ open, onClose }: FormProps) {
  const { model } = useModel();
  const way: Way = open.target.kind === "link" ? { src: open.target.src, dst: open.target.dst } : { src: "", dst: "" };
  const [value, setValue] = useState(settingsOf(linkOf({ world: model.world, setup: model.setup }, way)));
  const [both, setBoth] = useState(false);
  const commands = (): Command[] | string => {
    const ways = both ? [way, { src: way.dst, dst: way.src }] : [way];
    const made = linkCommands(model, ways, linkPart(value));
    return made.length ? made : text("The link is so already.");
  };
  return (
    <CommandForm title={text("Link {src} → {dst}", { ...way })} submit={text("Set the link")} onClose={onClose} commands={commands}>
      <LinkFields value={value} onValue={setValue} />
      <label class="field check">
        <input type="checkbox" checked={both} onChange={(event) => setBoth(event.currentTarget.checked)} />
        <span>{text("Both directions")}</span>
      </label>
    </CommandForm>
  );
}

export function DialsForm({ onClose }: FormProps) {
  const { model } = useModel();
  const ways = allWays(model.world).filter((way) => model.world.hosts[way.src]?.kind === "node" && model.world.hosts[way.dst]?.kind === "node");
  const first = ways[0];
  const [value, setValue] = useState(settingsOf(first ? linkOf({ world: model.world, setup: model.setup }, first) : model.setup.link));
  const [clients, setClients] = useState(false);
  const commands = (): Command[] | string => {
    const chosen = clients ? allWays(model.world) : ways;
    const made = linkCommands(model, chosen, linkPart(value));
    return made.length ? made : text("All links are so already.");
  };
  return (
    <CommandForm title={text("Delay and loss of all links")} submit={text("Set all links")} onClose={onClose} commands={commands}>
      <LinkFields value={value} onValue={setValue} />
      <label class="field check">
        <input type="checkbox" checked={clients} onChange={(event) => setClients(event.currentTarget.checked)} />
        <span>{text("Links to clients too")}</span>
      </label>
      {model.warnings.map((warning) => (
        <p class="warning" key={warning.text}>
          {said(warning.text, warning.args)}
        </p>
      ))}
    </CommandForm>
  );
}

/* ------------------------------------------------------------------ delay one message */

export function DelayForm({ open, onClose }: FormProps) {
  const [by, setBy] = useState(100);
  const id = open.target.kind === "message" ? open.target.id : 0;
  return (
    <CommandForm
      title={text("Delay message {id}", { id })}
      submit={text("Delay it")}
      onClose={onClose}
      commands={() => (by > 0 ? [{ type: "delay", message: id, by: micro(by) }] : text("A delay is longer than nothing."))}
    >
      <Numeric label={text("Later by (ms)")} value={by} low={0.001} onValue={setBy} />
    </CommandForm>
  );
}

/* ------------------------------------------------------------------ rules */

export function RulesForm({ onClose }: FormProps) {
  const { app, model } = useModel();
  const scene = app.scene();
  const reason = scene ? roomRefusal(scene) : null;
  return (
    <Dialog title={text("Rules of the algorithm")} onClose={onClose} closeLabel={text("Close")} wide>
      <p class="note">{text("Switch a line of the algorithm off to see what it was for. The room says so, in red, as long as it is off.")}</p>
      {reason && <p class="problem">{reason}</p>}
      <ul class="rules">
        {Object.entries(model.protocol.rules).map(([rule, spec]) => {
          const on = model.world.rules[rule] !== false;
          return (
            <li key={rule} class={on ? "" : "off"}>
              <label class="field check">
                <input
                  type="checkbox"
                  role="switch"
                  checked={on}
                  aria-disabled={reason !== null}
                  onClick={(event) => {
                    event.preventDefault(); // the world says what is on, not the box
                    if (reason) app.toast(reason, "bad");
                    else void app.act([{ type: "switch_rule", rule, on: !on }]);
                  }}
                />
                <span>
                  <b>{said(spec.title)}</b> {!on && <em>{text("off")}</em>}
                </span>
                <small>
                  {said(spec.text)} <cite>{said(spec.cites)}</cite>
                </small>
              </label>
              <WhatFor model={model} rule={rule} title={said(spec.title)} />
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
