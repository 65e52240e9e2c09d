/** A line that the API or the worker logs, as far as people at a terminal want it. */
export interface LogLine {
  /** Level by pino's numbers: 40 a warning, 50 an error, 60 the last one of a process. */
  readonly level: number;
  /** "api" or "worker". */
  readonly process: string;
  readonly message: string;
  /** RFC 3339. */
  readonly time: string;
  /** The error and its causes, the outermost first: "ConnectorUnavailable: no answer", codes included. */
  readonly errors: readonly string[];
  /** Types and codes, which stay the same when the event is repeated. */
  readonly kinds: readonly string[];
  /** Subject of the line: names of the configuration, opaque ids and numbers. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** Fields that are shown. None is ever a value of a person; all others stay in the log file. */
const shown = [
  ...['target', 'provider', 'source', 'connection', 'step', 'kind', 'check', 'code', 'reason', 'policyVersion', 'waveId', 'activity', 'workflow', 'attempt'],
  ...['failures', 'missed', 'notice', 'delivery', 'reference'],
];
const longest = 200;
const deepest = 5;

/**
 * Reads one line of a process; the name in the line is ignored, since a field of an entry may have that name. `null` when it is no log entry, such as
 * the output of the JavaScript engine when it runs out of memory.
 */
export function readLogLine(line: string, process: string): LogLine | null {
  const entry = parse(line);
  if (entry === null) return null;
  const { level, msg, time, err, details } = entry;
  if (typeof level !== 'number') return null;
  const fields: Readonly<Record<string, unknown>> = { ...(typeof details === 'object' ? details : {}), ...entry };
  const chain = chainOf(err);
  return {
    level,
    process,
    message: typeof msg === 'string' ? oneLine(msg) : '',
    time: typeof time === 'string' ? time : '',
    errors: chain.map(({ said }) => said),
    kinds: chain.map(({ kind }) => kind),
    details: Object.fromEntries(shown.flatMap((field) => (isShort(fields[field]) ? [[field, fields[field]]] : []))),
  };
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

interface Link {
  readonly said: string;
  readonly kind: string;
}

/** An error as `errorForLog` writes it, with its causes. */
function chainOf(error: unknown, depth = 0): readonly Link[] {
  if (typeof error !== 'object' || error === null || depth > deepest) return [];
  const { type, message, code, causes } = error as Readonly<Record<string, unknown>>;
  const kind = [type, code].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
  const said = [type, typeof message === 'string' ? oneLine(message) : '', typeof code === 'string' && !String(message).includes(code) ? code : '']
    .filter((part) => part !== '' && typeof part === 'string')
    .join(': ');
  const [first] = Array.isArray(causes) ? (causes as unknown[]) : [];
  return [{ said, kind }, ...chainOf(first, depth + 1)];
}

function isShort(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= longest);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}
