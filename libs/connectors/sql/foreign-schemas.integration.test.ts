import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountRef, DomainError, MembershipQuestion } from '@tenure/domain';
import { Client } from 'pg';
import type { TargetConnector } from '../connector.ts';
import type { SqlSettings } from './settings.ts';
import { createSqlConnector } from './sql-connector.ts';

/** Server with applications whose tables were not designed for Tenure. */
const server = process.env['TENURE_TEST_DATABASE_URL'] ?? '';
const suffix = randomBytes(6).toString('hex');
const database = new URL(server || 'postgres://localhost');
database.pathname = `/foreign_${suffix}`;
const tenant = `tenant_${suffix}`;
const identity = '0b5a2c1e-6f0d-4c52-9c53-3a1d2f7d9a10';

let admin: Client;
const opened: TargetConnector[] = [];

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  if (!server) throw new Error('TENURE_TEST_DATABASE_URL is not set: run the tests through npm test, which starts PostgreSQL');
  await withClient(server, (client) => client.query(`CREATE DATABASE foreign_${suffix}`));
  await withClient(server, (client) => client.query(`CREATE ROLE ${tenant} LOGIN PASSWORD '${tenant}'`));
  admin = new Client({ connectionString: database.href });
  await admin.connect();
  await admin.query('CREATE EXTENSION citext');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(async () => {
  await admin?.end();
  await withClient(server, async (client) => {
    await client.query(`DROP DATABASE foreign_${suffix} WITH (FORCE)`);
    await client.query(`DROP ROLE ${tenant}`);
  });
});

type Statements = SqlSettings['statements'];

function connectTo(statements: Statements, more: Partial<SqlSettings> = {}): TargetConnector {
  const attributes = { display_name: '', mail: '', department: '', badge: '' };
  const settings = {
    name: 'app',
    kind: 'sql',
    url: database.href,
    tls: 'none',
    caFile: null,
    timeout: 5000,
    concurrency: 2,
    attributes,
    statements,
    ...more,
  } as const;
  const connector = createSqlConnector(settings);
  opened.push(connector);
  return connector;
}

async function refused(promise: Promise<unknown>): Promise<DomainError> {
  const error = await promise.then(
    () => null,
    (reason: DomainError) => reason,
  );
  if (error === null) throw new Error('it succeeded');
  return error;
}
const question = (entitlement: string, groupId: string | null = null): MembershipQuestion => ({ entitlement, groupId, isNeeded: true });
const count = async (sql: string): Promise<number> => Number((await admin.query<{ count: string }>(`SELECT count(*) FROM ${sql}`)).rows[0]?.count);

/**
 * Tables of a shop: integer ids, names in citext, a status instead of a flag, accounts that are only marked as deleted, groups with ids and a
 * table of pairs, and columns with constraints.
 */
const shopTables = `
  CREATE TYPE user_status AS ENUM ('invited', 'active', 'locked', 'deleted');
  CREATE TABLE departments (code varchar(4) PRIMARY KEY);
  INSERT INTO departments VALUES ('FIN'), ('IT');
  CREATE TABLE users (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login citext NOT NULL,
    external_ref text NOT NULL DEFAULT '',
    status user_status,
    display_name varchar(12) NOT NULL,
    email citext UNIQUE CHECK (email LIKE '%@%'),
    dept varchar(4) REFERENCES departments,
    badge integer,
    UNIQUE (login) DEFERRABLE INITIALLY DEFERRED
  );
  CREATE TABLE user_groups (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name citext NOT NULL UNIQUE);
  CREATE TABLE user_group_members (user_id integer NOT NULL REFERENCES users, group_id integer NOT NULL REFERENCES user_groups, PRIMARY KEY (user_id, group_id));`;
