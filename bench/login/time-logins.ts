import { measure } from '../measure.ts';
import type { Sample } from '../row.ts';
import { endLogin, type ReadyRequest } from './requests.ts';

/** Measures logins of these people, distributed over API processes. Requests are prepared before the measurement. */
export async function timeLogins(
  people: readonly number[],
  atATime: number,
  apis: readonly string[],
  prepare: (person: number, api: string) => Promise<ReadyRequest>,
): Promise<Sample> {
  const ready: ReadyRequest[] = [];
  for (const [index, person] of people.entries()) ready.push(await prepare(person, apis[index % apis.length] ?? ''));
  return measure(ready, atATime, endLogin);
}
