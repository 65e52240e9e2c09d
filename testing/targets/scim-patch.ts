import { isDeepStrictEqual } from 'node:util';
import { ScimError } from './scim-error.ts';
import { FilterInvalid, type Matcher, parseFilter } from './scim-filter.ts';
import { groupSchema, isObject, userSchema } from './scim-schema.ts';

type Json = Readonly<Record<string, unknown>>;

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
/** Property names with a meaning in JavaScript: no SCIM attribute has one, and writing one would change every object of the process. */
const notNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A path of RFC 7644 section 3.5.2: an attribute, which of its values, and a part of it. */
interface PatchPath {
  readonly attribute: string;
  readonly filter: { readonly text: string; readonly matches: Matcher } | null;
  readonly part: string | null;
}

/**
 * Carries a PATCH out (RFC 7644 section 3.5.2), all of it or nothing. Names of attributes are compared without case; a replaced attribute that is not
 * there is added.
 * @returns the changed resource; the one that came in stays as it is
 * @throws ScimError 400
 */
export function applyPatch(resource: Json, body: unknown): Json {
  const { schemas, Operations } = isObject(body) ? body : {};
  if (!Array.isArray(schemas) || !schemas.includes(patchSchema) || !Array.isArray(Operations) || Operations.length === 0)
    throw new ScimError(400, 'the body is no PatchOp with operations', 'invalidSyntax');
  return Operations.reduce<Json>((changed, operation: unknown) => {
    if (!isObject(operation) || typeof operation['op'] !== 'string') throw new ScimError(400, 'an operation has no op', 'invalidSyntax');
    const { op, path, value } = operation;
    const kind = op.toLowerCase();
    if (kind !== 'add' && kind !== 'replace' && kind !== 'remove') throw new ScimError(400, 'op is add, replace or remove', 'invalidSyntax');
    if (path !== undefined && typeof path !== 'string') throw invalidPath();
    if (path !== undefined && path !== '') return at(changed, readPath(path), kind, value);
    if (kind === 'remove') throw new ScimError(400, 'what to remove is not said', 'noTarget');
    if (!isObject(value)) throw new ScimError(400, 'without a path the value is an object', 'invalidValue');
    return Object.entries(value).reduce((so, [name, one]) => at(so, readPath(name), kind, one), changed);
  }, resource);
}

function readPath(text: string): PatchPath {
  const open = text.indexOf('[');
  const close = text.lastIndexOf(']');
  if (open < 0 !== close < 0 || close < open) throw invalidPath();
  const head = open < 0 ? text : text.slice(0, open);
  const tail = open < 0 ? '' : text.slice(close + 1);
  if (tail !== '' && !tail.startsWith('.')) throw invalidPath();
  const names = [...namesIn(head), ...(tail === '' ? [] : [tail.slice(1)])];
  const [attribute = '', part = null] = names;
  if (names.length > 2 || names.some((name) => name === '' || notNames.has(name.toLowerCase()))) throw invalidPath();
  return { attribute, filter: open < 0 ? null : readFilter(text.slice(open + 1, close)), part };
}

/** Names in a path: the schema of a resource may be left out; that of an extension is an attribute of its own. */
function namesIn(head: string): string[] {
  const core = [userSchema, groupSchema].find((schema) => head.toLowerCase().startsWith(`${schema.toLowerCase()}:`));
  const own = core === undefined ? head : head.slice(core.length + 1);
  if (!own.toLowerCase().startsWith('urn:')) return own.split('.');
  const version = own.indexOf('2.0:');
  const end = version < 0 ? -1 : own.indexOf(':', version + 4);
  return end < 0 ? [own] : [own.slice(0, end), own.slice(end + 1)];
}

function readFilter(text: string): NonNullable<PatchPath['filter']> {
  try {
    return { text, matches: parseFilter(text) };
  } catch (error) {
    if (error instanceof FilterInvalid) throw new ScimError(400, error.message, 'invalidFilter');
    throw error;
  }
}

