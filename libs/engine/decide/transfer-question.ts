import { type AccessDecision, addDuration, type Policy } from '@tenure/domain';
import type { StoredAccount, StoredGrant, StoredIdentity } from '@tenure/store';
import type { CaseToOpen, ChangedCases } from './effects.ts';
import { isEnding } from './end-confirmed.ts';
import { nameIn } from '../intake/named-person.ts';

/**
 * Case about a leaver's responsibilities: the person who takes them over decides once, with the list; the leaver's return closes it. Approvals that
 * wait for the leaver need no case: approvers are resolved again in each open stage.
 */
export function transferQuestion(
  policy: Policy,
  before: StoredIdentity,
  { identity, lifecycle }: AccessDecision,
  { held, accounts }: { readonly held: readonly StoredGrant[]; readonly accounts: readonly StoredAccount[] },
): ChangedCases {
  const key = `transfer/${identity.id}`;
  if (isEnding(before.state) && !isEnding(lifecycle.state)) return { opened: [], answered: [key] };
  // What a merged identity was responsible for, the other one is.
  const hasLeft =
    before.mergedInto == null &&
    before.lifecycle !== null &&
    !isEnding(before.state) &&
    isEnding(lifecycle.state) &&
    lifecycle.accounts !== 'absent-unless-used';
  const rule = policy.document.lifecycle.find(({ name }) => name === lifecycle.rule);
  if (!hasLeft || rule?.end.transfer === undefined) return { opened: [], answered: [] };
  const { to, what } = rule.end.transfer;
  const question: CaseToOpen = {
    kind: 'transfer',
    key,
    identityId: identity.id,
    target: null,
    operationId: null,
    evidence: {
      what,
      rule: rule.name,
      held: held.map(({ name }) => name),
      accounts: accounts.filter(({ existed }) => existed).map(({ target }) => target),
    },
    deadline: lifecycle.since === null ? null : addDuration(lifecycle.since, lifecycle.state === 'left' ? 'PT0S' : rule.end.grace, identity.timeZone),
    ownerNamed: nameIn(identity, to),
  };
  return { opened: [question], answered: [] };
}
