/** Names by id. */
export type Names = ReadonlyMap<string, string>;

/** Pattern of an id, with the kind in front of it, which is redundant once there is a name. */
const named = /\b(?:(person|identity|service|record|request) )?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/g;

/** Ids (UUIDs) that stand in a text, each once. */
export function idsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(named)].map(([, , one = '']) => one))];
}

/** A text with names instead of ids: "person 0c1e…" becomes "Ada Lovelace". A request has no name; any other id without one stays as it is. */
export function withNames(text: string, names: Names): string {
  return text.replace(named, (whole, kind: string | undefined, one: string) => names.get(one) ?? (kind === 'request' ? 'the request' : whole));
}
