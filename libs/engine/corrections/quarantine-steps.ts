import { reconciliationOf } from '@tenure/config';
import { NotConfirmed, type NotNobodys } from '@tenure/domain';
import type { QuarantinedAccount } from '@tenure/store';
import {
  auditQuarantine,
  inMilliseconds,
  look,
  needsPerson,
  type QuarantineDependencies,
  refOf,
  release,
  save,
  unlessSomebodys,
  whyNot,
} from './quarantine.ts';

/** Disables an account, and then takes its managed memberships, once its state is stored. */
export async function disable(dependencies: QuarantineDependencies, account: QuarantinedAccount): Promise<void> {
  const { connector, engine, context } = dependencies;
  const { target } = account;
  const found = await look(dependencies, account);
  const why = await whyNot(dependencies, account, found);
  if (why !== null || found === null) return release(dependencies, account, why ?? 'gone');
  const { observed, memberships: held } = found;
  // What an earlier attempt has taken already is kept, and so is the state before it.
  const taken = (account.memberships ?? []).filter(({ entitlement }) => !held.some((one) => one.entitlement === entitlement));
  const wasEnabled = account.memberships === null ? observed.enabled : account.wasEnabled;
  const kept = { ...account, wasEnabled, memberships: [...taken, ...held] };
  await save(dependencies, account, { wasEnabled, memberships: kept.memberships });
  const ref = refOf(account, observed);
  await unlessSomebodys(dependencies, kept, found, () => connector.disable(ref));
  for (const { entitlement, groupId } of held) await unlessSomebodys(dependencies, kept, found, () => connector.removeMember(entitlement, ref, groupId));
  const back = await look(dependencies, kept);
  if (back !== null && (back.observed.enabled === true || back.memberships.length > 0))
    throw new NotConfirmed('the target does not show yet that the account is disabled and without memberships', { target });
  const { now } = context();
  const deleteAt = inMilliseconds(now, reconciliationOf(engine.configuration.targets[target] ?? {}).grace);
  await save(dependencies, account, { state: 'quarantined', attempts: 0, failure: null, disabledAt: now, deleteAt, nextAt: deleteAt }, (tx) => {
    const memberships = kept.memberships.map(({ entitlement }) => entitlement);
    auditQuarantine(tx, account, { action: 'quarantine.begun', reason: { target, wasEnabled, memberships, deleteAt } });
  });
}

/** Deletes an account after its grace, if it is as it was left. Before that, it only looks whether it is: a listing showed something else. */
export async function remove(dependencies: QuarantineDependencies, account: QuarantinedAccount): Promise<void> {
  const { connector, context } = dependencies;
  const { deleteAt } = account;
  const isEarly = deleteAt !== null && deleteAt > context().now;
  const found = await look(dependencies, account);
  if (found === null) return release(dependencies, account, 'gone');
  const why = (await whyNot(dependencies, account, found)) ?? whyNotDisabled(found.observed.enabled);
  if (why !== null && !(isEarly && why === 'state-unknown')) return needsPerson(dependencies, account, why, messages[why]);
  if (isEarly) return save(dependencies, account, { attempts: 0, nextAt: deleteAt });
  await unlessSomebodys(dependencies, account, found, () => connector.delete(refOf(account, found.observed)));
  if ((await look(dependencies, account)) !== null) throw new NotConfirmed('the target still shows the account that was deleted', { target: account.target });
  await save(dependencies, account, { state: 'deleted', failure: null, nextAt: null, endedAt: context().now, endReason: 'grace-over' }, (tx) =>
    auditQuarantine(tx, account, { action: 'quarantine.deleted', reason: { target: account.target, disabledAt: account.disabledAt } }),
  );
}

/** Brings an account back as it was: enabled, unless it was disabled before, with its memberships. */
export async function restore(dependencies: QuarantineDependencies, account: QuarantinedAccount): Promise<void> {
  const { connector, context, beforeChange } = dependencies;
  const { target, wasEnabled } = account;
  const found = await look(dependencies, account);
  const why = await whyNot(dependencies, account, found);
  if (why === 'known' || why === 'marked') return release(dependencies, account, why);
  if (found === null) return needsPerson(dependencies, account, 'gone', messages.gone);
  if (why === 'renamed') return needsPerson(dependencies, account, why, messages[why]);
  const ref = refOf(account, found.observed);
  const memberships = account.memberships ?? [];
  await beforeChange();
  if (wasEnabled !== false && found.observed.enabled !== true) await connector.enable(ref);
  for (const { entitlement, groupId } of memberships) await connector.addMember(entitlement, ref, groupId);
  const back = await look(dependencies, account);
  const isBack = memberships.every(({ entitlement }) => back?.memberships.some((one) => one.entitlement === entitlement));
  if (back === null || (wasEnabled !== false && back.observed.enabled === false) || !isBack)
    throw new NotConfirmed('the target does not show yet that the account is restored', { target });
  await save(dependencies, account, { state: 'restored', failure: null, nextAt: null, endedAt: context().now, endReason: 'restored' }, (tx) => {
    const names = memberships.map(({ entitlement }) => entitlement);
    auditQuarantine(tx, account, { action: 'quarantine.restored', reason: { target, wasEnabled, memberships: names } });
  });
}

function whyNotDisabled(enabled: boolean | null): 'enabled' | 'state-unknown' | null {
  if (enabled === null) return 'state-unknown';
  return enabled ? 'enabled' : null;
}

const messages: Readonly<Record<NotNobodys | 'enabled' | 'state-unknown', string>> = {
  gone: 'the account no longer exists',
  renamed: 'the account of this id has another user name: the target may have given the id to somebody else',
  known: 'the account is a person’s by now',
  marked: 'the account bears the mark of an identity by now',
  protected: 'the account is protected by now',
  elsewhere: 'the account was moved out of the place of the target’s accounts',
  enabled: 'somebody has enabled the account again',
  'state-unknown': 'the target does not show whether the account is still disabled',
};
