import { InputInvalid, type UndoOrigin } from '@tenure/domain';
import type { ActContext, BatchChange, Store, StoredSettings, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { configurationInForce, withoutSecrets } from '../../policy/configuration-in-force.ts';
import { weighVersion } from '../../policy/plan-version.ts';
import { newestPolicy } from '../../policy/read-policy.ts';
import { restoredVersion } from '../../policy/restored-version.ts';
import { versionDigest } from '../../policy/version-digest.ts';
import { openBatchCase } from '../batch-case.ts';
import { closePolicies, policyItems } from '../submit-policy.ts';
import { mustBeUndoable } from './must-be-undoable.ts';

/**
 * Plans the undo of a configuration version: the version before it comes into force again, as a new one, once somebody has approved it. Versions are
 * never deleted.
 * @throws InputInvalid if another version is in force, or accounts are in use in targets that only the undone version has
 */
export async function undoVersion(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  { id, policyVersion }: BatchChange,
  origin: UndoOrigin,
): Promise<BatchChange> {
  return store.transaction(context, async (tx) => {
    await tx.access.lockPolicies();
    await tx.batchChanges.lock(id);
    await mustBeUndoable(tx, id);
    const { version, settingsDigest, policyDigest } = await mustBeInForce(tx, id, policyVersion);
    const before = await tx.access.policy(version - 1);
    const digests = await tx.access.digestsOf(version - 1);
    if (before === null || digests === null)
      throw new InputInvalid('id: it put the first configuration version in force, and there is none before it', { batchChangeId: id });
    const kept = await tx.access.settingsOf(version - 1);
    const settings = kept !== null && kept.digest !== settingsDigest ? kept : undefined;
    if (settings === undefined && digests.digest === policyDigest)
      throw new InputInvalid('id: the configuration version before it is equal to the one in force', { batchChangeId: id });
    const digest = versionDigest(digests.digest, settings?.digest ?? null);
    await mustBePossible(tx, engine, id, { digest, settings, version: version - 1 });
    const { plan, people } = await weighVersion(tx, engine, before.document, settings);
    await closePolicies(tx, digest, null);
    const opened = { trigger: 'policy', source: null, people: plan.people, plan, policy: before.document, policyDigest: digest, origin } as const;
    const undo = await tx.batchChanges.open(settings === undefined ? opened : { ...opened, settings }, tx.context);
    await tx.batchItems.add(undo.id, policyItems(people), tx.context.now);
    const reason = { undone: id, policy: digest, items: people.length, fellAway: 0 };
    tx.audit.record({ action: 'batch.undoRequested', subjectKind: 'wave', subjectId: undo.id, identityId: null, reason });
    await openBatchCase(tx, (await newestPolicy(tx, engine)).policy.document.budget ?? {}, undo, plan);
    return undo;
  });
}

/** Version to undo, which must be the one in force, or have come into force again by an undo of later ones. @throws InputInvalid */
async function mustBeInForce(
  tx: Transaction,
  batchChangeId: string,
  version: number | null,
): Promise<{ readonly version: number; readonly settingsDigest: string | null; readonly policyDigest: string }> {
  const current = await tx.access.currentPolicy();
  if (version === null || current === null)
    throw new InputInvalid('id: it is not recorded which configuration version the batch change put in force: publish the files of the version before', {
      batchChangeId,
    });
  if (current.version !== version && (await restoredVersion(tx, current.version)) !== version)
    throw new InputInvalid(
      `id: it put configuration version ${version} in force, and version ${current.version} is in force now: undo the newer versions first, the newest before the others, or publish the files that you want`,
      { batchChangeId, version: String(version), inForce: String(current.version) },
    );
  return { version, settingsDigest: current.settingsDigest, policyDigest: current.digest };
}

async function mustBePossible(
  tx: Transaction,
  { configuration }: Engine,
  batchChangeId: string,
  { digest, settings, version }: { readonly digest: string; readonly settings: StoredSettings | undefined; readonly version: number },
): Promise<void> {
  const waiting = (await tx.batchChanges.policiesWaiting()).find(({ policyDigest }) => policyDigest === digest);
  if (waiting !== undefined)
    throw new InputInvalid(`id: the configuration version before it waits for approval already, in the batch change ${waiting.id}: approve that one`, {
      batchChangeId,
      waitsIn: waiting.id,
    });
  if (settings === undefined) return;
  const document = (await tx.access.policy(version))?.document ?? configuration.policy;
  const { targets } = await withoutSecrets(configuration, settings, document, version);
  const removed = Object.keys((await configurationInForce(tx, configuration)).targets).filter((name) => !Object.hasOwn(targets, name));
  const inUse = Object.entries(await tx.access.accountsInUse(removed));
  if (inUse.length > 0)
    throw new InputInvalid(
      `id: people have accounts in use in targets that the version before it does not have (${inUse.map(([name, count]) => `${name}: ${count}`).join(', ')}): remove their entitlements by a new version first`,
      { batchChangeId },
    );
}
