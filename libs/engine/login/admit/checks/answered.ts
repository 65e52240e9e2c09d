import type { SourceFacts } from '@tenure/domain';
import type { AnsweredLogin } from '@tenure/store';
import type { ProvenLogin } from '../proven-login.ts';

/** A proven login, with the request that it answers as it was stored. */
export interface Answered {
  readonly login: Pick<ProvenLogin, 'request'> & {
    readonly provider: { readonly name: string; readonly clockSkew?: number };
    readonly source?: Pick<SourceFacts, 'authenticatedAt' | 'acr'>;
  };
  readonly answered: Pick<AnsweredLogin, 'request' | 'isFirstUse'>;
}
