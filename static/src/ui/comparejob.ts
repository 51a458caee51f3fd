/** The comparison that this page has ordered: begins it, asks how far it is, stops it. */
import { signal } from "@preact/signals";
import type { Order, Report, Told } from "../model/comparison.ts";
import { said, text, type Args } from "./text.ts";

const ASK_EVERY_MS = 600;
const TRIES_MAX = 20;
const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

/** What it is told of the comparison, the last report, and what went wrong. */
export const told = signal<Told | null>(null);
export const report = signal<Report | null>(null);
export const problem = signal("");
export const busy = signal(false);

let running = 0;

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(path, { method, headers: JSON_HEADERS, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const data = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Refusal(said(String(data.text), (data.args ?? {}) as Args));
  return data;
}

class Refusal extends Error {}

function take(next: Told): void {
  if (next.report) report.value = next.report;
  told.value = next;
}

/** Orders a comparison in place of the last one, and follows it to its end. */
export async function begin(order: Order): Promise<void> {
  const mine = ++running;
  problem.value = "";
  busy.value = true;
  try {
    const first = (await call("POST", "/api/comparisons", order)) as unknown as Told;
    if (mine !== running) return;
    report.value = null;
    take(first);
    await follow(mine);
  } catch (error) {
    if (mine === running) problem.value = sentence(error);
  } finally {
    if (mine === running) busy.value = false;
  }
}

async function follow(mine: number): Promise<void> {
  let failures = 0;
  while (mine === running && told.value && !told.value.over) {
    await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
    const { name, version } = told.value;
    try {
      const next = (await call("GET", `/api/comparisons/${name}?since=${report.value ? version : -1}`)) as unknown as Told;
      failures = 0;
      if (mine === running) take(next);
    } catch (error) {
      // The line may break for a while; a refusal is final.
      if (error instanceof Refusal || ++failures > TRIES_MAX) throw error;
    }
  }
  if (mine === running && told.value?.state === "failed") problem.value = text("The comparison broke off; what is shown is what was known by then.");
}

export async function stop(): Promise<void> {
  const name = told.value?.name;
  if (!name) return;
  try {
    take((await call("DELETE", `/api/comparisons/${name}`)) as unknown as Told);
  } catch (error) {
    problem.value = sentence(error);
  }
}

/** Opens the contestants side by side, live, and goes there. */
export async function watchLive(order: Order): Promise<void> {
  problem.value = "";
  try {
    const { address } = await call("POST", "/compare/rooms", order);
    location.assign(String(address));
  } catch (error) {
    problem.value = sentence(error);
  }
}

function sentence(error: unknown): string {
  return error instanceof Refusal ? error.message : text("The server does not answer: {reason}", { reason: String(error instanceof Error ? error.message : error) });
}
