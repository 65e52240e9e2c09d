export type { ClusterServices } from './cluster-services.ts';
export { type ClusterGap, type ClusterState, days, lookAtCluster, supportedServers, type WantedCluster } from './look-at-cluster.ts';
export { type PreparedCluster, prepareCluster, type PrepareOptions } from './prepare-cluster.ts';
export { unreachableCluster } from './unreachable-cluster.ts';
