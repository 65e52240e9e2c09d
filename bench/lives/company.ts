import { createConnector, type TargetConnector } from '@tenure/connectors';
import type { Engine } from '@tenure/engine/decide';
import { followChanges, type Store } from '@tenure/store';
import { Pool } from 'pg';
import { install } from '../installation.ts';
import { send } from '../login/requests.ts';
import { measure } from '../measure.ts';
import type { Sample } from '../row.ts';
import { tokenOf } from '../token.ts';
import type { Servers } from '../servers.ts';
import { applicationSchema, lifeFiles } from './life-files.ts';

/** An installation with one API and one worker process, and targets that answer at once. */
export interface Company {
  readonly targets: number;
  /** Process ids. */
  readonly api: number;
  readonly worker: number;
  readonly databaseUrl: string;
  /** Database of its applications. */
  readonly applicationsUrl: string;
  readonly store: Store;
  readonly engine: Engine;
  /** Temporal server and namespace of its identity lifecycle workflows. */
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** Sends one request of `recordFacts`. @param endOf returns the end of a person's access (RFC 3339) @returns ids in the order of the people */
  record(people: readonly number[], version: number, status: 'ACTIVE' | 'ENDED', endOf?: (number: number) => string): Promise<readonly string[]>;
  /** Resolves when this person's end has been decided. */
  ended(identityId: string): Promise<void>;
  /** Resolves when every account of this person is confirmed in its desired state, which is this one. */
  settled(identityId: string, state: 'enabled' | 'disabled'): Promise<void>;
  /** Resolves when this person has no account that is open, or not in its desired state. */
  closed(identityId: string): Promise<void>;
  /** Measures the connectors alone: an account with two roles in each target, created and read back, with the concurrency of the worker. */
  connectorsAlone(people: number): Promise<Sample>;
  /** Number of confirmed accounts of everybody. */
  confirmed(): Promise<number>;
  stop(): Promise<void>;
}

let companies = 0;
let run = 0;

/** @param ratePerSecond of each target @param moreYaml further parts of its tenure.yaml */
export async function startCompany(servers: Servers, targets: number, ratePerSecond?: number, moreYaml = ''): Promise<Company> {
  companies += 1;
  const applicationsUrl = await servers.createDatabase(`applications_${companies}`);
  const applications = new Pool({ connectionString: applicationsUrl, max: 1 });
  // Targets are foreign servers: their cost of durability is not measured here.
  await applications.query(`alter database applications_${companies} set synchronous_commit = off`);
  await applications.query(applicationSchema(targets));
  await applications.end();
  const files = lifeFiles(targets, applicationsUrl, ratePerSecond);
  const tenure = await install(servers, { ...files, tenureYaml: files.tenureYaml + moreYaml });
  const { address, namespace } = await servers.temporal();
  const worker = await tenure.startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  const api = await tenure.startApi();
  const token = await tokenOf(tenure, 'source:hr');
  const pool = new Pool({ connectionString: tenure.databaseUrl, max: 4 });
  const changes = await followChanges(tenure.databaseUrl, () => undefined);
  const countSettled = async (identityId: string, state: string): Promise<number> => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*)::int as count from account where identity_id = $1 and confirmed_at is not null and desired->>'state' = $2`,
      [identityId, state],
    );
    return rows[0]?.count ?? 0;
  };
  const until = (identityId: string, isSo: () => Promise<boolean>): Promise<void> =>
    new Promise((resolve, reject) => {
      let isLooking = false;
      let hasChanged = false;
      const look = (): void => {
        hasChanged = isLooking;
        if (isLooking) return;
        isLooking = true;
        isSo().then((isOver) => {
          isLooking = false;
          if (isOver) {
            stop();
            resolve();
          } else if (hasChanged) look();
        }, reject);
      };
      // Reads only after a change: a bench that polls all the time measures itself.
      const stop = changes.follow(identityId, look);
      look();
    });
  return {
    targets,
    temporal: { address, namespace },
    api: api.pid,
    worker: worker.pid,
    databaseUrl: tenure.databaseUrl,
    applicationsUrl,
    store: tenure.store,
    engine: tenure.engine,
    async record(people, version, status, endOf) {
      const body = JSON.stringify({
        query: recordFacts,
        variables: { input: { source: 'hr', records: people.map((number) => recordOf(number, version, status, endOf?.(number))) } },
      });
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const answered = await send({ url: `${api.url}/graphql`, method: 'POST', headers, body });
      const answer = JSON.parse(answered.body) as { data?: { recordFacts?: { problems: number; results: { identityId: string }[] } } };
      if (answer.data?.recordFacts?.problems !== 0) throw new Error(`records were not taken: ${answered.body.slice(0, 500)}`);
      return answer.data.recordFacts.results.map(({ identityId }) => identityId);
    },
    settled: (identityId, state) => until(identityId, async () => (await countSettled(identityId, state)) === targets),
    ended: (identityId) =>
      until(identityId, async () => (await pool.query(`select 1 from identity where id = $1 and state = 'leaving'`, [identityId])).rows.length === 1),
    closed: (identityId) =>
      until(identityId, async () => {
        const { rows } = await pool.query<{ closed: boolean }>(
          `select i.state in ('leaving', 'left') and not exists (select 1 from account a where a.identity_id = i.id and (a.confirmed_at is null or a.desired->>'state' = 'enabled')) as closed
           from identity i where id = $1`,
          [identityId],
        );
        return rows[0]?.closed === true;
      }),
    async connectorsAlone(people) {
      run += 1;
      const connectors = Object.values(tenure.engine.configuration.targets).map((target) => ({ connector: createConnector(target), target }));
      const begun = performance.now();
      const samples = await Promise.all(
        connectors.map(({ connector, target }) =>
          measure(
            Array.from({ length: people }, (_, number) => `alone${run}-${number}`),
            target.concurrency,
            (userName) => makeAccount(connector, userName),
          ),
        ),
      );
      const elapsed = performance.now() - begun;
      await Promise.all(connectors.map(({ connector }) => connector.close()));
      return { times: samples.flatMap(({ times }) => times), elapsed };
    },
    async confirmed() {
      const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from account where confirmed_at is not null');
      return rows[0]?.count ?? 0;
    },
    async stop() {
      await changes.close();
      await pool.end();
      await tenure.stop();
    },
  };
}

/** Calls a target as a batch run does for a new person, and no more. */
async function makeAccount(connector: TargetConnector, userName: string): Promise<void> {
  await connector.observe({ nativeId: null, userName });
  const { nativeId } = await connector.create({ userName, externalId: userName, enabled: true, attributes: { full_name: userName } });
  for (const role of ['reader', 'clerk']) await connector.addMember(role, { nativeId, userName });
  await connector.observe({ nativeId, userName });
}

const recordFacts = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems results { identityId outcome message } } }';

function recordOf(number: number, version: number, status: 'ACTIVE' | 'ENDED', endDate?: string): object {
  const known = { displayName: `Person ${number}`, email: `person${number}@example.com`, employeeNumber: `E-${number}`, department: 'Finance' };
  const attributes = endDate === undefined ? known : { ...known, endDate };
  return { externalId: `E-${number}`, version: String(version), status, attributes };
}
