import type { SamlApplications } from '@tenure/engine/applications';
import type { FollowedVersions } from '@tenure/engine/configuration';
import type { Engine } from '@tenure/engine/decide';
import type { Previews } from '@tenure/engine/previews';
import type { Configuration } from '@tenure/config';
import type { Instant } from '@tenure/domain';
import type { Changes, Store } from '@tenure/store';
import type { Metrics, Tracing } from '@tenure/telemetry';
import type { Logger } from 'pino';
import type { SubscriptionLimits } from './subscriptions/subscriptions.ts';
import type { Providers } from '../login/providers.ts';

/** Dependencies of the API. */
export interface ApiDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly configuration: Configuration;
  /** Address of the Temporal UI, for links to identity lifecycle workflows; `null`: no links. */
  readonly temporalUiUrl: string | null;
  /** Namespace of the workflows; `default` unless set. */
  readonly temporalNamespace?: string;
  /** Simulations; the usual ones unless given. */
  readonly previews?: Previews;
  readonly clock: () => Instant;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing;
  /** Changes that subscriptions follow; without them, subscriptions only ever send the present state. */
  readonly changes?: Changes;
  /** Proxies whose `x-forwarded-for` is believed: addresses or CIDR ranges, separated by commas. */
  readonly trustedProxies?: string;
  /** The usual ones unless given. */
  readonly subscriptionLimits?: SubscriptionLimits;
  /** Login requests from one address, and logins of one subject, in a minute; the configuration's unless set. */
  readonly loginRateLimit?: number;
  /** Followed identity providers, where they outlive the app; its own unless given. Stopped with it. */
  readonly providers?: Providers;
  /** Followed metadata of SAML applications, where it outlives the app; its own unless given. Stopped with it. */
  readonly samlApplications?: SamlApplications;
  /** Version of the configuration, for `/health/ready`; absent: it is not shown. */
  readonly versions?: () => ReturnType<FollowedVersions['state']>;
  /** Milliseconds that a connection may take for its headers (15,000 unless set) and for a whole request (30,000), and may be idle between two (72,000). */
  readonly patience?: { readonly headers?: number; readonly request?: number; readonly idle?: number };
}

/** Tokens under which Nest hands these out. */
export const dependenciesToken = Symbol('ApiDependencies');
export const storeToken = Symbol('Store');
export const engineToken = Symbol('Engine');
export const configurationToken = Symbol('Configuration');
export const loggerToken = Symbol('Logger');
export const previewsToken = Symbol('Previews');
