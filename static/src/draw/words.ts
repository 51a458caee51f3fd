/** What a number is called that fills a node or an entry, by the field that it stands in. */

import type { FieldSpec } from "../model/types.ts";
import type { Text } from "./hooks.ts";

/** "term 3", "ballot 2.n1"; a field of another kind by its label where it has one, else the bare number. */
export function numbered(field: string, number: number | string, text: Text, spec?: FieldSpec): string {
  if (/ballot|proposal/i.test(field)) return text("ballot {number}", { number });
  if (/view/i.test(field)) return text("view {number}", { number });
  if (/term|epoch/i.test(field)) return text("term {number}", { number });
  return spec ? `${text(spec.label)} ${number}` : String(number);
}
