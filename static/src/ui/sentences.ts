/** Events, messages and commands as plain sentences, with their reason and the place where it is written. Pure. */
import {
  type Command,
  type Flight,
  type Giver,
  type Indication,
  type Link,
  type LossReason,
  type Protocol,
  type RunEvent,
  type Value,
} from "../model/types.ts";
import { show, span } from "./format.ts";
import { NUMBERED } from "./people.ts";
import { requestText } from "./requests.ts";
import { said, text, type Args } from "./text.ts";
import { timerLabel } from "./scene.ts";

export type Weight = "key" | "normal" | "routine";

export interface Line {
  text: string;
  cites: string;
  weight: Weight;
  tone: "good" | "bad" | "neutral";
  mark: string | null;
}

const plain = (sentence: string, weight: Weight = "normal", tone: Line["tone"] = "neutral"): Line => ({
  text: sentence,
  cites: "",
  weight,
  tone,
  mark: null,
});

/** What a message says: `n1 asks n2 for its vote in term 3`. */
export function messageSentence(message: Flight, protocol: Protocol): string {
  const spec = protocol.messages[message.type];
  if (!spec) return `${message.type} ${message.src} → ${message.dst}`;
  return said(spec.text, { ...message.body, src: message.src, dst: message.dst });
}

/** The short name: `RequestVote n1 → n2`. The same words in the list of messages, in the menu and for a screen reader. */
export function messageName(message: Flight, protocol: Protocol): string {
  const spec = protocol.messages[message.type];
  const label = spec ? said(spec.label) : message.type;
  return message.of === null
    ? text("{label} from {src} to {dst}, message {id}", { label, src: message.src, dst: message.dst, id: message.id })
    : text("{label} from {src} to {dst}, message {id}, a duplicate of {of}", {
        label,
        src: message.src,
        dst: message.dst,
        id: message.id,
        of: message.of,
      });
}

/** A message without news: its list of entries is there and is empty (a heartbeat). */
export function isHollow(message: Flight, protocol: Protocol): boolean {
  const beads = protocol.messages[message.type]?.beads;
  if (!beads) return false;
  const list = message.body[beads];
  return Array.isArray(list) && list.length === 0;
}

export function indicationLine(indication: Indication, host: string | null, protocol: Protocol): Line {
  const spec = protocol.indications[indication.type];
  if (!spec || indication.type === "Invoked" || indication.type === "Returned") return clientLine(indication, host, protocol);
  const args: Args = { host: host ?? "", node: host ?? "", ...indication };
  const role = typeof indication.role === "string" ? protocol.view.node.roles[indication.role] : undefined;
  if (role) args.role = said(role.label);
  return { text: said(spec.text, args), cites: spec.cites ? said(spec.cites) : "", weight: spec.weight, tone: spec.tone, mark: spec.mark };
}

function clientLine(indication: Indication, host: string | null, protocol: Protocol): Line {
  const { type, id } = indication;
  const asked = isRequest(indication.operation) ? requestText(indication.operation, protocol) : show(indication.operation ?? id);
  if (type === "Invoked") return plain(text("{host} asks {to}: {operation}.", { host, to: indication.to, operation: asked }));
  if (type === "Returned") {
    return plain(returnSentence(indication, host, asked), "normal", indication.outcome === "ok" ? "good" : "bad");
  }
  const { type: _type, ...rest } = indication;
  return plain(`${host ?? ""} ${type} ${show(rest as Value)}`);
}

function isRequest(value: Value | undefined): value is { name: string } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.name === "string";
}

/** An answer, a refusal, or the end of a client's patience, which tells nothing about what was done. */
function returnSentence(indication: Indication, host: string | null, asked: string): string {
  const args = { host, operation: asked };
  const outcome = String(indication.outcome);
  if (outcome === "ok") return text("{host} asked for {operation}; {answer}.", { ...args, answer: answerLabel(indication.operation, outcome, indication.result) });
  if (outcome === "failed") return text("{host} asked for {operation}; it failed, and had no effect.", args);
  return text("{host} gives up on {operation}: it may have been done, or may yet be.", args);
}

/** What became of an operation, in words: a swap that was not done was answered all the same. */
export function answerLabel(asked: unknown, outcome: string | null, result: unknown): string {
  if (outcome !== "ok") return outcomeLabel(outcome);
  const name = typeof asked === "object" && asked !== null && "name" in asked ? asked.name : null;
  if (name === "cas") return result === false ? text("answered: not swapped") : text("answered: swapped");
  if (name === "put") return text("answered: stored");
  if (name === "delete" && result === true) return text("answered: deleted");
  if (name === "delete") return text("answered: nothing stored");
  if (name === "acquire") return result === true ? text("answered: the lock is taken") : text("answered: another client holds the lock");
  if (name === "release") return result === true ? text("answered: the lock is free") : text("answered: it did not hold the lock");
  if (result === null || result === undefined) return name === "get" || name === "pop" ? text("answered: nothing stored") : text("answered: nothing done");
  if (result === true) return text("answered: done");
  if (result === false) return text("answered: not done");
  // A protocol answers with its own words, such as a decision.
  return text("answered: {value}", { value: typeof result === "string" ? said(result) : show(result as Value) });
}

