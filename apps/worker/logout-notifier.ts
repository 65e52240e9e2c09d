import { followSamlApplications } from '@tenure/engine/applications';
import type { Engine } from '@tenure/engine/decide';
import { createKeyring } from '@tenure/engine/keys';
import { createLogoutNotifier, deliverLogoutNotices, formerApplications, type LogoutDependencies } from '@tenure/engine/logouts';
import type { Store } from '@tenure/store';
import type { Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { keepLooking, type Looking } from './keep-looking.ts';

export interface LogoutNotifierDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'logoutNotice'>;
}

/** Milliseconds between looks for notices that have become due by themselves: another attempt. */
const lookEvery = 5000;

/**
 * Notifies applications of sessions that ended. Each application has its own lane, so that one that is away or slow delays no other; several workers
 * share the work by the database's locks. In the worker and not in a workflow, for the reasons for which notifications are.
 */
export function startLogoutNotifier({ store, engine, clock, logger, metrics }: LogoutNotifierDependencies): Looking {
  let isStopping = false;
  const samlApplications = followSamlApplications(engine.configuration, (application, error) =>
    logger.warn({ err: error, application }, 'the metadata of an application could not be read; ends of sessions there wait until it can'),
  );
  const dependencies: LogoutDependencies = {
    store,
    engine,
    clock,
    notify: createLogoutNotifier({ url: engine.configuration.url, keyring: createKeyring({ store, clock }), samlApplications }),
    isStopping: () => isStopping,
    counted: metrics.logoutNotice,
    failed: (error, notice) => logger.error({ err: error, notice }, 'an application could not be notified of the end of a session; it is tried again'),
  };
  const lanes = Object.keys(engine.configuration.applications).map((application) =>
    keepLooking({
      work: async () => (await deliverLogoutNotices(dependencies, application)) > 0,
      every: lookEvery,
      failed: (error, failures) =>
        logger.warn({ err: error, failures, application }, 'an application could not be notified of ends of sessions; they wait and are tried again'),
    }),
  );
  const former = keepLooking({
    work: async () => {
      let count = 0;
      for (const application of await formerApplications(store, engine)) count += await deliverLogoutNotices(dependencies, application);
      return count > 0;
    },
    every: lookEvery,
    failed: (error, failures) => {
      if (failures === 1) logger.warn({ err: error }, 'ends of sessions at former applications could not be processed; they wait and are tried again');
    },
  });
  const all = [former, ...lanes];
  return {
    nudge() {
      // What waits for a former application was there before: it is found by the next look.
      for (const lane of lanes) lane.nudge();
    },
    underWay: () => Math.max(...all.map((one) => one.underWay())),
    async stop() {
      isStopping = true;
      await Promise.all(all.map((one) => one.stop()));
      samlApplications.stop();
    },
  };
}
