/**
 * What whoever projects the page must not overlook: the server does not answer, so that nothing moves. It lies upon the line of
 * the news and grows upwards over the page's top, never over the ring, and nothing makes room for it.
 */
import { useApp } from "./context.tsx";
import { stuck } from "./lazy.tsx";
import { locale, text } from "./text.ts";

/** The time on the reader's wall, to the second. */
export function wallTime(when: Date): string {
  return when.toLocaleTimeString(locale() === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function Lost() {
  const app = useApp();
  const since = app.cut.value;
  const broken = since === null && stuck.value;
  // The box is always there: what comes into it is read aloud, what comes with it may not be.
  return (
    <div class={`lost${since || broken ? " shown" : ""}`} role="status">
      {since && (
        <>
          <p>
            <b>{text("The server does not answer.")}</b> {text("Everything here stands still since {time}. It is tried again by itself.", { time: wallTime(since) })}
          </p>
          <button type="button" onClick={() => app.tryNow()}>
            {text("Try now")}
          </button>
        </>
      )}
      {broken && (
        <>
          <p>{text("A part of the page could not be loaded.")}</p>
          <button type="button" onClick={() => location.reload()}>
            {text("Load the page again")}
          </button>
        </>
      )}
    </div>
  );
}
