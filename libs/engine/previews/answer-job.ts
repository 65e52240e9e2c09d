import { type Configuration, readPolicyFiles } from '@tenure/config';
import { compileMapping, compilePolicy } from '@tenure/domain';
import { forecast, simulateAccess } from './simulate-access.ts';
import { planPolicy } from '../policy/plan-policy.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import type { PolicyGiven, PreviewAnswers, PreviewJob } from './messages.ts';
import type { PeopleToAsk } from '../policy/policy-plan.ts';

/** Computes previews from its input alone. */
export interface Answering {
  /** @throws ConfigurationInvalid for files that are no policy */
  answer(job: PreviewJob): Promise<PreviewAnswers[keyof PreviewAnswers]>;
}

/** @param people where everybody is read from, for previews of another policy */
export function createAnswering(configuration: Configuration, people: PeopleToAsk): Answering {
  const context: DecisionContext = {
    configuration,
    mappings: Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes)),
  };
  let last: { readonly version: number; readonly inForce: PolicyInForce } | null = null;
  const inForceOf = ({ version, document, managed }: PolicyGiven): PolicyInForce => {
    if (last?.version !== version) last = { version, inForce: { policy: compilePolicy(document, version), managed } };
    return last.inForce;
  };
  return {
    async answer(job) {
      const inForce = inForceOf(job.policy);
      switch (job.kind) {
        case 'plan':
          return planPolicy({ people, configuration, policyInForce: inForce }, readPolicyFiles(configuration, job.files), job.now);
        case 'simulate':
          return job.questions.map((question) => simulateAccess(job.person, context, inForce, question));
        case 'forecast':
          return forecast(job.person, context, inForce, job.question);
      }
    },
  };
}
