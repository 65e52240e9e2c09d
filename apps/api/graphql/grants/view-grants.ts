import { type Configuration, targetTitle } from '@tenure/config';
import { type Grant, grantedUntil, type Identity, type Instant, type Origin } from '@tenure/domain';
import type { Loaders } from '../../server/loaders.ts';
import { describeOrigin } from './describe-origin.ts';

export interface OriginView extends Origin {
  readonly sentence: string;
  readonly sources: readonly string[];
}

/** A grant as people read it, be it stored or simulated. */
export type GrantView<Of extends Grant = Grant> = Omit<Of, 'origins'> & GrantWords;

interface GrantWords {
  readonly title: string;
  readonly target: string | null;
  readonly targetTitle: string | null;
  readonly origins: readonly OriginView[];
}

/**
 * Grants of one person as they are shown: titles from the policy version that gave them, sources from the person's records, the person's own end
 * where that comes before the grant's.
 * @param at the instant at which they are shown
 */
export async function viewGrants<Of extends Grant>(
  grants: readonly Of[],
  { id: identityId, relationships }: Pick<Identity, 'id' | 'relationships'>,
  at: Instant,
  loaders: Loaders,
  configuration: Configuration,
): Promise<readonly GrantView<Of>[]> {
  const versions = [...new Set(grants.flatMap(({ origins }) => origins.map(({ policyVersion }) => policyVersion)))];
  const [records, ...policies] = await Promise.all([loaders.records.load(identityId), ...versions.map((version) => loaders.policy.load(version))]);
  const sourceOf = new Map(records.map(({ id, source }) => [id, source]));
  const documentOf = new Map(policies.map((policy) => [policy?.version, policy?.document]));
  return grants.map((grant) => {
    const newest = Math.max(...grant.origins.map(({ policyVersion }) => policyVersion));
    const document = documentOf.get(newest);
    const entitlement = grant.kind === 'entitlement' ? document?.entitlements[grant.name] : undefined;
    const target = entitlement?.target ?? null;
    return {
      ...grant,
      validUntil: hasEnded(grant) ? grant.validUntil : grantedUntil(grant, { relationships }, at),
      target,
      title: (grant.kind === 'role' ? document?.roles[grant.name]?.title : entitlement?.title) ?? grant.name,
      targetTitle: target === null ? null : targetTitle(configuration, target),
      origins: grant.origins.map((origin) => {
        const sources = [...new Set(origin.recordIds.flatMap((id) => sourceOf.get(id) ?? []))];
        return { ...origin, sources, sentence: describeOrigin(origin, { configuration, document: documentOf.get(origin.policyVersion) ?? null, sources }) };
      }),
    };
  });
}

function hasEnded(grant: Grant & { readonly endedAt?: Instant | null }): boolean {
  return (grant.endedAt ?? null) !== null;
}
