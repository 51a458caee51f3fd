/** Work that a page has ordered from the server: begins it, asks how far it is, stops it. */
import { signal } from "@preact/signals";
import { said, text, type Args } from "./text.ts";

const ASK_EVERY_MS = 600;
const TRIES_MAX = 20;
const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json" };

/** How far it is, and its report where that is newer than the one that is known. */
export interface ToldOf<Report, Progress> {
  name: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  over: boolean;
  before: number;
  progress: Progress;
  version: number;
  report: Report | null;
}

/** What the server refused, in the reader's language. */
export class Refusal extends Error {
  /** `told` is the whole answer. */
  constructor(
    message: string,
    readonly told: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(path, { method, headers: JSON_HEADERS, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (answer.status === 204) return {};
  const data = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Refusal(said(String(data.text), (data.args ?? {}) as Args), data);
  return data;
}

export function sentence(error: unknown): string {
  return error instanceof Refusal ? error.message : text("The server does not answer: {reason}", { reason: String(error instanceof Error ? error.message : error) });
}

export class Job<Order, Report, Progress> {
  /** What it is told of the work, the last report, and what went wrong. */
  readonly told = signal<ToldOf<Report, Progress> | null>(null);
  readonly report = signal<Report | null>(null);
  readonly problem = signal("");
  readonly busy = signal(false);
  private running = 0;

  /** `broken` is said when the work broke off. */
  constructor(
    private readonly path: string,
    private readonly broken: () => string,
  ) {}

  private take(next: ToldOf<Report, Progress>): void {
    if (next.report) this.report.value = next.report;
    this.told.value = next;
  }

  /** Orders it in place of the last, and follows it to its end. */
  async begin(order: Order): Promise<void> {
    this.problem.value = "";
    await this.under(() => call("POST", this.path, order));
  }

  /** Follows what was ordered before; in silence where it is not kept any more. */
  async resume(name: string): Promise<void> {
    await this.under(() => call("GET", `${this.path}/${encodeURIComponent(name)}`).catch((error: unknown) => (error instanceof Refusal ? null : Promise.reject(error))));
  }

  private async under(first: () => Promise<Record<string, unknown> | null>): Promise<void> {
    const mine = ++this.running;
    this.busy.value = true;
    try {
      const told = (await first()) as unknown as ToldOf<Report, Progress> | null;
      if (mine !== this.running || !told) return;
      this.report.value = null;
      this.take(told);
      await this.follow(mine);
    } catch (error) {
      if (mine === this.running) this.problem.value = sentence(error);
    } finally {
      if (mine === this.running) this.busy.value = false;
    }
  }

  private async follow(mine: number): Promise<void> {
    let failures = 0;
    while (mine === this.running && this.told.value && !this.told.value.over) {
      await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
      const { name, version } = this.told.value;
      try {
        const next = (await call("GET", `${this.path}/${name}?since=${this.report.value ? version : -1}`)) as unknown as ToldOf<Report, Progress>;
        failures = 0;
        if (mine === this.running) this.take(next);
      } catch (error) {
        // The line may break for a while; a refusal is final.
        if (error instanceof Refusal || ++failures > TRIES_MAX) throw error;
      }
    }
    if (mine === this.running && this.told.value?.state === "failed") this.problem.value = this.broken();
  }

  async stop(): Promise<void> {
    const name = this.told.value?.name;
    if (!name) return;
    try {
      this.take((await call("DELETE", `${this.path}/${name}`)) as unknown as ToldOf<Report, Progress>);
    } catch (error) {
      this.problem.value = sentence(error);
    }
  }
}
