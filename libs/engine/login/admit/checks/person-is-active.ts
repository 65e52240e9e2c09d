import { type LifecycleState, LoginRefused } from '@tenure/domain';
import { type Refusal, refuse } from './refusal.ts';

/** Only somebody whose time is now logs in. @param person `state` as it is without this login's word: a provider cannot bring somebody back */
export function personIsActive({ identityId, state }: { readonly identityId: string; readonly state: LifecycleState | undefined }): Refusal | null {
  if (state === 'active') return null;
  const reason = state === 'pre-hire' ? 'not-started' : state === 'suspended' ? 'suspended' : 'life-ended';
  return refuse(new LoginRefused(reason, `the person is ${state ?? 'unknown'}`, { identityId }));
}
