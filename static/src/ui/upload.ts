/**
 * Sending the file of a recording: chosen or dropped, counted, sent, waited for. It has no sentences of its own, for the gallery
 * has no catalogue: they stand in the `data-` attributes of its box, and what the server refuses it says in the reader's language.
 */
import { nameOfFile, type Recorded } from "../model/recordings.ts";

const ASK_EVERY_MS = 500;

interface Import {
  name: string;
  over: boolean;
  progress: { part?: number };
  recording: Recorded | null;
  problem: { code: string } | null;
}

/** What the server did not want, in one sentence. */
export class Unwanted extends Error {}

export type Tell = (sentence: string) => void;
export type Words = Record<string, string | undefined>;

async function answerOf(answer: Response): Promise<Record<string, unknown>> {
  const data = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Unwanted(String(data.detail ?? data.text ?? answer.statusText));
  return data;
}

/** Sends a file; what it became. Throws `Unwanted`. */
export async function send(file: File, words: Words, tell: Tell): Promise<Recorded> {
  if (file.size > Number(words.bytes)) throw new Unwanted(words.large ?? "");
  tell(words.sending ?? "");
  const answer = await fetch(`/api/recordings?name=${encodeURIComponent(nameOfFile(file.name))}`, { method: "POST", body: file });
  const told = await answerOf(answer);
  if (answer.status !== 202) return told as unknown as Recorded;
  let job = told as unknown as Import;
  while (!job.over) {
    tell((words.playing ?? "").replace("{percent}", String(Math.floor((job.progress.part ?? 0) * 100))));
    await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
    job = (await answerOf(await fetch(`/api/imports/${encodeURIComponent(job.name)}`))) as unknown as Import;
  }
  if (job.recording) return job.recording;
  const { detail } = job.problem as unknown as { detail: string };
  throw new Unwanted(detail);
}

/** Opens a recording as a room, and goes there. Throws `Unwanted`. */
export async function openRecording(id: string): Promise<void> {
  const { address } = await answerOf(await fetch(`/api/recordings/${encodeURIComponent(id)}/room`, { method: "POST" }));
  location.assign(String(address));
}

/** Has a box with a field for a file take one, chosen or dropped, and say in its status what becomes of it. */
export function wireUpload(box: HTMLElement, take: (file: File, tell: Tell) => Promise<void>): void {
  const field = box.querySelector<HTMLInputElement>("input[type=file]");
  const status = box.querySelector<HTMLElement>("[role=status]");
  if (!field || !status) return;
  let busy = false;
  const tell = (sentence: string, bad = false): void => {
    status.textContent = sentence;
    status.classList.toggle("problem", bad);
  };
  const begin = async (file: File | undefined): Promise<void> => {
    if (!file || busy) return;
    busy = true;
    box.setAttribute("aria-busy", "true");
    try {
      await take(file, tell);
    } catch (error) {
      tell(error instanceof Unwanted ? error.message : (box.dataset.silent ?? ""), true);
    } finally {
      busy = false;
      box.removeAttribute("aria-busy");
      field.value = ""; // the same file may be chosen again
    }
  };
  field.addEventListener("change", () => void begin(field.files?.[0]));
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.add("over");
  };
  box.addEventListener("dragenter", over);
  box.addEventListener("dragover", over);
  box.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && box.contains(event.relatedTarget))) box.classList.remove("over");
  });
  box.addEventListener("drop", (event) => {
    box.classList.remove("over");
    event.preventDefault();
    void begin(event.dataTransfer?.files[0]);
  });
}
