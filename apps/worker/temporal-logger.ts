import { makeTelemetryFilterString, type Logger as TemporalLogger, type RuntimeOptions } from '@temporalio/worker';
import { logChanges } from '@tenure/telemetry';
import type { Logger } from 'pino';

/**
 * Messages of Temporal's SDK at each attempt and at each start that are left out: failed attempts are logged by `failureTranslation`, with their
 * reason; and a target's worker is made without workflows.
 */
const known = ['Activity failed', 'No workflows registered, not polling for workflow tasks'];

/** Logger for Temporal's warnings and errors in our log, each once until it was quiet for a while; its progress is left out. */
export function temporalLogger(logger: Logger, clock?: () => number): TemporalLogger {
  const changes = logChanges(logger, clock);
  const ignore = (): void => undefined;
  const write = (level: 'warn' | 'error', message: string, meta?: Meta): void => {
    // Numbers and ids differ from one time to the next.
    if (!known.includes(message)) changes.failed(`${level} ${message.replaceAll(/\d+/g, '#')}`, entryOf(meta), message, level);
  };
  return {
    log: (level, message, meta) => {
      if (level === 'WARN' || level === 'ERROR') write(level === 'WARN' ? 'warn' : 'error', message, meta);
    },
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (message, meta) => write('warn', message, meta),
    error: (message, meta) => write('error', message, meta),
  };
}

/**
 * Logging of the SDK's native part, which goes through the runtime's logger too; by itself it writes coloured text to the console, past ours. Only
 * levels that the logger keeps are handed over.
 */
export const nativeLogging: NonNullable<RuntimeOptions['telemetryOptions']> = {
  logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
};

type Meta = Readonly<Record<string | symbol, unknown>>;

/** Log entry with the error where ours is: elsewhere one would be written as `{}`, or with everything that it quotes. */
function entryOf({ error, ...rest }: Meta = {}): object {
  return error === undefined ? rest : { ...rest, err: error };
}
