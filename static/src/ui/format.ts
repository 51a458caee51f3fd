/** How values, times and ratios are written. Pure; no texts of its own, so that it needs no catalogue. */

const MILLISECOND = 1_000;
const SECOND = 1_000_000;

/** A value of the run in one short line: `put x=3`, `(term 2, put x=3)`, `n1, n2`, `-`. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.length ? value.map(show).join(", ") : "∅";
  return showObject(value as Record<string, unknown>);
}

function showObject(value: Record<string, unknown>): string {
  if (typeof value.name === "string") return operation(value);
  if ("term" in value && "command" in value) return `(${String(value.term)}, ${value.command === null ? "no-op" : show(value.command)})`;
  if (value.log === true) return `${String(value.length)}`;
  const pairs = Object.entries(value);
  return pairs.length ? pairs.map(([key, each]) => `${key}: ${show(each)}`).join(", ") : "∅";
}

/** Told in words of their own, or (the session of a log entry's client) of no interest in a line. */
const TOLD = new Set(["name", "key", "value", "expect", "client", "serial"]);

/** `put x=3`, `get x`, `cas x 3→4`, `cas x ∅→4` where nothing may be there, `add x+2`, `push x←job`; others with their arguments. */
export function operation(value: Record<string, unknown>): string {
  const name = String(value.name);
  const key = value.key === undefined || value.key === null ? "" : ` ${show(value.key)}`;
  if (name === "cas" || (value.expect !== undefined && value.expect !== null)) return `${name}${key} ${held(value.expect)}→${held(value.value)}`;
  // What is a thing of many parts, such as a configuration, has its say in the name.
  const rest = Object.entries(value).filter(([arg, each]) => !TOLD.has(arg) && !hasParts(each) && each !== null && each !== undefined && each !== false && each !== "");
  const more = rest.map(([arg, each]) => (each === true ? ` ${arg}` : ` ${arg}: ${show(each)}`)).join(",");
  if (value.value === undefined || value.value === null) return `${name}${key}${more}`;
  const sign = name === "add" ? "+" : name === "push" ? "←" : "=";
  return key ? `${name}${key}${sign}${show(value.value)}${more}` : `${name} ${show(value.value)}${more}`;
}

function hasParts(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a key holds; ∅ where it holds nothing. */
function held(value: unknown): string {
  return value === undefined || value === null ? "∅" : show(value);
}

/** A moment of virtual time: `12.345 s`, with minutes from the first on: `2:05.120`. */
export function moment(time: number): string {
  const total = Math.max(0, Math.floor(time / MILLISECOND));
  const thousandths = String(total % 1000).padStart(3, "0");
  const seconds = Math.floor(total / 1000);
  if (seconds < 60) return `${seconds}.${thousandths} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${thousandths}`;
}

/** A span of virtual time in its natural unit: `300 µs`, `12.5 ms`, `2 s`. */
export function span(time: number): string {
  const size = Math.abs(time);
  if (size < MILLISECOND) return `${time} µs`;
  if (size < SECOND) return `${trim(time / MILLISECOND)} ms`;
  return `${trim(time / SECOND)} s`;
}

function trim(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `1.5s`, `150 ms`, `300us`, `2:05.1` or a bare number (seconds) as microseconds; null when it is none of these. */
export function parseTime(input: string): number | null {
  const clean = input.trim().toLowerCase().replace(",", ".");
  const clock = /^(\d+):([0-5]?\d(?:\.\d+)?)$/.exec(clean);
  if (clock) return Math.round((Number(clock[1]) * 60 + Number(clock[2])) * SECOND);
  const plain = /^(\d+(?:\.\d+)?|\.\d+)\s*(s|ms|us|µs|μs|秒|毫秒|微秒)?$/.exec(clean);
  if (!plain) return null;
  const unit = plain[2] ?? "s";
  const factor = unit === "s" || unit === "秒" ? SECOND : unit === "ms" || unit === "毫秒" ? MILLISECOND : 1;
  const time = Math.round(Number(plain[1]) * factor);
  return Number.isSafeInteger(time) ? time : null;
}

export const SPEED_STEPS = 300; // the slider's range; 100 steps are a factor of ten

/** Slider position (0 = slowest, 1:1000) to ratio real/virtual, rounded to two digits so that the label is plain. */
export function ratioAt(position: number): number {
  const raw = 10 ** ((SPEED_STEPS - clamp(position, 0, SPEED_STEPS)) / 100);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(raw)) - 1);
  const rounded = raw < 10 ? Math.round(raw * 10) / 10 : Math.round(raw / unit) * unit;
  return clamp(rounded, 1, 1000);
}

export function positionOf(ratio: number): number {
  return Math.round(SPEED_STEPS - 100 * Math.log10(clamp(ratio, 1, 1000)));
}

/** `1:10` is ten seconds of ours for one second of the run. */
export function ratioLabel(ratio: number): string {
  return `1:${trim(ratio)}`;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** A value typed into a form: a whole number stays a number, everything else is the string as typed. */
export function typed(input: string): number | string {
  return /^-?\d{1,15}$/.test(input.trim()) ? Number(input.trim()) : input;
}
