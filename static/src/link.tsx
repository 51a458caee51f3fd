/** The page of a link: opens its room and goes there, or says what it can't, and what it could. */
import { signal } from "@preact/signals";
import { render } from "preact";
import "./gallery.ts";
import { Refusal, sentence } from "./ui/job.ts";
import { keepLook } from "./ui/memory.ts";
import { Partly, sourceOf } from "./ui/opening.ts";
import { followShown, Poster } from "./ui/poster.tsx";
import { setCatalog, text } from "./ui/text.ts";

interface Boot {
  /** The name under which the link is kept; null where the address holds it. */
  name: string | null;
  locale: string;
  catalog: Record<string, string>;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);

const opening = signal(true);
const problem = signal("");
/** Whether it may go better in a while. */
const passing = signal(false);
const partly = signal<Partly | null>(null);

async function open(anyway: boolean): Promise<void> {
  opening.value = true;
  problem.value = "";
  try {
    const { room, address, look } = await followShown(sourceOf(boot.name), { anyway });
    keepLook(room, look);
    location.replace(address); // going back from the room leads to where the link stood
  } catch (error) {
    opening.value = false;
    partly.value = error instanceof Partly ? error : null;
    passing.value = !(error instanceof Refusal) || /^(too_many|busy|not_saved)/.test(String(error.told.code));
    problem.value = sentence(error);
  }
}

function Page() {
  if (opening.value) {
    return <Poster />;
  }
  const known = partly.value;
  return (
    <>
      <p role="alert">{problem}</p>
      {known && <Known known={known} />}
      <p class="row">
        {known && (
          <button type="button" class="primary" onClick={() => void open(true)}>
            {text("Open it without these")}
          </button>
        )}
        {passing.value && (
          <button type="button" class="primary" onClick={() => void open(false)}>
            {text("Try again")}
          </button>
        )}
        <a class={known || passing.value ? "button" : "button primary"} href="/">
          {text("To the gallery")}
        </a>
      </p>
    </>
  );
}

function Known({ known }: { known: Partly }) {
  return (
    <>
      <ul>
        {known.parts.map((part) => (
          <li key={part}>{part}</li>
        ))}
      </ul>
      <p>
        {text("What could be read: {title}, {nodes} nodes, seed {seed}, {commands} acts.", { title: known.title, nodes: known.nodes, seed: known.seed, commands: known.commands })}{" "}
        {text("Without the rest it will go otherwise than it went for whoever sent you the link.")}
      </p>
    </>
  );
}

const root = document.getElementById("link");
if (root) {
  root.textContent = "";
  render(<Page />, root);
}
void open(false);
// Another link that is pasted over this one.
addEventListener("hashchange", () => void open(false));
