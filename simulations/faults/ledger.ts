import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { startSqlApplication } from '@tenure/testing/targets/index.ts';
import { openLink, type FlakyLink } from '../../libs/connectors/flaky-link.ts';
import { deafRole, type LedgerHabit } from './dialects.ts';
import type { AccountThere } from './account-there.ts';
import type { Hands } from './hands.ts';

/** An application whose accounts lie in tables, behind a link that fails. */
export interface LedgerTarget {
  readonly environment: Readonly<Record<string, string>>;
  readonly link: FlakyLink;
  accounts(): Promise<readonly AccountThere[]>;
  readonly hands: Hands;
  /** User names of the accounts that Tenure removed. */
  removed(): Promise<readonly string[]>;
  /** Number of times that each account was written after it was made, by user name; only where it lower-cases. */
  emailWrites(): Promise<ReadonlyMap<string, number>>;
}

/** Name of the administrator's connections. */
const byHand = 'by hand';

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

/** View that the statement `list` reads, from which accounts can be left out, and which can show old ones. Removals through Tenure are recorded. */
const listing = `
  create table unlisted (login text not null);
  create table old_accounts as select * from accounts with no data;
  create table lie (shows_old boolean not null);
  insert into lie values (false);
  create view listed_accounts as
    select * from accounts a where not exists (select 1 from lie where shows_old) and not exists (select 1 from unlisted u where u.login = a.login)
    union all select * from old_accounts where exists (select 1 from lie where shows_old);
  create function set_lie(left_out text[], old boolean) returns void language sql as $$
    delete from unlisted; insert into unlisted select unnest(left_out);
    delete from old_accounts; insert into old_accounts select * from accounts where old;
    update lie set shows_old = old $$;
  create table removed (login text not null);
  create function record_removal() returns trigger language plpgsql as $$ begin
    insert into removed values (old.login);
    return old;
  end $$;
  create trigger record_removal after delete on accounts for each row when (current_setting('application_name') <> '${byHand}') execute function record_removal();`;

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
  const pool = new Pool({ connectionString: url.href, max: 1, application_name: byHand });
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
    lies: ['leaves-out', 'shows-old'],
    async tell(lie) {
      const { rows } = await pool.query<{ login: string }>('select login from accounts');
      const left = rows.flatMap(({ login }) => (lie?.kind === 'leaves-out' && lie.isLeftOut(login) ? [login] : []));
      await pool.query('select set_lie($1, $2)', [left, lie?.kind === 'shows-old']);
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
    async removed() {
      const { rows } = await pool.query<{ login: string }>('select login from removed order by login');
      return rows.map(({ login }) => login);
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
