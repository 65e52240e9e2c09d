import { must } from '@tenure/testing/must.ts';
import type { Stage } from './stage.ts';

/** Record of human resources about one person. */
export interface HumanResourcesRecord {
  readonly externalId: string;
  readonly version: string;
  readonly status: 'ACTIVE' | 'ENDED';
  /** With ENDED: instant of the end; now unless given. */
  readonly endedAt?: string;
  /** `null`: there is none. */
  readonly attributes: Readonly<Record<string, string | null>>;
}
export interface RecordedFacts {
  readonly outcome: string;
  readonly identityId: string;
  readonly message: string;
  /** Milliseconds that the request took. */
  readonly took: number;
}

const mutation = `mutation ($input: RecordFactsInput!) {
  recordFacts(input: $input) { results { outcome identityId message } }
}`;

/** Records facts about one person as human resources. @throws Error when Tenure does not accept them */
export async function recordFacts({ humanResources }: Stage, record: HumanResourcesRecord): Promise<RecordedFacts> {
  const begun = performance.now();
  const { recordFacts: answer } = await humanResources.ask<{
    recordFacts: { results: readonly { outcome: string; identityId: string | null; message: string }[] };
  }>(mutation, { input: { source: 'hr', records: [record] } });
  const took = performance.now() - begun;
  const [result] = answer.results;
  must(result !== undefined && result.identityId !== null, `recordFacts did not take the record: ${result?.outcome} ${result?.message}`);
  return { ...result, identityId: result.identityId, took };
}
