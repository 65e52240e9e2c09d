import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Logger for Nest's warnings and errors in our log; its progress is left out. */
export function nestLogger(logger: Logger): LoggerService {
  const ignore = (): void => undefined;
  const text = (message: unknown): string => (message instanceof Error ? message.message : String(message));
  const err = (message: unknown): object => (message instanceof Error ? { err: message } : {});
  return {
    log: ignore,
    debug: ignore,
    verbose: ignore,
    warn: (message: unknown) => logger.warn(err(message), text(message)),
    error: (message: unknown) => logger.error(err(message), text(message)),
  };
}
