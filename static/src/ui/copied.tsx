/** An address or a line that is there to be copied, and what is to be known of it. */
import { useRef, useState } from "preact/hooks";
import { isLoopback } from "../model/links.ts";
import { text } from "./text.ts";

const COPIED_MS = 2_000;

/** The field and its button. */
export function Copied({ label, value, long }: { label: string; value: string; long?: boolean }) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const [done, setDone] = useState(false);
  const [byHand, setByHand] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      field.current?.select(); // without https there is no clipboard, and some browsers ask first
      if (!document.execCommand("copy")) return setByHand(true);
    }
    setDone(true);
    setTimeout(() => setDone(false), COPIED_MS);
  };
  const shared = { ref: field, readOnly: true, value, onFocus: (): void => field.current?.select() };
  return (
    <div class="copied">
      <label class="field">
        <span>{label}</span>
        {long ? <textarea rows={4} {...shared} /> : <input type="text" {...shared} />}
      </label>
      <button type="button" class={long ? "" : "primary"} aria-disabled={!value} onClick={() => value && void copy()}>
        {done ? text("Copied") : long ? text("Copy the line") : text("Copy")}
      </button>
      <span class={byHand ? "note" : "unseen"} role="status">
        {byHand ? text("It is selected: copy it with Ctrl+C.") : done ? text("Copied") : ""}
      </span>
    </div>
  );
}

/** Where the page was reached by an address that means another machine on every other machine. */
export function OnlyHere() {
  if (!isLoopback(location.hostname)) return null;
  return (
    <p class="only-here">
      {text("Only this machine can open this address. To let others in, start the server with “{command}” and open the page by the address that it prints.", {
        command: "HOST=0.0.0.0 make run",
      })}
    </p>
  );
}