const shopColumns = `id::text AS native_id, login::text AS user_name, external_ref AS external_id, status = 'active' AS enabled, display_name, email::text AS mail, dept AS department, badge`;
const one = 'WHERE id = :nativeId::int';
const shop: Statements = {
  list: `SELECT ${shopColumns} FROM users WHERE status IS DISTINCT FROM 'deleted' AND id > COALESCE(:page, '0')::int ORDER BY id LIMIT :limit`,
  find: `SELECT ${shopColumns} FROM users WHERE login = :userName AND status IS DISTINCT FROM 'deleted'`,
  read: `SELECT ${shopColumns} FROM users ${one} AND status IS DISTINCT FROM 'deleted'`,
  create: `INSERT INTO users (login, external_ref, status, display_name, email, dept, badge)
    VALUES (:userName, :externalId, CASE WHEN :enabled THEN 'active'::user_status ELSE 'locked' END, :display_name, :mail, :department, :badge) RETURNING id::text AS native_id`,
  update: `UPDATE users SET external_ref = :externalId, display_name = :display_name, email = :mail, dept = :department, badge = :badge ${one}`,
  enable: `UPDATE users SET status = 'active' ${one}`,
  disable: `UPDATE users SET status = 'locked' ${one}`,
  delete: `UPDATE users SET status = 'deleted' ${one}`,
  memberships: 'SELECT name AS entitlement, group_id::text FROM user_group_members JOIN user_groups ON id = group_id WHERE user_id = :nativeId::int',
  addMember: `INSERT INTO user_group_members SELECT :nativeId::int, id FROM user_groups WHERE name = :entitlement ON CONFLICT DO NOTHING RETURNING group_id`,
  removeMember: `DELETE FROM user_group_members WHERE user_id = :nativeId::int
    AND group_id = COALESCE(:groupId::int, (SELECT id FROM user_groups WHERE name = :entitlement))`,
};

