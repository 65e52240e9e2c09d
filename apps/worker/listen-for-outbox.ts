import { listen, type Listener } from '@tenure/store';
import type { Logger } from 'pino';

/** Nudges the dispatcher as soon as a transaction with an outbox row commits. */
export function listenForOutbox(url: string, nudge: () => void, logger: Logger): Promise<Listener> {
  return listen(url, 'tenure_outbox', nudge, (error) => logger.warn({ err: error }, 'the connection for notifications was lost; it is made again'));
}
