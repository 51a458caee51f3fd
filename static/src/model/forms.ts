/** What the forms of a protocol are drawn from, as the server describes it: tunables, groups of them, requests. Pure. */

export interface ParamSpec {
  title: string;
  text: string;
  default: number | boolean | string;
  low?: number;
  high?: number;
  unit: "µs" | "count" | "percent" | "switch" | "choice";
  /** The words of a choice and their labels. */
  choices?: Record<string, string>;
  /** Numbers that mean something else than so much of it, each with a sentence that stands by itself. */
  words?: Record<string, string>;
}

/** Tunables that stand together; the first group may have no title. */
export interface GroupSpec {
  title: string;
  params: string[];
}

export interface OperationSpec {
  name: string;
  /** What people call it (msgid). */
  title: string;
  args: string[];
  text: string;
}

export interface ArgumentSpec {
  /** msgid */
  label: string;
  kind: "text" | "number" | "node" | "nodes";
}

/** What the nodes go by and may have different versions of: a field whose `parts` are lists of nodes, each with a label. */
export interface RosterSpec {
  field: string;
  title: string;
  parts: Record<string, string>;
  /** The part in which all nodes are as long as nothing was changed. */
  usual: string;
  /** Another label for a part, while the part named first has nodes in it. */
  beside: Record<string, [string, string]>;
}

export type Grouped<Spec> = { title: string; params: [string, Spec][] }[];

interface Tunables<Spec> {
  params: Record<string, Spec>;
  groups?: GroupSpec[];
}

/** Every tunable in its group, in the order of the form; all in one without a title where the protocol names no groups. */
export function grouped<Spec>({ params, groups }: Tunables<Spec>): Grouped<Spec> {
  const told = groups?.length ? groups : [{ title: "", params: Object.keys(params) }];
  return told
    .map(({ title, params: names }) => ({ title, params: names.flatMap((name): [string, Spec][] => (params[name] === undefined ? [] : [[name, params[name]]])) }))
    .filter((group) => group.params.length > 0);
}
