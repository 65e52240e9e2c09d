import type { OpenidModel, Store } from '@tenure/store';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { AdapterDependencies } from './adapter-dependencies.ts';
import { clientMetadata } from './client-metadata.ts';
import { endGrant } from './end-grant.ts';
import { grantPayload } from './grant-payload.ts';

/** Most seconds for which a proof is remembered until its own end is known. */
const LONGEST_PROOF = 3_600;

const STORED: readonly OpenidModel[] = ['AccessToken', 'AuthorizationCode', 'Interaction', 'PushedAuthorizationRequest', 'RefreshToken', 'ReplayDetection'];

/**
 * Storage of the OpenID provider. Clients are the applications of the configuration in force; a grant is a session at an application, so that what was
 * issued for it is dead once that has ended; sessions are Tenure's own, and not stored here.
 */
export function createAdapter(dependencies: AdapterDependencies): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return adapterOf({ find: (id) => clientOf(dependencies, id) });
    if (model === 'Grant') {
      return adapterOf({
        find: (id) => grantOf(dependencies, id),
        destroy: (id) => endGrant(dependencies, id),
      });
    }
    const stored = STORED.find((known) => known === model);
    return stored === undefined ? adapterOf({}) : stored === 'ReplayDetection' ? proofs(dependencies) : artifacts(dependencies, stored);
  };
}

const nothing = async (): Promise<undefined> => undefined;

function adapterOf(parts: Partial<Adapter>): Adapter {
  return {
    upsert: nothing,
    find: nothing,
    findByUid: nothing,
    findByUserCode: nothing,
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
    ...parts,
  };
}

async function clientOf({ clients, issuer }: AdapterDependencies, id: string): Promise<AdapterPayload | undefined> {
  const application = clients.get(id);
  return application === undefined ? undefined : clientMetadata(application, issuer);
}

async function grantOf({ applicationSession, clients }: AdapterDependencies, id: string): Promise<AdapterPayload | undefined> {
  const session = await applicationSession(id);
  const client = session === null ? undefined : [...clients.values()].find(({ name }) => name === session.application);
  return session === null || client === undefined ? undefined : grantPayload(session, client);
}

function artifacts(dependencies: AdapterDependencies, model: OpenidModel): Adapter {
  const { store, clock, issuer, errors, contextOf, current } = dependencies;
  const write = <T>(work: Parameters<Store['transaction']>[1]): Promise<T> => store.transaction(contextOf(current()), work) as Promise<T>;
  return adapterOf({
    async upsert(id, { jti: _id, returnTo: _returnTo, session, ...content }, expiresIn) {
      // Of the session that a request came with its id is kept, to know a later one; the library would not let the person change it.
      const payload = { ...content, ...(session?.cookie === undefined ? {} : { session: { cookie: session.cookie } }) };
      const now = clock();
      const expiresAt = new Date(Date.parse(now) + (expiresIn ?? 0) * 1_000).toISOString();
      const saved = await write<boolean>((tx) => tx.openidArtifacts.save({ model, id, payload, grantId: payload.grantId ?? null, expiresAt }, now));
      if (!saved) throw new errors.InvalidGrant('the session at the application has ended');
    },
    async find(id) {
      const found = await store.read((tx) => tx.openidArtifacts.find(model, id, clock()));
      if (found === null) return undefined;
      // The address to which a begun request returns contains its id, which is not stored.
      const returnTo = model === 'Interaction' ? { returnTo: `${issuer}/auth/${id}` } : {};
      const consumed = found.consumedAt === null ? {} : { consumed: Math.floor(Date.parse(found.consumedAt) / 1_000) };
      return { ...found.payload, ...returnTo, ...consumed, jti: id } as AdapterPayload;
    },
    async consume(id) {
      const isFirst = await write<boolean>((tx) => tx.openidArtifacts.consume(model, id, clock()));
      if (isFirst) return;
      // Two requests came with it at the same time; both have read that it was unused.
      const grantId = current()?.oidc.entities.Grant?.jti;
      if (grantId !== undefined) await endGrant(dependencies, grantId);
      throw new errors.InvalidGrant('already used');
    },
    destroy: (id) => write((tx) => tx.openidArtifacts.destroy(model, id)),
    revokeByGrantId: (grantId) => write((tx) => tx.openidArtifacts.revoke(model, grantId, clock())),
  });
}

/** Proofs that count once: reading one takes it, so that of two requests with it at the same time one is refused. */
function proofs({ store, clock, contextOf, current }: AdapterDependencies): Adapter {
  return adapterOf({
    async find(id) {
      const now = clock();
      const until = new Date(Date.parse(now) + LONGEST_PROOF * 1_000).toISOString();
      const isFirst = await store.transaction(contextOf(current()), (tx) => tx.openidArtifacts.claim(id, until, now));
      const seconds = Math.floor(Date.now() / 1_000);
      return isFirst ? undefined : { jti: id, kind: 'ReplayDetection', iat: seconds, exp: seconds + LONGEST_PROOF };
    },
    async upsert(id, _payload, expiresIn) {
      const now = clock();
      const expiresAt = new Date(Date.parse(now) + (expiresIn ?? 0) * 1_000).toISOString();
      await store.transaction(contextOf(current()), (tx) =>
        tx.openidArtifacts.save({ model: 'ReplayDetection', id, payload: {}, grantId: null, expiresAt }, now),
      );
    },
  });
}
