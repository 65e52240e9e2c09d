import type { Facts } from '@tenure/domain';

/** Number of times that a name may be taken before a person's accounts get one with part of their id. */
const most = 99;

/**
 * Base of the user name of a person's accounts: plain ASCII letters, digits, dots and hyphens, at most 32, from the e-mail's local part or the
 * person's names.
 */
export function baseOfUserName(facts: Facts, identityId: string): string {
  return (
    plain(localPart(facts['email'])) ||
    plain([facts['givenName'], facts['familyName']].filter((part) => typeof part === 'string').join('.')) ||
    `person-${identityId.slice(0, 8)}`
  );
}

/**
 * User name that nobody has; taken ones get a number. It never changes, and passes to others only once it is released and no account bears it any
 * more, so that no account is ever taken for another person's.
 */
export function chooseUserName(base: string, identityId: string, taken: ReadonlySet<string>): string {
  for (let number = 1; number <= most; number += 1) {
    const name = number === 1 ? base : `${base}${number}`;
    if (!taken.has(name)) return name;
  }
  return `${base}-${identityId.slice(0, 8)}`;
}

function localPart(email: unknown): string {
  return typeof email === 'string' ? ((email.split('@')[0] ?? '').split('+')[0] ?? '') : '';
}

function plain(text: string): string {
  return text
    .replace(/ß/g, 'ss')
    .replace(/[øØ]/g, 'o')
    .replace(/[æÆ]/g, 'ae')
    .replace(/[łŁ]/g, 'l')
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|(?<!\.)\.+$/g, '')
    .slice(0, 32);
}
