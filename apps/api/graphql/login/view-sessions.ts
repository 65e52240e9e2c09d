import type { SessionNode } from '@tenure/store';

/** Session in Tenure, with the session at the source above it and those at applications below it. */
export interface SessionView extends SessionNode {
  /** `null`: it began before Tenure recorded sessions at the source. */
  readonly sourceSession: SessionNode | null;
  readonly applications: readonly ApplicationSessionView[];
}

export interface ApplicationSessionView extends SessionNode {
  readonly refreshTokens: readonly SessionNode[];
}

/** Trees of sessions, each from a session in Tenure, in the order of the nodes. */
export function viewSessions(nodes: readonly SessionNode[]): readonly SessionView[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const below = Map.groupBy(nodes, ({ parentId }) => parentId);
  const childrenOf = (id: string, kind: SessionNode['kind']): readonly SessionNode[] => (below.get(id) ?? []).filter((node) => node.kind === kind);
  return nodes
    .filter(({ kind }) => kind === 'session')
    .map((session) => ({
      ...session,
      sourceSession: session.parentId === null ? null : (byId.get(session.parentId) ?? null),
      applications: childrenOf(session.id, 'application-session').map((one) => ({ ...one, refreshTokens: childrenOf(one.id, 'refresh-token') })),
    }));
}
