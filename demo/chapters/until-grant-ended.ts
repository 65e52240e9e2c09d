import { eventually } from '@tenure/testing/eventually.ts';
import { type GrantView, viewIdentity } from '../identity-view.ts';
import type { Stage } from '../stage.ts';
import type { Colleague } from './colleague.ts';

/** Waits until a person no longer has a role or entitlement that they had. @param within milliseconds */
export function untilGrantEnded({ reader }: Stage, { identityId }: Colleague, name: string, within: number): Promise<GrantView> {
  const look = async (): Promise<GrantView | null> => {
    const held = (await viewIdentity(reader, identityId)).grants.filter((grant) => grant.name === name);
    return held.every(({ endedAt }) => endedAt !== null) ? (held[0] ?? null) : null;
  };
  return eventually(`${name} to end`, look, within);
}
