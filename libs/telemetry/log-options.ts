import { errorForLog } from './error-for-log.ts';
import { logScope } from './scope.ts';

/** What pino itself writes in each line: a field of an entry that is called so would take its place, since of two the last counts. */
const own: readonly string[] = ['level', 'time', 'pid', 'hostname', 'name', 'msg'];

/** How the processes log, for `pino({ name, …logOptions })`: with the correlation id, errors without what they quote, and pino's own fields as they are. */
export const logOptions = {
  mixin: logScope,
  serializers: { err: errorForLog },
  formatters: { log: keepOwn },
} as const;

/** Gives a field that is called as one of pino's own another name: `name` becomes `name_`. */
function keepOwn(fields: Record<string, unknown>): Record<string, unknown> {
  if (!own.some((name) => Object.hasOwn(fields, name))) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [own.includes(name) ? `${name}_` : name, value]));
}
