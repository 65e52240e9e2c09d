import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweep } from '../sweep.ts';
import { createInstallation, eventually, type Installation } from './installation.ts';

/** An application in which an address belongs to at most one account. */
const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
precedence: { default: [hr] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:
  ledger:
    kind: sql
    url: \${env:LEDGER_URL}
    tls: none
    timeout: PT5S
    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }
`;
const accessYaml = `
entitlements: { ledger.staff: { target: ledger, value: staff } }
birthright: [{ name: everybody, when: "true", entitlements: [ledger.staff] }]
lifecycle: [{ name: all, end: { grace: P30D, then: keep } }]
`;

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation({ files: { tenureYaml, accessYaml }, ledgerSchema: 'create unique index on accounts (full_name);' });
});
afterAll(() => tenure?.stop());

test('four pairs that hand on a unique address in one batch have the right one in the end', async () => {
  const pairs = [1, 2, 3, 4];
  const named = (who: string, version: string, displayName: string) => ({ externalId: who, version, facts: { employeeNumber: who, displayName } });
  const shown = async (): Promise<Readonly<Record<string, unknown>>> => {
    const accounts = await tenure.database.execute(
      `select r.external_id as who, a.observed->'attributes'->>'full_name' as shown from account a join source_record r on r.identity_id = a.identity_id where a.confirmed_at is not null`,
    );
    return Object.fromEntries(accounts.map((row) => [row['who'], row['shown']]));
  };
  const before = pairs.flatMap((pair) => [named(`giver${pair}`, '1', `address ${pair}`), named(`taker${pair}`, '1', `other ${pair}`)]);
  await tenure.recordMany(before);
  await eventually(async () => Object.keys(await shown()).length === before.length);
  // The new holder comes first: then the address still belongs to the previous one.
  const handedOn = pairs.flatMap((pair) => [named(`taker${pair}`, '2', `address ${pair}`), named(`giver${pair}`, '2', `new ${pair}`)]);
  await tenure.recordMany(handedOn);
  const wanted = Object.fromEntries(handedOn.map(({ externalId, facts }) => [externalId, facts.displayName]));
  await eventually(async () => {
    const found = await shown();
    const open = await tenure.database.execute(`select 1 from case_file where status = 'open'`);
    const isRight = open.length === 0 && Object.keys(wanted).every((who) => found[who] === wanted[who]);
    // The second safety net, as if its time had come: the request of the moment at which the address was released is repeated.
    if (!isRight) await sweep(tenure.store, new Date(Date.now() + 3_600_000).toISOString());
    tenure.nudge();
    return isRight;
  });
  expect(await shown()).toEqual(wanted);
  expect(await tenure.database.execute(`select 1 from operation where status = 'failed'`)).toEqual([]);
});
