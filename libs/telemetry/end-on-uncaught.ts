/** A logger with a level above errors, such as pino's. */
interface LastWords {
  fatal(entry: { readonly err: unknown }, message: string): void;
}

/**
 * Logs an uncaught error, and ends the process with exit code 1. Node's own report would print the error unchanged, with the data
 * that it quotes, such as rows of the database.
 * @param logger with `errorForLog` as its serializer of `err`, writing synchronously
 */
export function endOnUncaught(logger: LastWords): void {
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'ends because of an uncaught error');
    process.exit(1);
  });
}
