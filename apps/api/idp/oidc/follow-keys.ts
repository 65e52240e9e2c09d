import { createPrivateKey } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { createProvider } from './create-provider.ts';
import type { OpenidDependencies, Requests } from './provider-dependencies.ts';

/** The OpenID provider with keys. */
export interface RunningProvider {
  readonly provider: Provider;
  /** Answers a request. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The OpenID provider with the keys that are published now. */
export type CurrentProvider = () => Promise<RunningProvider>;

/**
 * Creates the provider at its first request, and another when keys rotate. The library is loaded then, so that an installation without OpenID Connect
 * applications does without its memory.
 */
export function followKeys(dependencies: OpenidDependencies, requests: Requests): CurrentProvider {
  const { keyring } = dependencies;
  let inUse: { readonly keys: string; readonly running: Promise<RunningProvider> } | null = null;
  return async () => {
    const ids = (await keyring.published('oidc')).map(({ id }) => id);
    const keys = ids.join(' ');
    if (inUse?.keys === keys) return inUse.running;
    const running = create(dependencies, requests, ids);
    inUse = { keys, running };
    // A database that is away is asked again.
    running.catch(() => (inUse = null));
    return running;
  };
}

async function create(dependencies: OpenidDependencies, requests: Requests, ids: readonly string[]): Promise<RunningProvider> {
  const [library, keys] = await Promise.all([
    import('oidc-provider'),
    dependencies.store.read((tx) => Promise.all(ids.map(async (id) => ({ id, privateKey: createPrivateKey(await tx.signingKeys.privateOf(id)) })))),
  ]);
  const provider = createProvider(library, dependencies, requests, keys);
  return { provider, handle: provider.callback() };
}
