import type { Configuration } from '@tenure/config';
import { grantsAt, InputInvalid, type Instant, NotFound, TENURE_TARGET } from '@tenure/domain';
import type { LoginLink, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { isThere } from '../approvers/related-person.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Login link as it is requested: the person, and the provider by which they are to log in. */
export interface WantedLoginLink {
  readonly identityId: string;
  readonly provider: string;
  /** Hours of validity: 1 to 72. */
  readonly hours: number;
  /** May name people. */
  readonly reason: string;
  /** Kind and id of the creator, who is responsible for it. */
  readonly createdBy: string;
}

const mostHours = 72;

/**
 * Creates a link by which a login is bound to a person once, whatever its claims are. Made for the first administrator, and for people who could not
 * log in otherwise. Anybody with the link can become this person: it goes to them alone.
 * @returns where to log in; shown once, the database keeps a hash
 * @throws NotFound, InputInvalid
 */
export async function createLoginLink(
  tx: Transaction,
  { url, identityProviders }: Pick<Configuration, 'url' | 'identityProviders'>,
  { identityId, provider: name, hours, reason, createdBy }: WantedLoginLink,
): Promise<{ readonly url: string; readonly expiresAt: Instant }> {
  const { now } = tx.context;
  const provider = Object.hasOwn(identityProviders, name) ? identityProviders[name] : undefined;
  if (provider === undefined)
    throw new InputInvalid(
      `provider: there is no identity provider "${name.slice(0, 100)}" in tenure.yaml; there is ${Object.keys(identityProviders).join(', ') || 'none'}`,
      { provider: name },
    );
  if (!Number.isInteger(hours) || hours < 1 || hours > mostHours)
    throw new InputInvalid(`hours must be a whole number from 1 to ${mostHours}`, { hours: String(hours) });
  const person = await tx.identities.get(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const { mergedInto = null } = person;
  if (mergedInto !== null) throw new InputInvalid(`identityId: this identity was merged into ${mergedInto}: use that one`, { identityId: mergedInto });
  const expiresAt = new Date(Date.parse(now) + hours * 3_600_000).toISOString();
  const { id, token } = await tx.loginLinks.create({ identityId, provider: name, createdBy, expiresAt }, now);
  tx.audit.record({
    action: 'login.linkMade',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { provider: name, linkId: id, expiresAt },
    personal: { reason },
  });
  return { url: `${url}/${provider.protocol}/${encodeURIComponent(name)}/login?link=${token}`, expiresAt };
}

/**
 * Uses a link up. It is valid only as long as its creator is: a link of somebody who has left, or is no administrator any more, is not valid.
 * @returns `null` when there is none that is valid
 */
export async function useLoginLink(tx: Transaction, engine: Engine, id: string): Promise<LoginLink | null> {
  const link = await tx.loginLinks.use(id, tx.context.now);
  return link !== null && (await mayStillMake(tx, engine, link.createdBy)) ? link : null;
}

async function mayStillMake(tx: Transaction, engine: Engine, createdBy: string): Promise<boolean> {
  const { now } = tx.context;
  const [kind, id = ''] = createdBy.split(/ (.*)/);
  if (kind === 'service') {
    const token = (await tx.sessions.serviceTokens()).find((one) => one.id === id);
    // A person at the machine itself has no token.
    return token === undefined ? id.startsWith('npm run ') : token.revokedAt === null && token.expiresAt > now;
  }
  const maker = await tx.identities.get(id);
  if (maker === null || !isThere(maker, now)) return false;
  const { document } = await currentPolicy(tx, engine);
  return grantsAt(await tx.access.currentGrants([id]), now).some(({ kind: of, name }) => {
    const { target, value } = (of === 'entitlement' ? document.entitlements[name] : undefined) ?? {};
    return target === TENURE_TARGET && value === 'admin';
  });
}
