const core = 'urn:ietf:params:scim:schemas:core:2.0:user:';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:';

/** Attributes of RFC 7643 sections 4.1 and 4.3 in their spelling there. */
const known: readonly string[] = [
  ...['userName', 'name', 'displayName', 'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'active', 'password'],
  ...['emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'groups', 'entitlements', 'roles', 'x509Certificates', 'id', 'externalId', 'meta', 'schemas'],
  ...['name.formatted', 'name.familyName', 'name.givenName', 'name.middleName', 'name.honorificPrefix', 'name.honorificSuffix'],
  ...['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'],
];
/** Attributes that Tenure sets by other means than the attribute mapping, and read-only attributes of the service provider. Lower case. */
const reserved: ReadonlySet<string> = new Set(['schemas', 'id', 'externalid', 'username', 'active', 'meta', 'groups']);

/** Normalised name of an attribute: without case (RFC 7643 section 2.1) and without the name of its schema. */
function plain(name: string): string {
  const small = name.toLowerCase();
  if (small.startsWith(core)) return small.slice(core.length);
  if (small.startsWith(enterprise)) return small.slice(enterprise.length);
  return small;
}

/** True if two names denote the same attribute, or one a sub-attribute of the other. */
export function sameInScim(a: string, b: string): boolean {
  const [one, other] = [plain(a), plain(b)];
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

export function reservedInScim(name: string): boolean {
  return reserved.has(plain(name).split('.')[0] ?? '');
}

/** Returns an attribute of the core or enterprise schema in the spelling by which Tenure finds it again; others unchanged. */
export function spelledInScim(name: string): string {
  const wanted = plain(name);
  return known.find((each) => each.toLowerCase() === wanted && (!name.toLowerCase().startsWith('urn:') || isShort(each))) ?? name;
}

/** False for `manager`, which is in the enterprise extension and is written with its full name. */
function isShort(name: string): boolean {
  return name !== 'manager';
}
