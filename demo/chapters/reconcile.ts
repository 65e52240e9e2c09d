import { eventually } from '@tenure/testing/eventually.ts';
import { must } from '@tenure/testing/must.ts';
import type { TargetState } from '@tenure/testing/targets/index.ts';
import type { Stage } from '../stage.ts';

/** A finding, as in GraphQL. */
export interface FindingView {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly userName: string | null;
  readonly identityId: string | null;
  readonly evidence: { readonly cause?: { readonly kind: string } };
}

const patience = 60_000;
const findings = `query ($filter: FindingFilter!) { findings(filter: $filter, first: 100) { edges { node { id kind name userName identityId evidence } } } }`;

/** Has a target read as a whole, now, and once more where accounts came or went while it was read: the other chapters work there too. */
export async function reconcile(stage: Stage, target: string): Promise<void> {
  await eventually(`a complete run of ${target}`, async () => ((await runOf(stage, target)) === 'COMPLETE' ? true : null), patience);
}

/** @returns the verdict */
async function runOf({ reader }: Stage, target: string): Promise<string> {
  const { reconcileTarget } = await reader.ask<{ reconcileTarget: { readonly id: string } }>(
    'mutation ($target: String!) { reconcileTarget(target: $target, reason: "Demo") { id } }',
    { target },
  );
  const query = 'query ($target: String!) { reconciliationRuns(filter: { target: $target }, first: 20) { edges { node { id verdict finishedAt } } } }';
  return eventually(
    `the run of ${target}`,
    async () => {
      const { reconciliationRuns } = await reader.ask<{
        reconciliationRuns: { edges: { node: { id: string; verdict: string; finishedAt: string | null } }[] };
      }>(query, { target });
      const run = reconciliationRuns.edges.find(({ node }) => node.id === reconcileTarget.id)?.node;
      return run?.finishedAt == null ? null : run.verdict;
    },
    patience,
  );
}

/** Open findings of a target. */
export async function openFindings({ reader }: Stage, target: string): Promise<readonly FindingView[]> {
  const answer = await reader.ask<{ findings: { edges: { node: FindingView }[] } }>(findings, { filter: { target, status: 'OPEN' } });
  return answer.findings.edges.map(({ node }) => node);
}

/** Has findings corrected, as an operator who has seen them. */
export async function correct({ reader }: Stage, target: string, kind: string, ids: readonly string[]): Promise<void> {
  const mutation = `mutation ($target: String!, $kind: FindingKind!, $ids: [ID!]) { correctFindings(target: $target, kind: $kind, ids: $ids, reason: "Nobody has approved it") { status } }`;
  const { correctFindings } = await reader.ask<{ correctFindings: { status: string } }>(mutation, { target, kind, ids });
  must(correctFindings.status === 'APPROVED', `the corrections are ${correctFindings.status}, though they are within the change budget`);
}

/** Waits until an account is in a state, looked up in the target itself. */
export async function untilThere({ processes }: Stage, target: string, userName: string, isRight: (state: TargetState) => boolean): Promise<void> {
  const there = processes.targets.find(({ name }) => name === target);
  must(there !== undefined, `the demo has no target ${target}`);
  await eventually(`${userName} in ${target}`, async () => (isRight(await there.look(userName)) ? true : null), patience);
}
