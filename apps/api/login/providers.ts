import type { Loop } from '@tenure/engine/decide';
import type { OidcProviderSettings, SamlProviderSettings } from '@tenure/config';
import { claimsReadBy } from '@tenure/domain';
import { readDecryptionKey, type SamlServiceProvider } from '@tenure/federation';
import type { Logger } from 'pino';
import { createOidcClient, type OidcClient } from './oidc-client.ts';
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
}

/** Every identity provider of the configuration. Nothing is fetched until somebody logs in, or `prepare` is called. */
export interface Providers {
  readonly saml: ReadonlyMap<string, SamlProvider>;
  readonly oidc: ReadonlyMap<string, OidcProvider>;
  /** Looks for all of them ahead, so that no login waits for it. Settles when all have answered or failed. */
  prepare(): Promise<void>;
  stop(): void;
}

export function followProviders({ configuration: { url, identityProviders }, claims }: Pick<Loop, 'configuration' | 'claims'>, logger: Logger): Providers {
  const saml = new Map<string, SamlProvider>();
  const oidc = new Map<string, OidcProvider>();
  for (const settings of Object.values(identityProviders)) {
    const at = `${url}/${settings.protocol}/${encodeURIComponent(settings.name)}`;
    const onProblem = (error: Error): void =>
      logger.warn({ provider: settings.name, err: error }, "the provider's metadata could not be read; the last good one stays in use");
    if (settings.protocol === 'saml') {
      saml.set(settings.name, {
        settings,
        metadata: createSamlMetadataSource({ location: settings.metadata, onProblem }),
        serviceProvider: {
          entityId: `${at}/metadata`,
          acsUrl: `${at}/acs`,
          signed: settings.signed,
          decryption: settings.decryptionKey === null ? null : readDecryptionKey(settings.decryptionKey),
        },
      });
    } else {
      const mapping = claims.logins.get(settings.name);
      const claimsRead = mapping === undefined ? null : claimsReadBy(mapping);
      oidc.set(settings.name, { settings, client: createOidcClient({ ...settings, claimsRead, redirectUri: `${at}/callback`, onProblem }) });
    }
  }
  return {
    saml,
    oidc,
    prepare: async () => {
      await Promise.all([...saml.values()].map(({ metadata }) => metadata.prepare()).concat([...oidc.values()].map(({ client }) => client.prepare())));
    },
    stop: () => {
      for (const { metadata } of saml.values()) metadata.stop();
      for (const { client } of oidc.values()) client.stop();
    },
  };
}
