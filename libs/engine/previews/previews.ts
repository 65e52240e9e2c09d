import type { Configuration, PolicyFile } from '@tenure/config';
import type { Instant } from '@tenure/domain';
import type { Store, Transaction } from '@tenure/store';
import { type ForecastChange, type AccessSimulation, readPersonAsked } from './simulate-access.ts';
import type { Engine } from '../decide/engine.ts';
import type { PolicyGiven, PreviewJob } from './messages.ts';
import { createPreviewQueue, type PreviewLimits } from './preview-queue.ts';
import type { PolicyPlan } from '../policy/policy-plan.ts';
import { pageByPage } from '../policy/plan-version.ts';
import { policyInForce } from '../policy/read-policy.ts';

type Question<K extends PreviewJob['kind'], Name extends string> = Extract<PreviewJob, { readonly kind: K }>[Name &
  keyof Extract<PreviewJob, { readonly kind: K }>];

/** Previews, computed in threads of their own with a budget: whatever the preview, the process keeps answering. Nothing is written. */
export interface Previews {
  /** Plan of other policy files: the changes that they would make for all people. @throws InputInvalid, RateLimited */
  plan(caller: string, files: readonly PolicyFile[], now: Instant): Promise<PolicyPlan>;
  /** Simulates the decision about one person, once for each question. @throws NotFound, RateLimited */
  simulate(caller: string, identityId: string, questions: Question<'simulate', 'questions'>): Promise<readonly AccessSimulation[]>;
  /** Forecast of the changes by dates for one person. @throws NotFound, RateLimited */
  forecast(caller: string, identityId: string, question: Question<'forecast', 'question'>): Promise<readonly ForecastChange[]>;
  close(): Promise<void>;
}

/** Another policy, for everybody. */
const ofPolicies: PreviewLimits = { computing: 60_000, deadline: 300_000, memory: 512, mostOfCaller: 1, most: 4 };
/** The rules in force, for one person: short, and many in one query. */
const ofPeople: PreviewLimits = { computing: 5_000, deadline: 10_000, memory: 256, mostOfCaller: 100, most: 400 };

/** @param limits instead of the usual ones, for tests */
export function createPreviews(
  { configuration, engine, store }: { readonly configuration: Configuration; readonly engine: Engine; readonly store: Store },
  limits: { readonly ofPolicies?: Partial<PreviewLimits>; readonly ofPeople?: Partial<PreviewLimits> } = {},
): Previews {
  const people = pageByPage(store);
  const policies = createPreviewQueue(configuration, people, { ...ofPolicies, ...limits.ofPolicies });
  const persons = createPreviewQueue(configuration, people, { ...ofPeople, ...limits.ofPeople });
  const inForce = async (tx: Transaction): Promise<PolicyGiven> => {
    const { policy, managed } = await policyInForce(tx, engine);
    return { version: policy.version, document: policy.document, managed };
  };
  const about = (identityId: string) => store.read(async (tx) => ({ person: await readPersonAsked(tx, identityId), policy: await inForce(tx) }));
  return {
    plan: async (caller, files, now) =>
      policies.ask(caller, { kind: 'plan', policy: await store.read(inForce), files: files.map(({ name, content }) => ({ name, content })), now }),
    simulate: async (caller, identityId, questions) => persons.ask(caller, { kind: 'simulate', ...(await about(identityId)), questions }),
    forecast: async (caller, identityId, question) => persons.ask(caller, { kind: 'forecast', ...(await about(identityId)), question }),
    close: async () => {
      await Promise.all([policies.close(), persons.close()]);
    },
  };
}
