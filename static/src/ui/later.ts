/** What the first picture can do without, as one file: panels behind tabs, dialogs, the space-time diagram. */
export { SpaceTime } from "../draw/spacetime.ts";
export { default as DialogBody } from "./dialogs.tsx";
export { default as Inspector } from "./inspector.tsx";
export { Clients, Network, Properties } from "./panels.tsx";
