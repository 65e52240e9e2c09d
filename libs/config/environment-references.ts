import { placeOf, writtenAt } from './fill-address.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{env:([^}$]*)(\}?)/g;

/** A value with its references filled in. */
export interface Filled {
  readonly value: unknown;
  readonly problems: readonly LocatedProblem[];
  /** Subset of `problems` about variables that are not set. An empty variable counts as not set. */
  readonly unset: readonly LocatedProblem[];
}

/**
 * Replaces each `${env:NAME}` in a text. Within an address a value is percent-encoded for its place; line breaks at the end of a value, which come
 * from files, are removed.
 * @param standIn value used for variables that are not set
 */
export function fillReferences(value: unknown, environment: Environment, standIn = '', path: Path = []): Filled {
  if (typeof value === 'string') return fillText(value, environment, standIn, path);
  if (typeof value !== 'object' || value === null) return { value, problems: [], unset: [] };
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(([key, item]) => [key, fillReferences(item, environment, standIn, [...path, isList ? Number(key) : key])] as const);
  return {
    value: isList ? entries.map(([, item]) => item.value) : Object.fromEntries(entries.map(([key, item]) => [key, item.value])),
    problems: entries.flatMap(([, { problems }]) => problems),
    unset: entries.flatMap(([, { unset }]) => unset),
  };
}

function fillText(text: string, environment: Environment, standIn: string, path: Path): Filled {
  const problems: LocatedProblem[] = [];
  const unset: LocatedProblem[] = [];
  // The pieces repeat in threes: a text, a name, the end of the reference.
  const pieces = text.split(REFERENCE);
  let value = '';
  for (const [index, piece] of pieces.entries()) {
    if (index % 3 === 0) value += piece;
    if (index % 3 !== 1) continue;
    const found = environment[piece]?.replace(/(?<![\r\n])[\r\n]+$/, '') ?? null;
    if (pieces[index + 1] === '' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(piece))
      problems.push({ path, message: `\${env:${piece}${pieces[index + 1]} is no reference; write \${env:NAME}` });
    else if (found === null) unset.push({ path, message: `the environment variable ${piece} is not set` });
    else if (found.trim() === '') unset.push({ path, message: `the environment variable ${piece} is empty` });
    else if (hasControls(found))
      problems.push({ path, message: `the value of the environment variable ${piece} contains a line break or another control character` });
    const place = placeOf(path.at(-1), value, rest(pieces, index));
    const written = writtenAt(place, found?.trim() ? found : standIn);
    if (written === null && found?.trim())
      problems.push({
        path,
        message: `\${env:${piece}} stands for a host here, and its value is none; write user and password as \${env:USER}:\${env:PASSWORD}@host`,
      });
    value += written ?? '';
  }
  return { value, problems: [...problems, ...unset], unset };
}

/** Number of following pieces that are read for each reference. It bounds the work, and no address has more references. */
const looksAhead = 30;

/** The text after a reference, as it is written. */
function rest(pieces: readonly string[], index: number): string {
  return pieces
    .slice(index + 2, index + 2 + looksAhead)
    .map((piece, offset) => (offset % 3 === 1 ? `\${env:${piece}` : piece))
    .join('');
}

/** True if the value contains control characters. PEM keys may: they have several lines. */
function hasControls(value: string): boolean {
  return !value.trimStart().startsWith('-----BEGIN ') && /[\x00-\x1f\x7f]/.test(value);
}
