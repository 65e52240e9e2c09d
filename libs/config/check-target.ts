import { checkAddress, isLocal } from './check-address.ts';
import { checkStatements } from './check-statements.ts';
import { checkAccountAttributes } from './check-account-attributes.ts';
import type { RawTarget } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Checks a target's settings without connecting to it. Problems that follow from its address are reported at `url`. */
export function checkConnectedSystem(path: Path, target: RawTarget): LocatedProblem[] {
  const url = [...path, 'url'];
  const address = checkTargetAddress(url, target);
  return [
    ...address,
    ...(address.length === 0 ? [...checkCleartext(url, target), ...checkTls(url, target)] : []),
    ...(target.kind === 'scim' ? checkToken([...path, 'token'], target.token) : []),
    ...(target.kind === 'ldap' ? checkDirectory(path, target) : []),
    ...(target.kind === 'sql' ? checkStatements([...path, 'statements'], target) : []),
    ...checkAccountAttributes(path, target),
  ];
}

function checkTargetAddress(path: Path, target: RawTarget): LocatedProblem[] {
  switch (target.kind) {
    case 'scim': {
      const found = checkAddress(path, target.url, { protocols: ['https:', 'http:'], unused: ['user', 'query'] });
      const resource = /\/(Users|Groups|ServiceProviderConfig|Schemas|ResourceTypes)\/?$/i.exec(target.url)?.[1];
      if (found.length > 0 || resource === undefined) return found;
      return [{ path, message: `is the address below which /Users lies; leave out /${resource}` }];
    }
    case 'ldap':
      return checkAddress(path, target.url, { protocols: ['ldap:', 'ldaps:'], unused: ['user', 'path', 'query'] });
    case 'sql': {
      const found = checkAddress(path, target.url, { protocols: ['postgres:', 'postgresql:'] });
      const hasDatabase = found.length > 0 || new URL(target.url).pathname.length > 1;
      return hasDatabase ? found : [{ path, message: 'names no database; write it like postgresql://user@host/database' }];
    }
  }
}

/** Requires a written reason for an unencrypted connection, on which an eavesdropper reads credentials and people's data. */
function checkCleartext(path: Path, target: RawTarget): LocatedProblem[] {
  const isClear = target.kind === 'scim' ? target.url.toLowerCase().startsWith('http:') : target.tls === 'none';
  const reason = target.cleartext?.trim();
  if (reason === '')
    return [
      { path: [...path.slice(0, -1), 'cleartext'], message: 'has no reason; write why the connection is safe, such as: the network of these containers alone' },
    ];
  if (!isClear || isLocal(target.url)) {
    const why = isClear ? 'the target is on this machine' : 'the connection is encrypted';
    return reason === undefined ? [] : [{ path: [...path.slice(0, -1), 'cleartext'], message: `is not needed, since ${why}; leave it out` }];
  }
  if (reason !== undefined) return [];
  const mend = { scim: 'use https://', ldap: 'set tls to starttls or ldaps', sql: 'set tls to verify-full' }[target.kind];
  return [
    {
      path,
      message: `would send credentials and people's data in the clear to another machine; ${mend}, or set cleartext to the reason why the connection is safe`,
    },
  ];
}

function checkTls(path: Path, target: RawTarget): LocatedProblem[] {
  if (target.kind !== 'ldap' || target.tls === undefined || target.url.toLowerCase().startsWith('ldaps:') === (target.tls === 'ldaps')) return [];
  const scheme = target.tls === 'ldaps' ? 'ldaps://' : 'ldap://';
  return [{ path, message: `does not go with tls: ${target.tls}; write ${scheme}, or leave tls out` }];
}

/** Checks a bearer token: the syntax of RFC 6750 section 2.1 and any other visible ASCII character, which HTTP can carry. */
function checkToken(path: Path, token: string): LocatedProblem[] {
  if (/^bearer\s/i.test(token)) return [{ path, message: 'begins with Bearer, which Tenure writes itself; give it the token alone' }];
  return /^[\x21-\x7e]*$/.test(token) ? [] : [{ path, message: 'contains a space or a character that is not allowed in a bearer token' }];
}

function checkDirectory(path: Path, target: RawTarget & { readonly kind: 'ldap' }): LocatedProblem[] {
  const { people, createBelow, lookBelow, groups, disable, idAttribute = 'uid', externalIdAttribute } = target;
  const alike = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const dns = (name: string, texts: string | readonly string[]): LocatedProblem[] =>
    [texts].flat().flatMap((text, index) => {
      const at = [...path, ...name.split('.'), ...(typeof texts === 'string' ? [] : [index])];
      return isDn(text) ? [] : [{ path: at, message: 'is no distinguished name; write it like ou=people,dc=example,dc=com' }];
    });
  return [
    ...dns('people', people),
    ...dns('createBelow', createBelow ?? []),
    ...dns('lookBelow', lookBelow ?? []),
    ...(createBelow === undefined || [people].flat().some((branch) => isAtOrBelow(createBelow, branch))
      ? []
      : [{ path: [...path, 'createBelow'], message: 'lies below none of people: what is created there would not be found again' }]),
    ...dns('groups', groups),
    ...('group' in disable ? dns('disable.group', disable.group) : []),
    ...(externalIdAttribute !== undefined && alike(idAttribute, externalIdAttribute)
      ? [
          {
            path: [...path, 'externalIdAttribute'],
            message: `contains the id of the identity, and idAttribute the user name: they cannot both be ${idAttribute}`,
          },
        ]
      : []),
    ...('attribute' in disable && [idAttribute, externalIdAttribute ?? 'labeledURI', 'objectClass', 'entryUUID'].some((name) => alike(name, disable.attribute))
      ? [{ path: [...path, 'disable', 'attribute'], message: `is ${disable.attribute}, which Tenure uses for something else; name another attribute` }]
      : []),
    ...('attribute' in disable && disable.disabled === disable.enabled
      ? [{ path: [...path, 'disable', 'disabled'], message: 'is the same as enabled: nobody would ever be disabled' }]
      : []),
  ];
}

/** Compares distinguished names without case and spaces around separators. The connector compares them exactly. */
function isAtOrBelow(dn: string, branch: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .split(/([,=+])/)
      .map((part) => part.trim())
      .join('');
  return plain(dn) === plain(branch) || plain(dn).endsWith(`,${plain(branch)}`);
}

/** True if the text begins with `attribute=` (a rough form of RFC 4514). */
function isDn(text: string): boolean {
  return /^\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=/.test(text);
}
