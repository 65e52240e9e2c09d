import { DomainError, isTargetSuspended, NotConfirmed } from '@tenure/domain';
import type { QuarantinedAccount } from '@tenure/store';
import { inMilliseconds, needsPerson, type QuarantineDependencies, save } from './quarantine.ts';
import { disable, remove, restore } from './quarantine-steps.ts';
import { waitBefore } from './wait-before.ts';

/** Milliseconds until a target into which nothing may be written is asked again. */
const longestWait = 3_600_000;
/** Number of attempts after which a target that does not show what it accepted needs a person. */
const mostAttempts = 5;

type Step = (dependencies: QuarantineDependencies, account: QuarantinedAccount) => Promise<void>;
const steps: Readonly<Partial<Record<QuarantinedAccount['state'], Step>>> = { planned: disable, quarantined: remove, restoring: restore };

/**
 * Does the step of an account in quarantine that is due: disables it, and takes its managed memberships; deletes it after its grace; or brings it back.
 * It is looked at by its id first, and before each change it must still be nobody's. Each step may be repeated. Errors are kept with it: a temporary one
 * with the time of the next attempt, another one as a case.
 */
export async function workOnQuarantine(dependencies: QuarantineDependencies, id: string): Promise<void> {
  const { store, context } = dependencies;
  const { now } = context();
  const account = await store.read((tx) => tx.quarantinedAccounts.get(id));
  if (account === null || account.endedAt !== null || account.nextAt === null || account.nextAt > now) return;
  if (await mustWait(dependencies, account.target)) return save(dependencies, account, { nextAt: inMilliseconds(now, longestWait) });
  try {
    await steps[account.state]?.(dependencies, account);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'DATABASE_UNAVAILABLE') throw error;
    await failed(dependencies, account, error);
  }
}

/** True if nothing may be written into the target now: it is only observed, or provisioning is suspended there. */
async function mustWait({ store, context }: QuarantineDependencies, target: string): Promise<boolean> {
  return store.read(async (tx) => {
    const mode = await tx.targetModes.get(target);
    return mode?.mode === 'observe' || isTargetSuspended(await tx.suspensions.open(), target, context().now);
  });
}

async function failed(dependencies: QuarantineDependencies, account: QuarantinedAccount, error: DomainError): Promise<void> {
  const attempts = account.attempts + 1;
  if (!error.retryable || (error instanceof NotConfirmed && attempts >= mostAttempts)) return needsPerson(dependencies, account, error.code, error.message);
  const wait = waitBefore(attempts);
  await save(dependencies, account, { attempts, nextAt: inMilliseconds(dependencies.context().now, wait) });
}
