/** Saving a room: kept on the server under a name, or taken away as a file. */
import { useState } from "preact/hooks";
import type { Recorded } from "../model/recordings.ts";
import { Dialog, useModel } from "./context.tsx";
import { Copied, OnlyHere } from "./copied.tsx";
import { call, sentence } from "./job.ts";
import { said, text } from "./text.ts";

const NAME_MAX = 80;
const NOTE_MAX = 1000;

export function SaveDialog({ onClose }: { onClose: () => void }) {
  const { app, model } = useModel();
  const title = model.lesson?.title ?? model.scenario?.title ?? model.challenge?.title ?? model.protocol.title;
  const [name, setName] = useState(said(title).replace(/[\\/]/g, "-").slice(0, NAME_MAX));
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState("");
  const [saved, setSaved] = useState<Recorded | null>(null);
  const [busy, setBusy] = useState(false);
  const room = `/api/rooms/${encodeURIComponent(app.boot.room)}`;
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      setSaved((await call("POST", `${room}/recordings`, { name, note })) as unknown as Recorded);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  if (saved) return <Saved recording={saved} onClose={onClose} />;
  return (
    <Dialog title={text("Save this room")} onClose={onClose} closeLabel={text("Close")}>
      <form class="form" onSubmit={(event) => (event.preventDefault(), void save())}>
        <p class="note">{text("With all its branches and the moment that is shown. Whoever opens it gets a room of his own that stands right here.")}</p>
        <label class="field">
          <span>{text("Name")}</span>
          <input type="text" autofocus value={name} maxLength={NAME_MAX} required onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{text("Note, shown when it is opened")}</span>
          <textarea rows={3} maxLength={NOTE_MAX} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="row end">
          <a class="button" href={`${room}/recording`} download="">
            {text("Download as a file")}
          </a>
          <button type="submit" class="primary" disabled={busy}>
            {busy ? text("Saving …") : text("Save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Saved({ recording, onClose }: { recording: Recorded; onClose: () => void }) {
  const address = new URL(`/recordings/${recording.id}`, location.href).href;
  return (
    <Dialog title={text("Saved")} onClose={onClose} closeLabel={text("Close")}>
      <div class="form">
        <p role="status">{text("“{name}” is in your recordings. You are known there by a cookie of this browser.", { name: recording.name })}</p>
        <Copied label={text("Whoever has this address may open it")} value={address} />
        <OnlyHere />
        <div class="row end">
          <a class="button" href="/recordings">
            {text("Your recordings")}
          </a>
          <button type="button" onClick={onClose}>
            {text("Go on")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
