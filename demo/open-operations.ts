import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';

/** A change that has not been carried out yet. */
export interface OpenOperation {
  readonly target: string;
  readonly kind: string;
  readonly status: string;
  readonly attemptCount: number;
  readonly lastError: { readonly code: string; readonly message: string } | null;
}

/** Open operations of a person, in any target. */
export async function openOperations(reader: GraphqlClient, identityId: string): Promise<readonly OpenOperation[]> {
  const query = 'query ($id: ID!) { identity(id: $id) { operations(first: 50) { target kind status attemptCount lastError { code message } } } }';
  const { identity } = await reader.ask<{ identity: { readonly operations: readonly OpenOperation[] } | null }>(query, { id: identityId });
  return (identity?.operations ?? []).filter(({ status }) => status === 'PENDING' || status === 'FAILED');
}
