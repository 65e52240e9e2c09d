import type { Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

/**
 * Said by Temporal's SDK at each attempt and at each start, and nobody's news: failed attempts are logged by `failureTranslation`, with
 * their reason; and a target's worker is made without workflows.
 */
const known = ['Activity failed', 'No workflows registered, not polling for workflow tasks'];

/** Temporal's warnings and errors go where ours go; its progress is nobody's news. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const ignore = (): void => undefined;
  return {
    log: ignore,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (message, meta) => (known.includes(message) ? undefined : logger.warn(entryOf(meta), message)),
    error: (message, meta) => logger.error(entryOf(meta), message),
  };
}

/** Its errors stand where ours do: elsewhere one would be written as `{}`, or with all that it quotes. */
function entryOf({ error, ...rest }: Readonly<Record<string | symbol, unknown>> = {}): object {
  return error === undefined ? rest : { ...rest, err: error };
}
