import type { TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable, DomainError, isTargetSuspended, NotConfirmed, untilNextReading } from '@tenure/domain';
import type { ActContext, ClaimedAccount, Store } from '@tenure/store';
import { openCase } from '@tenure/engine/cases';
import type { Engine, Meter } from '@tenure/engine/decide';
import { letLeaversPass } from './leavers-first.ts';
import { beforeWriting, workMode } from './contact-target.ts';
import { noteGroupsIn } from './note-groups.ts';
import { countWorked, type Saved, saveWorked, readsOnly, rivalsIn, type Worked, workOnAccount } from '@tenure/engine/provision';
import { type LeaseWish, withLease } from './with-lease.ts';
import { policyInForce } from '@tenure/engine/policy';

/**
 * Result of provisioning one target. `waiting`: an operation waits for a case to be closed, or for provisioning to be resumed; `not-visible`: all
 * operations are carried out, and the target cannot show some of them.
 */
export interface Applied {
  readonly outcome: 'confirmed' | 'not-visible' | 'waiting' | 'nothing';
  readonly done: number;
}

export interface ApplyDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly meter: Meter;
}

export interface ApplyInput {
  readonly identityId: string;
  readonly target: string;
  readonly context: ActContext;
  /** Called between steps; throws when the activity was cancelled because a newer decision replaced it. */
  readonly alive: () => void;
}

/** An account as of when its turn was taken, with the entitlements that may be taken away in its target. */
interface AccountInTurn extends ClaimedAccount {
  readonly managed: ReadonlySet<string>;
}

/** Number of times that a newer decision during the work is processed at once. */
const rounds = 3;
/** Milliseconds after which a target that refuses for good is tried again. */
const atLeisure = 60_000;

/**
 * Provisions one account to its present desired state, whatever was planned earlier: the saver of a single account. A repeated or late run finds
 * nothing to do. Temporary errors are thrown, for Temporal to retry; a permanent one becomes a case.
 */
export async function applyOperations(dependencies: ApplyDependencies, input: ApplyInput): Promise<Applied> {
  let done = 0;
  for (let round = 0; round < rounds; round += 1) {
    const applied = await applyOnce(dependencies, input);
    if (applied === null) return { outcome: 'nothing', done };
    done += applied.done;
    if (applied.outcome !== 'outdated') return { outcome: applied.outcome, done };
  }
  throw new NotConfirmed('the desired state changed repeatedly during provisioning', { target: input.target });
}

async function applyOnce(dependencies: ApplyDependencies, input: ApplyInput): Promise<{ outcome: Applied['outcome'] | 'outdated'; done: number } | null> {
  const { store, engine, meter, connectors } = dependencies;
  const { identityId, target, context } = input;
  const take: LeaseWish<AccountInTurn>['take'] = async (tx, by, milliseconds) => {
    const claimed = await tx.access.claimAccount(identityId, target, by, milliseconds);
    if (claimed === null || claimed === 'others') return claimed;
    return { ...claimed, managed: (await policyInForce(tx, engine)).managed[target] ?? new Set() };
  };
  return withLease({ store, context, target, take }, async (claimed, turn) => {
    const alive = (): void => {
      input.alive();
      turn.mustHold();
    };
    const connector = connectors[target];
    if (connector === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target }, { retryAfter: atLeisure });
    // An operator suspended provisioning of the whole target: the lifecycle workflow sleeps until that is resumed.
    if (isTargetSuspended(claimed.suspensions, target, context.now)) return { outcome: 'waiting', done: 0 };
    const { managed } = claimed;
    const settings = engine.configuration.targets[target];
    if (settings === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target }, { retryAfter: atLeisure });
    const contacts = { store, connector, settings, managed, context: () => context };
    const onlyRead = readsOnly(claimed, await workMode(contacts));
    const beforeChanges = async (): Promise<void> => {
      await letLeaversPass(store, context, claimed);
      await beforeWriting(contacts).catch(async (error: unknown) => {
        if (!(error instanceof DomainError) || error.retryable) throw error;
        await targetRefuses(store, context, target, error);
        throw new ConnectorUnavailable(`target ${target} refuses to be listed: ${error.message}`, { target }, { cause: error, retryAfter: atLeisure });
      });
    };
    const rivalOf = rivalsIn(store, engine);
    const noteGroup = noteGroupsIn(store, () => context);
    const worked = await workOnAccount(
      {
        engine,
        connector,
        managed,
        now: context.now,
        rivalOf,
        noteGroup,
        onlyRead,
        mayGoOn: async () => goesOn(alive) && (await turn.isCurrent()),
        beforeChanges,
      },
      claimed,
    );
    const saved = await turn.finish(async (tx) => {
      const [one] = await saveWorked(tx, target, [worked]);
      return one ?? null;
    });
    countWorked(meter, target, [worked]);
    if (saved !== null && saved.closedSince !== null) meter.endConfirmed(saved.closedSince);
    return settled(dependencies, input, worked, saved, alive);
  });
}

async function settled(
  { store }: ApplyDependencies,
  { target, context }: ApplyInput,
  worked: Worked,
  saved: Saved | null,
  alive: () => void,
): Promise<{ outcome: Applied['outcome'] | 'outdated'; done: number }> {
  const done = worked.made.length;
  if (saved !== null && saved.outcome !== 'unsettled') return { outcome: saved.outcome, done };
  const { failure } = worked;
  if (failure === null) {
    alive();
    const retryAfter = worked.conclusion === null ? null : untilNextReading(worked.conclusion, context.now);
    throw new NotConfirmed('the target does not show the change yet when it is read back', { target }, { retryAfter });
  }
  const { error, during } = failure;
  if (error.retryable) throw error;
  // An error at a step of the connection is tested for the whole target, and that test opens the case with its result.
  if (during === 'look' && error.code !== 'ACCOUNT_NOT_VISIBLE' && error.details['step'] === undefined) await targetRefuses(store, context, target, error);
  throw new ConnectorUnavailable(
    `target ${target} refuses to be read: ${error.message}`,
    { target, code: error.code },
    { cause: error, retryAfter: atLeisure },
  );
}

/**
 * Opens one case for a target that refuses to be read (an expired credential, a missing right), however many accounts wait; it is tried again every
 * minute, so that work continues by itself once the target is repaired.
 */
async function targetRefuses(store: Store, context: ActContext, target: string, { code, message }: DomainError): Promise<void> {
  const evidence = { target, code, message };
  await store.transaction(context, (tx) =>
    openCase(tx, { kind: 'target-refuses', key: `target-refuses/${target}`, identityId: null, target, operationId: null, evidence }),
  );
}

function goesOn(alive: () => void): boolean {
  try {
    alive();
    return true;
  } catch {
    return false; // alive throws again once the work until now is saved
  }
}