describe('a shop with integer ids, citext, a status and tables of its own', () => {
  const attributes = { display_name: 'Ann', mail: 'ann@x.example', department: 'FIN', badge: 7 };
  let connector: TargetConnector;
  let ann: AccountRef;

  beforeAll(() => admin.query(shopTables));
  beforeEach(async () => {
    await admin.query('TRUNCATE users, user_groups, user_group_members RESTART IDENTITY');
    await admin.query("INSERT INTO user_groups (name) VALUES ('finance'), ('Staff'), ('Sales')");
    connector = connectTo(shop);
    const { nativeId } = await connector.create({ userName: 'ann', externalId: identity, enabled: true, attributes });
    ann = { nativeId, userName: 'ann' };
  });
  const add = (login: string, mark = '', mail: string | null = null) =>
    admin.query('INSERT INTO users (login, external_ref, status, display_name, email) VALUES ($1, $2, $3, $4, $5)', [login, mark, 'active', 'Other', mail]);

  test('the statements are planned when the target is checked', async () => {
    await connector.check();
  });

  test('an account is created, read, changed, closed and marked as deleted', async () => {
    expect(await connector.observe(ann)).toMatchObject({ userName: 'ann', externalId: identity, enabled: true, attributes });
    expect(await connector.observe({ nativeId: null, userName: 'ANN' })).toMatchObject({ userName: 'ann' });
    await connector.update(ann, { display_name: 'Ann B.' }, identity);
    await connector.disable(ann);
    expect(await connector.observe(ann)).toMatchObject({ enabled: false, attributes: { ...attributes, display_name: 'Ann B.' } });
    await connector.delete(ann);
    expect(await connector.observe(ann)).toBeNull();
    await connector.delete(ann);
  });

  test('a status that the database does not say is neither enabled nor disabled', async () => {
    await admin.query('UPDATE users SET status = NULL');
    expect(await connector.observe(ann)).toMatchObject({ enabled: null });
    expect((await connector.list()).items).toMatchObject([{ enabled: null }]);
  });

  test('an empty mark is none, a mark of somebody else is never replaced', async () => {
    await add('old');
    await add('hr', 'P-4711');
    const [old, hr] = [
      { nativeId: null, userName: 'old' },
      { nativeId: null, userName: 'hr' },
    ];
    expect(await connector.observe(old)).toMatchObject({ externalId: null });
    await connector.update(old, { display_name: 'New' }, identity);
    await connector.update(hr, { display_name: 'New' }, identity);
    expect(await connector.observe(old)).toMatchObject({ externalId: identity, attributes: { display_name: 'New' } });
    expect(await connector.observe(hr)).toMatchObject({ externalId: 'P-4711', attributes: { display_name: 'New' } });
  });

  describe('memberships', () => {
    test('a name that the database compares without case is the same, and is answered as it was asked for', async () => {
      expect(await connector.addMember('Finance', ann)).toBe('1');
      expect(await connector.observe(ann, [question('Finance'), question('Sales')])).toMatchObject({
        entitlements: ['Finance'],
        memberships: [
          { entitlement: 'Finance', groupId: '1', evidence: 'shown' },
          { entitlement: 'Sales', groupId: null, evidence: 'others-shown' },
        ],
      });
      expect(await connector.observe(ann)).toMatchObject({ entitlements: ['finance'] });
      await connector.removeMember('FINANCE', ann);
      expect(await connector.observe(ann, [question('Finance')])).toMatchObject({ memberships: [{ groupId: null, evidence: 'nothing-shown' }] });
    });

    test('a group that was renamed is known and taken by its id', async () => {
      const groupId = await connector.addMember('Sales', ann);
      await admin.query("UPDATE user_groups SET name = 'Sales EU' WHERE name = 'Sales'");
      expect(await connector.observe(ann, [question('Sales', groupId)])).toMatchObject({
        entitlements: ['Sales'],
        memberships: [{ entitlement: 'Sales', groupId, evidence: 'shown' }],
      });
      await connector.removeMember('Sales', ann, groupId);
      expect(await count('user_group_members')).toBe(0);
      await connector.removeMember('Sales', ann, groupId);
    });

    test('a group that was renamed is not taken for taken where the statement knows no ids', async () => {
      const removeMember = 'DELETE FROM user_group_members USING user_groups WHERE user_id = :nativeId::int AND group_id = id AND name = :entitlement';
      const byName = connectTo({ ...shop, removeMember });
      const groupId = await byName.addMember('Sales', ann);
      await admin.query("UPDATE user_groups SET name = 'Sales EU' WHERE name = 'Sales'");
      const error = await refused(byName.removeMember('Sales', ann, groupId));
      expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { statement: 'removeMember', reason: 'no-effect' } });
      expect(error.message).toContain('let the statement find it by :groupId');
    });

    test('the id of a group is told before the membership is written: where it cannot be kept, nothing is given', async () => {
      const told: string[] = [];
      const notKept = async (id: string): Promise<void> => {
        told.push(id);
        throw new Error('not kept');
      };
      await expect(connector.addMember('Sales', ann, null, notKept)).rejects.toThrow();
      expect(told).toHaveLength(1);
      expect(await count('user_group_members')).toBe(0);
    });

    test('giving what is there already is success, and tells the id', async () => {
      expect(await connector.addMember('Staff', ann)).toBe('2');
      expect(await connector.addMember('Staff', ann)).toBe('2');
    });

    test('the id is read where the statement does not return it', async () => {
      const addMember = shop.addMember.replace(' RETURNING group_id', '');
      expect(await connectTo({ ...shop, addMember }).addMember('Staff', ann)).toBe('2');
    });

    test('a group that is not there is refused, though the statement succeeds', async () => {
      const error = await refused(connector.addMember('Nobody', ann));
      expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', retryable: false, details: { target: 'app', statement: 'addMember', reason: 'no-effect' } });
      expect(error.message).toContain('see that there is such a group');
    });

    test('without ids and with names that count by the letter, other case is another group', async () => {
      const memberships = 'SELECT name::text AS entitlement FROM user_group_members JOIN user_groups ON id = group_id WHERE user_id = :nativeId::int';
      const exact = connectTo({
        ...shop,
        memberships,
        addMember: `INSERT INTO user_group_members SELECT :nativeId::int, id FROM user_groups WHERE name::text = :entitlement ON CONFLICT DO NOTHING`,
      });
      await refused(exact.addMember('Finance', ann));
      expect(await exact.addMember('finance', ann)).toBeNull();
      expect(await exact.observe(ann, [question('Finance')])).toMatchObject({ memberships: [{ evidence: 'others-shown' }], entitlements: ['finance'] });
    });
  });

  describe('what a column does not take is named, and no value is', () => {
    const secret = 'Wilhelmine-Charlotte';
    test.each<[string, Record<string, string | number>, object]>([
      ['too long', { display_name: secret }, { sqlState: '22001', attribute: 'display_name' }],
      ['not of the type', { badge: secret }, { sqlState: '22P02', attribute: 'badge' }],
      ['out of range', { badge: '99999999999' }, { sqlState: '22003', attribute: 'badge' }],
      ['against a check', { mail: secret }, { sqlState: '23514', attribute: 'mail', constraint: 'users_email_check' }],
      ['that refers to nothing', { department: 'Wilh' }, { sqlState: '23503', attribute: 'department', column: 'dept' }],
      ['that another has', { mail: 'Taken@x.example' }, { sqlState: '23505', attribute: 'mail', column: 'email', reason: 'uniqueness' }],
    ])('a value %s, of a known account and of a new one', async (_, wrong, details) => {
      await add('taken', '', 'taken@x.example');
      const errors = [
        await refused(connector.update(ann, { display_name: 'Ann', ...wrong }, identity)),
        await refused(connector.create({ userName: 'ben', externalId: 'x', enabled: true, attributes: { display_name: 'Ben', ...wrong } })),
      ];
      for (const [index, error] of errors.entries()) {
        expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { ...details, target: 'app', statement: index === 0 ? 'update' : 'create' } });
        expect(`${error.message}${JSON.stringify(error.details)}`).not.toMatch(/Wilh|99999|Taken|taken@/);
      }
      expect(await connector.observe(ann)).toMatchObject({ attributes });
      expect(await connector.observe({ nativeId: null, userName: 'ben' })).toBeNull();
    });

    test('of several that are refused the first is named, so that each is found in its turn', async () => {
      const wrong = { mail: secret, display_name: secret, badge: 8 };
      expect(await refused(connector.update(ann, wrong, identity))).toMatchObject({ details: { attribute: 'display_name' } });
      expect(await refused(connector.update(ann, { mail: secret, badge: 8 }, identity))).toMatchObject({ details: { attribute: 'mail' } });
      await connector.update(ann, { badge: 8 }, identity);
    });

    test('what must not be NULL', async () => {
      const error = await refused(connector.update(ann, { display_name: [], badge: 8 }, identity));
      expect(error).toMatchObject({ details: { sqlState: '23502', attribute: 'display_name', column: 'display_name' } });
      expect(await refused(connector.create({ userName: 'ben', externalId: 'x', enabled: true, attributes: {} }))).toMatchObject({
        details: { sqlState: '23502', column: 'display_name' },
      });
    });

    test('a name that is taken is a conflict, also by an account that is not shown, and though the constraint waits for the end', async () => {
      await admin.query("UPDATE users SET status = 'deleted'");
      const again = connector.create({ userName: 'Ann', externalId: 'x', enabled: true, attributes: { display_name: 'Ann' } });
      expect(await refused(again)).toMatchObject({ code: 'ACCOUNT_CONFLICT' });
    });

    test('a trigger that refuses one attribute', async () => {
      await admin.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % here', NEW.badge; END $$;
        CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON users FOR EACH ROW WHEN (NEW.badge = 13) EXECUTE FUNCTION refuse()`);
      const error = await refused(connector.update(ann, { badge: 13, display_name: 'Ann' }, identity));
      expect(error).toMatchObject({ details: { sqlState: 'P0001', attribute: 'badge', statement: 'update' } });
      expect(error.message).not.toContain('no 13 here');
      await admin.query('DROP TRIGGER refuse ON users; DROP FUNCTION refuse');
    });
  });

  describe('statements that are wrong', () => {
    const bystander: AccountRef = { nativeId: null, userName: 'bystander' };
    beforeEach(() => add('bystander', 'theirs', 'bystander@x.example'));
    const everywhere = (statement: string): string => statement.replace(one, `${one} OR true`);

    test.each(['update', 'enable', 'disable', 'delete'] as const)('%s that reaches everybody is undone', async (name) => {
      await admin.query("UPDATE users SET status = 'locked' WHERE login = 'ann'");
      const before = [await connector.observe(ann), await connector.observe(bystander)];
      const wide = connectTo({ ...shop, [name]: everywhere(shop[name]).replace('email = :mail, ', '') });
      const calls = {
        update: () => wide.update(ann, { display_name: 'All' }, identity),
        enable: () => wide.enable(ann),
        disable: () => wide.disable(ann),
        delete: () => wide.delete(ann),
      };
      expect(await refused(calls[name]())).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { statement: name, reason: 'too-many-rows' } });
      expect([await connector.observe(ann), await connector.observe(bystander)]).toEqual(before);
    });

    test('several rows of one account are its own to change, when the statement says whose each is', async () => {
      await admin.query('CREATE TABLE seats (user_id integer, seat integer, is_open boolean)');
      await admin.query('INSERT INTO seats SELECT id, n, true FROM users, generate_series(1, 3) n');
      const enabled = "status = 'active' AS enabled";
      const seats = '(SELECT bool_or(is_open) FROM seats WHERE user_id = id) AS enabled';
      const [find, read] = [shop.find.replace(enabled, seats), shop.read.replace(enabled, seats)];
      const disable = 'UPDATE seats SET is_open = false WHERE user_id = :nativeId::int';
      expect(await refused(connectTo({ ...shop, find, read, disable }).disable(ann))).toMatchObject({ details: { reason: 'too-many-rows' } });
      await connectTo({ ...shop, find, read, disable: `${disable} RETURNING user_id::text AS native_id` }).disable(ann);
      expect([await count('seats WHERE is_open'), await count('seats')]).toEqual([3, 6]);
      const wrong = 'UPDATE seats SET is_open = false WHERE user_id >= :nativeId::int RETURNING user_id::text AS native_id';
      expect(await refused(connectTo({ ...shop, find, read, disable: wrong }).disable(ann))).toMatchObject({ details: { reason: 'too-many-rows' } });
      expect(await count('seats WHERE is_open')).toBe(3);
      await admin.query('DROP TABLE seats');
    });

    test.each<[keyof Statements, (connector: TargetConnector) => Promise<unknown>, string]>([
      ['enable', (at) => at.enable(ann), 'the account is still disabled'],
      ['disable', (at) => at.disable(ann), 'the account is still enabled'],
      ['update', (at) => at.update(ann, { display_name: 'New' }, identity), 'the account does not show the new display_name'],
      ['delete', (at) => at.delete(ann), 'the account is still there'],
    ])('%s that changes no row is no success', async (name, call, message) => {
      if (name === 'enable') await connector.disable(ann);
      const idle = connectTo({ ...shop, [name]: shop[name].replace(one, `${one} AND false`) });
      const error = await refused(call(idle));
      expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { statement: name, reason: 'no-effect' } });
      expect(error.message).toContain(message);
    });

    test('what changes no row since all is as it should be is success', async () => {
      const careful = connectTo({
        ...shop,
        update: `${shop.update} AND display_name IS DISTINCT FROM :display_name`,
        enable: `${shop.enable} AND status <> 'active'`,
        disable: `${shop.disable} AND status <> 'locked'`,
      });
      await careful.update(ann, { display_name: 'Ann' }, identity);
      await careful.enable(ann);
      await careful.disable(ann);
      await careful.disable(ann);
      expect(await connector.observe(ann)).toMatchObject({ enabled: false });
    });

    test('an attribute that is not read is not emptied by the writing of another', async () => {
      const blind = (statement: string): string => statement.replace(', badge', '');
      const [find, read] = [blind(shop.find), blind(shop.read)];
      const error = await refused(connectTo({ ...shop, find, read }).update(ann, { display_name: 'New' }, identity));
      expect(error).toMatchObject({ details: { statement: 'update', attribute: 'badge' } });
      const update = shop.update.replace('badge = :badge', 'badge = COALESCE(:badge, badge)');
      const keeping = connectTo({ ...shop, find, read, update }, { rules: { badge: { writeOnly: true } } });
      await keeping.update(ann, { display_name: 'New' }, identity);
      expect(await connector.observe(ann)).toMatchObject({ attributes: { display_name: 'New', badge: 7 } });
      await keeping.update(ann, { badge: 9 }, identity);
      expect(await connector.observe(ann)).toMatchObject({ attributes: { badge: 9 } });
    });

    test.each<[string, Partial<Statements>, string]>([
      [
        'a page that is not asked for',
        { list: `SELECT ${shopColumns} FROM users WHERE :page::text IS NULL OR true ORDER BY id LIMIT :limit` },
        'does not begin after :page',
      ],
      [
        'an account twice',
        { list: `SELECT ${shopColumns} FROM users CROSS JOIN generate_series(1, 2) WHERE id > COALESCE(:page, '0')::int ORDER BY id LIMIT :limit` },
        'answers with an account twice',
      ],
    ])('a list with %s is not believed', async (_, wrong, message) => {
      await admin.query("INSERT INTO users (login, status, display_name) SELECT 'filled-' || n, 'active', 'Filled' FROM generate_series(1, 600) n");
      const at = connectTo({ ...shop, ...wrong });
      const all = async (): Promise<void> => {
        for (let next: string | null | undefined; next !== null; ) ({ next } = await at.list(next));
      };
      expect((await refused(all())).message).toContain(message);
    });

    test('a reading by id that answers with another account is not believed', async () => {
      const read = `SELECT ${shopColumns} FROM users WHERE id > :nativeId::int`;
      expect((await refused(connectTo({ ...shop, read }).observe(ann))).message).toContain('answers with another account');
    });

    test.each<[keyof Statements, string, string]>([
      ['find', `SELECT ${shopColumns} FROM users`, ':userName is not used, so it would speak of all at once'],
      ['disable', "UPDATE users SET status = 'locked'", ':nativeId or :userName is not used, so it would speak of all at once'],
      ['memberships', 'SELECT name AS entitlement FROM user_groups', ':nativeId or :userName is not used'],
      ['removeMember', 'DELETE FROM user_group_members USING user_groups WHERE id = group_id AND name = :entitlement', ':nativeId or :userName is not used'],
      ['removeMember', 'DELETE FROM user_group_members WHERE user_id = :nativeId::int', ':entitlement or :groupId is not used'],
      ['addMember', 'INSERT INTO user_group_members SELECT :nativeId::int, :groupId::int', ':groupId is not known here'],
    ])('%s that speaks of all at once is refused at start: %s', (name, statement, message) => {
      expect(() => connectTo({ ...shop, [name]: statement })).toThrow(`app: statements.${name}: ${message}`);
    });

    test('a write-only attribute that would be emptied is refused at start', () => {
      expect(() => connectTo(shop, { rules: { badge: { writeOnly: true } } })).toThrow(
        'app: statements.update: :badge is writeOnly and NULL where it is not to change: write COALESCE(:badge, badge)',
      );
    });

    test.each<[keyof Statements, string, string]>([
      ['disable', "UPDATE users SET state = 'locked' WHERE id = :nativeId::int", 'statements.disable names a column that does not exist'],
      ['addMember', 'INSERT INTO members SELECT :nativeId::int, :entitlement', 'statements.addMember names a table that does not exist'],
      ['delete', 'DELETE users WHERE id = :nativeId::int', 'statements.delete is not valid SQL'],
      ['update', 'UPDATE users SET badge = :display_name::text WHERE id = :nativeId::int', 'statements.update puts a value into a column of another type'],
      ['enable', 'UPDATE users SET status = activate(status) WHERE id = :nativeId::int', 'statements.enable uses a function or operator that does not exist'],
    ])('%s that the database would refuse is found by the check, without running it', async (name, statement, message) => {
      const error = await refused(connectTo({ ...shop, [name]: statement }).check());
      expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { statement: name } });
      expect(error.message).toContain(message);
      expect(await count("users WHERE status = 'active'")).toBe(2);
    });

    test.each<[string, string, string]>([
      ['native_id', 'id AS native_id', 'the column native_id has to be the id of the account as text (id::text AS native_id)'],
      ['enabled', 'status::text AS enabled', 'the column enabled has to be true, false or NULL'],
      ['external_id', 'id::text AS external', 'the column external_id is missing: text or NULL'],
    ])('a column %s that is wrong is named', async (_, column, message) => {
      const columns = ['id::text AS native_id', 'login::text AS user_name', 'external_ref AS external_id', "status = 'active' AS enabled"].map((each) =>
        each.endsWith(column.split(' AS ')[1] ?? '') ? column : each.endsWith('external_id') && column.endsWith('external') ? column : each,
      );
      const find = `SELECT ${columns.join(', ')} FROM users WHERE login = :userName`;
      expect((await refused(connectTo({ ...shop, find }).observe({ nativeId: null, userName: 'ann' }))).message).toContain(message);
    });
  });
});

describe('an application that is only reached through views and functions', () => {
  const columns = 'id AS native_id, name AS user_name, mark AS external_id, is_open AS enabled, label AS display_name';
  const api: Statements = {
    list: `SELECT ${columns} FROM api.people WHERE id > COALESCE(:page, '') ORDER BY id LIMIT :limit`,
    find: `SELECT ${columns} FROM api.people WHERE name = :userName`,
    read: `SELECT ${columns} FROM api.people WHERE id = :nativeId`,
    create: 'INSERT INTO api.people (id, name, mark, is_open, label) VALUES (gen_random_uuid()::text, :userName, :externalId, :enabled, :display_name)',
    update: 'UPDATE api.people SET mark = :externalId, label = :display_name WHERE id = :nativeId',
    enable: 'SELECT api.open(:nativeId, true)',
    disable: 'CALL api.close(:nativeId)',
    delete: 'DELETE FROM api.people WHERE id = :nativeId',
    memberships: 'SELECT role AS entitlement FROM api.roles WHERE person = :nativeId',
    addMember: 'INSERT INTO api.roles (person, role) VALUES (:nativeId, :entitlement)',
    removeMember: 'DELETE FROM api.roles WHERE person = :nativeId AND role = :entitlement',
  };
  beforeAll(() =>
    admin.query(`
      CREATE SCHEMA api;
      CREATE TABLE api.person (id text PRIMARY KEY, name text NOT NULL UNIQUE, mark text, is_open boolean NOT NULL, label text);
      CREATE TABLE api.known_role (role text PRIMARY KEY);
      INSERT INTO api.known_role VALUES ('reader'), ('writer');
      CREATE TABLE api.person_role (person text REFERENCES api.person ON DELETE CASCADE, role text REFERENCES api.known_role, PRIMARY KEY (person, role));
      CREATE VIEW api.people AS SELECT * FROM api.person;
      CREATE VIEW api.roles AS SELECT * FROM api.person_role;
      CREATE FUNCTION api.write_people() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN INSERT INTO api.person VALUES (NEW.id, NEW.name, NEW.mark, NEW.is_open, NEW.label); RETURN NULL; END IF;
        IF TG_OP = 'UPDATE' THEN UPDATE api.person SET mark = NEW.mark, label = NEW.label WHERE id = OLD.id; RETURN NULL; END IF;
        DELETE FROM api.person WHERE id = OLD.id; RETURN NULL;
      END $$;
      CREATE FUNCTION api.write_roles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN
          INSERT INTO api.person_role SELECT NEW.person, role FROM api.known_role WHERE role = NEW.role ON CONFLICT DO NOTHING; RETURN NULL;
        END IF;
        DELETE FROM api.person_role WHERE person = OLD.person AND role = OLD.role; RETURN NULL;
      END $$;
      CREATE TRIGGER t INSTEAD OF INSERT OR UPDATE OR DELETE ON api.people FOR EACH ROW EXECUTE FUNCTION api.write_people();
      CREATE TRIGGER t INSTEAD OF INSERT OR DELETE ON api.roles FOR EACH ROW EXECUTE FUNCTION api.write_roles();
      CREATE FUNCTION api.open(who text, is_to_be boolean) RETURNS void LANGUAGE sql AS $$ UPDATE api.person SET is_open = is_to_be WHERE id = who $$;
      CREATE PROCEDURE api.close(who text) LANGUAGE sql AS $$ UPDATE api.person SET is_open = false WHERE id = who $$;`),
  );

  test('triggers that count no rows, a function and a procedure do what they are for', async () => {
    const connector = connectTo(api, { attributes: { display_name: '' } });
    await connector.check();
    const { nativeId } = await connector.create({ userName: 'ann', externalId: identity, enabled: true, attributes: { display_name: 'Ann' } });
    const ann = { nativeId, userName: 'ann' };
    await connector.update(ann, { display_name: 'Ann B.' }, identity);
    expect(await connector.addMember('reader', ann)).toBeNull();
    expect(await connector.addMember('reader', ann)).toBeNull();
    expect(await refused(connector.addMember('nobody', ann))).toMatchObject({ details: { statement: 'addMember', reason: 'no-effect' } });
    await connector.disable(ann);
    expect(await connector.observe(ann, [question('reader'), question('writer')])).toMatchObject({
      enabled: false,
      attributes: { display_name: 'Ann B.' },
      memberships: [{ evidence: 'shown' }, { evidence: 'others-shown' }],
    });
    await connector.enable(ann);
    expect(await connector.observe(ann)).toMatchObject({ enabled: true });
    await connector.removeMember('reader', ann);
    expect(await connector.observe(ann)).toMatchObject({ entitlements: [] });
    await connector.delete(ann);
    expect(await connector.observe(ann)).toBeNull();
  });

  test('a name that is taken behind the view is a conflict', async () => {
    const hiding = connectTo(
      { ...api, find: api.find.replace('api.people', '(SELECT * FROM api.people WHERE is_open) p') },
      { attributes: { display_name: '' } },
    );
    await hiding.create({ userName: 'ben', externalId: identity, enabled: false, attributes: {} }).catch(() => undefined);
    await admin.query("INSERT INTO api.person VALUES ('7', 'ben', null, false, null) ON CONFLICT DO NOTHING");
    expect(await refused(hiding.create({ userName: 'ben', externalId: identity, enabled: true, attributes: {} }))).toMatchObject({ code: 'ACCOUNT_CONFLICT' });
  });
});

describe('an application of several tenants, with row security', () => {
  const columns = 'id::text AS native_id, login AS user_name, mark AS external_id, active AS enabled';
  const byId = 'WHERE id = :nativeId::uuid';
  const saas: Statements = {
    list: `SELECT ${columns} FROM saas.members WHERE id > COALESCE(:page, '00000000-0000-0000-0000-000000000000')::uuid ORDER BY id LIMIT :limit`,
    find: `SELECT ${columns} FROM saas.members WHERE login = :userName`,
    read: `SELECT ${columns} FROM saas.members ${byId}`,
    create: "INSERT INTO saas.members (tenant, login, mark, active) VALUES ('a', :userName, :externalId, :enabled) RETURNING id::text AS native_id",
    update: `UPDATE saas.members SET mark = :externalId ${byId}`,
    enable: `UPDATE saas.members SET active = true ${byId}`,
    disable: `UPDATE saas.members SET active = false ${byId}`,
    delete: `DELETE FROM saas.members ${byId}`,
    memberships: 'SELECT team AS entitlement FROM saas.teams WHERE member = :nativeId::uuid',
    addMember: 'INSERT INTO saas.teams (member, team) VALUES (:nativeId::uuid, :entitlement) ON CONFLICT DO NOTHING',
    removeMember: 'DELETE FROM saas.teams WHERE member = :nativeId::uuid AND team = :entitlement',
  };
  const asTenant = (statements: Statements = saas): TargetConnector => {
    const url = new URL(database.href);
    url.username = tenant;
    url.password = tenant;
    return connectTo(statements, { url: url.href, attributes: {} });
  };
  const asAdmin = (): TargetConnector => connectTo(saas, { attributes: {} });

  beforeAll(() =>
    admin.query(`
      CREATE SCHEMA saas;
      CREATE TABLE saas.members (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant text NOT NULL, login text NOT NULL UNIQUE, mark text, active boolean NOT NULL);
      CREATE TABLE saas.teams (member uuid REFERENCES saas.members ON DELETE CASCADE, team text, PRIMARY KEY (member, team));
      GRANT USAGE ON SCHEMA saas TO ${tenant};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA saas TO ${tenant};
      ALTER TABLE saas.members ENABLE ROW LEVEL SECURITY;
      CREATE POLICY sees ON saas.members FOR SELECT USING (tenant = 'a');
      CREATE POLICY adds ON saas.members FOR INSERT WITH CHECK (tenant = 'a');
      CREATE POLICY writes ON saas.members FOR UPDATE USING (tenant = 'a' AND login <> 'locked');
      CREATE POLICY deletes ON saas.members FOR DELETE USING (tenant = 'a');`),
  );
  beforeEach(() => admin.query('TRUNCATE saas.members, saas.teams'));
  const add = async (connector: TargetConnector, userName: string): Promise<AccountRef> => {
    const { nativeId } = await connector.create({ userName, externalId: identity, enabled: true, attributes: {} });
    return { nativeId, userName };
  };

  test('an account that moved out of sight is not gone: neither read as gone nor closed by word alone', async () => {
    const connector = asTenant();
    const ann = await add(connector, 'ann');
    await admin.query("UPDATE saas.members SET tenant = 'b'");
    for (const call of [() => connector.observe(ann), () => connector.disable(ann), () => connector.delete(ann), () => connector.removeMember('x', ann)]) {
      const error = await refused(call());
      expect(error).toMatchObject({ code: 'ACCOUNT_NOT_VISIBLE', details: { target: 'app', reason: 'row-security' } });
    }
    expect(await asAdmin().observe(ann)).toMatchObject({ enabled: true });
    await asAdmin().delete(ann);
    expect(await asAdmin().observe(ann)).toBeNull();
  });

  test('a row that may be read but not written is not taken for changed', async () => {
    const connector = asTenant();
    const ref = await add(connector, 'locked');
    for (const call of [() => connector.disable(ref), () => connector.update(ref, {}, identity).then(() => connector.disable(ref))])
      expect(await refused(call())).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { statement: 'disable', reason: 'no-effect' } });
    expect(await connector.observe(ref)).toMatchObject({ enabled: true });
  });

  test('a membership that row security may leave out is not taken for absent', async () => {
    const connector = asTenant();
    const ann = await add(connector, 'ann');
    await connector.addMember('one', ann);
    expect(await connector.observe(ann, [question('two')])).toMatchObject({ memberships: [{ evidence: 'others-shown' }] });
    await admin.query(`ALTER TABLE saas.teams ENABLE ROW LEVEL SECURITY; CREATE POLICY part ON saas.teams USING (team <> 'two')`);
    const filtered = asTenant();
    expect(await filtered.observe(ann, [question('one'), question('two')])).toMatchObject({ memberships: [{ evidence: 'shown' }, { evidence: 'incomplete' }] });
    // Cached properties of the database are determined again.
    await connector.check();
    expect(await connector.observe(ann, [question('two')])).toMatchObject({ memberships: [{ evidence: 'incomplete' }] });
    expect(await refused(connector.addMember('two', ann))).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { sqlState: '42501', statement: 'addMember' } });
    expect(await asAdmin().observe(ann, [question('two')])).toMatchObject({ memberships: [{ evidence: 'others-shown' }] });
    await admin.query('DROP POLICY part ON saas.teams; ALTER TABLE saas.teams DISABLE ROW LEVEL SECURITY');
  });

  test('a right that is missing is found by the check', async () => {
    await admin.query(`REVOKE DELETE ON saas.teams FROM ${tenant}`);
    const error = await refused(asTenant().check());
    expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { sqlState: '42501', statement: 'removeMember' } });
    expect(error.message).toContain('its user has no right to do what statements.removeMember does');
    await admin.query(`GRANT DELETE ON saas.teams TO ${tenant}`);
    await asTenant().check();
  });
});
