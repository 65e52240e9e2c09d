import type { AttributeValue } from '../identity/facts.ts';
import { hasLookalike, foldFully } from '../accounts/account-values.ts';
import type { CompiledMapping } from '../accounts/account-mapping.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { normalText } from '../text/plain-text.ts';

/** Person to whom an account unknown to Tenure belongs. A proposal: only a person or the configuration adopts the account. */
export interface AccountOwner {
  readonly identityId: string;
  readonly state: Lifecycle['state'] | null;
  /** Proof: Tenure's mark, or keys of the person. */
  readonly by: 'mark' | 'keys';
  /** Names of the mapped attributes whose values are equal; empty for a mark. */
  readonly keys: readonly string[];
  /** True if the run also shows the account of this person that Tenure knows. */
  readonly hasAccount: boolean;
}

/** Keys of an account or a person in one target: digests of normal values by mapped attribute. */
export type AccountKeys = Readonly<Record<string, string>>;

/**
 * Mapped attributes by which an owner is proposed: their expressions read nothing but correlation keys. A name is none, and an attribute that
 * Tenure cannot read back neither.
 * @param correlated attributes that a source or identity provider lists under `correlate`, `email` among them
 */
export function keyAttributes({ expressions, rules = {} }: CompiledMapping, correlated: ReadonlySet<string>): readonly string[] {
  return Object.entries(expressions).flatMap(([name, { attributes }]) => {
    const isKey = attributes.length > 0 && attributes.every((read) => correlated.has(read));
    return isKey && rules[name]?.writeOnly !== true ? [name] : [];
  });
}

/**
 * Returns the normal text of a key: without surrounding spaces, composed (NFC), and without case; a text with letters that only look like ASCII stays as
 * it is written.
 * @returns `null` for anything but one value that is not blank: a list identifies nobody
 */
export function keyText(value: AttributeValue | undefined): string | null {
  const [single, ...others] = value === undefined ? [] : [value].flat();
  if (single === undefined || others.length > 0) return null;
  const written = String(single);
  const text = normalText(written);
  if (text === '') return null;
  // Composition alone turns some of these letters (the Kelvin sign) into ASCII.
  return hasLookalike(written) ? `exact ${written}` : `folded ${foldFully(text)}`;
}

/** A person whose keys are compared. */
export interface KeyHolder {
  readonly identityId: string;
  readonly state: Lifecycle['state'] | null;
  readonly keys: AccountKeys;
}

/** Finds owners of accounts by their keys, while people are read page by page. */
export interface OwnerSearch {
  /** Compares one more person. */
  add(person: KeyHolder): void;
  /** Owners by the target's own id of the account: those whose keys belong to exactly one person. */
  owners(): ReadonlyMap<string, Omit<AccountOwner, 'by' | 'hasAccount'>>;
}

/** @param accounts keys by the target's own id of the account; only digests that occur here are kept */
export function searchOwners(accounts: ReadonlyMap<string, AccountKeys>): OwnerSearch {
  const keyOf = (name: string, digest: string): string => `${name}\n${digest}`;
  const holders = new Map<string, KeyHolder[]>();
  for (const keys of accounts.values()) for (const [name, digest] of Object.entries(keys)) holders.set(keyOf(name, digest), []);
  return {
    add(person) {
      // Two holders prove that a key identifies nobody; more are not needed.
      for (const [name, digest] of Object.entries(person.keys)) {
        const found = holders.get(keyOf(name, digest));
        if (found !== undefined && found.length < 2) found.push(person);
      }
    },
    owners() {
      const found = [...accounts].flatMap(([nativeId, keys]): [string, Omit<AccountOwner, 'by' | 'hasAccount'>][] => {
        const names = Object.keys(keys).filter((name) => (holders.get(keyOf(name, keys[name] ?? ''))?.length ?? 0) > 0);
        const people = new Map(names.flatMap((name) => holders.get(keyOf(name, keys[name] ?? '')) ?? []).map((person) => [person.identityId, person]));
        const [person, ...others] = people.values();
        return person === undefined || others.length > 0 ? [] : [[nativeId, { identityId: person.identityId, state: person.state, keys: names.sort() }]];
      });
      return new Map(found);
    },
  };
}
