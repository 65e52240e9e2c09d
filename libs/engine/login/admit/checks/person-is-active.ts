import { type LifecycleState, LoginRefused } from '@tenure/domain';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses a person who is not active. @param person `state` as it is without this login: a provider cannot reactivate a person */
export function personIsActive({ identityId, state }: { readonly identityId: string; readonly state: LifecycleState | undefined }): Refusal | null {
  if (state === 'active') return null;
  const reason = state === 'pre-hire' ? 'not-started' : state === 'suspended' ? 'suspended' : 'life-ended';
  return refuse(new LoginRefused(reason, `the person is ${state ?? 'unknown'}`, { identityId }));
}
