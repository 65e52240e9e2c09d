import { measure } from '../measure.ts';
import type { Sample } from '../row.ts';
import { endLogin, type ReadyRequest } from './requests.ts';

/** Logins of these people, spread over API processes. What is sent is made before the clock starts. */
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
