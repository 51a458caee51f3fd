/**
 * Brings a file of the page through a bad line: it asks again until it has it.
 *
 * A browser never asks twice for a module that did not come (HTML's module map keeps the failure until the page is loaded
 * anew), nor does it give one up that hangs. So what `import()` needs is brought here first; then it lies in the browser's
 * own store, where `import()` finds it.
 */

/** What of the outside is used; the tests give another one. */
export interface Line {
  get(address: string, signal: AbortSignal): Promise<{ ok: boolean; status: number; arrayBuffer(): Promise<unknown> }>;
  after(ms: number): Promise<void>;
}

export const LINE: Line = {
  get: (address, signal) => fetch(address, { signal }),
  after: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** One request may take so long; each further one twice as long, as the line may be slow and not broken. */
export const PATIENCE_MS = 8_000;
const PATIENCE_MS_MAX = 64_000;
const AGAIN_MS = 400;
const AGAIN_MS_MAX = 5_000;

/** The server has no such file: it has another page by now, and asking again is of no use. */
export class Missing extends Error {}

/** Settles when the file is here. Rejects with `Missing` where there is none. */
export async function bring(address: string, line: Line = LINE): Promise<void> {
  for (let patience = PATIENCE_MS, again = AGAIN_MS; ; ) {
    if (await once(address, patience, line)) return;
    await line.after(again);
    patience = Math.min(PATIENCE_MS_MAX, patience * 2);
    again = Math.min(AGAIN_MS_MAX, again * 2);
  }
}

async function once(address: string, patience: number, line: Line): Promise<boolean> {
  const leave = new AbortController();
  const whole = async (): Promise<boolean> => {
    const answer = await line.get(address, leave.signal);
    if (answer.status === 404 || answer.status === 410) throw new Missing(address);
    if (!answer.ok) return false;
    await answer.arrayBuffer();
    return true;
  };
  const late = line.after(patience).then(() => false);
  const came = whole().catch((error: unknown) => {
    if (error instanceof Missing) throw error;
    return false;
  });
  try {
    return await Promise.race([came, late]);
  } finally {
    leave.abort(); // what hangs must not hold one of the browser's few lines
  }
}
