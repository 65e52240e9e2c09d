import type { Check } from '../check.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';
import type { Stage } from '../stage.ts';
import type { Colleague } from './colleague.ts';

/** A case that needs a human decision. */
export interface CaseView {
  readonly id: string;
  readonly kind: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Open cases about a person. */
export async function openCases(reader: GraphqlClient, identityId: string): Promise<readonly CaseView[]> {
  const query = 'query ($filter: CaseFilter!) { cases(filter: $filter) { edges { node { id kind evidence } } } }';
  const { cases } = await reader.ask<{ cases: { edges: readonly { node: CaseView }[] } }>(query, { filter: { identityId, status: 'OPEN' } });
  return cases.edges.map(({ node }) => node);
}

/** Waits until a case of this kind is open about a person. */
export function untilCase({ reader }: Stage, { identityId }: Colleague, kind: string): Promise<CaseView> {
  return eventually(`a case ${kind}`, async () => (await openCases(reader, identityId)).find((one) => one.kind === kind) ?? null, 15_000);
}

/** Check that no case about a person is open any more. */
export function noCaseCheck({ reader }: Stage, { identityId, userName }: Colleague): Check {
  return {
    text: `GraphQL: no case waits about ${userName}`,
    find: async () => {
      const open = await openCases(reader, identityId);
      return open.length === 0 ? null : `open: ${open.map(({ kind }) => kind).join(', ')}`;
    },
  };
}
