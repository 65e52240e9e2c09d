import type { Engine } from '@tenure/engine/decide';
import {
  deliverNotifications,
  type DeliveryDependencies,
  formerReceivers,
  planNotifications,
  receiversOf,
  createWebhookSender,
} from '@tenure/engine/notifications';
import { createMailSender, createMailWriter } from '@tenure/mail';
import type { Store } from '@tenure/store';
import type { Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { keepLooking, type Looking } from './keep-looking.ts';

export interface NotifierDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'notice' | 'timerFired'>;
}

/** Milliseconds between looks for deliveries that have become due by themselves: a digest, another attempt. */
const lookEvery = 5000;

/** Milliseconds that work under way may take when the worker stops; then its connections are closed, and it is retried later. */
const stopWithin = 8000;

/**
 * Sends notifications to people and webhooks. In the worker and not in a workflow: a notification has no order of steps to remember, and those about
 * failures have to go out while Temporal is down. Several workers share the work by the database's locks. Each receiver is processed separately: one
 * that hangs blocks no other.
 */
export function startNotifier({ store, engine, clock, logger, metrics }: NotifierDependencies): Looking {
  const { mail } = engine.configuration;
  const post = mail === null ? null : { writer: createMailWriter(), sender: createMailSender(mail) };
  const webhooks = createWebhookSender();
  const dependencies: DeliveryDependencies = {
    store,
    engine,
    clock,
    mail: post,
    webhooks,
    counted: metrics.notice,
    timerFired: (dueAt) => metrics.timerFired('notice', Date.parse(clock()) - Date.parse(dueAt)),
    failed: (error, delivery) => logger.error({ err: error, delivery }, 'a notification could not be written; it is tried again'),
  };
  const lanes = receiversOf(engine.configuration).map((receiver) =>
    keepLooking({
      work: async () => (await deliverNotifications(dependencies, receiver)) > 0,
      every: lookEvery,
      failed: (error, failures) =>
        logger.warn({ err: error, failures, ...receiver }, 'notifications to a receiver could not be processed; they wait and are tried again'),
    }),
  );
  const planning = keepLooking({
    work: async () => {
      const planned = await planNotifications({
        store,
        engine,
        clock,
        counted: metrics.notice,
        failed: (error, notification) =>
          logger.error({ err: error, notice: notification }, 'the recipients of a notification could not be determined; it is tried again'),
      });
      if (planned > 0) for (const lane of lanes) lane.nudge();
      let former = 0;
      for (const receiver of await formerReceivers(store, engine.configuration)) former += await deliverNotifications(dependencies, receiver);
      return planned + former > 0;
    },
    every: lookEvery,
    failed: (error, failures) => {
      if (failures === 1) logger.warn({ err: error }, 'notifications could not be processed; they wait and are tried again');
    },
    recovered: (failures) => logger.info({ failures }, 'notifications are processed again'),
  });
  const all = [planning, ...lanes];
  return {
    nudge: () => planning.nudge(),
    underWay: () => Math.max(...all.map((one) => one.underWay())),
    async stop() {
      const close = async (): Promise<void> => {
        post?.sender.close();
        await webhooks.close();
      };
      const timer = setTimeout(() => void close(), stopWithin);
      await Promise.all(all.map((one) => one.stop()));
      clearTimeout(timer);
      await close();
    },
  };
}
