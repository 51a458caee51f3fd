/** "Link to this moment": what brings others here, as an address, as a code for a projector, as a line for a page. */
import { useEffect, useState } from "preact/hooks";
import { EMBED_PANELS, embedAddress, FIRST_OPTIONS, iframeLine, type EmbedOptions, type EmbedPanel } from "../model/links.ts";
import { boardsTitle } from "../draw/boardtitle.ts";
import { Dialog, useModel } from "./context.tsx";
import { Copied, OnlyHere } from "./copied.tsx";
import { Refusal, sentence } from "./job.ts";
import type { Made } from "./opening.ts";
import { said, text } from "./text.ts";

type What = "copy" | "live";

/** Why there is no link. `tooLarge`: then a recording takes its place. */
interface Problem {
  text: string;
  tooLarge: boolean;
}

/** The server's code for a room that is too much for a link. */
const TOO_LARGE = "link_too_large";

/** Longer than this a code has too many squares for a camera at the back of a room. */
const CODE_CHARACTERS_MAX = 300;

export function LinkDialog({ onClose }: { onClose: () => void }) {
  const { app } = useModel();
  const [what, setWhat] = useState<What>("copy");
  const [made, setMade] = useState<Made | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const make = (keep: boolean): void => {
    setProblem(null);
    app.link(keep).then(setMade, (error: unknown) => setProblem({ text: sentence(error), tooLarge: error instanceof Refusal && error.told.code === TOO_LARGE }));
  };
  useEffect(() => make(false), []);
  const none = what === "copy" && problem !== null && made === null;
  const path = what === "live" ? `/r/${app.boot.room}` : (made?.path ?? "");
  const address = path && location.origin + path;
  return (
    <Dialog title={text("Link to this moment")} onClose={onClose} closeLabel={text("Close")} wide>
      <div class="form link-form">
        <Choice what={what} setWhat={setWhat} />
        {what === "copy" && problem && (
          <p class="problem" role="alert">
            {problem.text}
          </p>
        )}
        {none || <Copied label={text("Address")} value={address} />}
        {none || <OnlyHere />}
        <p class="note" role="status">
          {what === "live" ? text("Whoever opens it comes into this room and sees what you do.") : made ? <About made={made} /> : problem ? "" : text("Making the link …")}
        </p>
        {what === "copy" && made && !made.kept && <Shorten make={() => make(true)} />}
        <Code address={address} shorten={what === "copy" && made && !made.kept ? () => make(true) : null} />
        {what === "copy" && made && <Embed made={made} />}
        <p class="row">
          <button type="button" class={none && problem.tooLarge ? "primary" : ""} aria-haspopup="dialog" onClick={() => app.save()}>
            {text("Save this room …")}
          </button>
        </p>
      </div>
    </Dialog>
  );
}

