/** What can be compared, what was ordered, and the report that came of it: the shapes of `server/web/compare.py`. Pure. */
import { grouped, type Grouped, type GroupSpec, type ParamSpec } from "./forms.ts";

export type Setting = number | boolean | string;

export interface ProtocolChoice {
  name: string;
  title: string;
  family: string;
  params: Record<string, ParamSpec>;
  groups?: GroupSpec[];
  operations: string[];
}

export interface Choices {
  protocols: ProtocolChoice[];
  families: Record<string, string>;
  workloads: { name: string; title: string; text: string; needs: string[] }[];
  schedules: { name: string; title: string; text: string }[];
  scenarios: { name: string; title: string; protocol: string; nodes: number }[];
  limits: { least: number; contestants: number; nodes: number; clients: number; seeds: number; seconds: number; secondsLeast: number };
}

export interface Contestant {
  protocol: string;
  params: Record<string, Setting>;
}

export type Faults = { name: string } | { scenario: string; protocol: string } | { room: string } | { recording: unknown };

/** What a page asks for. */
export interface Order {
  contestants: Contestant[];
  sizes: number[];
  seeds: number;
  seconds: number;
  workload: string;
  faults: Faults;
}

export interface Cell {
  value: number | null;
  shown: string;
  low: number | null;
  high: number | null;
  mark: "best" | "worst" | "";
}

export interface Head {
  name: string;
  title: string;
  unit: string;
  better: "less" | "more";
}

export interface Row extends Head {
  text: string;
  cells: Cell[];
}

export interface Table {
  nodes: number;
  seeds: number;
  groups: { name: string; title: string; rows: Row[] }[];
}

export interface Growth {
  sizes: number[];
  seeds: number;
  figures: (Head & { values: (number | null)[][]; exponents: (number | null)[]; curves: (number[] | null)[] })[];
}

export interface Spread {
  nodes: number;
  seeds: number[][];
  figures: (Head & { values: (number | null)[][] })[];
}

export interface CrashLevel {
  crashed: number;
  tried: number;
  of: number;
  blocked: number;
  stopped: number;
  lost: number;
  broken: number;
  borne: boolean;
}

export interface Report {
  contestants: (Contestant & { label: string; title: string })[];
  sizes: number[];
  seeds: number;
  span: number;
  workload: { name: string; title: string; text: string };
  faults: { name: string; title: string };
  notices: { of: string; text: string; args: Record<string, unknown> }[];
  done: number;
  of: number;
  complete: boolean;
  tables: Table[];
  crashes: CrashLevel[][];
  broken: { name: string; title: string; runs: number; assumes: string; reason: string }[][];
  growth: Growth;
  spread: Spread;
}

/** How far a comparison is, and its report where that is newer than the one that is known. */
export interface Told {
  name: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  over: boolean;
  before: number;
  progress: { done: number; of: number; part: number };
  version: number;
  report: Report | null;
}

/** What a comparison sets for itself, so that clients ask what the workload says and nothing else. */
const SET_BY_ITSELF = new Set(["think_time"]);

/** The letter by which a contestant goes in plots. */
export function letter(index: number): string {
  return "ABCD"[index] ?? "?";
}

/** The tunables of a protocol that a person may choose, in their groups. */
export function tunables(protocol: ProtocolChoice | undefined): Grouped<ParamSpec> {
  const groups = protocol ? grouped(protocol) : [];
  return groups.map(({ title, params }) => ({ title, params: params.filter(([name]) => !SET_BY_ITSELF.has(name)) })).filter(({ params }) => params.length > 0);
}

/** The workloads that all of these protocols can serve. */
export function fitting(choices: Choices, protocols: readonly string[]): string[] {
  const chosen = choices.protocols.filter(({ name }) => protocols.includes(name));
  return choices.workloads.filter(({ needs }) => needs.every((need) => chosen.every(({ operations }) => operations.includes(need)))).map(({ name }) => name);
}

/** Two protocols that can be asked the same, to begin with; tunings of one where no two can. */
export function firstOrder(choices: Choices): Order {
  const names = choices.protocols.map(({ name }) => name);
  const first = names.includes("raft") ? "raft" : (names[0] ?? "");
  const second = ["multi_paxos", ...names].find((name) => name !== first && names.includes(name) && fitting(choices, [first, name]).length > 0);
  const contestants = [first, second ?? first].map((protocol) => ({ protocol, params: {} }));
  return { contestants, sizes: [5], seeds: 20, seconds: 20, workload: fitting(choices, [first, second ?? first])[0] ?? "", faults: { name: "one_crash" } };
}

/** The order as a part of an address, and back; a recording is too long for one and stays away. */
export function asHash(order: Order): string {
  const { faults, ...rest } = order;
  return `#${encodeURIComponent(JSON.stringify("recording" in faults ? rest : { ...rest, faults }))}`;
}

export function fromHash(hash: string, first: Order): Order {
  try {
    const given: unknown = JSON.parse(decodeURIComponent(hash.slice(1)));
    if (typeof given !== "object" || given === null) return first;
    const order = { ...first, ...(given as Partial<Order>) };
    return isOrder(order) ? order : first;
  } catch {
    return first; // none, or somebody has cut it off
  }
}

function isOrder(order: Order): boolean {
  const numbers = Array.isArray(order.sizes) && [...order.sizes, order.seeds, order.seconds].every(Number.isFinite);
  const contestants = Array.isArray(order.contestants) && order.contestants.every((each) => typeof each?.protocol === "string" && typeof (each.params ??= {}) === "object");
  return numbers && contestants && typeof order.workload === "string" && typeof order.faults === "object" && order.faults !== null;
}

/** The five numbers of a distribution; null of nothing. */
export function summary(values: readonly (number | null)[]): { least: number; low: number; middle: number; high: number; most: number } | null {
  const ordered = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  if (!ordered.length) return null;
  const at = (part: number): number => {
    const place = part * (ordered.length - 1);
    const below = ordered[Math.floor(place)]!;
    return below + (ordered[Math.ceil(place)]! - below) * (place - Math.floor(place));
  };
  return { least: at(0), low: at(0.25), middle: at(0.5), high: at(0.75), most: at(1) };
}

/** Three digits, as the table has them. */
export function digits(value: number | null): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
