import { isUuid } from './ids.ts';
import { type LdapEntry, valuesOf } from './entries.ts';
import type { LdapSettings } from './settings.ts';

/** Attribute of the mark: every inetOrgPerson may have any number of its values (RFC 2079), so one more replaces nothing. */
const markAttribute = 'labeledURI';
/** Attribute of the mark in earlier versions, which others need too. */
const formerAttribute = 'employeeNumber';
const ours = /^urn:uuid:([0-9a-f-]{36}) tenure$/i;

/** Form of the mark by which Tenure recognizes an account of an identity. */
export interface AccountMark {
  /** Attributes that may contain it. */
  readonly attributes: readonly string[];
  /** Attribute that it is written to. */
  readonly attribute: string;
  /** Value of the mark of an identity. */
  valueFor(identityId: string): string;
  /** The identity's id, or another value in its place; `null`: no mark. */
  read(entry: LdapEntry): string | null;
  /** An entry without the mark among its values. */
  without(entry: LdapEntry): LdapEntry;
  /** Mapped values of its attribute that are written beside it in a new entry. */
  beside(mapped: readonly string[]): readonly string[];
  /** Mark of an entry, if it is among the values of this attribute and so has to be written with the others. */
  among(attribute: string, entry: LdapEntry): readonly string[];
}

export function markOf({ externalIdAttribute, attributes: mapped }: LdapSettings): AccountMark {
  return externalIdAttribute === null ? markAmongOthers(Object.keys(mapped)) : markOfItsOwn(externalIdAttribute);
}

const isMark = (value: string): boolean => ours.test(value.trim());

/** Mark as one more value of labeledURI, a URI with a label. */
function markAmongOthers(mapped: readonly string[]): AccountMark {
  const isMarkAttribute = (attribute: string): boolean => attribute.toLowerCase() === markAttribute.toLowerCase();
  // If the policy maps this attribute, it has numbers, not marks.
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

/** Mark as the only value of an attribute that the configuration names. */
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
