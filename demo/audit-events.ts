import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';

/** Event of the audit, as in GraphQL. */
export interface AuditEventView {
  readonly at: string;
  readonly action: string;
  readonly sentence: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly subjectId: string;
  readonly reason: AuditReason;
}
/** The parts of a reason that the demo looks at; which are there depends on the action. */
export interface AuditReason {
  readonly origins?: readonly AuditOrigin[];
  readonly because?: readonly { readonly name: string; readonly origins: readonly AuditOrigin[] }[];
  readonly lifecycle?: { readonly why: string; readonly recordIds: readonly string[] };
  readonly why?: string;
  readonly recordIds?: readonly string[];
  readonly reason?: string;
}
export interface AuditOrigin {
  readonly name: string;
  readonly policyVersion: number;
  readonly viaRole: string | null;
  readonly recordIds: readonly string[];
}

interface Page {
  readonly auditEvents: {
    readonly edges: readonly { readonly node: AuditEventView }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const query = `query ($filter: AuditEventFilter!, $after: String) {
  auditEvents(filter: $filter, first: 100, after: $after) {
    edges { node { at action sentence actor { kind id } subjectId reason } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** All events of a filter, the oldest first. */
export async function auditEvents(
  reader: GraphqlClient,
  filter: { readonly identityId?: string; readonly subjectId?: string; readonly action?: string; readonly correlationId?: string },
): Promise<readonly AuditEventView[]> {
  const found: AuditEventView[] = [];
  for (let after: string | null = null; ; ) {
    const { auditEvents: page }: Page = await reader.ask<Page>(query, { filter, after });
    found.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage) return found.reverse();
    after = page.pageInfo.endCursor;
  }
}
