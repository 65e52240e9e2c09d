import { randomBytes, randomUUID } from 'node:crypto';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrationsList } from './index.ts';

/** An installation with sessions and tokens of before is brought up to date. */
let orm: MikroORM;
let admin: MikroORM;
const name = `test_${randomBytes(6).toString('hex')}`;
const open = (clientUrl: string): Promise<MikroORM> =>
  MikroORM.init({
    entities: [],
    clientUrl,
    discovery: { warnWhenNoEntities: false },
    pool: { max: 1 },
    extensions: [Migrator],
    migrations: { migrationsList, tableName: 'tenure_migration', snapshot: false },
    logger: () => undefined,
  });

beforeAll(async () => {
  const server = process.env['TENURE_TEST_DATABASE_URL'] ?? '';
  admin = await open(server);
  await admin.em.fork().execute(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  orm = await open(url.href);
  await orm.migrator.up({ to: '0086-narrower-runtime' });
});
afterAll(async () => {
  await orm?.close(true);
  await admin?.em.fork().execute(`drop database ${name} with (force)`);
  await admin?.close(true);
});

test('tokens keep what they may and lose what they never should have had; sessions go on', async () => {
  const em = orm.em.fork();
  const [ann, gone] = [randomUUID(), randomUUID()];
  await em.execute('alter table service_token disable trigger all');
  await em.execute(
    `insert into identity (id, user_name, user_type, attributes, relationships, time_zone, endings, reported_activity, questions, groups, search_text, state, activations, revision, created_at)
      values (?, 'ann', 'employee', '{}', '[]', 'UTC', '{}', '[]', '[]', '{}', '', 'active', '{}', 0, now())`,
    [ann],
  );
  const token = async (roles: readonly string[], createdBy: string, days: number, isRevoked = false): Promise<string> => {
    const id = randomUUID();
    await em.execute(
      `insert into service_token (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at)
        values (?, 't', ?, ?::jsonb, ?, now(), now() + ? * interval '1 day', case when ? then now() end)`,
      [id, id, JSON.stringify(roles), createdBy, days, isRevoked],
    );
    return id;
  };
  const machine = await token(['admin'], 'npm run token', 365);
  const child = await token(['auditor'], `service ${machine}`, 300);
  const feed = await token(['source:hr'], 'npm run token', 300);
  const ofAnn = await token(['admin'], `person ${ann}`, 300);
  const ofNobody = await token(['auditor'], `person ${gone}`, 300);
  const revoked = await token(['admin'], 'npm run token', 1, true);
  const orphan = await token(['auditor'], `service ${revoked}`, 300);
  const session = randomUUID();
  await em.execute(
    `insert into session (id, token_hash, identity_id, provider, created_at, expires_at) values (?, 'hash', ?, 'corp', now(), now() + interval '8 hours')`,
    [session, ann],
  );
  await orm.migrator.up();
  const rows = await em.execute<{ id: string; parent_id: string | null; identity_id: string | null; days: number; over: boolean }[]>(
    `select id, parent_id, identity_id, round(extract(epoch from expires_at - now()) / 86400)::int as days, ended_at is not null as over from credential`,
  );
  const byId = new Map(rows.map(({ id, ...rest }) => [id, rest]));
  expect([machine, child, feed, ofAnn, ofNobody, revoked, orphan, session].map((id) => byId.get(id))).toEqual([
    { parent_id: null, identity_id: null, days: 1, over: false },
    { parent_id: machine, identity_id: null, days: 1, over: false },
    { parent_id: null, identity_id: null, days: 300, over: false },
    { parent_id: null, identity_id: ann, days: 300, over: false },
    { parent_id: null, identity_id: null, days: 300, over: true },
    { parent_id: null, identity_id: null, days: 1, over: true },
    { parent_id: revoked, identity_id: null, days: 1, over: true },
    { parent_id: null, identity_id: ann, days: 0, over: false },
  ]);
});
