import { listen, type Listener } from '@tenure/store';
import type { Logger } from 'pino';

/** Nudges the dispatcher or notifier, as soon as a transaction with an outbox row or a notification commits. */
export function listenFor(
  channel: 'tenure_outbox' | 'tenure_notice' | 'tenure_logout' | 'tenure_connection',
  url: string,
  nudge: () => void,
  logger: Logger,
): Promise<Listener> {
  return listen(url, channel, nudge, (error) =>
    logger.warn({ err: error }, 'the PostgreSQL connection for notifications was lost; the process connects again'),
  );
}
