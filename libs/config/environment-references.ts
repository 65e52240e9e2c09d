import type { LocatedProblem, Path } from './yaml-file.ts';

/** The environment as processes get it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{env:([^}]*)\}/g;

/**
 * Fills in `${env:NAME}` wherever it stands in a text.
 * @returns the filled value, and a problem for each variable that is not set (an empty one counts as not set)
 */
export function fillReferences(value: unknown, environment: Environment, path: Path = []): { value: unknown; problems: LocatedProblem[] } {
  if (typeof value === 'string') return fillText(value, environment, path);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => fillReferences(item, environment, [...path, index]));
    return { value: items.map((item) => item.value), problems: items.flatMap(({ problems }) => problems) };
  }
  if (typeof value !== 'object' || value === null) return { value, problems: [] };
  const entries = Object.entries(value).map(([key, item]) => [key, fillReferences(item, environment, [...path, key])] as const);
  return { value: Object.fromEntries(entries.map(([key, item]) => [key, item.value])), problems: entries.flatMap(([, { problems }]) => problems) };
}

function fillText(text: string, environment: Environment, path: Path): { value: string; problems: LocatedProblem[] } {
  const problems: LocatedProblem[] = [];
  const value = text.replaceAll(REFERENCE, (reference, name: string) => {
    const found = environment[name];
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) problems.push({ path, message: `${reference} is no reference; write \${env:NAME}` });
    else if (found === undefined || found === '') problems.push({ path, message: `the environment variable ${name} is not set` });
    return found ?? '';
  });
  return { value, problems };
}