function Choice({ what, setWhat }: { what: What; setWhat: (what: What) => void }) {
  const choices: [What, string][] = [
    ["copy", text("A copy of this moment, to try things")],
    ["live", text("This room, live")],
  ];
  return (
    <fieldset>
      <legend>{text("Where does it lead?")}</legend>
      {choices.map(([value, label]) => (
        <label class="choice" key={value}>
          <input type="radio" name="what" value={value} checked={what === value} onChange={() => setWhat(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** What is in the link, and where it is. */
function About({ made }: { made: Made }) {
  const { commands, seq, branch, branches } = made;
  return (
    <>
      {text("It opens a room of their own at event {seq} of branch {branch}, with what is selected and the panel that you look at.", { seq, branch })}{" "}
      {text("In it are: the set-up, the seed, branches ({branches}), acts ({commands}) and the names of those who did them.", { commands, branches })}{" "}
      {made.kept
        ? text("The server keeps it until nobody has followed it for {days} days.", { days: made.days })
        : text("All of it is in the address ({n} characters); nothing is kept on the server.", { n: location.origin.length + made.path.length })}
    </>
  );
}

function Shorten({ make }: { make: () => void }) {
  return (
    <p class="row">
      <button type="button" onClick={make}>
        {text("Make it short")}
      </button>
      <span class="note">{text("Then the server keeps it.")}</span>
    </p>
  );
}

/** For a class: the code is projected. `shorten` is null where the address is as short as it gets. */
function Code({ address, shorten }: { address: string; shorten: (() => void) | null }) {
  if (!address) return null;
  const tooLong = address.length > CODE_CHARACTERS_MAX;
  return (
    <details class="code">
      <summary>{text("A code to point a phone at")}</summary>
      {tooLong ? (
        <>
          <p class="note">{text("This address is too long for a code that a phone can read from afar: make it short first.")}</p>
          {shorten && <Shorten make={shorten} />}
        </>
      ) : (
        <img src={`/api/code.svg?address=${encodeURIComponent(address)}`} alt={text("QR code of the address above")} width="320" height="320" loading="lazy" />
      )}
    </details>
  );
}

/* ------------------------------------------------------------------ embedding */

const SIZE = { width: 800, height: 560 };

function Embed({ made }: { made: Made }) {
  const { model } = useModel();
  const [options, setOptions] = useState<EmbedOptions>(FIRST_OPTIONS);
  const [shown, setShown] = useState("");
  const change = (part: Partial<EmbedOptions>): void => setOptions({ ...options, ...part });
  const title = said(model.lesson?.title ?? model.scenario?.title ?? model.protocol.title);
  const address = embedAddress(location.origin, made.path, options);
  return (
    <details class="embed-options">
      <summary>{text("Embed it in a page")}</summary>
      <div class="form">
        {!made.framed && <p class="banner warn">{text("This server lets no other site show its rooms: whoever runs it names them in FRAME_ANCESTORS.")}</p>}
        <EmbedPanels options={options} change={change} />
        <div class="fields">
          <Select label={text("Language")} value={options.lang} choices={[["", text("the reader's")], ["en", "English"], ["zh", "中文"]]} onChange={(lang) => change({ lang: lang as EmbedOptions["lang"] })} />
          <Select label={text("Theme")} value={options.theme} choices={[["", text("the reader's")], ["light", text("Light")], ["dark", text("Dark")]]} onChange={(theme) => change({ theme: theme as EmbedOptions["theme"] })} />
          <Select label={text("It begins")} value={options.from === null ? "" : "0"} choices={[["", text("at event {seq}", { seq: made.seq })], ["0", text("at the beginning")]]} onChange={(from) => change({ from: from === "" ? null : 0 })} />
        </div>
        <div class="choices">
          <Check label={text("It plays by itself")} checked={options.autoplay} onChange={(autoplay) => change({ autoplay })} />
          <Check label={text("Readers may act on their copy")} checked={options.acts} onChange={(acts) => change({ acts })} />
        </div>
        <Copied label={text("Line for your page")} value={iframeLine(address, `${title} · Quorumscope`, SIZE)} long />
        <p class="row">
          <button type="button" onClick={() => setShown(address)}>
            {shown ? text("Preview once more") : text("Preview")}
          </button>
        </p>
        {shown && <iframe class="preview" key={shown} src={shown} title={text("Preview")} />}
      </div>
    </details>
  );
}

function EmbedPanels({ options, change }: { options: EmbedOptions; change: (part: Partial<EmbedOptions>) => void }) {
  const { model } = useModel();
  const boards = boardsTitle(model.protocol, text);
  const labels: Record<EmbedPanel, string> = {
    ring: text("Cluster"),
    story: text("Story"),
    log: boards ?? "",
    spacetime: text("Space-time"),
    feed: text("Feed"),
    properties: text("Properties"),
    clients: text("Clients"),
  };
  const there: Partial<Record<EmbedPanel, boolean>> = { log: boards !== null, story: Boolean(model.lesson ?? model.scenario ?? model.challenge) };
  const toggle = (panel: EmbedPanel, on: boolean): void => {
    const panels = EMBED_PANELS.filter((each) => (each === panel ? on : options.panels.includes(each)));
    if (panels.length) change({ panels });
  };
  return (
    <fieldset>
      <legend>{text("What is shown")}</legend>
      <div class="choices">
        {EMBED_PANELS.filter((panel) => there[panel] ?? true).map((panel) => (
          <Check key={panel} label={labels[panel]} checked={options.panels.includes(panel)} onChange={(on) => toggle(panel, on)} />
        ))}
      </div>
    </fieldset>
  );
}

function Check({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

function Select(props: { label: string; value: string; choices: [string, string][]; onChange: (value: string) => void }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.choices.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
