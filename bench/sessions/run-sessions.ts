import { setTimeout as sleep } from 'node:timers/promises';
import { enterApplication } from '@tenure/engine/applications';
import { type Company, startCompany } from '../lives/company.ts';
import { send } from '../login/requests.ts';
import { measure } from '../measure.ts';
import { figure, type Row, rowOf } from '../row.ts';
import type { Servers, Sizes } from '../servers.ts';
import { startToldApplications, type ToldApplications } from './told-applications.ts';

/** Ends in a second. */
const perSecond = 25;
/** Milliseconds within which 99 of 100 leavers' applications are to be told. */
const aim = 2000;
/** People in one request. */
const atOnce = 100;

/**
 * Measures leavers with open sessions at two applications each: from the instant at which the end is sent, at a fixed rate whether or not earlier ones
 * were answered, until both applications have been told.
 */
export async function runSessions(servers: Servers, { leavers }: Sizes): Promise<readonly Row[]> {
  const applications = await startToldApplications(servers.directory);
  const company = await startCompany(servers, 1, undefined, applications.yaml);
  try {
    const floor = rowOf(
      'floor: one request to the application',
      await measure(
        Array.from({ length: 200 }, () => applications.urls[0] ?? ''),
        1,
        (url) => send({ url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'logout_token=x.eyJzaWQiOiJ4In0.x' }),
      ),
    );
    const sessions = await enterAll(company, applications, leavers);
    const begins = Date.now() + 1000;
    const times = await Promise.all(
      sessions.map(async (indexes, number) => {
        const at = begins + (number * 1000) / perSecond;
        await sleep(Math.max(0, at - Date.now()));
        const told = Promise.all(indexes.map(({ index }) => applications.told(index)));
        await company.record([number], 2, 'ENDED');
        return { sent: at, at: Math.max(...(await told)) };
      }),
    );
    const elapsed = Date.now() - begins;
    const ended = await endsOf(
      company,
      sessions.flatMap((indexes) => indexes.map(({ id }) => id)),
    );
    const own = times.map(({ at }, number) => at - Math.min(...(sessions[number] ?? []).map(({ id }) => ended.get(id) ?? Number.NaN)));
    const name = `${perSecond} ends a second, two applications each`;
    return [
      floor,
      rowOf(`${name}: end sent → both applications notified`, { times: times.map(({ sent, at }) => at - sent), elapsed }, floor),
      rowOf(`${name}: sessions ended → both applications notified`, { times: own, elapsed }, floor),
      figure(`${name}: notified more than ${aim / 1000} s after the end`, 'people', own.filter((time) => time > aim).length, { n: own.length }),
    ];
  } finally {
    await company.stop();
    await applications.stop();
  }
}

/** Session at an application, with its SessionIndex or `sid`. */
interface Entered {
  readonly id: string;
  readonly index: string;
}

/** Instants at which sessions ended, in milliseconds of Unix time. */
async function endsOf({ store }: Company, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const notices = await store.read((tx) => tx.logoutNotices.ofSessions(ids));
  return new Map(notices.map(({ id, endedAt }) => [id, Date.parse(endedAt)]));
}

/** Hires people who log in and enter the applications. @returns their sessions there, in the order of the people */
async function enterAll({ record, store, engine }: Company, { names }: ToldApplications, count: number): Promise<readonly (readonly Entered[])[]> {
  const all: (readonly Entered[])[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => from + index);
    for (const identityId of await record(numbers, 1, 'ACTIVE')) {
      const now = new Date().toISOString();
      const context = { actor: { kind: 'system', id: 'bench' }, correlationId: 'bench', now } as const;
      all.push(
        await store.transaction(context, async (tx) => {
          const { session } = await tx.sessions.open(identityId, 'corp', now, new Date(Date.now() + 8 * 3_600_000).toISOString());
          const entered: Entered[] = [];
          for (const application of names) {
            const entry = await enterApplication(tx, engine, { application, identityId, session, details: {} });
            if (!entry.mayEnter) throw new Error(`a person may not enter ${application}: ${entry.reason}`);
            entered.push({ id: entry.session.id, index: entry.session.sessionIndex });
          }
          return entered;
        }),
      );
    }
  }
  return all;
}
