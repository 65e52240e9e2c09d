import { isProtectedAccount } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import {
  AccountConflict,
  afterChange,
  type Change,
  conclude,
  ConnectorUnavailable,
  DomainError,
  endsAccess,
  suspensionOf,
  inGroup,
  type Instant,
  NotConfirmed,
  type ObservedAccount,
  sameChange,
  withoutStopped,
} from '@tenure/domain';
import type { ClaimedAccount, StoredAccount, StoredOperation } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { act, changesFor, look, whyForeign } from './act-in-target.ts';
import { questionsOf, scopeOf } from './account-scope.ts';
import { narrowed } from './narrow-refusal.ts';
import { ownWrites } from './own-writes.ts';
import type { Rival } from './rival-of-adoption.ts';
import type { OnlyRead, Refusal, Worked } from './worked.ts';

export interface WorkDependencies {
  readonly engine: Engine;
  readonly connector: TargetConnector;
  readonly managed: ReadonlySet<string>;
  readonly now: Instant;
  /** Other person to whom an account that is about to be adopted may belong. */
  readonly rivalOf: (account: StoredAccount, found: ObservedAccount) => Promise<Rival | null>;
  /** Stores the group id by which a membership is going to be given, in the account. */
  readonly noteGroup: (account: StoredAccount, entitlement: string, groupId: string) => Promise<void>;
  /** Set if the account is only read: nothing is changed there. */
  readonly onlyRead?: OnlyRead | undefined;
  /** Asked before each change, so that nothing is carried out that is no longer desired; the remaining changes are then left undone. */
  readonly mayGoOn: () => Promise<boolean>;
  /** Awaited between the first look and the first change. @throws ConnectorUnavailable when it is others' turn */
  readonly beforeChanges?: () => Promise<void>;
}

/**
 * Provisions one account, the only way to do so: look, carry out the differences, read back, conclude. Results of one account or of many are saved
 * together afterwards; only the group id by which a membership is given is stored before. A worker that dies meanwhile has lost nothing: the next one
 * finds the changes in the target.
 */
export async function workOnAccount(dependencies: WorkDependencies, claimed: ClaimedAccount): Promise<Worked> {
  const { engine, connector, managed, now, mayGoOn, beforeChanges } = dependencies;
  const { account } = claimed;
  const settings = engine.configuration.targets[account.target];
  let isProtected = isProtectedAccount(settings, account.userName, account.observed?.userName);
  let onlyRead = readingOnly(dependencies, isProtected);
  const questions = questionsOf(account, managed);
  const scope = { ...scopeOf(engine.configuration, account, managed), shown: new Set(claimed.shown) };
  const made: Change[] = [];
  const unheeded: Refusal[] = [];
  const refused: Refusal[] = [];
  const suspended: Change[] = [];
  let { accepted } = account;
  let current: ObservedAccount | null = null;
  let during: NonNullable<Worked['failure']>['during'] | null = 'look';
  // Known so far, whatever follows: the next look finds the account by the id that the target gave it.
  let seen: Pick<Worked, 'found' | 'observed'> = {};
  const so = (more: Pick<Worked, 'conclusion' | 'failure'>): Worked => ({
    account,
    before: claimed.ledger,
    shown: claimed.shown,
    made,
    unheeded,
    refused,
    suspended,
    accepted,
    ...(onlyRead === undefined ? {} : { onlyRead }),
    ...(isProtected ? { isProtected } : {}),
    ...seen,
    ...more,
  });
  // Stored whether or not the target answers and this worker saves the result: a group renamed meanwhile could not be found by its name again.
  const onGroup = async (entitlement: string, groupId: string): Promise<void> => {
    if (accepted.memberships[entitlement]?.groupId === groupId) return;
    await dependencies.noteGroup(account, entitlement, groupId);
    accepted = inGroup(accepted, entitlement, groupId);
  };
  try {
    const found = await look(connector, account, questions);
    // Under whatever name it was adopted or renamed there.
    isProtected ||= isProtectedAccount(settings, found?.userName);
    onlyRead = readingOnly(dependencies, isProtected);
    const foreign = found === null ? null : await whyNotTheirs(dependencies, account, found);
    current = foreign === null ? found : null;
    const changes = changesFor(account, current, scope);
    seen = { found: { observed: current, changes } };
    const steps = onlyRead === undefined ? stepsOf(claimed, changes) : [];
    const [first] = steps;
    if (foreign !== null && first !== undefined) {
      const error = new AccountConflict(`an account of that name is there, and it is not adopted: ${foreign}`, { target: account.target });
      return { ...so({ conclusion: null, failure: null }), refused: [{ change: first, error }] };
    }
    during = null;
    if (first !== undefined) await beforeChanges?.();
    for (const step of steps) {
      if (isSuspended(claimed, step, now)) {
        suspended.push(step);
        if (step.kind === 'create') break;
        continue;
      }
      if (!(await mayGoOn())) return so({ conclusion: null, failure: null });
      during = step;
      const done = await narrowed(step, (change) => act(connector, { ...account, accepted }, change, { observed: current, onGroup }));
      for (const one of done.accepted) {
        made.push(one.change);
        accepted = afterChange(accepted, one, { ...scope, now });
        if (one.created !== null) {
          current = one.created;
          seen = { ...seen, observed: current };
        }
      }
      for (const one of done.refused) {
        if (!changedNothing(one)) {
          refused.push(one);
          continue;
        }
        made.push(one.change);
        unheeded.push(one);
      }
      if (step.kind === 'create' && current === null) break;
    }
    during = 'confirmation';
    // Where nothing was tried, the first look has shown everything needed for a conclusion: each read-back costs a target many answers.
    const isUntried = made.length === 0 && refused.length === 0;
    const back = isUntried ? current : await look(connector, { ...account, nativeId: current?.nativeId ?? account.nativeId }, questions);
    const isKnown = back === null || back.nativeId === current?.nativeId;
    const observed = isKnown || (await whyNotTheirs(dependencies, account, back)) === null ? back : null;
    const question = { desired: account.desired, observed, scope: { ...scope, accepted }, before: claimed.ledger, made, now, isProtected };
    const conclusion = conclude(question);
    accepted = onlyRead === undefined ? conclusion.accepted : ownWrites(conclusion.accepted, account);
    seen = { ...seen, observed };
    return so({ conclusion, failure: null });
  } catch (error) {
    if (during === null) throw error; // it is others' turn: nothing was tried
    const known = error instanceof DomainError ? error : new ConnectorUnavailable('the target answered what could not be read', {}, { cause: error });
    if (typeof during === 'string' || known.retryable || known.code === 'ACCOUNT_NOT_VISIBLE')
      return so({ conclusion: null, failure: { error: known, during } });
    // A state that was looked at a moment ago has changed: look again, and trust it only when it stays so.
    const { attempts = 0 } = operationOf(claimed, during) ?? {};
    const changed = new NotConfirmed('the target changed while it was being worked on', { target: account.target }, { cause: known });
    if (attempts < 2) return so({ conclusion: null, failure: { error: changed, during } });
    refused.push({ change: during, error: known });
    return so({ conclusion: null, failure: null });
  }
}

