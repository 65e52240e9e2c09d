import { performance } from 'node:perf_hooks';
import { type Installation, install } from '../installation.ts';
import { send } from '../login/requests.ts';
import { memoryOf } from '../memory.ts';
import { figure, type Row } from '../row.ts';
import type { Servers } from '../servers.ts';
import { tokenOf } from '../token.ts';
import { lifeFiles } from '../lives/life-files.ts';
import { fill } from './fill.ts';
import { takeRecord } from '@tenure/engine/intake';

/** Number of records in a request. */
const together = 500;
/** One record in this many has changed. */
const changedEvery = 100;

/** Measures an import of all records of a source, few of them changed, until all of it is durably accepted. */
export async function runImport(servers: Servers, people: number): Promise<readonly Row[]> {
  const tenure = await install(servers, lifeFiles(3, 'postgresql://nobody@127.0.0.1:9/none'));
  try {
    await fill(tenure.databaseUrl, await firstPerson(tenure), 0, people);
    const api = await tenure.startApi();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(tenure, 'source:hr')}` };
    const ask = async <T>(query: string, variables: object): Promise<T> => {
      const { body } = await send({ url: `${api.url}/graphql`, method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const answer = JSON.parse(body) as { data?: T; errors?: unknown };
      if (answer.data == null || answer.errors !== undefined) throw new Error(`an import was not taken: ${body.slice(0, 300)}`);
      return answer.data;
    };
    const memory = [await memoryOf(api.pid)];
    const begun = performance.now();
    const { startImport } = await ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }', {});
    for (let from = 1; from <= people; from += together) {
      const records = Array.from({ length: Math.min(together, people - from + 1) }, (_, index) => recordOf(from + index));
      await ask(recordFacts, { input: { source: 'hr', importId: startImport.id, records } });
      memory.push(await memoryOf(api.pid));
    }
    const { finishImport } = await ask<{ finishImport: { records: number } }>('mutation ($id: ID!) { finishImport(id: $id) { records } }', {
      id: startImport.id,
    });
    const accepted = performance.now() - begun;
    if (finishImport.records !== Math.floor(people / changedEvery)) throw new Error(`${finishImport.records} records should have been news`);
    await api.stop();
    const seen = memory.filter((one) => one !== null);
    const name = `import of ${people.toLocaleString('en')} records, 1 % changed`;
    return [
      figure(`${name}: durably accepted`, 'ms', accepted, { n: people, perSecond: (people / accepted) * 1000 }),
      figure(`${name}: API, memory at its beginning`, 'MB', seen[0] ?? null),
      figure(`${name}: API, most memory until its end`, 'MB', seen.length === 0 ? null : Math.max(...seen)),
    ];
  } finally {
    await tenure.stop();
  }
}

const recordFacts = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }';

/** Record as `fill` has copied it, or changed. */
function recordOf(number: number): object {
  const isChanged = number % changedEvery === 0;
  const attributes = {
    employeeNumber: `B-${number}`,
    email: `bulk${number}@contoso.example`,
    displayName: 'Copied',
    department: isChanged ? 'Sales' : 'Finance',
  };
  return { externalId: `bulk|${number}`, version: isChanged ? '2' : '1', status: 'ACTIVE', attributes };
}

async function firstPerson({ store, engine }: Installation): Promise<string> {
  const now = new Date().toISOString();
  const facts = { employeeNumber: 'B-0', email: 'bulk0@contoso.example', displayName: 'Copied', department: 'Finance' };
  const record = { source: 'hr', externalId: 'bulk|0', version: '1', facts, status: 'active' as const, endedAt: null };
  const context = { actor: { kind: 'system', id: 'bench' }, correlationId: 'bench', now } as const;
  const { identityId } = await store.transaction(context, (tx) => takeRecord(tx, engine, record));
  if (identityId === null) throw new Error('the first record has made nobody');
  return identityId;
}
