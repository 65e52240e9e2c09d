import type { OidcApplicationSettings } from '@tenure/config';
import type { Instant } from '@tenure/domain';
import type { ActContext, ApplicationSession, Store } from '@tenure/store';
import type { errors as oidcErrors, KoaContextWithOIDC } from 'oidc-provider';

/** Dependencies of the storage of the OpenID provider. */
export interface AdapterDependencies {
  readonly store: Store;
  readonly clock: () => Instant;
  readonly issuer: string;
  /** Applications by client id. */
  readonly clients: ReadonlyMap<string, OidcApplicationSettings>;
  readonly errors: typeof oidcErrors;
  /** Request that is being answered, if any. */
  readonly current: () => KoaContextWithOIDC | undefined;
  readonly contextOf: (ctx: KoaContextWithOIDC | undefined, identityId?: string) => ActContext;
  readonly applicationSession: (id: string) => Promise<ApplicationSession | null>;
}
