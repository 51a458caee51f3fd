/** The list of recordings: found, opened, taken away, renamed and deleted. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { kept, kilobytes, turns, type Recorded, type Shown } from "../model/recordings.ts";
import { Dialog } from "./context.tsx";
import { call, sentence } from "./job.ts";
import { locale, said, text } from "./text.ts";
import { openRecording, send, Unwanted, wireUpload } from "./upload.ts";

const SEARCH_AFTER_MS = 200;
const NAME_MAX = 80;

export const shown = signal<Shown>({ recordings: [], total: 0, offset: 0, limit: 20 });
export const problem = signal("");
const sought = signal("");
const asked = signal<{ act: "rename" | "delete"; recording: Recorded } | null>(null);
const announced = signal("");
let asking = 0;

async function load(offset = 0): Promise<void> {
  const mine = ++asking;
  try {
    const { limit } = shown.value;
    const found = (await call("GET", `/api/recordings?q=${encodeURIComponent(sought.value)}&offset=${offset}&limit=${limit}`)) as unknown as Shown;
    if (mine !== asking) return;
    const first = kept(found);
    if (first !== found.offset) return await load(first);
    shown.value = found;
    problem.value = "";
    if (sought.value) announced.value = found.total ? text("{n} found", { n: found.total }) : text("Nothing found. Try another word.");
  } catch (error) {
    if (mine === asking) problem.value = sentence(error);
  }
}

async function changing(act: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await act();
    await load(shown.value.offset);
    announced.value = done;
    return true;
  } catch (error) {
    problem.value = sentence(error);
    return false;
  }
}

/* ------------------------------------------------------------------ the page */

export function Recordings({ bytes, only }: { bytes: number; only: boolean }) {
  const empty = !shown.value.total && !sought.value && !problem.value;
  return (
    <>
      {!only && <Upload bytes={bytes} />}
      {!only && !empty && <Search />}
      {problem.value && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      {empty ? (
        <p class="recordings-empty">{text("Nothing is saved yet. In a room, choose “Save”; or send a file here.")}</p>
      ) : (
        <ul class="recordings">
          {shown.value.recordings.map((recording) => (
            <Row key={recording.id} recording={recording} />
          ))}
        </ul>
      )}
      {only ? <p><a href="/recordings">{text("All recordings")}</a></p> : <Turn />}
      <p class="unseen" role="status" aria-live="polite">
        {announced}
      </p>
      <Asked />
    </>
  );
}

function Upload({ bytes }: { bytes: number }) {
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const form = box.current;
    if (form) {
      wireUpload(form, async (file, tell) => {
        const recording = await send(file, form.dataset, tell);
        await load();
        tell(text("“{name}” is in the list.", { name: recording.name }));
      });
    }
  }, []);
  return (
    <form
      ref={box}
      class="upload"
      onSubmit={(event) => event.preventDefault()}
      data-bytes={bytes}
      data-sending={text("Sending …")}
      data-playing={text("Playing it again: {percent} %")}
      data-large={text("This file is larger than {most} MB.", { most: Math.floor(bytes / 1024 / 1024) })}
      data-silent={text("The server does not answer.")}
    >
      <label class="button primary">
        <input type="file" class="unseen" accept=".json,.gz,application/json,application/gzip" />
        {text("Send a file …")}
      </label>
      <span>{text("or drop it here. It is played again before it is kept.")}</span>
      <span role="status" class="upload-status" />
    </form>
  );
}

function Search() {
  const [due, setDue] = useState<ReturnType<typeof setTimeout>>();
  return (
    <form class="recordings-search" role="search" onSubmit={(event) => (event.preventDefault(), void load())}>
      <input
        type="search"
        maxLength={80}
        value={sought.value}
        placeholder={text("Find by name or protocol")}
        aria-label={text("Find by name or protocol")}
        onInput={(event) => {
          sought.value = event.currentTarget.value;
          clearTimeout(due);
          setDue(setTimeout(() => void load(), SEARCH_AFTER_MS));
        }}
      />
      <span class="found">{sought.value && (shown.value.total ? text("{n} found", { n: shown.value.total }) : text("Nothing found. Try another word."))}</span>
    </form>
  );
}

