/** The parts of a found story that the page of the search and the room tell alike. */
import type { Act, Story } from "../model/exploration.ts";
import type { Args } from "../model/types.ts";
import { moment } from "./format.ts";
import { said, text } from "./text.ts";

/** What in an act is a sentence of its own, and has a translation. */
const WORDS = ["timer", "rule"];

function wordsOf(args: Args): Args {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, WORDS.includes(name) && typeof value === "string" ? said(value) : value]));
}

/** Of the rules that are off, by their titles (msgid). */
export function without(titles: string[]): string | null {
  return titles.length ? said("Without the rule “{rules}”:", { rules: titles.map((title) => said(title)).join(", ") }) : null;
}

export function ending({ lost, time }: Story, property: string): string {
  const args = { property: said(property), seconds: (time / 1_000_000).toFixed(3) };
  return lost ? said("“{property}” is lost at {seconds} s and does not come back.", args) : said("“{property}” breaks at {seconds} s.", args);
}

/** What had to be done, in its order, and how it ends. */
export function Acts({ story, property }: { story: Story; property: string }) {
  return (
    <ol class="acts">
      {story.acts.map((act, index) => (
        <ActLine key={index} act={act} />
      ))}
      <li class="broken">
        <b>{ending(story, property)}</b>
        {story.told.map(({ text: sentence, args }, index) => (
          <span key={index}>{said(sentence, args)}</span>
        ))}
      </li>
    </ol>
  );
}

function ActLine({ act }: { act: Act }) {
  return (
    <li>
      <span class="when">{moment(act.time)}</span> <span>{said(act.text, wordsOf(act.args))}</span>
    </li>
  );
}

export function nothingDone(story: Story): string | null {
  return story.acts.length ? null : said("No fault is needed.");
}

/** Whether what is off is to blame. */
export function blame(story: Story): string | null {
  if (!story.off.length) return null;
  return story.guilty ? text("With all rules on, the same acts do not break it.") : text("With all rules on, the same acts break it too: the rule is not to blame here.");
}
