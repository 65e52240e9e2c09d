import { errorForLog } from './error-for-log.ts';
import { logScope } from './scope.ts';

/** Names of fields that pino writes in each line. An entry's field with such a name would replace pino's, since the last of two counts. */
const own: readonly string[] = ['level', 'time', 'pid', 'hostname', 'name', 'msg'];

/** Log options of all processes, for `pino({ name, …logOptions })`: with the correlation id, errors without quoted data, and pino's own fields. */
export const logOptions = {
  mixin: logScope,
  serializers: { err: errorForLog },
  formatters: { log: keepOwn },
} as const;

/** Renames fields that have the name of one of pino's own: `name` becomes `name_`. */
function keepOwn(fields: Record<string, unknown>): Record<string, unknown> {
  if (!own.some((name) => Object.hasOwn(fields, name))) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [own.includes(name) ? `${name}_` : name, value]));
}
