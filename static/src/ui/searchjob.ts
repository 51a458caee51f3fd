/** The search that this page has ordered, and the room for its story. */
import { signal } from "@preact/signals";
import type { Order, Progress, Report } from "../model/exploration.ts";
import { call, Job, sentence } from "./job.ts";
import { text } from "./text.ts";

export const search = new Job<Order, Report, Progress>("/api/searches", () => text("The search broke off. Begin it anew."));
export const opening = signal(false);
/** Why the room could not be opened. */
export const unopened = signal("");

/** Opens the story as a room, at the moment before things go wrong, and goes there. */
export async function openStory(): Promise<void> {
  const name = search.told.value?.name;
  if (!name || opening.value) return;
  unopened.value = "";
  opening.value = true;
  try {
    const { address } = await call("POST", `/api/searches/${name}/room`);
    location.assign(String(address));
  } catch (error) {
    unopened.value = sentence(error);
  } finally {
    opening.value = false;
  }
}
