import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { startSqlApplication } from '@tenure/testing/targets/index.ts';
import { openLink, type FlakyLink } from '../../libs/connectors/flaky-link.ts';
import { deafRole, type LedgerHabit } from './dialects.ts';
import type { AccountThere } from './account-there.ts';
import type { Hands } from './hands.ts';
import { isHidden } from './is-hidden.ts';

/** An application whose accounts lie in tables, behind a link that fails. */
export interface LedgerTarget {
  readonly environment: Readonly<Record<string, string>>;
  readonly link: FlakyLink;
  accounts(): Promise<readonly AccountThere[]>;
  readonly hands: Hands;
  /** Number of times that each account was written after it was made, by user name; only where it lower-cases. */
  emailWrites(): Promise<ReadonlyMap<string, number>>;
}

/** SQL that gives the application its habit: how it stores the values that are written to it. */
const habits: Readonly<Record<LedgerHabit, string>> = {
  plain: '',
  'lower-cases': `
    create table written (account_id bigint not null);
    create function keep_address() returns trigger language plpgsql as $$ begin
      new.mail := lower(btrim(new.mail));
      if tg_op = 'UPDATE' and new.mail is not null then insert into written values (new.id); end if;
      return new;
    end $$;
    create trigger keep_address before insert or update of mail on accounts for each row execute function keep_address();`,
  deaf: `
    create function keep_out() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger keep_out before insert on account_roles for each row when (new.role = '${deafRole}') execute function keep_out();`,
};

/** View that the statement `list` reads, from which accounts can be left out. */
const listing = `
  create table unlisted (login text not null);
  create view listed_accounts as select * from accounts a where not exists (select 1 from unlisted u where u.login = a.login);`;

/** @param databaseUrl of a PostgreSQL that is not Tenure's */
export async function startLedger(stops: (() => Promise<void>)[], databaseUrl: string, habit: LedgerHabit): Promise<LedgerTarget> {
  const url = new URL(databaseUrl);
  const server = url.href;
  const name = `ledger_${randomBytes(6).toString('hex')}`;
  url.pathname = `/${name}`;
  const application = await startSqlApplication({ url: url.href });
  const link = await openLink({ host: url.hostname, port: Number(url.port) });
  const through = new URL(url);
  through.port = String(link.port);
  const pool = new Pool({ connectionString: url.href, max: 1 });
  stops.push(
    () => dropDatabase(server, name),
    () => application.stop(),
    () => pool.end(),
    () => link.down(),
  );
  await pool.query(habits[habit]);
  await pool.query(listing);
  const changed = async (text: string, values: readonly unknown[]): Promise<boolean> => ((await pool.query(text, [...values])).rowCount ?? 0) > 0;
  const join = `insert into account_roles (account_id, role) select id, $2 from accounts where login = $1 on conflict do nothing`;
  const hands: Hands = {
    async create(userName, role) {
      await pool.query('insert into accounts (login, active) values ($1, true)', [userName]);
      await pool.query(join, [userName, role]);
    },
    setEnabled: (userName, enabled) => changed('update accounts set active = $2 where login = $1', [userName, enabled]),
    setMember: (userName, role, isMember) =>
      changed(isMember ? join : 'delete from account_roles using accounts where account_id = id and login = $1 and role = $2', [userName, role]),
    remove: (userName) => changed('delete from accounts where login = $1', [userName]),
    async hide(share) {
      const { rows } = await pool.query<{ login: string }>('select login from accounts');
      const logins = rows.flatMap(({ login }) => (isHidden(login, share) ? login : []));
      await pool.query('truncate unlisted');
      await pool.query('insert into unlisted select unnest($1::text[])', [logins]);
    },
  };
  return {
    environment: { FAULTS_LEDGER_URL: through.href },
    link,
    hands,
    async accounts() {
      const { rows } = await pool.query<{ login: string; external_id: string; active: boolean; roles: string[] }>(
        `select login, external_id, active, (select coalesce(array_agg(role order by role), array[]::text[]) from account_roles where account_id = id) as roles from accounts`,
      );
      return rows.map(({ login, external_id, active, roles }) => ({ userName: login, externalId: external_id, enabled: active, groups: roles }));
    },
    async emailWrites() {
      if (habit !== 'lower-cases') return new Map();
      const { rows } = await pool.query<{ login: string; times: string }>(
        'select login, count(*) as times from written join accounts on id = account_id group by login',
      );
      return new Map(rows.map(({ login, times }) => [login, Number(times)]));
    },
  };
}

async function dropDatabase(server: string, name: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`drop database ${name} with (force)`);
  await client.end();
}