function outcomeLabel(outcome: string | null): string {
  if (outcome === "failed") return text("failed");
  if (outcome === "unknown") return text("unknown");
  return text("waiting");
}

/** Why a message was lost on its way or at its arrival. */
export function lossSentence(message: Flight, reason: LossReason, atSending: boolean, protocol: Protocol): string {
  const args = { message: messageName(message, protocol), src: message.src, dst: message.dst };
  if (atSending) {
    if (reason === "partition") return text("{message}: not sent, the partition stands between {src} and {dst}.", args);
    return text("{message}: not sent, the link {src} → {dst} is cut.", args);
  }
  switch (reason) {
    case "loss":
      return text("{message}: lost on the way, as the link's loss drew it.", args);
    case "cut":
      return text("{message}: lost at delivery, the link {src} → {dst} is cut.", args);
    case "partition":
      return text("{message}: lost at delivery, the partition stands between {src} and {dst}.", args);
    case "down":
      return text("{message}: lost at delivery, {dst} is down.", args);
    case "dropped":
      return text("{message}: dropped by hand.", args);
  }
}

/** What happened in the world, before what the nodes say about it. */
function ground(event: RunEvent, protocol: Protocol): Line {
  const host = event.host ?? "";
  switch (event.kind) {
    case "start":
      return plain(event.host ? text("{host} starts.", { host }) : text("The run begins."));
    case "deliver": {
      const message = event.message;
      if (!message) return plain(text("{host} receives a message.", { host }));
      return plain(text("{host} receives: {sentence}.", { host, sentence: messageSentence(message, protocol).replace(/[.。]$/, "") }));
    }
    case "timer": {
      const spec = protocol.timers[event.timer ?? ""];
      const sentence = spec?.text.includes("{node}") || spec?.text.includes("{host}");
      if (spec && sentence) return plain(said(spec.text, { host, node: host }));
      return plain(text("{host}: the timer rings: {timer}.", { host, timer: timerLabel(protocol, event.timer ?? "") }));
    }
    case "lost":
      return plain(event.message ? lossSentence(event.message, event.reason ?? "loss", false, protocol) : text("A message is lost."), "normal", "bad");
    case "command":
      return commandLine(event, protocol);
  }
}

function commandLine(event: RunEvent, protocol: Protocol): Line {
  const what = event.command ? commandSentence(event.command, protocol) : "";
  return plain(byWhom(event.by ?? "", event.by_kind ?? "person", what), "key");
}

/** As the search for counterexamples signs what it does. */
const FUZZER = "fuzzer";

/** Who gave no name is not called a number: it was done by hand. The scenario and the lesson act too, and have no name. */
function byWhom(by: string, kind: Giver, command: string): string {
  if (kind === "scenario") return text("The scenario: {command}", { command });
  if (kind === "lesson") return text("The lesson: {command}", { command });
  if (by === FUZZER) return text("The search: {command}", { command });
  return by === "" || NUMBERED.test(by) ? text("By hand: {command}", { command }) : text("{by}: {command}", { by, command });
}

/** What was stopped at sending: one line for each message, or one for all where a node sent to several in vain. */
function lossLines(event: RunEvent, protocol: Protocol): Line[] {
  const lost = event.lost ?? [];
  const news = lost.filter(({ message }) => !isHollow(message, protocol));
  const weight: Weight = news.length ? "normal" : "routine";
  const first = lost[0];
  if (lost.length < 2 || !first) return lost.map(({ message, reason }) => plain(lossSentence(message, reason, true, protocol), weight, "bad"));
  const args = { src: first.message.src, dsts: lost.map(({ message }) => message.dst), label: said(protocol.messages[first.message.type]?.label ?? first.message.type) };
  const wall = lost.every(({ reason }) => reason === "partition");
  const sentence = wall
    ? text("{label} from {src} to {dsts}: not sent, the partition stands between.", args)
    : text("{label} from {src} to {dsts}: not sent, the links are cut or the partition stands between.", args);
  return [plain(sentence, weight, "bad")];
}

/** All lines of an event, the most telling first. */
export function linesOf(event: RunEvent, protocol: Protocol): Line[] {
  const told = (event.indications ?? []).map((each) => indicationLine(each, event.host, protocol));
  const first = ground(event, protocol);
  const stopped = lossLines(event, protocol);
  const rank: Record<Weight, number> = { key: 0, normal: 1, routine: 2 };
  told.sort((a, b) => rank[a.weight] - rank[b.weight]);
  // A command is said first; elsewhere the ground is context for what the node decided.
  if (event.kind === "command" || event.kind === "lost") return [first, ...told, ...stopped];
  return [...told, { ...first, weight: told.length ? "routine" : first.weight }, ...stopped];
}

