import type { RawTarget } from './raw-tenure.ts';
import { ldapNames, reservedInLdap, sameInLdap } from './ldap-attributes.ts';
import { reservedInScim, sameInScim, spelledInScim } from './scim-attributes.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/**
 * Checks the attributes that are written to a target: there is at least one, each occurs once, none is written by Tenure in another way, and those
 * that a creation requires are there.
 */
export function checkAccountAttributes(path: Path, target: RawTarget): LocatedProblem[] {
  const names = Object.keys(target.attributes ?? {});
  const at = [...path, 'attributes'];
  if (names.length === 0)
    return [
      {
        path: at,
        ...(target.attributes == null ? { at: 'parent' as const } : {}),
        message: `is missing: say what Tenure writes there, such as ${examples[target.kind]}`,
      },
    ];
  return [
    ...names.flatMap((name, index): LocatedProblem[] => {
      const message = wrongName(target, name) ?? repeated(target, name, names.slice(0, index));
      return message === null ? [] : [{ path: [...at, name], at: 'key', message }];
    }),
    ...(target.kind === 'ldap'
      ? missing(target, names).map((name) => ({ path: at, message: `lacks ${name}, without which no inetOrgPerson can be created` }))
      : []),
  ];
}

const examples = {
  scim: 'displayName: identity.displayName',
  ldap: 'cn: identity.displayName',
  sql: 'full_name: identity.displayName',
} as const;

const sqlColumns: ReadonlySet<string> = new Set(['native_id', 'user_name', 'external_id', 'enabled', 'userName', 'externalId', 'nativeId']);

/** Attributes that no system shows, so that they would always differ, in lower case. */
const passwords: ReadonlySet<string> = new Set(['password', 'userpassword', 'unicodepwd', 'urn:ietf:params:scim:schemas:core:2.0:user:password']);

function isCompared(target: RawTarget, name: string): boolean {
  const attribute = target.attributes?.[name];
  return typeof attribute !== 'object' || attribute.writeOnly !== true;
}

function wrongName(target: RawTarget, name: string): string | null {
  if (target.kind !== 'sql' && passwords.has(name.toLowerCase()) && isCompared(target, name))
    return `${name} is never shown; say writeOnly: true beside its value`;
  switch (target.kind) {
    case 'scim': {
      if (reservedInScim(name)) return `${name} is written by Tenure itself, or by nobody; leave it out`;
      const spelled = spelledInScim(name);
      return spelled === name ? null : `is spelled ${spelled} in SCIM, and would not be found again as ${name}`;
    }
    case 'ldap': {
      if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) return `${name} is no attribute name of LDAP: letters, digits and - only`;
      if (reservedInLdap(name, target)) return `${name} is written by Tenure itself, or by the directory; leave it out`;
      const usual = ldapNames(name);
      return usual === null ? null : `is another name of ${usual}, by which directories answer; write ${usual}`;
    }
    case 'sql':
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `${name} cannot be a parameter of a statement: letters, digits and _ only`;
      return sqlColumns.has(name) ? `${name} is written by Tenure itself; leave it out, and use it in the statements` : null;
  }
}

function repeated(target: RawTarget, name: string, before: readonly string[]): string | null {
  if (target.kind === 'sql') return null;
  const same = target.kind === 'scim' ? sameInScim : sameInLdap;
  const other = before.find((each) => same(each, name));
  return other === undefined ? null : `${name} is the same attribute as ${other}, or a part of it; write one of them`;
}

function missing({ idAttribute = 'uid' }: RawTarget & { readonly kind: 'ldap' }, names: readonly string[]): readonly string[] {
  return ['cn', 'sn'].filter((needed) => ![idAttribute, ...names].some((name) => sameInLdap(name, needed)));
}