function at(resource: Json, { attribute, filter, part }: PatchPath, kind: 'add' | 'replace' | 'remove', value: unknown): Json {
  const name = keyOf(resource, attribute);
  const before = resource[name];
  if (filter !== null) return { ...resource, [name]: ofValues(listOf(before), filter, part, kind, value) };
  if (part === null) return kind === 'remove' ? without(resource, name, value) : { ...resource, [name]: joined(before, value, kind) };
  if (Array.isArray(before)) return { ...resource, [name]: before.map((one) => (isObject(one) ? withPart(one, part, kind, value) : one)) };
  return { ...resource, [name]: withPart(isObject(before) ? before : {}, part, kind, value) };
}

function withPart(object: Json, part: string, kind: 'add' | 'replace' | 'remove', value: unknown): Json {
  const name = keyOf(object, part);
  return kind === 'remove' ? without(object, name, undefined) : { ...object, [name]: joined(object[name], value, kind) };
}

function ofValues(
  values: readonly unknown[],
  { text, matches }: NonNullable<PatchPath['filter']>,
  part: string | null,
  kind: 'add' | 'replace' | 'remove',
  value: unknown,
): unknown[] {
  const found = new Set(values.filter(matches));
  if (kind === 'remove' && part === null) return values.filter((one) => !found.has(one));
  if (found.size === 0) {
    // Such as emails[type eq "work"].value of a user who has none.
    const wanted = /^\s*(\w+) eq "([^"\\]*)"\s*$/i.exec(text);
    if (kind === 'remove' || wanted === null || part === null) throw new ScimError(400, 'nothing is meant by the path', 'noTarget');
    return [...values, withPart({ [wanted[1] ?? '']: wanted[2] ?? '' }, part, 'add', value)];
  }
  return values.map((one) => {
    if (!found.has(one) || !isObject(one)) return one;
    if (part !== null) return withPart(one, part, kind, value);
    const given = plain(value);
    return isObject(given) ? { ...one, ...given } : given;
  });
}

/** Value of an attribute after a value was added or replaced. */
function joined(before: unknown, value: unknown, kind: 'add' | 'replace'): unknown {
  const given = plain(value);
  if (Array.isArray(before) && kind === 'add') return withValues(before, listOf(given));
  if (isObject(before) && isObject(given)) return { ...before, ...given };
  return Array.isArray(before) && !Array.isArray(given) && isObject(given) ? [given] : given;
}

/** Values without repetition: those that have a `value` are distinguished by it. */
function withValues(before: readonly unknown[], added: readonly unknown[]): unknown[] {
  const known = new Set(before.flatMap((one) => (isObject(one) && typeof one['value'] === 'string' ? [one['value']] : [])));
  const others = before.filter((one) => !isObject(one) || typeof one['value'] !== 'string');
  const result = [...before];
  for (const one of added) {
    const id = isObject(one) ? one['value'] : undefined;
    if (typeof id === 'string' ? known.has(id) : others.some((other) => isDeepStrictEqual(other, one))) continue;
    if (typeof id === 'string') known.add(id);
    result.push(one);
  }
  return result;
}

/** Removes an attribute, or of a list the values that are named, as some clients do. */
function without(object: Json, name: string, value: unknown): Json {
  const before = object[name];
  if (Array.isArray(before) && Array.isArray(value) && value.length > 0) {
    const gone = new Set(value.map((one: unknown) => (isObject(one) ? one['value'] : one)));
    return { ...object, [name]: before.filter((one) => !gone.has(isObject(one) ? one['value'] : one)) };
  }
  const { [name]: _removed, ...rest } = object;
  return rest;
}

/** The value without names that JavaScript gives a meaning, however deep. */
function plain(value: unknown, depth = 0): unknown {
  if (depth > 20) throw new ScimError(400, 'the value is too deep', 'invalidValue');
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  if (entries.some(([name]) => notNames.has(name.toLowerCase()))) throw invalidPath();
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one, depth + 1)]));
}

function keyOf(object: Json, name: string): string {
  return Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function invalidPath(): ScimError {
  return new ScimError(400, 'the path names no attribute', 'invalidPath');
}
