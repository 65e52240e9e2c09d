import { createGraphqlClient, GraphqlRefused } from '@tenure/testing/graphql-client.ts';
import type { World } from './world.ts';

/** Part of a batch change that is approved. */
export interface Part {
  readonly identityIds?: readonly string[];
  readonly kinds?: readonly string[];
}

/** An operator who approves and discards batch changes, and retries until there is an answer. */
export interface BatchOperator {
  /** @returns how many items this and lost answers before it have scheduled */
  release(id: string, part: Part | null): Promise<number>;
  discard(id: string): Promise<void>;
}

interface Answer {
  readonly approval: { readonly scheduled: number; readonly approvedBefore: number };
}

export function createBatchOperator(world: World, token: string): BatchOperator {
  return {
    release: (id, part) =>
      world.persistently(`release of ${id}`, async (url) => {
        const { ask } = createGraphqlClient({ url, token });
        const { batchChange } = await ask<{ batchChange: { plan: { digest: string } } }>(`{ batchChange(id: "${id}") { plan { digest } } }`);
        const mutation = `mutation ($id: ID!, $digest: String!, $part: BatchChangePartInput) {
          approveBatchChange(id: $id, digest: $digest, part: $part, reason: "HR confirms it") { approval { scheduled approvedBefore } } }`;
        try {
          const { approveBatchChange } = await ask<{ approveBatchChange: Answer }>(mutation, { id, digest: batchChange.plan.digest, part });
          return approveBatchChange.approval.scheduled + approveBatchChange.approval.approvedBefore;
        } catch (error) {
          // The answer before this one may have been lost.
          if (part === null && isClosed(error)) return 0;
          throw error;
        }
      }),
    discard: async (id) => {
      await world.persistently(`discard of ${id}`, async (url) => {
        const { ask } = createGraphqlClient({ url, token });
        await ask(`mutation { discardBatchChange(id: "${id}", reason: "the export was wrong") { status } }`).catch((error: unknown) => {
          if (!isClosed(error)) throw error;
        });
        return true as const;
      });
    },
  };
}

function isClosed(error: unknown): boolean {
  return error instanceof GraphqlRefused && error.code === 'CASE_CLOSED';
}
