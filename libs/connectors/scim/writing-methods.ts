import type { Failures } from '../failures.ts';
import { isServiceProviderConfig } from './answers.ts';
import type { ScimHttp } from './http.ts';
import { noScim } from './not-scim.ts';

export type WritingMethod = 'PATCH' | 'PUT';

/** Use of a method: some targets add members by PATCH but cannot remove them by it. */
export type WritingUse = 'users' | 'added members' | 'removed members';

/** Methods that a target supports, by use; learned from its answers, and cached by this process. */
export interface WritingMethods {
  /** Methods in the order of attempts: PATCH first, unless the ServiceProviderConfig excludes it, or it was refused before. */
  order(use: WritingUse, signal: AbortSignal): Promise<readonly WritingMethod[]>;
  /** Records that a method was answered with 405 or 501: it is tried last from now on. */
  notTaken(use: WritingUse, method: WritingMethod): void;
}

/** Reads the ServiceProviderConfig on first use. A target without one is assumed to support PATCH, as nearly all do. */
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
