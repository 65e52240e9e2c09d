import { ScimError } from './scim-error.ts';

type Json = Readonly<Record<string, unknown>>;

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const name = ['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'];
const texts = ['userName', 'externalId', 'displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'];
const lists = ['emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'entitlements', 'roles'];
const enterprise = ['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'];
const readOnly: ReadonlySet<string> = new Set(['id', 'meta', 'groups']);

/**
 * Checks a user that a client sent and drops attributes that clients may not write. @throws ScimError 400 for attributes that RFC 7643 does not know
 */
export function checkedUser(body: Json): Json {
  const known = new Set(['schemas', 'active', 'name', 'password', enterpriseSchema, ...texts, ...lists]);
  assertKnown(writable(body), known);
  for (const key of texts) assertIs(body, key, 'string');
  assertIs(body, 'active', 'boolean');
  for (const key of lists) {
    const value = body[key];
    if (value !== undefined && !(Array.isArray(value) && value.every(isObject))) throw invalid(`${key} has to be a list of objects`);
  }
  assertInside(body, 'name', name);
  assertInside(body, enterpriseSchema, enterprise);
  if (typeof body['userName'] !== 'string' || body['userName'] === '') throw invalid('userName is required');
  const { password: _unused, ...kept } = writable(body);
  return { ...kept, active: body['active'] ?? true };
}

/** Checks a group that a client sent. @param isUser whether there is a user of that id */
export function checkedGroup(body: Json, isUser: (id: string) => boolean): Json {
  assertKnown(writable(body), new Set(['schemas', 'displayName', 'externalId', 'members']));
  if (typeof body['displayName'] !== 'string' || body['displayName'] === '') throw invalid('displayName is required');
  const members = body['members'] ?? [];
  if (!Array.isArray(members)) throw invalid('members has to be a list');
  const ids = members.map((member: unknown) => (isObject(member) ? member['value'] : undefined));
  if (!ids.every((id): id is string => typeof id === 'string' && isUser(id))) throw invalid('a member is no user');
  return { ...writable(body), members: [...new Set(ids)].map((value) => ({ value, type: 'User' })) };
}

function writable(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => !readOnly.has(key) && value !== null));
}

function assertKnown(body: Json, known: ReadonlySet<string>): void {
  const stranger = Object.keys(body).find((key) => !known.has(key));
  if (stranger !== undefined) throw new ScimError(400, `${stranger} is not an attribute of this resource`, 'invalidSyntax');
}

function assertIs(body: Json, key: string, type: 'string' | 'boolean'): void {
  const value = body[key];
  if (value !== undefined && value !== null && typeof value !== type) throw invalid(`${key} has to be a ${type}`);
}

function assertInside(body: Json, key: string, known: readonly string[]): void {
  const value = body[key];
  if (value === undefined) return;
  if (!isObject(value)) throw invalid(`${key} has to be an object`);
  assertKnown(value, new Set(known));
}

function invalid(detail: string): ScimError {
  return new ScimError(400, detail, 'invalidValue');
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
