import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { LocatedProblem, Path } from '../yaml-file.ts';
import { POLICY_SCHEMA } from './policy-schema.ts';
import { POLICY_TESTS_SCHEMA } from './policy-tests-schema.ts';
import { schemaSentence } from './sentences.ts';
import { TENURE_SCHEMA } from './tenure-schema.ts';

const ajv = new Ajv({ allErrors: true, verbose: true, discriminator: true, allowUnionTypes: true });
ajv.addVocabulary(['x-message', 'x-kind', 'x-renamed']);
const validators = { tenure: ajv.compile(TENURE_SCHEMA), policy: ajv.compile(POLICY_SCHEMA), tests: ajv.compile(POLICY_TESTS_SCHEMA) };

/** Most problems reported for one file: nobody fixes more at a time, and formatting tens of thousands would take minutes. */
export const MOST_PROBLEMS = 500;

/** Returns a sentence for each violation of the schema; beyond `MOST_PROBLEMS`, the first ones and a note that there are more. */
export function validateSchema(kind: keyof typeof validators, value: unknown): LocatedProblem[] {
  const validate: ValidateFunction = validators[kind];
  if (validate(value)) return [];
  const all = validate.errors ?? [];
  const errors = all.slice(0, MOST_PROBLEMS);
  const more: LocatedProblem[] = all.length > errors.length ? [{ path: [], message: `has more than ${MOST_PROBLEMS} mistakes; these are the first` }] : [];
  // A choice gets one sentence, instead of one for each of its branches.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const isInBranch = ({ instancePath, keyword }: ErrorObject): boolean =>
    keyword !== 'anyOf' && choices.some((path) => instancePath === path || instancePath.startsWith(`${path}/`));
  const problems = errors
    .filter((error) => error.keyword !== 'propertyNames' && error.keyword !== 'if' && !isInBranch(error))
    .map((error) => schemaSentence(error, pathOf(error.instancePath, value)));
  const seen = new Set<string>();
  return [...more, ...problems].filter(({ path, message }) => !seen.has(JSON.stringify([path, message])) && seen.add(JSON.stringify([path, message])));
}

/** Converts a JSON pointer to a path; indexes of lists are numbers. */
function pathOf(pointer: string, value: unknown): Path {
  const path: (string | number)[] = [];
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(key) : key);
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return path;
}
