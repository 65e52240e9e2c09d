import { Client } from 'pg';
import { startCompany } from '../lives/company.ts';
import { measure } from '../measure.ts';
import { type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { loadAccounts, oneIn } from './load-accounts.ts';
import { watchRun } from './watch-run.ts';

const people = 200;
/** Rate of the target, which lifecycles and the pages of a run share. */
const ratePerSecond = 40;

/** Measures people who join in a target, alone and while this target is reconciled again and again at its configured rate. */
export async function runBeside(servers: Servers, accounts: number): Promise<readonly Row[]> {
  const company = await startCompany(servers, 1, ratePerSecond);
  try {
    await fill(company.applicationsUrl, accounts);
    await loadAccounts(company.databaseUrl, accounts, [
      { name: 'app1', nativeId: `(n + 1000000)::text`, attributes: `jsonb_build_object('full_name', 'Person ' || n)`, groups: ['reader', 'clerk'] },
    ]);
    const hire = async (number: number): Promise<void> => {
      const [id = ''] = await company.record([number], 1, 'ACTIVE');
      await company.settled(id, 'enabled');
    };
    const numbers = (from: number): number[] => Array.from({ length: people }, (_, index) => from + index);
    await measure(numbers(5_000_000).slice(0, 6), 3, hire);
    const alone = rowOf(`hire → account confirmed, ${accounts} accounts there`, await measure(numbers(6_000_000), 1, hire));
    let isOver = false;
    let runs = 0;
    const runOnAndOn = async (): Promise<void> => {
      while (!isOver) {
        await watchRun(company.store, 'app1', company.worker);
        runs += 1;
      }
    };
    const running = runOnAndOn();
    const beside = rowOf('the same while the target is reconciled again and again', await measure(numbers(7_000_000), 1, hire), alone);
    isOver = true;
    await running;
    const tail = beside.p99 === null || alone.p99 === null ? null : beside.p99 / alone.p99;
    return [alone, beside, { ...beside, name: `p99 of the same, ${runs} runs`, p50: null, perSecond: null, floor: `p99 of ${alone.name}`, ratio: tail }];
  } finally {
    await company.stop();
  }
}

async function fill(url: string, accounts: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `insert into app1 (id, login, external_id, active, full_name) select n + 1000000, 'user' || n, '00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'), true, 'Person ' || n
       from generate_series(1, $1::int) n where n % ${oneIn} <> 1`,
      [accounts],
    );
    await client.query(`insert into app1_roles select id, 'reader' from app1 union all select id, 'clerk' from app1 where id % 2 = 0`);
    await client.query(`select setval('app1_id_seq', 5000000)`);
    await client.query('vacuum analyze app1');
    await client.query('vacuum analyze app1_roles');
  } finally {
    await client.end();
  }
}
