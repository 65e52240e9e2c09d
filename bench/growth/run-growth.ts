import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Installation, install, type Started } from '../installation.ts';
import { loginFiles } from '../login/login-files.ts';
import { send } from '../login/requests.ts';
import { type BenchSamlProvider, createSamlProvider } from '../login/saml-provider.ts';
import { timeLogins } from '../login/time-logins.ts';
import { measure } from '../measure.ts';
import { memoryOf } from '../memory.ts';
import { figure, type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { tokenOf } from '../token.ts';
import { fill } from './fill.ts';
import { runImport } from './import.ts';
import { runOutageLog } from './outage-log.ts';
import { timeStarts } from './starts.ts';
import { runStorage } from './storage.ts';
import { planVersion } from '@tenure/engine/policy';

const sizes = [1_000, 10_000, 100_000];
const times = 60;
/** Number of measured calls: enough that the slowest hundredth is more than one of them. */
const asked = 300;

/** Measures the start of a process, its memory, and the growth of durations with the number of known people. */
export async function runGrowth(servers: Servers): Promise<readonly Row[]> {
  const metadataFile = join(servers.directory, 'metadata.xml');
  const saml = await createSamlProvider(metadataFile);
  const tenure = await install(servers, loginFiles(metadataFile, 'http://127.0.0.1:9'));
  const { address, namespace } = await servers.temporal();
  try {
    const temporal = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const rows = [...(await timeStarts(tenure, servers, temporal))];
    const template = await firstPerson(tenure, saml);
    let known = 1;
    let smallest: ReadonlyMap<string, Row> | null = null;
    for (const size of sizes) {
      await fill(tenure.databaseUrl, template, known, size);
      known = size;
      const found: ReadonlyMap<string, Row> = await lookAt(size, tenure, saml, template, temporal);
      smallest ??= found;
      rows.push(...[...found].map(([what, row]) => compared(row, smallest?.get(what) ?? row)));
    }
    return [...rows, ...(await runImport(servers, Math.max(...sizes))), ...(await runStorage(servers)), ...(await runOutageLog(servers))];
  } finally {
    await tenure.stop();
  }
}

let people = 500_000;
const fresh = (n: number): number[] => Array.from({ length: n }, () => (people += 1));

/** Creates the person of whom the others are copies, by a login. @returns the identity's id */
async function firstPerson(tenure: Installation, saml: BenchSamlProvider): Promise<string> {
  const api = await tenure.startApi();
  await timeLogins(fresh(1), 1, [api.url], (person, at) => saml.prepare(at, tenure.url, person));
  await api.stop();
  const [person] = await tenure.store.read((tx) => tx.identities.page({}, 1, null));
  if (person === undefined) throw new Error('the first login has made nobody');
  return person.id;
}

/** Measures all figures at one size. */
async function lookAt(
  size: number,
  tenure: Installation,
  saml: BenchSamlProvider,
  somebody: string,
  temporal: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  const named = (what: string): string => `${what}, ${size.toLocaleString('en')} identities`;
  const keep = (what: string, row: (name: string) => Row): void => void rows.set(what, row(named(what)));
  const prepare = (person: number, at: string) => saml.prepare(at, tenure.url, person);

  const started = async <T extends Started>(what: string, start: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const one = await start();
    const milliseconds = performance.now() - begun;
    keep(`${what}, start, warm`, (name) => figure(name, 'ms', milliseconds));
    const rest = await memoryOf(one.pid);
    keep(`${what}, memory at rest`, (name) => figure(name, 'MB', rest));
    return one;
  };
  const worker = await started('worker', () => tenure.startWorker(temporal));
  await worker.stop();
  const api = await started('API', () => tenure.startApi());
  await timeLogins(fresh(40), 4, [api.url], prepare);
  const newcomers = fresh(times);
  const first = await timeLogins(newcomers, 1, [api.url], prepare);
  keep('SAML login, new person', (name) => rowOf(name, first));
  const again = await timeLogins(newcomers, 1, [api.url], prepare);
  keep('SAML login, returning person', (name) => rowOf(name, again));

  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(tenure, 'auditor')}` };
  const ask = async (query: string): Promise<void> => {
    const answered = await send({ url: `${api.url}/graphql`, method: 'POST', headers, body: JSON.stringify({ query }) });
    if (answered.status !== 200 || answered.body.includes('"errors"')) throw new Error(`a question was not answered: ${answered.body.slice(0, 300)}`);
  };
  for (const [what, query] of [
    ['GraphQL, one person with grants and accounts', `{ identity(id: "${somebody}") { userName grants { title } accounts { target } } }`],
    ['GraphQL, a page of 50 people', '{ identities(first: 50) { edges { node { id userName grants { title } } } } }'],
    ['GraphQL, a page of 50 people, and how many there are', '{ identities(first: 50) { totalCount edges { node { id userName displayName state } } } }'],
    ['GraphQL, a search, and how many it finds', '{ identities(search: "bulk99", first: 50) { totalCount edges { node { id userName displayName state } } } }'],
  ] as const) {
    const questions = Array.from({ length: asked }, () => query);
    await measure(questions.slice(0, 100), 1, ask);
    const sample = await measure(questions, 1, ask);
    keep(what, (name) => rowOf(name, sample));
  }
  const busy = await memoryOf(api.pid);
  keep('API, memory after load', (name) => figure(name, 'MB', busy));
  await api.stop();
  const planned = await planning(tenure);
  keep('a changed policy planned over everybody', (name) => figure(name, 'ms', planned.milliseconds, { n: planned.people, perSecond: planned.perSecond }));
  keep('bench process, memory after that plan', (name) => figure(name, 'MB', planned.megabytes));
  return rows;
}

/** Measures the simulation of a policy without its last rule for everybody, as `npm run policy -- plan` does it. */
async function planning({ store, engine }: Installation): Promise<{
  readonly milliseconds: number;
  readonly people: number;
  readonly perSecond: number;
  readonly megabytes: number | null;
}> {
  const { policy } = engine.configuration;
  const begun = performance.now();
  const plan = await planVersion(store, engine, { ...policy, birthright: policy.birthright.slice(0, 1) }, new Date().toISOString());
  const milliseconds = performance.now() - begun;
  if (plan.changed === 0) throw new Error('the plan should have changed something');
  return { milliseconds, people: plan.people, perSecond: (plan.people / milliseconds) * 1000, megabytes: await memoryOf(process.pid) };
}

function compared(row: Row, smallest: Row): Row {
  if (row === smallest || row.p50 === null || smallest.p50 === null) return row;
  return { ...row, floor: smallest.name, ratio: row.p50 / smallest.p50 };
}
