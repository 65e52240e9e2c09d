import { searchAttributes } from '@tenure/workflows/search-attributes';
import { type ClusterServices, type DescribedNamespace, grpc, grpcCode, grpcText, isRefused } from './cluster-services.ts';

/** Cluster on which the workflows are to run. */
export interface WantedCluster {
  /** `host:port`, for sentences. */
  readonly address: string;
  readonly namespace: string;
  /** Milliseconds for which closed workflows are to be kept; `null`: as they are. */
  readonly retention: number | null;
}

/** Gap of a cluster. */
export interface ClusterGap {
  readonly kind: 'version' | 'rights' | 'namespace' | 'search-attribute' | 'search-attribute-type' | 'retention';
  /** Name of the search attribute. */
  readonly name?: string;
  /** Sentence with the gap and its place. */
  readonly sentence: string;
  /** True if no workflow of Tenure can start while it is missing. */
  readonly stopsLives: boolean;
}

export interface ClusterState {
  readonly serverVersion: string | null;
  /** Milliseconds; `null`: unknown. */
  readonly retention: number | null;
  readonly gaps: readonly ClusterGap[];
}

/** Versions of Temporal's server that Tenure works with: the oldest (priorities), and the one that it is tried with. */
export const supportedServers = { oldest: [1, 28], tried: '1.32.0' } as const;

/** temporal.api.enums.v1.IndexedValueType */
const typeNames = ['none', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'] as const;
export const typeNumber = (name: 'Keyword' | 'Datetime'): number => typeNames.indexOf(name);

/**
 * Reads the state of a cluster, and finds what the workflows need and it lacks. Changes nothing.
 * @throws the server's error for the simplest request, such as when it is away
 */
export async function lookAtCluster(services: ClusterServices, wanted: WantedCluster): Promise<ClusterState> {
  const { address, namespace } = wanted;
  const serverVersion = (await services.workflowService.getSystemInfo({})).serverVersion || null;
  const gaps = isTooOld(serverVersion) ? [tooOld(serverVersion ?? '', address)] : [];
  const described = await services.workflowService.describeNamespace({ namespace }).catch((error: unknown) => {
    const gap = namespaceGap(error, wanted);
    if (gap === null) throw error;
    return gap;
  });
  if ('kind' in described) return { serverVersion, retention: null, gaps: [...gaps, described] };
  const retention = retentionOf(described);
  // A namespace that was created just now is known to this call before it is to the others.
  const ofAttributes = await attributeGaps(services, described, wanted).catch((error: unknown) => {
    const gap = namespaceGap(error, wanted);
    if (gap === null) throw error;
    return [gap];
  });
  return { serverVersion, retention, gaps: [...gaps, ...ofAttributes, ...retentionGaps(retention, wanted)] };
}

function namespaceGap(error: unknown, { address, namespace }: WantedCluster): ClusterGap | null {
  if (grpcCode(error) === grpc.notFound)
    return { kind: 'namespace', stopsLives: true, sentence: `The namespace ${namespace} does not exist at ${address} (TEMPORAL_NAMESPACE).` };
  if (!isRefused(error)) return null;
  const sentence = `Temporal at ${address} shows the namespace ${namespace} to nobody with these credentials (${grpcText(error)}): it is spelt otherwise, or TEMPORAL_API_KEY or the client certificate has no right to it.`;
  return { kind: 'rights', stopsLives: true, sentence };
}

async function attributeGaps(services: ClusterServices, described: DescribedNamespace, { address, namespace }: WantedCluster): Promise<ClusterGap[]> {
  const found = await typesOf(services, described, namespace);
  const areUsable = await mayBeAsked(services, namespace, Object.keys(searchAttributes));
  const gaps: ClusterGap[] = [];
  for (const [name, type] of Object.entries(searchAttributes)) {
    const isUsable = areUsable || (await mayBeAsked(services, namespace, [name]));
    // One whose type cannot be read is assumed to have the right one.
    const actual = isUsable ? (found.get(name) ?? type) : null;
    if (actual === type) continue;
    const sentence =
      actual === null
        ? `The search attribute ${name} (${type}) is missing in the namespace ${namespace} at ${address}.`
        : `The search attribute ${name} of the namespace ${namespace} at ${address} is a ${actual} and has to be a ${type}: an operator has to remove it (temporal operator search-attribute remove --namespace ${namespace} --name ${name}).`;
    gaps.push({ kind: actual === null ? 'search-attribute' : 'search-attribute-type', name, sentence, stopsLives: true });
  }
  return gaps;
}

/** Name to type, from whichever place may be read: only operators see the list itself. */
async function typesOf({ operatorService }: ClusterServices, { config }: DescribedNamespace, namespace: string): Promise<ReadonlyMap<string, string>> {
  const fields = Object.entries(config?.customSearchAttributeAliases ?? {}).map(([field, name]) => [name, /^[A-Za-z]*/.exec(field)?.[0] ?? ''] as const);
  const listed = await operatorService.listSearchAttributes({ namespace }).catch((error: unknown) => {
    if (isRefused(error)) return null;
    throw error;
  });
  const types = Object.entries(listed?.customAttributes ?? {}).map(([name, number]) => [name, typeNames[number] ?? String(number)] as const);
  return new Map([...fields, ...types]);
}

/**
 * Runs a search by these attributes, which anybody may do who may start workflows. An attribute that was registered just now is in the list before it
 * is here.
 */
async function mayBeAsked({ workflowService }: ClusterServices, namespace: string, names: readonly string[]): Promise<boolean> {
  try {
    await workflowService.countWorkflowExecutions({ namespace, query: names.map((name) => `\`${name}\` IS NULL`).join(' AND ') });
    return true;
  } catch (error) {
    if (grpcCode(error) === grpc.invalidArgument) return false;
    throw error;
  }
}

function retentionOf({ config }: DescribedNamespace): number | null {
  const seconds = config?.workflowExecutionRetentionTtl?.seconds;
  return seconds == null ? null : Number(seconds.toString()) * 1000;
}

function retentionGaps(retention: number | null, { address, namespace, retention: wanted }: WantedCluster): ClusterGap[] {
  if (wanted === null || retention === null || retention === wanted) return [];
  const sentence = `The namespace ${namespace} at ${address} keeps closed workflows for ${days(retention)}, and TEMPORAL_RETENTION says ${days(wanted)}.`;
  return [{ kind: 'retention', sentence, stopsLives: false }];
}

export function days(milliseconds: number): string {
  const count = Math.round((milliseconds / 86_400_000) * 10) / 10;
  return count === 1 ? 'one day' : `${count} days`;
}

/** True if a version is too old; one that cannot be read, as behind a proxy, is accepted. */
function isTooOld(version: string | null): boolean {
  const [, major = '', minor = ''] = /^v?(\d{1,6})\.(\d{1,6})/.exec(version ?? '') ?? [];
  if (major === '') return false;
  const [oldestMajor, oldestMinor] = supportedServers.oldest;
  return Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
}

function tooOld(version: string, address: string): ClusterGap {
  const { oldest, tried } = supportedServers;
  const sentence = `The Temporal server at ${address} is version ${version}. Tenure needs ${oldest.join('.')} or newer, and is tried with ${tried}: upgrade the server.`;
  return { kind: 'version', sentence, stopsLives: true };
}
