import { type DeliveryDependencies, deliverNotices, type Loop, planNotices, receiversOf, withdrawOrphans } from '@tenure/activities';
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

/** Milliseconds that attempts under way are given when the worker stops; what is not done by then is interrupted and tried again later. */
const patience = 5000;

/**
 * Tells people and programs what is to be told. In the worker and not in a workflow: a notice has no order of steps to remember, and those
 * about trouble have to go out while Temporal is down. Each receiver is looked after apart from the others, so that none waits for another.
 * Several workers share the work by the database's locks.
 */
export function startNotices({ store, loop, clock, logger, metrics }: NoticesDependencies): Looking {
  const { mail } = loop.configuration;
  const post = mail === null ? null : { writer: createMailWriter(), sender: createMailSender(mail) };
  const webhooks = createWebhookSender();
  const dependencies: DeliveryDependencies = {
    store,
    loop,
    clock,
    mail: post,
    webhooks,
    told: metrics.notice,
    timerFired: (dueAt) => metrics.timerFired('notice', Date.parse(clock()) - Date.parse(dueAt)),
    failed: (error, delivery) => logger.error({ err: error, delivery }, 'a notice could not be written; it is tried again'),
  };
  const failed = (error: unknown, failures: number): void =>
    logger.warn({ err: error, failures }, 'notices could not be looked at; they wait and are tried again');
  const receivers = receiversOf(loop.configuration).map((receiver) =>
    keepLooking({ work: async () => (await deliverNotices(dependencies, receiver)) > 0, every: lookEvery, failed }),
  );
  const planning = keepLooking({
    work: async () => {
      const planned = await planNotices({
        store,
        loop,
        clock,
        told: metrics.notice,
        failed: (error, notice) => logger.error({ err: error, notice }, 'whom a notice means could not be found out; it is tried again'),
      });
      if (planned > 0) for (const receiver of receivers) receiver.nudge();
      return planned + (await withdrawOrphans(dependencies)) > 0;
    },
    every: lookEvery,
    failed,
  });
  return {
    nudge: () => planning.nudge(),
    async stop() {
      const stopped = Promise.all([planning, ...receivers].map((looking) => looking.stop()));
      await within(patience, stopped);
      // Whoever still waits for a receiver that says nothing hears that the connection is gone, writes that down and stops.
      post?.sender.close();
      await webhooks.close();
      await stopped;
    },
  };
}

/** Waits for something, but no longer than that many milliseconds. */
async function within(milliseconds: number, something: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([something, over]).finally(() => clearTimeout(timer));
}
