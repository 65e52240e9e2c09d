import { protectedNamesOf } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import { type NewAuditContent, NotConfirmed, type NotNobodys, type ObservedAccount, verdictOf, whyNotNobodys } from '@tenure/domain';
import type { ActContext, QuarantinedAccount, Store, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';
import { tendQuarantineCases } from './tend-quarantine-cases.ts';

export interface QuarantineDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connector: TargetConnector;
  readonly context: () => ActContext;
  /** Awaited before each change. @throws ConnectorUnavailable when nothing may be written into the target */
  readonly beforeChange: () => Promise<void>;
}

/** An account as the target shows it, with the groups of the policy that it is in. */
export interface LookedAccount {
  readonly observed: ObservedAccount;
  readonly memberships: NonNullable<QuarantinedAccount['memberships']>;
}

/** Looks at an account by its id alone: one of the same name is another account. */
export async function look({ connector, store, engine }: QuarantineDependencies, account: QuarantinedAccount): Promise<LookedAccount | null> {
  const { target, nativeId, userName } = account;
  const managed = (await store.read((tx) => policyInForce(tx, engine))).managed[target] ?? new Set<string>();
  const known = new Map((account.memberships ?? []).map(({ entitlement, groupId }) => [entitlement, groupId]));
  const names = [...new Set([...managed, ...known.keys()])].sort();
  const questions = names.map((entitlement) => ({ entitlement, groupId: known.get(entitlement) ?? null, isNeeded: true }));
  const observed = await connector.observe({ nativeId, userName }, questions);
  if (observed === null) return null;
  const sightingOf = (name: string) => observed.memberships.find(({ entitlement }) => entitlement === name);
  const isIn = (name: string): boolean => {
    const sighting = sightingOf(name);
    return observed.entitlements.includes(name) || (sighting !== undefined && verdictOf(sighting.evidence, true) === 'PRESENT');
  };
  const groupOf = (name: string): string | null => sightingOf(name)?.groupId ?? known.get(name) ?? null;
  return { observed, memberships: names.filter(isIn).map((entitlement) => ({ entitlement, groupId: groupOf(entitlement) })) };
}

/** Reference by which an account that was looked at is changed. */
export function refOf({ nativeId }: QuarantinedAccount, { userName, memberName }: ObservedAccount) {
  return { nativeId, userName, ...(memberName === undefined ? {} : { memberNames: [memberName] }) };
}

/** Reason why an account is not nobody's; `null`: it is. */
export function whyNot({ store, engine }: QuarantineDependencies, account: QuarantinedAccount, found: LookedAccount | null): Promise<NotNobodys | null> {
  return store.read(async (tx) =>
    whyNotNobodys(account, found?.observed ?? null, {
      isKnown: await tx.quarantinedAccounts.isKnown(account.target, account.nativeId, account.userName),
      isMarked: await isMarked(tx, found?.observed.externalId ?? null),
      protectedNames: protectedNamesOf(engine.configuration.targets[account.target] ?? {}),
    }),
  );
}

/** Makes a change, unless the account has become a person's since it was looked at, or somebody has decided otherwise. */
export async function unlessSomebodys(
  dependencies: QuarantineDependencies,
  account: QuarantinedAccount,
  found: LookedAccount,
  change: () => Promise<unknown>,
): Promise<void> {
  const current = await dependencies.store.read((tx) => tx.quarantinedAccounts.get(account.id));
  if (current?.state !== account.state || current.endedAt !== null)
    throw new NotConfirmed('somebody has decided otherwise about the account', { target: account.target });
  if ((await whyNot(dependencies, account, found)) !== null) throw new NotConfirmed('the account may be a person’s by now', { target: account.target });
  await dependencies.beforeChange();
  await change();
}

/** Ends the quarantine without a further change: the account is not nobody's, or gone. The next run shows what is left of it. */
export function release(dependencies: QuarantineDependencies, account: QuarantinedAccount, why: NotNobodys): Promise<void> {
  const { now } = dependencies.context();
  return save(dependencies, account, { state: 'released', failure: null, nextAt: null, endedAt: now, endReason: why }, (tx) =>
    auditQuarantine(tx, account, { action: 'quarantine.released', reason: { target: account.target, why } }),
  );
}

/** Leaves an account as it is, as a case. */
export function needsPerson(dependencies: QuarantineDependencies, account: QuarantinedAccount, code: string, message: string): Promise<void> {
  return save(dependencies, account, { failure: { code, message }, nextAt: null }, (tx) =>
    auditQuarantine(tx, account, { action: 'quarantine.failed', reason: { target: account.target, state: account.state, code } }),
  );
}

/** Saves the result of a step, unless somebody has decided otherwise about the account since it was read. */
export async function save(
  { store, context }: QuarantineDependencies,
  account: QuarantinedAccount,
  changes: Partial<QuarantinedAccount>,
  also: (tx: Transaction) => void = () => undefined,
): Promise<void> {
  await store.transaction(context(), async (tx) => {
    const locked = await tx.quarantinedAccounts.lock(account.id);
    // What was done in the target counts, whatever was decided meanwhile: a deleted account is not restored.
    if (locked === null || locked.endedAt !== null || (locked.state !== account.state && changes.state !== 'deleted')) return;
    await tx.quarantinedAccounts.save({ ...locked, ...changes });
    also(tx);
    await tendQuarantineCases(tx, account.target);
  });
}

type QuarantineEvent = Extract<NewAuditContent, { readonly action: `quarantine.${string}` }>;

/** Into the audit. */
export function auditQuarantine(tx: Transaction, { id }: Pick<QuarantinedAccount, 'id'>, event: QuarantineEvent): void {
  tx.audit.record({ ...event, subjectKind: 'quarantine', subjectId: id, identityId: null });
}

/** Instant so many milliseconds later. */
export function inMilliseconds(now: string, milliseconds: number): string {
  return new Date(Date.parse(now) + milliseconds).toISOString();
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True if a mark is the id of an identity. */
export async function isMarked(tx: Transaction, externalId: string | null): Promise<boolean> {
  return externalId !== null && uuid.test(externalId) && (await tx.identities.get(externalId)) !== null;
}
