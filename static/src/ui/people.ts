/** How people in a room are called. */
import type { Person } from "../model/types.ts";
import { text } from "./text.ts";

export const NUMBERED = /^#(\d+)$/;

/** A person's name as people see it; who gave none is the presenter or a numbered guest. */
export function personName(person: Pick<Person, "name" | "role">): string {
  const number = NUMBERED.exec(person.name);
  if (!number) return person.name;
  return person.role === "presenter" ? text("The presenter") : text("Guest {n}", { n: Number(number[1]) });
}
