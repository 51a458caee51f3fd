/** What nobody sees without asking for it, as one file: panels behind tabs, dialogs, the space-time diagram. */

// What is there by then: named here too, the bundler makes one file of it, and not one for each set of those who use it.
import "./app.ts";
import "./shell.tsx";
import "./stage.ts";

export { Lanes } from "../draw/lanes.ts";
export { SpaceTime } from "../draw/spacetime.ts";
export { windowOf } from "../draw/timeview.ts";
export { Chronicle } from "../model/spacetime.ts";
export { default as DialogBody } from "./dialogs.tsx";
export { default as Inspector } from "./inspector.tsx";
export { PartingCard } from "./partingcard.tsx";
export { Clients } from "./clients.tsx";
export { Network, Properties } from "./panels.tsx";
