import type { webcrypto } from 'node:crypto';
import type { ClientAuthentication } from '@tenure/config';
import type { Keyring, SignatureKey } from '@tenure/engine/keys';
import * as openid from 'openid-client';

export interface ClientAuthenticationSettings {
  readonly clientSecret: string | null;
  /** Absent: by secret, or the only method that the provider supports. */
  readonly clientAuthentication?: ClientAuthentication;
}

/**
 * Authentication of Tenure at a provider's endpoints (OpenID Connect core 9), decided at each call by what the provider supports then.
 * @param keyring keys of `private_key_jwt`: each assertion is signed with the one that signs now
 */
export function authenticateClient(settings: ClientAuthenticationSettings, keyring: Pick<Keyring, 'signing'>): openid.ClientAuth {
  return async (server, client, body, headers) => {
    const method = methodFor(settings, server.token_endpoint_auth_methods_supported);
    // The library waits for it, though its type does not say so.
    await (await authentication(method, settings.clientSecret ?? '', keyring))(server, client, body, headers);
  };
}

/** @param supported as the provider states it; absent: client_secret_basic (OpenID Connect discovery 3), though many support more */
export function methodFor(
  { clientSecret, clientAuthentication }: ClientAuthenticationSettings,
  supported: readonly string[] = ['client_secret_basic'],
): ClientAuthentication {
  if (clientAuthentication !== undefined) return clientAuthentication;
  const bySecret = (['client_secret_basic', 'client_secret_post'] as const).filter((one) => supported.includes(one));
  if (clientSecret !== null) return bySecret[0] ?? (supported.includes('private_key_jwt') ? 'private_key_jwt' : 'client_secret_basic');
  // Providers rarely list `none`, so a client without a secret is public unless they support nothing but keys.
  return supported.includes('private_key_jwt') && bySecret.length === 0 && !supported.includes('none') ? 'private_key_jwt' : 'none';
}

async function authentication(method: ClientAuthentication, secret: string, keyring: Pick<Keyring, 'signing'>): Promise<openid.ClientAuth> {
  switch (method) {
    case 'client_secret_basic':
      return openid.ClientSecretBasic(secret);
    case 'client_secret_post':
      return openid.ClientSecretPost(secret);
    case 'none':
      return openid.None();
    case 'private_key_jwt': {
      const key = await keyring.signing('oidc');
      return openid.PrivateKeyJwt({ key: webKeyOf(key) as openid.CryptoKey, kid: key.id });
    }
  }
}

/** The same key for Web Crypto, which the library uses. */
function webKeyOf({ privateKey }: SignatureKey): webcrypto.CryptoKey {
  const known = webKeys.get(privateKey);
  if (known !== undefined) return known;
  const key = privateKey.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
  webKeys.set(privateKey, key);
  return key;
}
const webKeys = new WeakMap<SignatureKey['privateKey'], webcrypto.CryptoKey>();
