import { install, type Installation } from '../installation.ts';
import { figure, type Row, rowOf, type Sample } from '../row.ts';
import type { Servers, Sizes } from '../servers.ts';
import { ldapTarget, startLdapTarget } from './ldap-target.ts';
import { type LoadedTarget, loadAccounts, setNativeIds } from './load-accounts.ts';
import { reconcileFiles } from './reconcile-files.ts';
import { runBeside } from './run-beside.ts';
import { readScimTarget, type ScimTarget, scimTarget, startScimTarget } from './scim-target.ts';
import { fillSqlTarget, readSqlPages, readSqlTarget, sqlTarget } from './sql-target.ts';
import { durationsOf, watchRun } from './watch-run.ts';

const groups = ['reader', 'clerk'] as const;
const person = `'Person ' || n`;
const mail = `'user' || n || '@example.com'`;
const loaded: readonly LoadedTarget[] = [
  { name: 'sql', nativeId: 'n::text', attributes: `jsonb_build_object('full_name', ${person}, 'mail', ${mail})`, groups },
  { name: 'scim', nativeId: 'n::text', attributes: `jsonb_build_object('displayName', ${person}, 'emails', ${mail})`, groups },
];
/** Groups of the directory: everybody is in the first, every second one in the other. */
const directoryGroups = ['staff', 'finance'] as const;
/** Most entries of the directory: a larger one takes too long to fill. */
const mostEntries = 100_000;
/** How fast a client reads a target that does nothing else. */
interface Floors {
  /** In the cheapest way for the target. */
  readonly plain: Sample;
  /** In the way that the configuration prescribes; absent: that is the same, since a page comes with its memberships. */
  readonly pages?: Sample;
}

/** So high that no run waits for it: what is measured is how fast it can be. */
const unlimited = 10_000;

/** Measures runs over targets with `accounts` accounts beside a plain client that reads them, and lifecycles beside a run. */
export async function runReconcile(servers: Servers, { accounts }: Sizes): Promise<readonly Row[]> {
  const applicationUrl = await servers.createDatabase('reconciled_application');
  await fillSqlTarget(applicationUrl, accounts);
  const scim = await startScimTarget(accounts);
  try {
    return [
      ...(await inCompany(servers, accounts, applicationUrl, scim)),
      ...(await runDirectory(servers, Math.min(accounts, mostEntries))),
      ...(await runBeside(servers, accounts)),
    ];
  } finally {
    await scim.stop();
  }
}

async function inCompany(servers: Servers, accounts: number, applicationUrl: string, scim: ScimTarget): Promise<readonly Row[]> {
  const floors: Readonly<Record<string, Floors>> = {
    sql: { plain: await readSqlTarget(applicationUrl, accounts), pages: await readSqlPages(applicationUrl, accounts) },
    scim: { plain: await readScimTarget(scim) },
  };
  const targets = { sql: sqlTarget('sql', '${env:APPLICATION_URL}', unlimited), scim: scimTarget('scim', scim.url, unlimited) };
  const tenure = await install(servers, reconcileFiles(targets, { APPLICATION_URL: applicationUrl, CRM_TOKEN: 'bench' }));
  try {
    await loadAccounts(tenure.databaseUrl, accounts, loaded);
    const { address, namespace } = await servers.temporal();
    const worker = await tenure.startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
    const rows: Row[] = [];
    for (const name of Object.keys(targets)) rows.push(...(await ofTarget(tenure, worker.pid, name, accounts, floors[name])));
    return rows;
  } finally {
    await tenure.stop();
  }
}

/** Measures runs over a directory, where slapd is installed. */
async function runDirectory(servers: Servers, entries: number): Promise<readonly Row[]> {
  const directory = await startLdapTarget(entries);
  if (directory === null) return [];
  try {
    const floors = { plain: await directory.read() };
    const tenure = await install(
      servers,
      reconcileFiles({ ldap: ldapTarget('ldap', directory.url, unlimited) }, { LDAP_PASSWORD: directory.password }, directoryGroups),
    );
    try {
      const attributes = `jsonb_build_object('cn', ${person}, 'sn', ${person})`;
      await loadAccounts(tenure.databaseUrl, entries, [{ name: 'ldap', nativeId: 'null', attributes, groups: directoryGroups }]);
      await setNativeIds(tenure.databaseUrl, 'ldap', await directory.ids());
      const { address, namespace } = await servers.temporal();
      const worker = await tenure.startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
      return await ofTarget(tenure, worker.pid, 'ldap', entries, floors);
    } finally {
      await tenure.stop();
    }
  } finally {
    await directory.stop();
  }
}

async function ofTarget(tenure: Installation, worker: number, name: string, accounts: number, floors: Floors | undefined): Promise<readonly Row[]> {
  if (floors === undefined) return [];
  const plain = { ...rowOf(`floor: a plain client reads ${accounts} accounts (${name})`, floors.plain), p50: null, p99: null };
  const rows: Row[] = [plain];
  let floorRow = plain;
  if (floors.pages !== undefined) {
    const title = `floor: the target's own speed: ${accounts} accounts by the statements of the configuration (${name})`;
    floorRow = { ...rowOf(title, floors.pages, plain, 'perSecond'), p50: null, p99: null };
    rows.push(floorRow);
  }
  for (const which of ['first', 'next']) {
    const { run, memory } = await watchRun(tenure.store, name, worker);
    if (run.verdict !== 'complete') throw new Error(`the run of ${name} was ${run.verdict}: ${run.reasons.join(', ')} ${JSON.stringify(run.failure)}`);
    const { reading, whole } = durationsOf(run);
    const speed = (elapsed: number, title: string): Row => {
      const perSecond = (run.accounts / elapsed) * 1000;
      const ratio = (floorRow.perSecond ?? Number.NaN) / perSecond;
      return figure(`${title}, ${which} run (${name})`, 's', elapsed / 1000, { n: run.accounts, perSecond, floor: floorRow.name, ratio });
    };
    rows.push(speed(reading, 'accounts are read and stored'), speed(whole, 'the whole run'));
    rows.push(figure(`memory of the worker at most, ${which} run (${name})`, 'MB', memory));
    rows.push(figure(`findings, ${which} run (${name})`, 'findings', run.found));
  }
  return rows;
}
