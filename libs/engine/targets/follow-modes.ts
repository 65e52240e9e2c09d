import { InputInvalid } from '@tenure/domain';
import type { StoredTargetMode, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { requestRun } from '../reconciliation/request-run.ts';
import { observeTarget } from './observe-target.ts';
import { switchOnTarget } from './switch-on.ts';

/** Result for a target whose `mode` in tenure.yaml has changed. */
export interface FollowedMode {
  readonly target: string;
  /** `observed`: nothing is written there from now on; `planned`: its plan is carried out, or waits for approval; `unread`: it has to be read first. */
  readonly outcome: 'observed' | 'planned' | 'unread';
}

/** Milliseconds between two runs that are requested for a target which is to be switched on. */
const askAgain = 6 * 3_600_000;

/**
 * Follows changes of `mode` in tenure.yaml: to `observe` at once, to `enforce` by a plan within the change budget, as if somebody had switched the target
 * on. A target that was not read completely within a day is read first. What somebody decides later counts until tenure.yaml changes again.
 */
export async function followModes(tx: Transaction, engine: Engine): Promise<readonly FollowedMode[]> {
  const { targets } = engine.configuration;
  const followed: FollowedMode[] = [];
  for (const known of await tx.targetModes.all()) {
    const { target } = known;
    const settings = Object.hasOwn(targets, target) ? targets[target] : undefined;
    const configured = settings?.mode ?? null;
    if (settings === undefined || configured === known.configured) continue;
    const outcome = configured === null || configured === known.mode ? null : await follow(tx, engine, known);
    if (outcome !== 'unread') await tx.targetModes.followed(target, configured);
    if (outcome !== null) followed.push({ target, outcome });
  }
  return followed;
}

async function follow(tx: Transaction, engine: Engine, { target, mode }: StoredTargetMode): Promise<FollowedMode['outcome']> {
  if (mode === 'enforce') {
    await observeTarget(tx, { target, reason: null, why: 'configured' });
    return 'observed';
  }
  try {
    await switchOnTarget(tx, engine, { target, reason: 'tenure.yaml says enforce' });
    return 'planned';
  } catch (error) {
    if (!(error instanceof InputInvalid)) throw error;
    await askForRun(tx, target);
    return 'unread';
  }
}

async function askForRun(tx: Transaction, target: string): Promise<void> {
  const [last] = await tx.reconciliationRuns.page({ target }, 1, null);
  const isAsked = last !== undefined && (last.finishedAt === null || last.requestedAt > new Date(Date.parse(tx.context.now) - askAgain).toISOString());
  if (!isAsked) await requestRun(tx, { target, reason: 'tenure.yaml says enforce, and the plan needs a complete run', expectsFewer: false });
}