/**
 * How much an event weighs in the feed: the heaviest of what was said. Where nobody said anything (heartbeats and their
 * answers, a timer that only sends on) it is routine.
 */
export function weightOf(event: RunEvent, protocol: Protocol): Weight {
  if (event.kind === "command") return "key";
  const weights = (event.indications ?? []).map((each) => protocol.indications[each.type]?.weight ?? "normal");
  if (weights.includes("key")) return "key";
  const stopped = (event.lost ?? []).some(({ message }) => !isHollow(message, protocol));
  if (weights.includes("normal") || stopped || event.kind === "start") return "normal";
  if (event.kind === "lost") return event.message && isHollow(event.message, protocol) ? "routine" : "normal";
  return "routine";
}

/** A command as a person would say it. */
export function commandSentence(command: Command, protocol: Protocol): string {
  switch (command.type) {
    case "crash":
      return text("crash {node}", { node: command.node });
    case "restart":
      return command.disk === "kept"
        ? text("restart {node}, its disk kept", { node: command.node })
        : text("restart {node}, its disk lost", { node: command.node });
    case "pause":
      return text("pause {node}", { node: command.node });
    case "resume":
      return text("resume {node}", { node: command.node });
    case "partition":
      return text("partition {groups}", { groups: command.groups.map((group) => group.join(" ")).join(" | ") });
    case "heal":
      return text("heal the partition");
    case "drop":
      return text("drop message {id}", { id: command.message });
    case "duplicate":
      return text("duplicate message {id}", { id: command.message });
    case "delay":
      return text("delay message {id} by {time}", { id: command.message, time: span(command.by) });
    case "deliver_now":
      return text("deliver message {id} now", { id: command.message });
    case "hold_link":
      return text("hold the link {src} → {dst}", { src: command.src, dst: command.dst });
    case "release_link":
      return text("release the link {src} → {dst}", { src: command.src, dst: command.dst });
    case "fire_timer":
      return text("fire the timer of {node}: {timer}", { node: command.node, timer: timerLabel(protocol, command.timer) });
    case "request":
      return requestSentence(command, protocol);
    case "switch_rule":
      return ruleSentence(command.rule, command.on, protocol);
    case "set_clock":
      return clockSentence(command);
    case "set_link":
      return linkSentence(command);
  }
}

function requestSentence(command: Extract<Command, { type: "request" }>, protocol: Protocol): string {
  const args = { client: command.client, operation: requestText(command.operation, protocol), to: command.to };
  return command.to ? text("{client} requests {operation} of {to}", args) : text("{client} requests {operation}", args);
}

function ruleSentence(rule: string, on: boolean, protocol: Protocol): string {
  const spec = protocol.rules[rule];
  const title = spec ? said(spec.title) : rule;
  return on ? text("switch on the rule: {rule}", { rule: title }) : text("switch off the rule: {rule}", { rule: title });
}

function clockSentence(command: Extract<Command, { type: "set_clock" }>): string {
  const parts: string[] = [];
  if (command.rate_ppm !== undefined) parts.push(text("rate {rate}", { rate: `${command.rate_ppm / 10_000} %` }));
  if (command.offset !== undefined) parts.push(text("offset {offset}", { offset: span(command.offset) }));
  return text("clock of {node}: {settings}", { node: command.node, settings: parts.join(", ") });
}

function linkSentence(command: Extract<Command, { type: "set_link" }>): string {
  const { src, dst } = command;
  if (command.up === false) return text("cut the link {src} → {dst}", { src, dst });
  if (command.up === true) return text("mend the link {src} → {dst}", { src, dst });
  return text("link {src} → {dst}: {settings}", { src, dst, settings: linkSettings(command, true) });
}

type LinkPart = Partial<Omit<Link, "up">>;

/** The settings of a link in words; what is not named is left out, and unless `plain` is wanted what is nothing special. */
export function linkSettings(link: LinkPart, plain = false): string {
  const named = (percent: number | undefined): percent is number => percent !== undefined && (plain || percent > 0);
  const parts: string[] = [];
  if (link.held) parts.push(text("held"));
  if (link.low !== undefined && link.high !== undefined) {
    const range = link.low === link.high ? span(link.low) : `${span(link.low)} – ${span(link.high)}`;
    parts.push(text("delay {range}", { range }));
  }
  if (named(link.loss_percent)) parts.push(text("loss {percent} %", { percent: link.loss_percent }));
  if (named(link.duplicate_percent)) parts.push(text("duplicates {percent} %", { percent: link.duplicate_percent }));
  if (link.fifo) parts.push(text("in order"));
  else if (plain && link.fifo === false) parts.push(text("in any order"));
  return parts.join(", ");
}
