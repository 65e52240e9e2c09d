import type { Configuration, PolicyFile } from '@tenure/config';
import type { Facts, Instant, PolicyDocument } from '@tenure/domain';
import type { AccountInUse, AccountsThatMatter, Person, PersonToAsk } from '@tenure/store';
import type { ForecastChange, AccessSimulation } from './simulate-access.ts';
import type { PolicyPlan } from '../policy/policy-plan.ts';

/** The policy in force, as data: the thread compiles it itself. */
export interface PolicyGiven {
  readonly version: number;
  readonly document: PolicyDocument;
  readonly managed: Readonly<Record<string, ReadonlySet<string>>>;
}

/** Request for a preview: a policy plan, a simulation or a forecast. */
export type PreviewJob =
  | { readonly kind: 'plan'; readonly policy: PolicyGiven; readonly files: readonly PolicyFile[]; readonly now: Instant }
  | {
      readonly kind: 'simulate';
      readonly policy: PolicyGiven;
      readonly person: Person;
      readonly questions: readonly { readonly at: Instant; readonly facts: Facts }[];
    }
  | {
      readonly kind: 'forecast';
      readonly policy: PolicyGiven;
      readonly person: Person;
      readonly question: { readonly from: Instant; readonly until: Instant; readonly most: number };
    };

/** Results by kind of preview. */
export interface PreviewAnswers {
  readonly plan: PolicyPlan;
  readonly simulate: readonly AccessSimulation[];
  readonly forecast: readonly ForecastChange[];
}

/** Initial data of the preview thread. */
export interface ThreadData {
  readonly configuration: Configuration;
}

/** Message to the thread: a job, or the result of a read. */
export type ToThread = { readonly kind: 'job'; readonly job: PreviewJob } | { readonly kind: 'read'; readonly value: unknown } | { readonly kind: 'unread' };

/** Message from the thread: its code is loaded; a read that only the process can do; done; refused, in a sentence for the caller; failed. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'page'; readonly after: string | null; readonly limit: number; readonly matter: AccountsThatMatter }
  | { readonly kind: 'accounts'; readonly identityIds: readonly string[] }
  | { readonly kind: 'done'; readonly answer: PreviewAnswers[keyof PreviewAnswers] }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: Error };

/** Results of the reads `page` and `accounts`. */
export type PageRead = readonly PersonToAsk[];
export type AccountsRead = ReadonlyMap<string, readonly AccountInUse[]>;
