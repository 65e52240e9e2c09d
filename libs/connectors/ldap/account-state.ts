import { Attribute, Change, type Client } from 'ldapts';
import { type Failures, ofTarget } from '../failures.ts';
import { type LdapEntry, valuesOf } from './entries.ts';
import { isResult, resultCode } from './failures.ts';
import type { LdapGroups } from './groups.ts';
import { preparedName } from './names.ts';
import type { FoundPerson, LdapPeople } from './people.ts';
import type { LdapSettings } from './settings.ts';

/** Reads and writes of the state of an account, enabled or disabled. */
export interface AccountState {
  /** Attributes of a new entry in this state. */
  ofNew(enabled: boolean): Readonly<Record<string, string>>;
  /** True if the account is enabled; `null`: the directory does not show it. */
  isEnabled(client: Client, person: FoundPerson): Promise<boolean | null>;
  set(client: Client, entry: LdapEntry, enabled: boolean): Promise<void>;
}

type ByAttribute = Extract<LdapSettings['disable'], { attribute: string }>;

export function accountStateOf({ disable }: LdapSettings, people: LdapPeople, groups: LdapGroups, failures: Failures): AccountState {
  return 'attribute' in disable ? byAttribute(disable, people) : byGroup(disable.group, groups, failures);
}

/** State by the value of an attribute. Other values of the attribute are not Tenure's, and stay. */
function byAttribute({ attribute, disabled, enabled: enabledValue }: ByAttribute, people: LdapPeople): AccountState {
  const isOneOf = (value: string, ...ours: readonly string[]): boolean => ours.some((each) => each === value || preparedName(each) === preparedName(value));
  return {
    ofNew: (enabled) => ({ [attribute]: enabled ? enabledValue : disabled }),
    async isEnabled(client, { entry, isElsewhere }) {
      const values = valuesOf(entry, attribute);
      const isDisabled = values.some((value) => isOneOf(value, disabled));
      if (isDisabled) return values.some((value) => isOneOf(value, enabledValue)) ? null : false;
      if (values.length > 0) return true;
      // No value: it is not disabled, or the bind DN may not read the attribute. Another entry that shows the attribute decides.
      return !isElsewhere && (await people.anyHas(client, attribute)) ? true : null;
    },
    async set(client, entry, enabled) {
      const wanted = enabled ? enabledValue : disabled;
      const others = valuesOf(entry, attribute).filter((value) => !isOneOf(value, disabled, enabledValue));
      await client.modify(entry.dn, replace(attribute, [...others, wanted])).catch((error: unknown) => {
        if (others.length === 0 || !isResult(error, resultCode.constraintViolation, resultCode.attributeOrValueExists)) throw error;
        return client.modify(entry.dn, replace(attribute, [wanted])); // the attribute accepts one value only
      });
    },
  };
}

function byGroup(group: string, groups: LdapGroups, failures: Failures): AccountState {
  return {
    ofNew: () => ({}),
    async isEnabled(client, { entry }) {
      if (await groups.holds(client, group, entry.dn)) return false;
      // A group that shows no member hides its members, or cannot be read.
      return (await groups.holds(client, group)) ? true : null;
    },
    async set(client, entry, enabled) {
      if (enabled) return groups.remove(client, group, entry.dn);
      await groups.add(client, group, entry.dn).catch((error: unknown) => {
        // The group is absent, not the account, whose absence would count as disabled.
        if (isResult(error, resultCode.noSuchObject)) throw failures.refused('the group that disables accounts does not exist', ofTarget);
        throw error;
      });
    },
  };
}

export function replace(type: string, values: readonly string[]): Change {
  return new Change({ operation: 'replace', modification: new Attribute({ type, values: [...values] }) });
}
