/** A logger that knows the level above errors; pino's does. */
interface LastWords {
  fatal(entry: { readonly err: unknown }, message: string): void;
}

/**
 * Logs an error that nobody caught, and ends the process with exit code 1. Node's own report would print the error as it is, with what
 * it quotes: rows of the database among them.
 * @param logger with `errorForLog` as its serializer of `err`, writing at once
 */
export function endOnUncaught(logger: LastWords): void {
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'ends because of an uncaught error');
    process.exit(1);
  });
}
