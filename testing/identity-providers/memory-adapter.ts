import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Storage of the demo's OpenID provider, in memory. The package's own one warns at every start. */
export function createMemoryAdapter(): (model: string) => Adapter {
  const models = new Map<string, Adapter>();
  return (model) => {
    const adapter = models.get(model) ?? adapterOf(new Map());
    models.set(model, adapter);
    return adapter;
  };
}

function adapterOf(stored: Map<string, AdapterPayload>): Adapter {
  const findBy = (matches: (payload: AdapterPayload) => boolean) => [...stored.values()].find(matches);
  return {
    upsert: async (id, payload) => void stored.set(id, payload),
    find: async (id) => stored.get(id),
    findByUid: async (uid) => findBy((payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findBy((payload) => payload.userCode === userCode),
    consume: async (id) => {
      const payload = stored.get(id);
      if (payload) stored.set(id, { ...payload, consumed: Math.floor(Date.now() / 1000) });
    },
    destroy: async (id) => void stored.delete(id),
    revokeByGrantId: async (grantId) => {
      for (const [id, payload] of stored) if (payload.grantId === grantId) stored.delete(id);
    },
  };
}
