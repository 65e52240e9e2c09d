import { isUuid } from './ids.ts';
import { type LdapEntry, valuesOf } from './entries.ts';
import type { LdapSettings } from './settings.ts';

/** Every inetOrgPerson may have any number of them (RFC 2079), so one more displaces nothing. */
const markAttribute = 'labeledURI';
/** Where the mark was kept before it had an attribute that others do not need. */
const formerAttribute = 'employeeNumber';
const ours = /^urn:uuid:([0-9a-f-]{36}) tenure$/i;

/** The mark by which Tenure knows an account as an identity's: how it is written and found. */
export interface AccountMark {
  /** Attributes that hold it. */
  readonly attributes: readonly string[];
  /** The attribute that it is written to. */
  readonly attribute: string;
  /** The value that says which identity's the account is. */
  valueFor(identityId: string): string;
  /** The identity's id, or what somebody else wrote there; `null`: no mark. */
  read(entry: LdapEntry): string | null;
  /** An entry without the mark among its values. */
  without(entry: LdapEntry): LdapEntry;
  /** Which of the mapped values of its attribute of a new entry are written beside it. */
  beside(mapped: readonly string[]): readonly string[];
  /** The mark of an entry, if it is among the values of this attribute, so that it has to be written along with others. */
  among(attribute: string, entry: LdapEntry): readonly string[];
}

export function markOf({ externalIdAttribute, attributes: mapped }: LdapSettings): AccountMark {
  return externalIdAttribute === null ? markAmongOthers(Object.keys(mapped)) : markOfItsOwn(externalIdAttribute);
}

const isMark = (value: string): boolean => ours.test(value.trim());

/** One more value of labeledURI, as a URI and its label. */
function markAmongOthers(mapped: readonly string[]): AccountMark {
  const isMarkAttribute = (attribute: string): boolean => attribute.toLowerCase() === markAttribute.toLowerCase();
  // Whoever has Tenure write the attribute has numbers there, not marks.
  const former = mapped.some((name) => name.toLowerCase() === formerAttribute.toLowerCase()) ? [] : [formerAttribute];
  return {
    attributes: [markAttribute, ...former],
    attribute: markAttribute,
    valueFor: (identityId) => `urn:uuid:${identityId} tenure`,
    read(entry) {
      const marks = valuesOf(entry, markAttribute).flatMap((value) => ours.exec(value.trim())?.[1] ?? []);
      return marks.sort()[0] ?? former.flatMap((name) => valuesOf(entry, name)).find(isUuid) ?? null;
    },
    beside: (mapped) => mapped,
    without: (entry) => ({
      ...entry,
      values: { ...entry.values, [markAttribute.toLowerCase()]: valuesOf(entry, markAttribute).filter((value) => !isMark(value)) },
    }),
    among: (attribute, entry) => (isMarkAttribute(attribute) ? valuesOf(entry, markAttribute).filter(isMark) : []),
  };
}

/** The only value of an attribute that the configuration names. */
function markOfItsOwn(attribute: string): AccountMark {
  return {
    attributes: [attribute],
    attribute,
    valueFor: (identityId) => identityId,
    read(entry) {
      const values = valuesOf(entry, attribute);
      return values.find(isUuid) ?? values[0] ?? null;
    },
    beside: () => [],
    without: (entry) => entry,
    among: () => [],
  };
}
