import { deliverNotices, type Loop, planNotices } from '@tenure/activities';
import { createMailSender, createMailWriter, createWebhookSender } from '@tenure/notices';
import type { Store } from '@tenure/store';
import type { Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { keepLooking, type Looking } from './keep-looking.ts';

export interface NoticesDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'notice' | 'timerFired'>;
}

/** Milliseconds between looks for what has become due by itself: a digest, another attempt. */
const lookEvery = 5000;

/**
 * Tells people and programs what is to be told. In the worker and not in a workflow: a notice has no order of steps to remember, and those
 * about trouble have to go out while Temporal is down. Several workers share the work by the database's locks.
 */
export function startNotices({ store, loop, clock, logger, metrics }: NoticesDependencies): Looking {
  const { mail } = loop.configuration;
  const post = mail === null ? null : { writer: createMailWriter(), sender: createMailSender(mail) };
  const webhooks = createWebhookSender();
  const looking = keepLooking({
    work: async () => {
      // What is planned already goes out, though what is new could not be looked at.
      const planning = planNotices({
        store,
        loop,
        clock,
        told: metrics.notice,
        failed: (error, notice) => logger.error({ err: error, notice }, 'whom a notice means could not be found out; it is tried again'),
      });
      const [planned] = await Promise.allSettled([planning]);
      const delivered = await deliverNotices({
        store,
        loop,
        clock,
        mail: post,
        webhooks,
        told: metrics.notice,
        timerFired: (dueAt) => metrics.timerFired('notice', Date.parse(clock()) - Date.parse(dueAt)),
        failed: (error, delivery) => logger.error({ err: error, delivery }, 'a notice could not be written; it is tried again'),
      });
      if (planned.status === 'rejected') throw planned.reason;
      return planned.value + delivered > 0;
    },
    every: lookEvery,
    failed: (error, failures) => logger.warn({ err: error, failures }, 'notices could not be looked at; they wait and are tried again'),
  });
  return {
    nudge: () => looking.nudge(),
    underWay: () => looking.underWay(),
    async stop() {
      await looking.stop();
      post?.sender.close();
      await webhooks.close();
    },
  };
}
