import type { Settings } from '@tenure/config';
import { offered, type PolicyDocument } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { openBatch } from '../batches/open-batch.ts';
import { closePolicies, policyItems, submitPolicy } from '../batches/submit-policy.ts';
import type { Engine } from '../decide/engine.ts';
import { configurationInForce } from './configuration-in-force.ts';
import { type PlannedBatch, planVersionIn, weighPlan } from './plan-version.ts';
import type { PolicyPlan } from './policy-plan.ts';
import { newestPolicy } from './read-policy.ts';
import { undoneBy } from './restored-version.ts';
import { versionDigest } from './version-digest.ts';

/** The batch in which a policy version waited for approval. */
export interface ApprovedVersion {
  readonly batchId: string;
}

export interface PublishedPolicy {
  /** The one in force. */
  readonly version: number;
  readonly added: boolean;
  /** The batch change in which the files' version waits for approval, since it changes more than the change budget allows; `null`: none. */
  readonly waitsIn: string | null;
  /** Present plan, where it is not the approved one: nothing was written then. */
  readonly otherwise?: PolicyPlan;
  /** Accounts in use, by target, in targets that it would remove: nothing was written then. */
  readonly inUse?: Readonly<Record<string, number>>;
}

export interface StartedPolicy extends Pick<PublishedPolicy, 'version' | 'waitsIn' | 'inUse'> {
  /** True: the files' version is not in force, and waits for a command or for a person. */
  readonly differs: boolean;
}

/** Version that the files would put in force. */
interface VersionAsked {
  readonly digest: string;
  /** Absent: tenure.yaml stays as it is. */
  readonly settings: Settings | undefined;
}

interface AddedVersion {
  readonly version: number;
  readonly added: boolean;
}

/** Policy of a process at its start: takes the files' version, unless that waits for a command or for a person. */
export async function startPolicy(tx: Transaction, engine: Engine): Promise<StartedPolicy> {
  const current = await tx.access.currentPolicy();
  const asked = differenceFrom(engine, current);
  if (current !== null && asked !== null) {
    const known = await tx.batchChanges.ofPolicy(asked.digest);
    // What somebody has discarded or undone does not come back by a restart.
    const isRefused = known?.standing === 'discarded' || (await isUndone(tx, engine, current.version));
    if (engine.configuration.applyPolicy === 'by-command' || isRefused) return { version: current.version, differs: true, waitsIn: null };
  }
  const { version, waitsIn, inUse } = await publishPolicy(tx, engine);
  return { version, differs: waitsIn !== null || inUse !== undefined, waitsIn, ...(inUse === undefined ? {} : { inUse }) };
}

/**
 * Makes the configuration's policy and tenure.yaml the current version; when it is new, everybody is decided again, in a batch.
 * @param approved digest of the plan that was shown; absent: none has to have been shown
 */
export async function publishPolicy(tx: Transaction, engine: Engine, approved?: string): Promise<PublishedPolicy> {
  // Others who publish wait for this transaction, and find its result.
  await tx.access.lockPolicies();
  const { policyDigest, configuration } = engine;
  const { policy: document, settings } = configuration;
  const current = await tx.access.currentPolicy();
  if (current === null) return { ...(await putInForce(tx, document, policyDigest, undefined, settings)), waitsIn: null };
  const asked = differenceFrom(engine, current);
  const stays = { version: current.version, added: false, waitsIn: null };
  if (asked === null) {
    // A version from before tenure.yaml was kept: it is in force already, so nobody is decided again.
    if (current.settingsDigest === null && settings !== undefined) return { ...(await addVersion(tx, document, policyDigest, settings)), waitsIn: null };
    return stays;
  }
  const inUse = await removedInUse(tx, engine, asked.settings);
  if (Object.keys(inUse).length > 0) return { ...stays, inUse };
  const whole = await planVersionIn(tx, engine, document, settings);
  if (approved !== undefined && whole.digest !== approved) return { ...stays, otherwise: whole };
  const batch = await weighPlan(tx, engine, whole);
  if (!batch.plan.changes.some(({ isOver }) => isOver)) return { ...(await putInForce(tx, document, policyDigest, batch, settings)), waitsIn: null };
  const { budget = {} } = (await newestPolicy(tx, engine)).policy.document;
  return { ...stays, waitsIn: (await submitPolicy(tx, budget, { document, ...asked, ...batch })).id };
}

