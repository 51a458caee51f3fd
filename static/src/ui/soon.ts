/** What stands around the ring and follows it at once, as one file: logs, timeline, feed, acts, menus and keys. */

// What is there by then: named here too, the bundler makes one file of it, and not one for each set of those who use it.
import "./app.ts";
import "./shell.tsx";
import "./stage.ts";

export { Boards } from "../draw/boards.ts";
export { RingPointer } from "../draw/ringpointer.ts";
export { Successors } from "../draw/ringsuccessors.ts";
export { Timeline } from "../draw/timeline.ts";
export { lassoCommand } from "./actcommands.ts";
export { ChallengeCard } from "./challenge.tsx";
export { Feed, tell } from "./feed.tsx";
export { Found } from "./found.tsx";
export { Menu } from "./menu.tsx";
export { Branches } from "./branches.tsx";
export { linesOf } from "./sentences.ts";
export { listen } from "./shortcuts.ts";
export { SelectedActs, StageActs } from "./stageacts.tsx";
