import { type DomainError, EQUAL_READINGS, type Observation } from '@tenure/domain';
import type { NewCase, StoredOperation, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { Worked } from './worked.ts';
import type { Saved } from './saved.ts';

/**
 * Opens and closes cases about a whole target rather than a person: changes that it refuses to everybody, values that it keeps differently from what
 * was written, states that it cannot show, and accounts that it lets nobody look for; each with the number of accounts. Also the cases of an account
 * that lies elsewhere. They close when they no longer apply.
 */
export async function tendTargetCases(
  tx: Transaction,
  target: string,
  { all, saved, isRefused }: { readonly all: readonly Worked[]; readonly saved: readonly Omit<Saved, 'closedSince'>[]; readonly isRefused: boolean },
): Promise<void> {
  for (const worked of all) await tendPlace(tx, worked);
  const about = {
    writes: all.some(mayConcernWrites),
    notVisible: saved.some(({ outcome, worked }) => outcome === 'not-visible' || worked.before.some(wasHidden)),
    unseen: all.some((worked) => unseenNow(worked) !== null || worked.before.some(isUnseen)),
  };
  if (!Object.values(about).includes(true) && !isRefused) return;
  await tx.cases.takeTurn(target);
  if (about.writes) await tendWithoutEffect(tx, target);
  if (about.notVisible) await tendNotVisible(tx, target);
  if (about.unseen) await tendUnseen(tx, target, all);
  if (isRefused) await tendRefused(tx, target);
}

/** Does the same for changes that targets refuse for every account, when operations have ended otherwise than by being carried out. */
export async function tendRefusedChanges(tx: Transaction, operations: readonly StoredOperation[]): Promise<void> {
  const targets = new Set(operations.filter(({ lastError }) => lastError?.about !== undefined).map(({ target }) => target));
  for (const target of [...targets].sort()) {
    await tx.cases.takeTurn(target);
    await tendRefused(tx, target);
  }
}

/** Reason why an account that is known may be where the target lets nobody look: `referral`, `row-security`. */
export function unseenReason({ reason = 'not-reached' }: DomainError['details']): string {
  return reason;
}

async function tendPlace(tx: Transaction, { account, observed }: Worked): Promise<void> {
  const { id, identityId, target, desired } = account;
  const about = { identityId, target, operationId: null };
  if (observed === undefined) return;
  const moved = `account-moved/${id}`;
  if (observed?.isElsewhere === true) await openCase(tx, { ...about, kind: 'account-moved', key: moved, evidence: { target, wanted: desired.state } });
  else if (account.observed?.isElsewhere === true) await closeCase(tx, await tx.cases.openOfKey(moved), 'the account is in a searched branch again');
}

/** True if equal observations were made for long enough, now or before. */
function mayConcernWrites({ conclusion, before }: Worked): boolean {
  return conclusion !== null && (conclusion.withoutEffect.length > 0 || before.some(isRepeated));
}

async function tendWithoutEffect(tx: Transaction, target: string): Promise<void> {
  const found = await tx.observations.withoutEffect(target);
  const wanted = found.map(({ aspect, name, evidence, accounts }): NewCase => {
    const said = { target, aspect, name, evidence, accounts };
    const key = `write-without-effect/${target}/${aspect}/${name}`;
    return { kind: 'write-without-effect', key, identityId: null, target, operationId: null, evidence: said };
  });
  for (const one of wanted) await openCase(tx, one);
  for (const open of await tx.cases.openOfTarget('write-without-effect', target))
    if (!wanted.some(({ key }) => key === open.key)) await closeCase(tx, open, 'no account has this problem now');
}

async function tendNotVisible(tx: Transaction, target: string): Promise<void> {
  const { accounts, aspects } = await tx.observations.notVisible(target);
  const key = `not-visible/${target}`;
  if (accounts === 0) await closeCase(tx, await tx.cases.openOfKey(key), 'the target shows it now');
  else await openCase(tx, { kind: 'not-visible', key, identityId: null, target, operationId: null, evidence: { target, accounts, aspects } });
}

/** Opens one case for each reason why accounts of a target are not visible, with their number, and closes those whose reason is gone. */
async function tendUnseen(tx: Transaction, target: string, all: readonly Worked[]): Promise<void> {
  const messages = new Map(all.flatMap((worked) => unseenNow(worked) ?? []).map(({ details, message }) => [unseenReason(details), message]));
  const open = await tx.cases.openOfTarget('account-not-visible', target);
  const keys = new Set<string>();
  for (const { reason, accounts } of await tx.observations.unseen(target)) {
    const key = `account-not-visible/${target}/${reason}`;
    keys.add(key);
    const message = messages.get(reason) ?? open.find((one) => one.key === key)?.evidence.message ?? null;
    await openCase(tx, { kind: 'account-not-visible', key, identityId: null, target, operationId: null, evidence: { target, reason, message, accounts } });
  }
  for (const one of open) if (!keys.has(one.key)) await closeCase(tx, one, 'every account of the target is visible');
}

async function tendRefused(tx: Transaction, target: string): Promise<void> {
  const open = await tx.cases.openOfTarget('target-refuses-change', target);
  const keys = new Set<string>();
  for (const { about, code, message, accounts } of await tx.sharedRefusals.ofTarget(target)) {
    const [operation = about, ...rest] = about.split('/');
    const name = rest.length === 0 ? {} : { name: rest.join('/') };
    const key = `target-refuses-change/${target}/${about}`;
    keys.add(key);
    const said = code === null ? (open.find((one) => one.key === key)?.evidence ?? {}) : { code, message };
    const evidence = { ...said, target, operation, ...name, accounts };
    await openCase(tx, { kind: 'target-refuses-change', key, identityId: null, target, operationId: null, evidence });
  }
  for (const one of open) if (!keys.has(one.key)) await closeCase(tx, one, 'the target accepts the change again');
}

function unseenNow({ failure }: Worked): DomainError | null {
  return failure?.error.code === 'ACCOUNT_NOT_VISIBLE' ? failure.error : null;
}

function isUnseen({ aspect, verdict }: Pick<Observation, 'aspect' | 'verdict'>): boolean {
  return aspect === 'existence' && verdict === 'NOT_VISIBLE';
}

/**
 * True if the target could not show an aspect before. The ledger keeps that until it is read again, whoever withdrew the conclusion meanwhile:
 * another decision, or another account that the target has shown.
 */
function wasHidden({ aspect, verdict }: Pick<Observation, 'aspect' | 'verdict'>): boolean {
  return (aspect === 'state' || aspect === 'membership') && verdict === 'NOT_VISIBLE';
}

function isRepeated({ readings, verdict }: { readonly readings: number; readonly verdict: string }): boolean {
  return verdict === 'ABSENT' && readings >= EQUAL_READINGS;
}
