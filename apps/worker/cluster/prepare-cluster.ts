import { setTimeout as pause } from 'node:timers/promises';
import { searchAttributes } from '@tenure/workflows/search-attributes';
import { type ClusterServices, grpc, grpcCode, grpcText } from './cluster-services.ts';
import { type ClusterGap, type ClusterState, days, lookAtCluster, typeNumber, type WantedCluster } from './look-at-cluster.ts';

export interface PreparedCluster extends ClusterState {
  /** Sentences about the parts that were made or changed. */
  readonly made: readonly string[];
  /**
   * True: no workflow has ever run there, since each one is started with a search attribute that was not registered. The workflows of
   * PostgreSQL's open work have to be started.
   */
  readonly isNew: boolean;
}

export interface PrepareOptions {
  /**
   * True: a missing namespace is created. A misspelt one would get workflows that belong elsewhere: where nobody reads what was made, none is
   * created.
   */
  readonly mayCreateNamespace: boolean;
}

/** Milliseconds for which closed workflows are kept in a namespace that is created, unless TEMPORAL_RETENTION sets another value. */
export const usualRetention = 30 * 86_400_000;
/** Milliseconds that a server gets to take notice of what was made: each of its parts refreshes every few seconds. */
const patience = 60_000;

/**
 * Prepares a cluster for the workflows: the namespace with its retention, and the search attributes. Makes only missing parts, so it may run at any
 * time and in several processes at once. Parts that cannot be made stay in `gaps`, with the reason and what to do.
 * @throws the server's error for the simplest request, such as when it is away
 */
export async function prepareCluster(services: ClusterServices, wanted: WantedCluster, { mayCreateNamespace }: PrepareOptions): Promise<PreparedCluster> {
  let state = await lookAtCluster(services, wanted);
  const made: string[] = [];
  const reasons = new Map<ClusterGap['kind'], string>();
  const attempt = async (kind: ClusterGap['kind'], sentence: string, make: () => Promise<unknown>): Promise<boolean> => {
    try {
      await make();
      made.push(sentence);
    } catch (error) {
      // Another process was faster.
      if (grpcCode(error) === grpc.alreadyExists) return true;
      reasons.set(kind, grpcText(error));
    }
    return !reasons.has(kind);
  };
  const { namespace } = wanted;
  const isNamespaceMissing = state.gaps.some(({ kind }) => kind === 'namespace');
  if (isNamespaceMissing && mayCreateNamespace) {
    const retention = wanted.retention ?? usualRetention;
    const request = { namespace, workflowExecutionRetentionPeriod: durationOf(retention) };
    const isThere = await attempt('namespace', `The namespace ${namespace} was created; closed workflows are kept there for ${days(retention)}.`, () =>
      services.workflowService.registerNamespace(request),
    );
    if (isThere) state = await until(services, wanted, ({ gaps }) => !gaps.some(({ kind }) => kind === 'namespace'));
  }
  const missing = state.gaps.filter(({ kind }) => kind === 'search-attribute').map(({ name = '' }) => name);
  if (missing.length > 0) {
    const types = Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, typeNumber(type)]));
    const request = { namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, types[name]])) };
    const isThere = await attempt('search-attribute', `The search attributes ${missing.join(', ')} were registered in the namespace ${namespace}.`, () =>
      services.operatorService.addSearchAttributes(request),
    );
    if (isThere) state = await until(services, wanted, ({ gaps }) => !gaps.some(({ kind }) => kind === 'search-attribute'));
  }
  if (state.gaps.some(({ kind }) => kind === 'retention') && wanted.retention !== null) {
    const config = { workflowExecutionRetentionTtl: durationOf(wanted.retention) };
    const isChanged = await attempt('retention', `Closed workflows of the namespace ${namespace} are kept for ${days(wanted.retention)} from now on.`, () =>
      services.workflowService.updateNamespace({ namespace, config }),
    );
    if (isChanged) state = await until(services, wanted, ({ gaps }) => !gaps.some(({ kind }) => kind === 'retention'));
  }
  const gaps = state.gaps.map((gap) => ({ ...gap, sentence: `${gap.sentence}${advice(gap, reasons.get(gap.kind), wanted)}` }));
  return { ...state, gaps, made, isNew: missing.includes('TenureIdentity') && !reasons.has('search-attribute') };
}

async function until(services: ClusterServices, wanted: WantedCluster, isSo: (state: ClusterState) => boolean): Promise<ClusterState> {
  const deadline = performance.now() + patience;
  for (;;) {
    const state = await lookAtCluster(services, wanted);
    if (isSo(state) || performance.now() > deadline) return state;
    await pause(200);
  }
}

/** A Duration of protobuf. */
function durationOf(milliseconds: number): { readonly seconds: number } {
  return { seconds: Math.round(milliseconds / 1000) };
}

/** Instructions for somebody with more rights. */
function advice({ kind, name }: ClusterGap, reason: string | undefined, { namespace, retention }: WantedCluster): string {
  if (kind === 'namespace' && reason === undefined) return ' npm run temporal:prepare creates it.';
  const command = commandFor(kind, name ?? '', namespace, `${Math.round((retention ?? usualRetention) / 3_600_000)}h`);
  if (reason === undefined || command === null) return '';
  return ` It could not be mended (${reason}). Somebody with the right to it runs: ${command} (in Temporal Cloud: its web console or tcld).`;
}

function commandFor(kind: ClusterGap['kind'], name: string, namespace: string, retention: string): string | null {
  if (kind === 'namespace') return `temporal operator namespace create --namespace ${namespace} --retention ${retention}`;
  if (kind === 'retention') return `temporal operator namespace update --namespace ${namespace} --retention ${retention}`;
  const type = Object.entries(searchAttributes).find(([known]) => known === name)?.[1];
  return type === undefined ? null : `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`;
}
