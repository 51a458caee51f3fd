/** Recordings as the server tells of them, and how they are named. */

export interface Recorded {
  id: string;
  name: string;
  protocol: string;
  /** The protocol's title, a msgid. */
  title: string;
  nodes: number;
  branches: number;
  events: number;
  /** Bytes of its file. */
  size: number;
  /** When it was saved, as ISO 8601. */
  created: string;
  /** The event up to which it plays as it was recorded; null: all of it. */
  upto: number | null;
  /** Whether this visitor may rename and delete it. */
  yours: boolean;
}

/** Part of a list. */
export interface Shown {
  recordings: Recorded[];
  total: number;
  offset: number;
  limit: number;
}

const ENDINGS = /(\.json)?(\.gz)?$/i;

/** What a recording is called whose file does not say it: "lecture 3" of "lecture 3.json.gz". */
export function nameOfFile(file: string): string {
  return file.replace(ENDINGS, "").trim();
}

/** A size in kilobytes, at least one. */
export function kilobytes(bytes: number): number {
  return Math.max(1, Math.round(bytes / 1000));
}

/** Where a list goes on, and where the part before begins; null where there is none. */
export function turns({ offset, limit, total }: Omit<Shown, "recordings">): { before: number | null; after: number | null } {
  return { before: offset > 0 ? Math.max(0, offset - limit) : null, after: offset + limit < total ? offset + limit : null };
}

/** The first of a part that is still there when its last row is gone. */
export function kept({ offset, limit, total }: Omit<Shown, "recordings">): number {
  return offset > 0 && offset >= total ? Math.max(0, Math.floor((total - 1) / limit) * limit) : offset;
}
