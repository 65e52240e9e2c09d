import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';

/** The targets' own ids of a person's accounts, by target: another id is another account. */
export async function accountIds(reader: GraphqlClient, identityId: string): Promise<Readonly<Record<string, string>>> {
  const query = 'query ($id: ID!) { identity(id: $id) { accounts { target nativeId } } }';
  const { identity } = await reader.ask<{ identity: { accounts: readonly { target: string; nativeId: string | null }[] } }>(query, { id: identityId });
  return Object.fromEntries(identity.accounts.map(({ target, nativeId }) => [target, nativeId ?? '']));
}
