/** An error as it is logged. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  /** Stack frames, without the message. */
  readonly stack?: string;
  /** A code, a name of a table or a number: see `telling`. */
  readonly [detail: string]: unknown;
}

/** Properties of errors of drivers and systems that never contain a person's data. PostgreSQL's `detail`, `where` and `query` quote rows. */
const telling = ['code', 'errno', 'syscall', 'address', 'port', 'severity', 'schema', 'table', 'column', 'constraint', 'routine', 'status', 'statusCode'];
const deepest = 5;

/**
 * An error without quoted data, for pino's `serializers.err`. Databases, parsers and directories quote refused values in their messages;
 * logs are kept by other people and for longer than Tenure's data. Tenure's own errors contain ids and states only.
 */
export function errorForLog(error: unknown, depth = 0): LoggedError | string {
  if (!(error instanceof Error)) return typeof error;
  const details = Object.fromEntries(
    telling.flatMap((name) => {
      const value = (error as unknown as Record<string, unknown>)[name];
      return (typeof value === 'string' && value.length <= 100) || typeof value === 'number' ? [[name, value]] : [];
    }),
  );
  const inside = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: isOurs(error) ? error.message : withoutQuotations(said(error)),
    ...(depth === 0 ? { stack: frames(error) } : {}),
    ...details,
    ...(inside.length > 0 && depth < deepest ? { causes: inside.slice(0, deepest).map((one: unknown) => errorForLog(one, depth + 1)) } : {}),
  };
}

/** True for Tenure's own errors, whose messages are sentences without personal data. */
function isOurs(error: Error): boolean {
  return 'retryable' in error && 'details' in error && 'code' in error;
}

/** Message of an error. PostgreSQL's second line quotes the refused row and is dropped; a trigger's RAISE may contain anything and is replaced. */
function said(error: Error): string {
  if (!('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code))) return error.message;
  return 'routine' in error && error.routine === 'exec_stmt_raise' ? 'a trigger or function has raised an error' : (error.message.split('\n')[0] ?? '');
}

/** Message without text that may be sent data: in quotation marks or brackets, in the form of an e-mail address, credentials in a URL. */
function withoutQuotations(message: string): string {
  return message
    .slice(0, 2_000)
    .replaceAll(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.|'')*'?|`[^`]*`?|=\([^)]*\)?/g, (quoted) => (isPlainName(quoted) ? quoted : '…'))
    .replaceAll(/\/\/[^\s/@]*@/g, '//…@')
    .replaceAll(/(?<![^\s<>()])[^\s<>()]+@[^\s<>()]+/g, '…');
}

/** True for names of relations, columns and properties, which are not personal: small letters with an underscore, and dots, between them. */
function isPlainName(quoted: string): boolean {
  return /^["'`][a-z]+(?:[_.][a-z]+)+["'`]$/.test(quoted) && quoted.includes('_');
}

function frames({ stack }: Error): string {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 30)
    .join('\n');
}