function Row({ recording }: { recording: Recorded }) {
  const { id, name } = recording;
  const [opening, setOpening] = useState(false);
  const open = (): void => {
    setOpening(true);
    problem.value = "";
    openRecording(id).catch((error: unknown) => {
      setOpening(false);
      problem.value = error instanceof Unwanted ? error.message : sentence(error);
    });
  };
  return (
    <li>
      <h2>
        <a href={`/recordings/${id}`}>{name}</a>
      </h2>
      <p class="recordings-facts">{facts(recording).join(" · ")}</p>
      {recording.upto !== null && (
        <p class="recordings-warning">{text("Made by another version: up to event {upto} it is as it was, what follows is different now.", { upto: recording.upto })}</p>
      )}
      <div class="recordings-acts">
        <button type="button" class="primary" disabled={opening} aria-label={`${text("Open")}: ${name}`} onClick={open}>
          {opening ? text("Opening …") : text("Open")}
        </button>
        <a class="button" href={`/api/recordings/${id}/file`} download={`${name}.json`} aria-label={`${text("Download")}: ${name}`}>
          {text("Download")}
        </a>
        {recording.yours && (
          <>
            <button type="button" aria-haspopup="dialog" aria-label={`${text("Rename")}: ${name}`} onClick={() => (asked.value = { act: "rename", recording })}>
              {text("Rename")}
            </button>
            <button type="button" aria-haspopup="dialog" aria-label={`${text("Delete")}: ${name}`} onClick={() => (asked.value = { act: "delete", recording })}>
              {text("Delete")}
            </button>
          </>
        )}
      </div>
    </li>
  );
}

function facts(recording: Recorded): string[] {
  return [
    said(recording.title),
    text("{n} nodes", { n: recording.nodes }),
    ...(recording.branches > 1 ? [text("{n} branches", { n: recording.branches })] : []),
    text("events: {n}", { n: recording.events }),
    text("{n} kB", { n: kilobytes(recording.size) }),
    new Date(recording.created).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" }),
    ...(recording.yours ? [] : [text("not yours")]),
  ];
}

function Turn() {
  const { offset, limit, total } = shown.value;
  const { before, after } = turns(shown.value);
  if (before === null && after === null) return null;
  return (
    <nav class="recordings-turn" aria-label={text("Parts of the list")}>
      <button type="button" disabled={before === null} onClick={() => void load(before ?? 0)}>
        {text("Newer")}
      </button>
      <span>{text("{first} to {last} of {total}", { first: offset + 1, last: Math.min(offset + limit, total), total })}</span>
      <button type="button" disabled={after === null} onClick={() => void load(after ?? 0)}>
        {text("Older")}
      </button>
    </nav>
  );
}

/* ------------------------------------------------------------------ questions */

function Asked() {
  const question = asked.value;
  const close = (): void => {
    asked.value = null;
  };
  if (!question) return null;
  return question.act === "rename" ? <Rename recording={question.recording} onClose={close} /> : <Delete recording={question.recording} onClose={close} />;
}

function Rename({ recording, onClose }: { recording: Recorded; onClose: () => void }) {
  const [name, setName] = useState(recording.name);
  const path = `/api/recordings/${recording.id}`;
  return (
    <Dialog title={text("Rename a recording")} onClose={onClose} closeLabel={text("Close")}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void changing(() => call("PATCH", path, { name }), text("It is called “{name}” now.", { name })).then(onClose);
        }}
      >
        <label class="field">
          <span>{text("Name")}</span>
          <input type="text" autofocus value={name} maxLength={NAME_MAX} required onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <div class="row end">
          <button type="button" onClick={onClose}>
            {text("Cancel")}
          </button>
          <button type="submit" class="primary">
            {text("Rename")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Delete({ recording, onClose }: { recording: Recorded; onClose: () => void }) {
  const { name } = recording;
  return (
    <Dialog title={text("Delete “{name}”?", { name })} onClose={onClose} closeLabel={text("Close")}>
      <p>{text("It is gone for good then, also for those who have its address. Rooms that were opened from it stay.")}</p>
      <div class="row end">
        <button type="button" autofocus onClick={onClose}>
          {text("Keep it")}
        </button>
        <button
          type="button"
          class="primary recordings-delete"
          onClick={() => void changing(() => call("DELETE", `/api/recordings/${recording.id}`), text("“{name}” is deleted.", { name })).then(onClose)}
        >
          {text("Delete")}
        </button>
      </div>
    </Dialog>
  );
}