/**
 * Makes a policy the current version, whatever it changes; policies that wait for approval are closed.
 * @param digest of the policy
 * @param as the batch in which it waited, or its changes; absent: the first version, before there are any people
 * @param settings tenure.yaml of it; absent: the one in force stays
 */
export async function putInForce(
  tx: Transaction,
  document: PolicyDocument,
  digest: string,
  as?: PlannedBatch | ApprovedVersion,
  settings?: Settings,
): Promise<AddedVersion> {
  await tx.access.lockPolicies();
  const { settingsDigest = null } = (await tx.access.currentPolicy()) ?? {};
  const changed = settings !== undefined && settingsDigest !== null && settings.digest !== settingsDigest ? settings.digest : null;
  await closePolicies(tx, versionDigest(digest, changed), as !== undefined && 'batchId' in as ? as.batchId : null);
  const published = await addVersion(tx, document, digest, settings);
  if (published.added) {
    const { version } = published;
    if (as !== undefined && 'batchId' in as) {
      await tx.batchRuns.fill(as.batchId, tx.context);
      await tx.batchChanges.becameVersion(as.batchId, version);
    } else {
      const batch = await openBatch(tx, 'policy', 'everybody', as && { policyDigest: digest, plan: as.plan });
      if (batch !== null) await tx.batchChanges.becameVersion(batch.id, version);
      if (batch !== null && as !== undefined) await tx.batchItems.add(batch.id, policyItems(as.people), tx.context.now);
    }
    // Requests for access that is no longer offered do not wait any more.
    await tx.requests.wakeAskedFor(offered(document.requestable), tx.context);
  }
  return published;
}

/** True: the version in force has undone the one of the files. */
async function isUndone(tx: Transaction, { configuration: { settings }, policyDigest }: Engine, version: number): Promise<boolean> {
  const undone = await undoneBy(tx, version);
  const digests = undone === null ? null : await tx.access.digestsOf(undone);
  return digests !== null && digests.digest === policyDigest && (settings === undefined || digests.settingsDigest === settings.digest);
}

/** Part of the files that is not in force; `null`: all of it is. `digest`: of a batch change that would put it in force. */
function differenceFrom(
  { configuration: { settings }, policyDigest }: Engine,
  current: { readonly digest: string; readonly settingsDigest: string | null } | null,
): VersionAsked | null {
  if (current === null) return { digest: policyDigest, settings: undefined };
  const isOther = settings !== undefined && current.settingsDigest !== null && settings.digest !== current.settingsDigest;
  if (!isOther && current.digest === policyDigest) return null;
  return { digest: versionDigest(policyDigest, isOther ? settings.digest : null), settings: isOther ? settings : undefined };
}

/** Accounts in use of targets that another tenure.yaml would remove, by target. */
async function removedInUse(tx: Transaction, { configuration }: Engine, settings: Settings | undefined): Promise<Readonly<Record<string, number>>> {
  if (settings === undefined) return {};
  const { targets } = await configurationInForce(tx, configuration);
  return tx.access.accountsInUse(Object.keys(targets).filter((name) => !Object.hasOwn(configuration.targets, name)));
}

async function addVersion(tx: Transaction, document: PolicyDocument, digest: string, settings?: Settings): Promise<AddedVersion> {
  const { actor, now } = tx.context;
  const published = await tx.access.addPolicy(document, digest, now, `${actor.kind} ${actor.id}`, settings);
  if (published.added)
    tx.audit.record({
      action: 'policy.published',
      subjectKind: 'policy',
      subjectId: String(published.version),
      identityId: null,
      reason: { digest, ...(settings === undefined ? {} : { settings: settings.digest }) },
    });
  return published;
}
