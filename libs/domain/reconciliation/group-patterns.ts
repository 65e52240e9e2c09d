/**
 * Returns a test whether the name of a group matches one of these patterns, without regard to case. `*` stands for any text; everything else is
 * literal.
 */
export function matchesGroups(patterns: readonly string[]): (name: string) => boolean {
  const split = patterns.map((pattern) => pattern.toLowerCase().split('*'));
  return (name) => split.some((parts) => matches(name.toLowerCase(), parts));
}

/** Finds the parts one after another: linear, unlike a regular expression with several wildcards. */
function matches(name: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
