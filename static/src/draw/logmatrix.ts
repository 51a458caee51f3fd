/** The log matrix (`logview.ts`), fetched after the ring. */

import { later } from "./later.ts";

export const LogMatrix = later(async () => (await import("./logview.ts")).LogView);
