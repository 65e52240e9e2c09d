import type { LocatedProblem, Path } from './yaml-file.ts';

/** The environment as processes get it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{env:([^}$]*)(\}?)/g;

/** A value with its references filled in. */
export interface Filled {
  readonly value: unknown;
  readonly problems: readonly LocatedProblem[];
  /** Those of them that are about a variable that is not set; an empty one counts as not set. */
  readonly unset: readonly LocatedProblem[];
}

/**
 * Fills in `${env:NAME}` wherever it stands in a text.
 * @param standIn stands for variables that are not set
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
  const value = text.replaceAll(REFERENCE, (reference, name: string, end: string) => {
    const found = environment[name] || null;
    if (end === '' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) problems.push({ path, message: `${reference} is no reference; write \${env:NAME}` });
    else if (found === null) unset.push({ path, message: `the environment variable ${name} is not set` });
    return found ?? standIn;
  });
  return { value, problems: [...problems, ...unset], unset };
}
