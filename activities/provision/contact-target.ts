import type { TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable, DomainError, type TargetMode } from '@tenure/domain';
import { enterTarget, isProvisional } from '@tenure/engine/targets';
import type { ActContext, Store, StoredTargetMode } from '@tenure/store';

export interface ContactDependencies {
  readonly store: Store;
  readonly connector: TargetConnector;
  readonly settings: Parameters<typeof enterTarget>[1];
  /** Entitlements of the target that policy knows or has known. */
  readonly managed: ReadonlySet<string>;
  readonly context: () => ActContext;
}

/** Mode of a target. One that was never contacted is: the first page of its accounts shows whether it is in use. @throws DomainError of the target */
export async function modeOf(dependencies: ContactDependencies): Promise<StoredTargetMode> {
  const { store, settings } = dependencies;
  return (await store.read((tx) => tx.targetModes.get(settings.name))) ?? contact(dependencies);
}

/**
 * How accounts there may be worked on. Where the target does not answer at first contact, they are tried all the same: each is looked at first, which
 * fails too and is recorded with its operations, and nothing is changed before contact.
 */
export async function workMode(dependencies: ContactDependencies): Promise<TargetMode> {
  const known = await modeOf(dependencies).catch((error: unknown) => {
    if (error instanceof DomainError && error.code !== 'DATABASE_UNAVAILABLE') return null;
    throw error;
  });
  return known?.mode ?? 'enforce';
}

/**
 * Awaited before the first change that a worker makes: from then on Tenure writes to the target. One that was empty is looked at once more.
 * @throws ConnectorUnavailable when it is observed by now: nothing is changed there
 */
export async function beforeWriting(dependencies: ContactDependencies): Promise<void> {
  const { store, settings, context } = dependencies;
  const known = await modeOf(dependencies);
  const mode = isProvisional(known) ? await contact(dependencies) : known;
  if (mode.mode === 'observe') throw new ConnectorUnavailable(`target ${settings.name} is only observed`, { target: settings.name }, { retryAfter: 1000 });
  if (mode.writtenAt === null) await store.transaction(context(), (tx) => tx.targetModes.written(settings.name, tx.context.now));
}

async function contact({ store, connector, settings, managed, context }: ContactDependencies): Promise<StoredTargetMode> {
  // Where the configuration decides, nothing has to be read: a target that lists nobody can be written to.
  const page = settings.mode === undefined ? await connector.list(undefined, [...managed].sort()) : nothingRead;
  return store.transaction(context(), (tx) => enterTarget(tx, settings, page));
}

const nothingRead = { items: [], next: null, total: 0, isByPosition: false, doubt: null };
