import { didYouMean } from '@tenure/domain';
import type { ErrorObject } from 'ajv';
import type { LocatedProblem, Path } from '../yaml-file.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a map of settings',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  null: 'empty',
};

/** Returns an error of the schema as a sentence about the setting at its path. */
export function schemaSentence(error: ErrorObject, path: Path): LocatedProblem {
  const params: Readonly<Record<string, unknown>> = error.params;
  const said: unknown = error.parentSchema?.['x-message'];
  if (error.propertyName !== undefined)
    return { path: [...path, error.propertyName], at: 'key', message: typeof said === 'string' ? said : 'is no valid name' };
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const valid = Object.keys(error.parentSchema?.['properties'] ?? {});
      const renamed = (error.parentSchema?.['x-renamed'] as Readonly<Record<string, string>> | undefined)?.[name];
      if (renamed !== undefined) return { path: [...path, name], at: 'key', message: `was renamed: write ${renamed}` };
      return { path: [...path, name], at: 'key', message: `there is no such setting${didYouMean(name, valid)}; there is ${valid.join(', ')}` };
    }
    case 'required':
      return { path: [...path, String(params['missingProperty'])], at: 'parent', message: 'is missing' };
    case 'discriminator':
      return discriminatorSentence(error, path, params);
    case 'type':
      return { path, message: typeSentence(error.data, params['type']) };
    case 'enum':
      return { path, message: choiceSentence(error.data, (params['allowedValues'] as readonly unknown[]).map(String)) };
    case 'const':
      return { path, message: `must be ${String(params['allowedValue'])}` };
    case 'minLength':
      return { path, message: 'is empty' };
    case 'uniqueItems':
      return { path: [...path, Number(params['i'])], message: 'stands here twice' };
    case 'minProperties':
    case 'maxProperties':
      return { path, message: 'must be either { attribute: ... } or { email: true }' };
    default:
      return { path, message: typeof said === 'string' ? said : (error.message ?? 'is not valid') };
  }
}

function discriminatorSentence(error: ErrorObject, path: Path, params: Readonly<Record<string, unknown>>): LocatedProblem {
  const tag = String(params['tag']);
  const branches: readonly { properties?: Readonly<Record<string, { const?: unknown }>> }[] = error.parentSchema?.['oneOf'] ?? [];
  const valid = branches.map(({ properties }) => String(properties?.[tag]?.const));
  const value = params['tagValue'];
  return value === undefined ? { path: [...path, tag], at: 'parent', message: 'is missing' } : { path: [...path, tag], message: choiceSentence(value, valid) };
}

function choiceSentence(value: unknown, valid: readonly string[]): string {
  return `must be one of ${valid.join(', ')}, not ${JSON.stringify(value)}${typeof value === 'string' ? didYouMean(value, valid) : ''}`;
}

function typeSentence(value: unknown, expected: unknown): string {
  const types = (Array.isArray(expected) ? expected : [expected]).map(String).filter((type) => type !== 'null');
  const found = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : (TYPES[typeof value] ?? typeof value);
  const quotes = types.includes('string') && (typeof value === 'boolean' || typeof value === 'number') ? `; put it in quotes: "${value}"` : '';
  return `must be ${types.map((type) => TYPES[type] ?? type).join(' or ')}, not ${found}${quotes}`;
}
