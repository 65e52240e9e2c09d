import { measure } from '../measure.ts';
import type { Sample } from '../row.ts';
import { endLogin, ownAddress, type ReadyRequest, send } from './requests.ts';

/** Measures the page after a login: the session, the rights and all that the person has. One after the other, each in a session of its own. */
export async function timePages(people: readonly number[], api: string, prepare: (person: number, api: string) => Promise<ReadyRequest>): Promise<Sample> {
  const cookies: string[] = [];
  for (const person of people) cookies.push(await endLogin(await prepare(person, api)));
  return measure(cookies, 1, async (cookie) => {
    const { status, body } = await send({ url: `${api}/me`, method: 'GET', headers: { ...ownAddress(), cookie }, body: null });
    // A request without a session gets a page as well.
    if (status !== 200 || !body.includes('action="/logout"')) throw new Error(`a page was not the person's: ${status} ${body.slice(0, 200)}`);
  });
}
