import { isDeepStrictEqual } from 'node:util';
import type { OidcProviderSettings, SamlProviderSettings } from '@tenure/config';
import { claimsReadBy } from '@tenure/domain';
import { readDecryptionKey, type SamlServiceProvider } from '@tenure/federation';
import type { Logger } from 'pino';
import type { Engine } from '@tenure/engine/decide';
import type { Keyring } from '@tenure/engine/keys';
import { createOidcClient, type OidcClient, type OidcClientSettings } from './oidc-client.ts';
import { createSamlMetadataSource, type SamlMetadataSource } from './saml-metadata.ts';

/** A SAML provider of tenure.yaml, followed. */
export interface SamlProvider {
  readonly settings: SamlProviderSettings;
  readonly metadata: SamlMetadataSource;
  readonly serviceProvider: SamlServiceProvider;
}
export interface OidcProvider {
  readonly settings: OidcProviderSettings;
  readonly client: OidcClient;
  /** Settings that the client was made from. */
  readonly basis: Omit<OidcClientSettings, 'onProblem' | 'keyring'>;
}

/** Every identity provider of the configuration. Nothing is fetched until somebody logs in, or `prepare` is called. */
export interface Providers {
  readonly saml: ReadonlyMap<string, SamlProvider>;
  readonly oidc: ReadonlyMap<string, OidcProvider>;
  /** Looks for all of them ahead, so that no login waits for it. Settles when all have answered or failed. */
  prepare(): Promise<void>;
  /** Those of them that another configuration continues to use, so that they are not stopped. */
  readonly lent: Set<object>;
  stop(): void;
}

/**
 * @param former those of the previous configuration version. An unchanged provider keeps the fetched data: the last good metadata stays in use though
 * a provider is away
 */
export function followProviders(
  { configuration: { url, identityProviders }, claims }: Pick<Engine, 'configuration' | 'claims'>,
  logger: Logger,
  keyring: Pick<Keyring, 'signing'>,
  former?: Providers,
): Providers {
  const lent = new Set<object>();
  const keep = <T extends object>(one: T): T => {
    former?.lent.add(one);
    return one;
  };
  const saml = new Map<string, SamlProvider>();
  const oidc = new Map<string, OidcProvider>();
  for (const settings of Object.values(identityProviders)) {
    const at = `${url}/${settings.protocol}/${encodeURIComponent(settings.name)}`;
    const onProblem = (error: Error): void =>
      logger.warn({ provider: settings.name, err: error }, "the provider's metadata could not be read; the last good one stays in use");
    if (settings.protocol === 'saml') {
      const kept = former?.saml.get(settings.name);
      const isSame = kept?.settings.metadata === settings.metadata;
      saml.set(settings.name, {
        settings,
        metadata: isSame ? keep(kept.metadata) : createSamlMetadataSource({ location: settings.metadata, onProblem }),
        serviceProvider: {
          entityId: `${at}/metadata`,
          acsUrl: `${at}/acs`,
          logoutUrl: `${at}/slo`,
          signed: settings.signed,
          decryption: settings.decryptionKey === null ? null : readDecryptionKey(settings.decryptionKey),
        },
      });
    } else {
      const mapping = claims.logins.get(settings.name);
      const claimsRead = mapping === undefined ? null : claimsReadBy(mapping);
      const basis = { ...settings, claimsRead, redirectUri: `${at}/callback`, postLogoutRedirectUri: `${at}/logged-out` };
      const kept = former?.oidc.get(settings.name);
      const client = kept !== undefined && isDeepStrictEqual(kept.basis, basis) ? keep(kept.client) : createOidcClient({ ...basis, keyring, onProblem });
      oidc.set(settings.name, { settings, client, basis });
    }
  }
  const all = [...[...saml.values()].map(({ metadata }) => metadata), ...[...oidc.values()].map(({ client }) => client)];
  return {
    saml,
    oidc,
    lent,
    prepare: async () => {
      await Promise.all(all.map((one) => one.prepare()));
    },
    stop: () => {
      for (const one of all) if (!lent.has(one)) one.stop();
    },
  };
}
