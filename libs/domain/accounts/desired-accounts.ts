import { type CompiledMapping, evaluateMapping } from './account-mapping.ts';
import type { AccountAttributes, DesiredAccount } from './account.ts';
import type { Adoption } from './adoption.ts';
import type { Vouching } from './vouching.ts';
import type { Policy } from '../policy/compile-policy.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import { decideAdoption } from './decide-adoption.ts';

/** Input from which the desired accounts follow. */
export interface AccountsQuestion {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  readonly grants: readonly Grant[];
  readonly policy: Policy;
  readonly mappings: readonly CompiledMapping[];
  /**
   * Known accounts. `everExisted`: an account was observed, or its creation was ever planned (so it may exist). `everEnabled`: its desired state
   * was ever enabled, so it may contain the person's work.
   */
  readonly existing: readonly {
    readonly target: string;
    readonly everExisted: boolean;
    readonly everEnabled: boolean;
    /** Desired state of an account that was found in its target; absent or `null`: it was not found. */
    readonly found?: Pick<DesiredAccount, 'adoption'> | null;
  }[];
  /** Sources that may vouch for the value by which an account is adopted. Absent: none, so that accounts are adopted by their mark alone. */
  readonly vouching?: Vouching;
  readonly now: Instant;
}

/**
 * Returns the desired accounts of the person, sorted by target. A target without a desired account, now or ever, is left out. Accounts are
 * deleted only at the end of a grace period; other accounts that are no longer desired are disabled.
 */
export function desiredAccounts(question: AccountsQuestion): DesiredAccount[] {
  const current = grantsAt(question.grants, question.now);
  const accounts = question.mappings.flatMap((mapping) => {
    const coming = question.grants.some((grant) => isIn(grant, mapping.name, question.policy));
    const held = current.filter((grant) => isIn(grant, mapping.name, question.policy));
    return desired(question, mapping, held, coming) ?? [];
  });
  return accounts.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

function isIn({ kind, name }: Grant, target: string, policy: Policy): boolean {
  return kind === 'entitlement' && policy.document.entitlements[name]?.target === target;
}

function desired(question: AccountsQuestion, mapping: CompiledMapping, held: readonly Grant[], coming: boolean): DesiredAccount | null {
  const { identity, lifecycle, policy } = question;
  const known = question.existing.find(({ target }) => target === mapping.name);
  const base = { target: mapping.name, userName: identity.userName };
  const values = [...new Set(held.flatMap(({ name }) => policy.document.entitlements[name]?.value ?? []))].sort();
  const wanted = (state: 'enabled' | 'disabled', entitlements: readonly string[]): DesiredAccount => {
    const attributes = evaluateMapping(mapping, identity);
    const adoption = adoptionOf(question, mapping, attributes, known);
    return { ...base, state, attributes, entitlements, ...(adoption === undefined ? {} : { adoption }) };
  };
  // Wound down: disabled or deleted if it exists, never created, and no more of the person's data is written to it.
  const woundDown = (state: 'disabled' | 'absent'): DesiredAccount | null =>
    known?.everExisted ? { ...base, state, attributes: {}, entitlements: [], onlyExisting: true } : null;
  switch (lifecycle.state) {
    case 'active':
      return held.length > 0 ? wanted('enabled', values) : woundDown('disabled');
    case 'suspended':
      return held.length > 0 ? wanted('disabled', values) : woundDown('disabled');
    case 'pre-hire':
      return coming && lifecycle.accounts === 'disabled' ? wanted('disabled', []) : woundDown('disabled');
    case 'leaving':
    case 'left':
    case 'erased':
      return woundDown(isToGo(lifecycle, known?.everEnabled ?? false) ? 'absent' : 'disabled');
  }
}

function adoptionOf(
  { identity, vouching, now }: AccountsQuestion,
  mapping: CompiledMapping,
  attributes: AccountAttributes,
  known: AccountsQuestion['existing'][number] | undefined,
): Adoption | undefined {
  const { adoptBy } = mapping;
  // An account that was found without `adoption` keeps it absent; otherwise this alone would change the desired state of each such account.
  if (adoptBy === undefined || vouching === undefined || (known?.found != null && known.found.adoption === undefined)) return undefined;
  const value = Object.hasOwn(attributes, adoptBy) ? attributes[adoptBy] : undefined;
  return decideAdoption({ ...mapping, adoptBy }, value, identity, vouching, now);
}

function isToGo({ accounts }: Lifecycle, everEnabled: boolean): boolean {
  return accounts === 'absent' || (accounts === 'absent-unless-used' && !everEnabled);
}
