/** What a room tells beside its run: a lesson, a scenario, a challenge. */

export interface LessonState {
  name: string;
  title: string;
  beat: number;
  beats: { title: string; text: string; entered: number | null }[];
  waiting: boolean;
  done: boolean;
  left: boolean;
}

export interface Scenario {
  name: string;
  title: string;
  text: string;
  outcome: string;
  met: boolean | null;
}

/** A challenge, at the moment that the room shows. Texts are msgids. */
export interface ChallengeState {
  name: string;
  title: string;
  text: string;
  /** How long an attempt lasts, µs of virtual time. */
  span: number;
  /** The kinds of acts that are allowed; `most` is null where there may be any number of them. */
  acts: { kind: string; most: number | null; spent: number }[];
  hints: string[];
  hints_left: number;
  outcome: "open" | "won" | "lost";
  /** Why it ended so. */
  said: string | null;
  /** The rules of which one is named by who claims that it is impossible. */
  rules: string[];
  claim: "right" | "given_up" | null;
  /** The rules that were named wrongly, and the last of them until another attempt begins. */
  wrong: string[];
  missed: string | null;
  /** With how many acts it is solved; told to who gave up. */
  takes: number | null;
  impossible: { rule: string; why: string; cites: string } | null;
  /** The rule that makes it impossible is off in this attempt. */
  without: boolean;
  /** The solution is played here. */
  shown: boolean;
  solved: boolean;
  /** It was brought about, or told, without being solved. */
  seen: boolean;
}
