import type { Activities } from '@tenure/activities';
import { type FollowedVersions, followVersions, type ProcessPlace, logVersions, type VersionInUse } from '@tenure/engine/configuration';
import { createEngine } from '@tenure/engine/decide';
import { ConfigurationBehind } from '@tenure/domain';
import type { RunningWorkers } from './run-workers.ts';
import { createVersionParts, type LookingParts, type PartsDependencies, type VersionParts } from './version-parts.ts';
import { metricNames } from './worker-metrics.ts';
import { isBehind } from '@tenure/engine/policy';

/** The worker by the configuration version in force, whichever that is. */
export interface WorkedVersions {
  /** Each one is done by the version that the worker has when it begins. */
  readonly activities: Activities;
  configuration(): VersionInUse['configuration'];
  looking(): LookingParts | null;
  versions(): ReturnType<FollowedVersions['state']>;
  /** Starts the parts that poll for work, and follows new versions. */
  start(workers: Pick<RunningWorkers, 'client' | 'follow'>, databaseUrl: string): Promise<void>;
  /** Follows no more versions, and lets the polling parts finish. */
  stop(): Promise<void>;
  /** Closes connections to targets. */
  close(): Promise<void>;
}

export function workVersions(dependencies: Omit<PartsDependencies, 'worked'>, place: ProcessPlace, first: VersionInUse): WorkedVersions {
  const { store, logger, metrics } = dependencies;
  let followed: FollowedVersions | null = null;
  const worked: PartsDependencies['worked'] = (target, well) => current.looking()?.connections.worked(target, well);
  let current: VersionParts = createVersionParts({ ...dependencies, worked }, first);
  const versions = (): ReturnType<FollowedVersions['state']> => followed?.state() ?? { version: first.version, behind: null };
  metrics.onExpose(async () => {
    const { version, behind } = versions();
    metrics.configuration(version, behind !== null);
  });
  return {
    activities: {
      ...Object.fromEntries(Object.keys(current.activities).map((name) => [name, (input: never) => call(current.activities, name, input)])),
      async planWave(input) {
        const { activities, configuration, digest } = current;
        // A batch change decides people once: by a version that is not the newest, that would be for nothing.
        const waits = await store.read((tx) => isBehind(tx, createEngine({ configuration, keepsTo: digest })));
        if (waits)
          throw new ConfigurationBehind('this worker has not taken over the newest configuration version: the batch change waits for a worker that has');
        return activities.planWave(input);
      },
    } as Activities,
    configuration: () => current.configuration,
    looking: () => current.looking(),
    versions,
    async start(workers, databaseUrl) {
      current.start(workers.client);
      followed = await followVersions({
        store,
        url: databaseUrl,
        place,
        first,
        events: logVersions(logger),
        async takeOver(next) {
          const [before, parts] = [current, createVersionParts({ ...dependencies, worked }, next, current)];
          metrics.follow(metricNames(next.configuration));
          current = parts;
          parts.start(workers.client);
          const retire = async (): Promise<void> => {
            await before.stop();
            await before.close(parts);
          };
          retire().catch((error: unknown) => logger.error({ err: error }, 'the parts of the previous configuration version could not be stopped'));
          await workers.follow(next.configuration.targets);
        },
      });
    },
    async stop() {
      await followed?.stop();
      await current.stop();
    },
    close: () => current.close(null),
  };
}

function call(activities: Activities, name: string, input: never): Promise<unknown> {
  return activities[name as keyof Activities](input);
}
