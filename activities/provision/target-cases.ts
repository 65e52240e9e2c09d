import { EQUAL_READINGS } from '@tenure/domain';
import type { NewCase, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases.ts';
import type { Saved } from './save-worked.ts';
import type { Worked } from './work-on-account.ts';

/**
 * Cases about a whole target rather than a person: what it keeps otherwise than it was written, and what it cannot show; each with the number
 * of accounts. And those of an account that lies elsewhere or cannot be seen. They close when a reading shows that it is no longer so.
 */
export async function tendTargetCases(tx: Transaction, target: string, all: readonly Worked[], saved: readonly Omit<Saved, 'closedSince'>[]): Promise<void> {
  for (const worked of all) await tendPlace(tx, worked);
  if (all.some(mayConcernWrites)) await tendWithoutEffect(tx, target);
  if (saved.some(({ outcome, worked }) => outcome === 'not-visible' || worked.account.notVisibleAt !== null)) await tendNotVisible(tx, target);
}

async function tendPlace(tx: Transaction, { account, observed, failure }: Worked): Promise<void> {
  const { id, identityId, target, desired } = account;
  const about = { identityId, target, operationId: null };
  if (failure?.error.code === 'ACCOUNT_NOT_VISIBLE') {
    const evidence = { target, wanted: desired.state, message: failure.error.message };
    await openCase(tx, { ...about, kind: 'account-not-visible', key: `account-not-visible/${id}`, evidence });
  }
  if (observed === undefined) return;
  const moved = `account-moved/${id}`;
  if (observed?.isElsewhere === true) await openCase(tx, { ...about, kind: 'account-moved', key: moved, evidence: { target, wanted: desired.state } });
  else if (account.observed?.isElsewhere === true) await closeCase(tx, await tx.cases.openOfKey(moved), 'it lies where accounts of the target are looked for');
}

/** Something has shown equal readings for long enough, or did before. */
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
    if (!wanted.some(({ key }) => key === open.key)) await closeCase(tx, open, 'no account shows it any more');
}

async function tendNotVisible(tx: Transaction, target: string): Promise<void> {
  const { accounts, aspects } = await tx.observations.notVisible(target);
  const key = `not-visible/${target}`;
  if (accounts === 0) await closeCase(tx, await tx.cases.openOfKey(key), 'the target shows it now');
  else await openCase(tx, { kind: 'not-visible', key, identityId: null, target, operationId: null, evidence: { target, accounts, aspects } });
}

function isRepeated({ readings, verdict }: { readonly readings: number; readonly verdict: string }): boolean {
  return verdict === 'ABSENT' && readings >= EQUAL_READINGS;
}
