import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { stageAttribute } from '@tenure/workflows/search-attributes';
import { connectTemporal } from '@tenure/tools/tenure/connect-temporal.ts';
import { identityWorkflowId } from '@tenure/workflows/messages';
import { type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { type Company, startCompany } from './company.ts';

const people = 1000;
const inOneRequest = 500;
/** Milliseconds within which all contracts end, one after the other. */
const minute = 60_000;
/** Milliseconds until the first contract ends: enough for every identity lifecycle workflow to begin and to sleep. */
const ahead = 90_000;
/** Number of identity lifecycle workflows whose histories are read. */
const sampled = 250;

interface Bound {
  readonly identityId: string;
  /** End in milliseconds since 1970. */
  readonly at: number;
}

/** Measures the delay of decision and provisioning of contract ends within one minute, each at an instant for which its workflow sleeps. */
export async function runBounds(servers: Servers): Promise<readonly Row[]> {
  const company = await startCompany(servers, 1);
  try {
    const connection = await connectTemporal({ address: company.temporal.address });
    try {
      return await inCompany(company, new Client({ connection, namespace: company.temporal.namespace }));
    } finally {
      await connection.close();
    }
  } finally {
    await company.stop();
  }
}

async function inCompany(company: Company, client: Client): Promise<readonly Row[]> {
  const first = Date.now() + ahead;
  const bounds = await hire(company, first);
  while (Date.now() < first - 1000 && !(await areAsleep(company, client))) await sleep(500);
  if (!(await areAsleep(company, client))) throw new Error(`${people} identity lifecycles take more than ${ahead / 1000} s to begin here`);
  const decided: number[] = [];
  const closed: number[] = [];
  const late = (of: number[], at: number) => (): void => void of.push(Date.now() - at);
  await Promise.all(
    bounds.flatMap(({ identityId, at }) => [company.ended(identityId).then(late(decided, at)), company.settled(identityId, 'disabled').then(late(closed, at))]),
  );
  const all = `${people.toLocaleString('en')} bounds in one minute`;
  const row = (what: string, times: readonly number[], floor: Row | null): Row => rowOf(`${all}: ${what}`, { times, elapsed: minute }, floor);
  const floor = row("floor: lateness of Temporal's timers alone", await timersOf(client, bounds.slice(0, sampled)), null);
  return [
    { ...floor, perSecond: null },
    row('lateness of the decision that ends access', decided, floor),
    row('lateness of the account confirmed closed, 1 target', closed, floor),
  ];
}

async function hire(company: Company, first: number): Promise<readonly Bound[]> {
  const atOf = (number: number): number => first + Math.floor((number * minute) / people);
  const bounds: Bound[] = [];
  for (let from = 0; from < people; from += inOneRequest) {
    const numbers = Array.from({ length: inOneRequest }, (_, index) => from + index);
    const ids = await company.record(numbers, 1, 'ACTIVE', (number) => new Date(atOf(number)).toISOString());
    bounds.push(...ids.map((identityId, index) => ({ identityId, at: atOf(from + index) })));
  }
  return bounds;
}

async function areAsleep(company: Company, { workflow }: Client): Promise<boolean> {
  if ((await company.confirmed()) < people) return false;
  return (await workflow.count(`${stageAttribute.name} = 'idle' and ExecutionStatus = 'Running'`)).count >= people;
}

/** Delays of the server's timers, from the histories of some identity lifecycle workflows. */
async function timersOf({ workflow }: Client, bounds: readonly Bound[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (const { identityId, at } of bounds) {
    const { events } = await workflow.getHandle(identityWorkflowId(identityId)).fetchHistory();
    const fired = events?.find(({ timerFiredEventAttributes }) => timerFiredEventAttributes != null)?.eventTime;
    if (fired == null) throw new Error(`no timer of ${identityId} has fired`);
    times.push(Number(fired.seconds) * 1000 + (fired.nanos ?? 0) / 1e6 - at);
  }
  return times;
}