/** The only gate of protected accounts before a change for a known person: such an account is read, whatever is desired, also at its person's end. */
function readingOnly({ onlyRead }: WorkDependencies, isProtected: boolean): OnlyRead | undefined {
  return onlyRead ?? (isProtected ? { at: null, runId: null, drifts: false } : undefined);
}

/**
 * True if the target accepted a change and changed nothing, as a statement that finds no row: that does not concern this account alone, and reading
 * it back shows the same as where a target keeps something else. For changes that remove access, a person has to look at each account.
 */
function changedNothing({ change: { kind }, error }: Refusal): boolean {
  return error.details['reason'] === 'no-effect' && (kind === 'update' || kind === 'enable' || kind === 'addMember');
}

/** Reason why an account that was found by its name is not this person's; `null`: it is. */
async function whyNotTheirs({ engine, rivalOf }: WorkDependencies, account: StoredAccount, found: ObservedAccount): Promise<string | null> {
  if (found.nativeId === account.nativeId) return null;
  return whyForeign(engine, account, found) ?? (await rivalOf(account, found))?.reason ?? null;
}

/** Changes to try: without those that were refused, had no effect or were abandoned before, and none without the account to which they apply. */
function stepsOf({ account, operations }: ClaimedAccount, changes: readonly Change[]): readonly Change[] {
  const stopped = operations.filter(
    ({ status, finishedAt }) => status === 'failed' || (status === 'given-up' && finishedAt !== null && finishedAt >= account.desiredSince),
  );
  const steps = withoutStopped(
    changes,
    stopped.map(({ change }) => change),
  );
  return changes[0]?.kind === 'create' && steps[0]?.kind !== 'create' ? [] : steps;
}

function operationOf({ operations }: ClaimedAccount, change: Change): StoredOperation | undefined {
  return operations.find((one) => one.status === 'pending' && sameChange(one.change, change));
}

function isSuspended(claimed: ClaimedAccount, change: Change, now: Instant): boolean {
  const { target, desired } = claimed.account;
  const operationId = operationOf(claimed, change)?.id ?? null;
  return suspensionOf(claimed.suspensions, { target, change, operationId, endsAccess: endsAccess(claimed.state, desired) }, now) !== null;
}
