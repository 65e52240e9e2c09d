import type { Failures } from '../failures.ts';
import { isServiceProviderConfig } from './answers.ts';
import type { ScimHttp } from './http.ts';
import { noScim } from './not-scim.ts';

export type WritingMethod = 'PATCH' | 'PUT';

/** Use of a method: some targets add members by PATCH and cannot remove them that way. */
export type WritingUse = 'users' | 'added members' | 'removed members';

/** Which methods a target takes, for one use at a time; learned as it answers, and kept by this process. */
export interface WritingMethods {
  /** The methods to try, the first one first: PATCH, unless the ServiceProviderConfig says that there is none, or it was refused before. */
  order(use: WritingUse, signal: AbortSignal): Promise<readonly WritingMethod[]>;
  /** It was answered with 405 or 501: it comes last from now on. */
  notTaken(use: WritingUse, method: WritingMethod): void;
}

/** Reads the ServiceProviderConfig when it is first of use. A target without one is taken to know PATCH, as nearly all do. */
export function writingMethodsOf(http: ScimHttp, failures: Failures): WritingMethods {
  let takesPatch: boolean | null = null;
  const learned = new Map<WritingUse, WritingMethod>();

  async function announced(signal: AbortSignal): Promise<boolean> {
    const answer = await http.send({ method: 'GET', path: ['ServiceProviderConfig'], signal });
    if (answer.status >= 400) return true;
    if (isServiceProviderConfig(answer.body)) return String(answer.body.patch?.supported ?? true).toLowerCase() === 'true';
    throw noScim('its ServiceProviderConfig is not what SCIM says', failures);
  }

  return {
    async order(use, signal) {
      takesPatch ??= await announced(signal);
      const first = learned.get(use) ?? (takesPatch ? 'PATCH' : 'PUT');
      return first === 'PATCH' ? ['PATCH', 'PUT'] : ['PUT', 'PATCH'];
    },
    notTaken(use, method) {
      learned.set(use, method === 'PATCH' ? 'PUT' : 'PATCH');
    },
  };
}
