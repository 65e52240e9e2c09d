import { anchorPlaces, createAnchoring } from '@tenure/engine/audit';
import type { Configuration } from '@tenure/config';
import type { Store } from '@tenure/store';
import type { Logger } from 'pino';

/**
 * Anchors the audit when the API stops, so that its last events are proved too; the worker anchors every minute.
 * @param file of anchors; `null`: none
 */
export async function anchorAtStop(
  store: Pick<Store, 'anchorAudit'>,
  configuration: Configuration,
  file: string | null,
  clock: () => string,
  logger: Logger,
): Promise<void> {
  const { places, close } = anchorPlaces(configuration, file, (line) => logger.info(line, 'anchor of the audit'));
  const failed = (error: unknown, place: string | null): void => logger.error({ err: error, place }, 'the audit could not be anchored');
  await createAnchoring({ store, places, clock, anchored: () => undefined, failed }).anchor(true);
  await close();
}
