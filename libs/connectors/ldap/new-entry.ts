import type { NewAccount } from '../connector.ts';
import type { AccountState } from './account-state.ts';
import { toValues } from './entries.ts';
import type { AccountMark } from './mark.ts';
import type { LdapSettings } from './settings.ts';
import type { EntryValues } from './write-entry.ts';

const objectClass = ['top', 'person', 'organizationalPerson', 'inetOrgPerson'];
/** Attributes that an inetOrgPerson must have (RFC 4519 section 3.12). */
const demanded = ['cn', 'sn'];

/** Values of a new entry: `needed` for an account that Tenure can recognize again, and `others`. */
export function newEntry(
  { idAttribute }: LdapSettings,
  mark: AccountMark,
  state: AccountState,
  account: NewAccount,
): { readonly needed: EntryValues; readonly others: EntryValues } {
  const mapped = Object.entries(account.attributes).map(([name, value]): readonly [string, readonly string[]] => [name, toValues(value)]);
  const is = (name: string, ...names: readonly string[]): boolean => names.some((each) => each.toLowerCase() === name.toLowerCase());
  const besideMark = mapped.filter(([name]) => is(name, mark.attribute)).flatMap(([, values]) => mark.beside(values));
  const ofState = Object.entries(state.ofNew(account.enabled)).map(([name, value]) => [name, [value]]);
  return {
    needed: {
      ...Object.fromEntries(mapped.filter(([name]) => is(name, ...demanded))),
      ...Object.fromEntries(ofState),
      objectClass,
      [idAttribute]: [account.userName],
      [mark.attribute]: [...besideMark, mark.valueFor(account.externalId)],
    },
    others: Object.fromEntries(mapped.filter(([name]) => !is(name, ...demanded, mark.attribute))),
  };
}
