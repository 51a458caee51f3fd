/** The entry of the page of recordings. */
import { render } from "preact";
import "./gallery.ts";
import type { Shown } from "./model/recordings.ts";
import { problem, Recordings, shown } from "./ui/recordinglist.tsx";
import { said, setCatalog, type Args } from "./ui/text.ts";

interface Boot {
  locale: string;
  catalog: Record<string, string>;
  limits: { bytes: number };
  first?: Shown;
  /** Whether it is the page of one recording. */
  only?: boolean;
  problem?: { text: string; args: Args };
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Boot;
setCatalog(boot.catalog ?? {}, boot.locale);
if (boot.first) shown.value = boot.first;
if (boot.problem) problem.value = said(boot.problem.text, boot.problem.args);
const root = document.getElementById("recordings");
if (root) {
  root.textContent = "";
  render(<Recordings bytes={boot.limits.bytes} only={boot.only === true} />, root);
}
