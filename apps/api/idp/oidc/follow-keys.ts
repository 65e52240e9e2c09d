import { createPrivateKey } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { createProvider } from './create-provider.ts';
import type { OpenidDependencies, Requests } from './provider-dependencies.ts';

/** The OpenID provider with the keys that are published now. */
export type CurrentProvider = () => Promise<Provider>;

/**
 * Creates the provider at its first request, and another when keys rotate. The library is loaded then, so that an installation without OpenID Connect
 * applications does without its memory.
 */
export function followKeys(dependencies: OpenidDependencies, requests: Requests): CurrentProvider {
  const { keyring, store } = dependencies;
  let inUse: { readonly keys: string; readonly provider: Promise<Provider> } | null = null;
  return async () => {
    const published = await keyring.published('oidc');
    const active = published.length === 0 ? [(await keyring.signing('oidc')).id] : published.map(({ id }) => id);
    const keys = active.join(' ');
    if (inUse?.keys !== keys) {
      const provider = create(dependencies, requests, active, store);
      inUse = { keys, provider };
      // A database that is away is asked again.
      provider.catch(() => (inUse = null));
    }
    return inUse.provider;
  };
}

async function create(dependencies: OpenidDependencies, requests: Requests, ids: readonly string[], store: OpenidDependencies['store']): Promise<Provider> {
  const [library, privates] = await Promise.all([
    import('oidc-provider'),
    store.read((tx) => Promise.all(ids.map(async (id) => ({ id, privateKey: createPrivateKey(await tx.signingKeys.privateOf(id)) })))),
  ]);
  return createProvider(library, dependencies, requests, privates);
}
