import type { AccountAttributes, AttributeValue } from '@tenure/domain';
import { labelledLists, labelledPlace, managedEntry, withManaged } from './labelled-values.ts';

type Json = Record<string, unknown>;

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** Attributes of the enterprise extension (RFC 7643 section 4.3), which the configuration names without its URN. */
const enterpriseNames: ReadonlySet<string> = new Set(['employeeNumber', 'costCenter', 'organization', 'division', 'department']);
/** Members of a resource that are handled separately, or never read. */
const reserved: ReadonlySet<string> = new Set(['schemas', 'id', 'externalId', 'userName', 'active', 'meta', 'groups', 'password']);

/** Path of an account attribute in a resource: `name.givenName` in `name`, `department` in the enterprise extension. */
function placeOf(name: string): readonly string[] {
  if (enterpriseNames.has(name)) return [enterprise, name];
  const colon = name.startsWith('urn:') ? name.lastIndexOf(':') : -1;
  return colon < 0 ? name.split('.') : [name.slice(0, colon), ...name.slice(colon + 1).split('.')];
}

/** Path of an attribute in PATCH (RFC 7644 section 3.10). */
export function patchPath(name: string): string {
  return enterpriseNames.has(name) ? `${enterprise}:${name}` : name;
}

/** Value as it is sent; `undefined`: none, so that the attribute is removed. Of a labelled list Tenure writes one value. */
export function wireValue(name: string, value: AttributeValue): unknown {
  const [first] = [value].flat();
  if (labelledPlace(name) !== null) return first === undefined || first === '' ? undefined : String(first);
  return first === undefined ? undefined : value;
}

/** Copy of a resource with these attributes, for POST and PUT. Others stay as they are. */
export function withAttributes(resource: Readonly<Json>, attributes: AccountAttributes): Json {
  const copy = structuredClone(resource);
  const schemas = new Set(Array.isArray(copy['schemas']) ? copy['schemas'] : [core]);
  for (const [name, value] of Object.entries(attributes)) {
    const labelled = labelledPlace(name);
    if (labelled !== null) {
      const list = withManaged(copy[labelled.list], labelled.part, wireValue(name, value));
      put(copy, [labelled.list], list.length > 0 ? list : undefined);
      continue;
    }
    const place = placeOf(name);
    if (place.length > 1 && place[0]?.startsWith('urn:')) schemas.add(place[0]);
    put(copy, place, wireValue(name, value));
  }
  return { ...copy, schemas: [...schemas] };
}

function put(resource: Json, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return;
  if (rest.length > 0) {
    const inner = resource[key];
    const next: Json = isPlain(inner) ? inner : {};
    resource[key] = next;
    put(next, rest, value);
  } else if (value === undefined) {
    delete resource[key];
  } else {
    resource[key] = value;
  }
}

/** All attributes of a resource under their names in the configuration. */
export function attributesOf(resource: Readonly<Json>): AccountAttributes {
  const found: Found = [];
  for (const key of Object.keys(resource)) {
    if (reserved.has(key)) continue;
    const value = resource[key];
    if (!key.startsWith('urn:') || !isPlain(value)) flatten(key, value, found);
    else for (const name of Object.keys(value)) flatten(key === enterprise && enterpriseNames.has(name) ? name : `${key}:${name}`, value[name], found);
  }
  return Object.fromEntries(found);
}

type Found = (readonly [string, AttributeValue])[];

/** Adds the attributes in one member of a resource. */
function flatten(name: string, value: unknown, found: Found): void {
  if (labelledLists.has(name)) {
    const entry = managedEntry(value) ?? {};
    const main = labelledPlace(name)?.part;
    // The main part has the name of the list, the others have their own: `emails`, `addresses.locality`.
    for (const key of Object.keys(entry)) {
      const inner = entry[key];
      if (typeof inner === 'string' && key !== 'type') found.push([key === main ? name : `${name}.${key}`, inner]);
    }
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    found.push([name, value]);
  } else if (Array.isArray(value)) {
    const texts = value.map((item: unknown) => (isPlain(item) ? item['value'] : item)).filter((item) => typeof item === 'string');
    if (texts.length > 0) found.push([name, texts]);
  } else if (isPlain(value)) {
    for (const key of Object.keys(value)) flatten(`${name}.${key}`, value[key], found);
  }
}

function isPlain(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
