/** What a tunable is set to, in words. Pure. */
import type { ParamSpec } from "../model/forms.ts";
import type { Value } from "../model/types.ts";
import { span } from "./format.ts";
import { said, text } from "./text.ts";

/** A setting in the words of the form. */
export function settingLabel(spec: ParamSpec, value: Value): string {
  if (typeof value === "boolean") return value ? text("on") : text("off");
  const meaning = spec.words?.[String(value)];
  if (meaning !== undefined) return said(meaning);
  if (typeof value === "number") return spec.unit === "µs" ? span(value) : spec.unit === "percent" ? `${value} %` : String(value);
  return said(spec.choices?.[String(value)] ?? String(value));
}

/** The same with what is set; a number that says by itself what is meant needs nothing beside it. */
export function tuningLabel(spec: ParamSpec, value: Value): string {
  const alone = spec.words?.[String(value)] !== undefined;
  return alone ? settingLabel(spec, value) : `${said(spec.title)} ${settingLabel(spec, value)}`;
}
