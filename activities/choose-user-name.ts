import type { Facts } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/**
 * A name for the person's accounts: plain ASCII letters, digits, dots and hyphens, at most 32, from the e-mail's local part or the
 * person's names. Taken names get a number. It stays for life, so that no account is ever taken for another's.
 */
export async function chooseUserName(tx: Transaction, facts: Facts, identityId: string): Promise<string> {
  const base =
    plain(localPart(facts['email'])) ||
    plain([facts['givenName'], facts['familyName']].filter((part) => typeof part === 'string').join('.')) ||
    `person-${identityId.slice(0, 8)}`;
  await tx.identities.lockKeys([`userName\n${base}`]);
  for (let number = 1; number < 100; number += 1) {
    const candidate = number === 1 ? base : `${base}${number}`;
    if (!(await tx.identities.userNameTaken(candidate))) return candidate;
  }
  return `${base}-${identityId.slice(0, 8)}`;
}

function localPart(email: unknown): string {
  return typeof email === 'string' ? (email.split('@')[0] ?? '').replace(/\+.*$/, '') : '';
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
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 32);
}
