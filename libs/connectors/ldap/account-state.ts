import { Attribute, Change, type Client } from 'ldapts';
import { type Failures, ofTarget } from '../failures.ts';
import { type LdapEntry, valuesOf } from './entries.ts';
import { isResult, resultCode } from './failures.ts';
import type { LdapGroups } from './groups.ts';
import { preparedName } from './names.ts';
import type { FoundPerson, LdapPeople } from './people.ts';
import type { LdapSettings } from './settings.ts';

/** How it is told and changed whether somebody can log in with an account. */
export interface AccountState {
  /** Attributes that a new entry is given for it. */
  ofNew(enabled: boolean): Readonly<Record<string, string>>;
  /** `null`: the directory does not show it. */
  isEnabled(client: Client, person: FoundPerson): Promise<boolean | null>;
  set(client: Client, entry: LdapEntry, enabled: boolean): Promise<void>;
}

type ByAttribute = Extract<LdapSettings['disable'], { attribute: string }>;

export function accountStateOf({ disable }: LdapSettings, people: LdapPeople, groups: LdapGroups, failures: Failures): AccountState {
  return 'attribute' in disable ? byAttribute(disable, people) : byGroup(disable.group, groups, failures);
}

/** Other values of the attribute are somebody else's, and stay. */
function byAttribute({ attribute, disabled, enabled: enabledValue }: ByAttribute, people: LdapPeople): AccountState {
  const isOneOf = (value: string, ...ours: readonly string[]): boolean => ours.some((each) => preparedName(each) === preparedName(value));
  return {
    ofNew: (enabled) => ({ [attribute]: enabled ? enabledValue : disabled }),
    async isEnabled(client, { entry, isElsewhere }) {
      const values = valuesOf(entry, attribute);
      const isDisabled = values.some((value) => isOneOf(value, disabled));
      if (isDisabled) return values.some((value) => isOneOf(value, enabledValue)) ? null : false;
      if (values.length > 0) return true;
      // No value: nobody disabled it, or the bind DN may not read the attribute. Another entry that shows it tells which.
      return !isElsewhere && (await people.anyHas(client, attribute)) ? true : null;
    },
    async set(client, entry, enabled) {
      const wanted = enabled ? enabledValue : disabled;
      const others = valuesOf(entry, attribute).filter((value) => !isOneOf(value, disabled, enabledValue));
      await client.modify(entry.dn, replace(attribute, [...others, wanted])).catch((error: unknown) => {
        if (others.length === 0 || !isResult(error, resultCode.constraintViolation, resultCode.attributeOrValueExists)) throw error;
        return client.modify(entry.dn, replace(attribute, [wanted])); // it takes one value only
      });
    },
  };
}

function byGroup(group: string, groups: LdapGroups, failures: Failures): AccountState {
  return {
    ofNew: () => ({}),
    async isEnabled(client, { entry }) {
      if (await groups.holds(client, group, entry.dn)) return false;
      // A group that shows no member at all hides them, or cannot be read.
      return (await groups.holds(client, group)) ? true : null;
    },
    async set(client, entry, enabled) {
      if (enabled) return groups.remove(client, group, entry.dn);
      await groups.add(client, group, entry.dn).catch((error: unknown) => {
        // Not the account's absence, which would count as disabled.
        if (isResult(error, resultCode.noSuchObject)) throw failures.refused('the group that disables accounts does not exist', ofTarget);
        throw error;
      });
    },
  };
}

export function replace(type: string, values: readonly string[]): Change {
  return new Change({ operation: 'replace', modification: new Attribute({ type, values: [...values] }) });
}
