import { anchorPlaces, createAnchoring } from '@tenure/engine/audit';
import type { Configuration } from '@tenure/config';
import type { Store } from '@tenure/store';
import { logChanges, type Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { atIntervals, type Repeated } from './at-intervals.ts';

export interface AnchorsDependencies {
  readonly store: Pick<Store, 'anchorAudit'>;
  readonly configuration: Configuration;
  /** A file of anchors; `null`: none. */
  readonly file: string | null;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'auditAnchored'>;
}

/** Milliseconds between anchors. */
const every = 60_000;

/** Anchors the audit now, each minute, and when it stops. */
export function startAnchors({ store, configuration, file, clock, logger, metrics }: AnchorsDependencies): Pick<Repeated, 'stop' | 'underWay'> {
  const changes = logChanges(logger);
  const { places, close } = anchorPlaces(configuration, file, (line) => logger.info(line, 'anchor of the audit'));
  const anchoring = createAnchoring({
    store,
    places,
    clock,
    anchored: ({ at, problems, isKeptEverywhere }) => {
      metrics.auditAnchored(isKeptEverywhere ? Date.parse(at) : null, problems.length);
      if (problems.length > 0)
        changes.failed(`touched ${problems.join()}`, { problems }, 'the audit was changed outside of Tenure: run npm run audit:verify', 'error');
      if (isKeptEverywhere) for (const place of ['ends', ...places.map(({ name }) => name)]) changes.recovered(place, 'the audit is anchored again', { place });
    },
    failed: (error, place) => changes.failed(place ?? 'ends', { err: error, place }, 'the audit could not be anchored; the worker tries again', 'error'),
  });
  const repeated = atIntervals(() => anchoring.anchor(), every);
  repeated.now();
  return {
    underWay: repeated.underWay,
    async stop() {
      await repeated.stop();
      await anchoring.anchor(true);
      await close();
    },
  };
}
