/** The comparison that this page has ordered. */
import type { Order, Report, Told } from "../model/comparison.ts";
import { call, Job, sentence } from "./job.ts";
import { text } from "./text.ts";

const job = new Job<Order, Report, Told["progress"]>("/api/comparisons", () => text("The comparison broke off; what is shown is what was known by then."));

/** What it is told of the comparison, the last report, and what went wrong. */
export const { told, report, problem, busy } = job;
export const begin = (order: Order): Promise<void> => job.begin(order);
export const stop = (): Promise<void> => job.stop();

/** Opens the contestants side by side, live, and goes there. */
export async function watchLive(order: Order): Promise<void> {
  problem.value = "";
  try {
    const { address } = await call("POST", "/compare/rooms", order);
    location.assign(String(address));
  } catch (error) {
    problem.value = sentence(error);
  }
}
