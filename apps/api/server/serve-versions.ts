import type { SamlApplications } from '@tenure/engine/applications';
import { followApplications } from '../idp/saml/follow-applications.ts';
import { type FollowedVersions, followVersions, type ProcessPlace, logVersions, type VersionInUse } from '@tenure/engine/configuration';
import { createEngine, noMeter } from '@tenure/engine/decide';
import type { Configuration } from '@tenure/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Metrics } from '@tenure/telemetry';
import { createApp } from './create-app.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createFrontServer, type FrontServer } from './front-server.ts';
import { followProviders, type Providers } from '../login/providers.ts';

export interface ServeSettings extends Omit<ApiDependencies, 'configuration' | 'engine' | 'providers' | 'versions' | 'metrics'> {
  readonly metrics: Metrics;
  /** Version of the start. */
  readonly first: VersionInUse;
  readonly place: ProcessPlace;
  /** Address of the database, for its notifications. */
  readonly databaseUrl: string;
}

export interface ServedVersions extends Pick<FrontServer, 'listen'> {
  /** The configuration that requests are answered by now. */
  configuration(): Configuration;
  versions(): ReturnType<FollowedVersions['state']>;
  close(): Promise<void>;
}

/** Documents that are followed from one version to the next. */
interface Followed {
  readonly providers: Providers;
  readonly samlApplications: SamlApplications;
}

/** The API by the configuration version in force, whichever that is: a new one is a new app, which takes the place of the one before when all of it is made. */
export async function serveVersions({ first, place, databaseUrl, ...shared }: ServeSettings): Promise<ServedVersions> {
  const { store, logger, metrics } = shared;
  let inUse = first;
  let followed: FollowedVersions | null = null;
  const versions = (): ReturnType<FollowedVersions['state']> => followed?.state() ?? { version: first.version, behind: null };
  const appOf = async ({ configuration, digest }: VersionInUse, former?: Followed): Promise<{ app: NestFastifyApplication } & Followed> => {
    const engine = createEngine({ configuration, meter: { ...noMeter, decided: metrics.decided }, keepsTo: digest });
    const providers = followProviders(engine, logger, former?.providers);
    const samlApplications = followApplications(configuration, logger, former?.samlApplications);
    return { app: await createApp({ ...shared, configuration, engine, providers, samlApplications, versions }), providers, samlApplications };
  };
  let { app, providers, samlApplications } = await appOf(first);
  const front = createFrontServer(app, (error) => logger.error({ err: error }, 'the app of the version before could not be closed'));
  metrics.onExpose(async () => {
    const { version, behind } = versions();
    metrics.configuration(version, behind !== null);
  });
  followed = await followVersions({
    store,
    url: databaseUrl,
    place,
    first,
    events: logVersions(logger),
    async takeOver(next) {
      ({ app, providers, samlApplications } = await appOf(next, { providers, samlApplications }));
      metrics.follow(namesOf(next.configuration));
      front.replace(app);
      inUse = next;
      void providers.prepare();
      void samlApplications.prepare();
    },
  });
  return {
    configuration: () => inUse.configuration,
    versions,
    async listen(port, host) {
      const taken = await front.listen(port, host);
      // Not awaited: an installation starts though a provider is away.
      void providers.prepare();
      void samlApplications.prepare();
      return taken;
    },
    async close() {
      await followed?.stop();
      await front.close();
    },
  };
}

/** Names that labels of metrics can have. */
export function namesOf({ identityProviders, targets }: Configuration): { readonly providers: readonly string[]; readonly targets: readonly string[] } {
  return { providers: Object.keys(identityProviders), targets: Object.keys(targets) };
}
