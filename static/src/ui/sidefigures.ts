/** The figures of a meter that stand beside each other, and which of them is the best and the worst. Pure. */
import { timeLabel } from "../model/channels.ts";
import type { Costs } from "../model/types.ts";
import { text } from "./text.ts";

export interface Figure {
  name: string;
  label: string;
  /** null: there is none yet. */
  value(costs: Costs): number | null;
  shown(value: number): string;
  better: "low" | "high" | null;
}

export type Mark = "best" | "worst" | null;

const count = (value: number): string => String(Math.round(value));
const share = (value: number): string => `${Math.round(value * 1000) / 10} %`;
const bytes = (value: number): string => (value < 10_000 ? `${value} B` : value < 10_000_000 ? `${Math.round(value / 1000)} kB` : `${Math.round(value / 100_000) / 10} MB`);

export function figuresOf(): Figure[] {
  return [
    { name: "messages", label: text("messages"), value: (c) => c.messages, shown: count, better: "low" },
    { name: "bytes", label: text("bytes sent"), value: (c) => c.bytes, shown: bytes, better: "low" },
    { name: "per_answer", label: text("messages for each answer"), value: (c) => (c.answered ? c.messages / c.answered : null), shown: (v) => v.toFixed(1), better: "low" },
    { name: "round_trips", label: text("round trips for each answer"), value: (c) => (c.answers ? c.delays / 2 / c.answers : null), shown: (v) => v.toFixed(2), better: "low" },
    { name: "leader", label: text("time to the first leader"), value: (c) => c.first_election, shown: timeLabel, better: "low" },
    { name: "write_p50", label: text("until a write is answered, median"), value: (c) => c.write_times?.p50 ?? null, shown: timeLabel, better: "low" },
    { name: "write_p99", label: text("until a write is answered, 99 of 100"), value: (c) => c.write_times?.p99 ?? null, shown: timeLabel, better: "low" },
    { name: "read_p50", label: text("until a read is answered, median"), value: (c) => c.read_times?.p50 ?? null, shown: timeLabel, better: "low" },
    { name: "answered", label: text("requests answered"), value: (c) => (c.asked ? c.answered / c.asked : null), shown: share, better: "high" },
    { name: "late", label: text("not answered within a second"), value: (c) => c.late, shown: count, better: "low" },
    { name: "failed", label: text("refused"), value: (c) => c.failed, shown: count, better: null },
    { name: "stale", label: text("stale reads"), value: (c) => c.stale, shown: count, better: "low" },
  ];
}

/** One run of each tells no smaller differences than this share of the larger value from chance. */
const TELLING = 0.1;

/** Which values are the best and the worst; none where all read nearly the same or one stands alone. */
export function marksOf(values: readonly (number | null)[], { better, shown }: Pick<Figure, "better" | "shown">): Mark[] {
  const there = values.filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...there), Math.max(...there)];
  if (better === null || there.length < 2 || shown(low) === shown(high) || high - low <= TELLING * Math.max(Math.abs(low), Math.abs(high))) return values.map(() => null);
  const [best, worst] = better === "low" ? [low, high] : [high, low];
  return values.map((value) => (value === null ? null : shown(value) === shown(best) ? "best" : shown(value) === shown(worst) ? "worst" : null));
}
