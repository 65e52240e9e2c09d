import type { LogLine } from './log-line.ts';

const names: Readonly<Record<string, string>> = { api: 'API', worker: 'Worker' };

/**
 * A warning as one line for people.
 * @example 14:03:12  Warning (worker): the outbox could not be delivered to Temporal; it waits and is tried again: ServiceError: Failed to connect [failures: 3]
 */
export function readableWarning({ level, process, message, time, errors, details }: LogLine): string {
  const kind = level < 50 ? 'Warning' : 'Error';
  const about = Object.entries(details).map(([field, value]) => `${field}: ${value}`);
  const said = [message, ...errors.filter((error, index) => error !== errors[index - 1])].filter((part) => part !== '').join(': ');
  return `${clock(time)}  ${kind} (${names[process] ?? process}): ${said}${about.length === 0 ? '' : ` [${about.join(', ')}]`}`;
}

/** Time of day in the time zone of the terminal. */
function clock(time: string): string {
  const instant = new Date(time);
  return Number.isNaN(instant.getTime()) ? '--:--:--' : instant.toTimeString().slice(0, 8);
}
