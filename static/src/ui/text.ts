/**
 * Every sentence a person reads goes through `text`. The page carries one catalogue, `{msgid: msgstr}`; English is the
 * identity. The server sends msgids with parameters, and `said` fills those in the same way.
 */
import { show } from "./format.ts";

export type Args = Record<string, unknown>;

let catalog: Record<string, string> = {};
let language = "en";

export function setCatalog(next: Record<string, string>, locale: string): void {
  catalog = next;
  language = locale;
}

export function locale(): string {
  return language;
}

/** The sentence in the reader's language, its `{name}` parameters filled in. An unknown parameter stays as it is written. */
export function text(msgid: string, args?: Args): string {
  const sentence = Object.hasOwn(catalog, msgid) ? catalog[msgid]! || msgid : msgid;
  return args ? fill(sentence, args) : sentence;
}

/** A sentence that came from the server. Another name, so that the extractor looks for literals at `text` alone. */
export const said = text;

export function fill(sentence: string, args: Args): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(args, name) ? show(args[name]) : whole));
}
