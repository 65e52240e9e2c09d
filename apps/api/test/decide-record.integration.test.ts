import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  badge: { type: string }
  department: { type: string }
precedence: { default: [hr, badges, guests] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }, { attribute: badge }] }
  badges: { title: Badges, mayCreate: true, correlate: [{ attribute: badge }] }
  guests: { title: Guests, correlate: [{ attribute: badge }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  tenure.operator: { target: tenure, value: operator }
  tenure.admin: { target: tenure, value: admin }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: operators, when: 'identity.department == "Operations"', entitlements: [tenure.operator] }
  - { name: admins, when: 'identity.department == "Administration"', entitlements: [tenure.admin] }
`;

let api: TestApi;
let count = 0;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
});
afterAll(() => api.stop());

interface Somebody {
  readonly id: string;
  readonly token: string;
}
async function person(badge: string, department = 'Sales'): Promise<Somebody> {
  count += 1;
  const { identityId } = await api.record({
    externalId: `n${count}`,
    facts: { displayName: `Person ${count}`, employeeNumber: `n${count}`, badge: `${badge}-${count}`, department },
  });
  const id = identityId ?? '';
  // Two people with one badge cannot come by themselves: the second is found by the first's. It was given out twice.
  await api.database.execute(`update source_record set facts = facts || jsonb_build_object('badge', ?::text) where identity_id = ?`, [badge, id]);
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
  const { token } = await api.store.transaction(context, (tx) => tx.sessions.open(id, 'none', api.now, later(api.now, 24)));
  return { id, token };
}
/** A record that matches everybody with this badge. */
async function says(badge: string, source = 'badges', version = '1'): Promise<string> {
  const taken = await api.record({ source, externalId: badge, version, status: null, facts: { displayName: 'Who am I', badge } });
  expect(taken.outcome).toBe('ambiguous');
  const [open] = await api.store.read((tx) => tx.cases.openOfKeys([`ambiguous-record/${taken.recordId}`]));
  return open?.id ?? '';
}
const decide = (caseId: string, token: string, whose: string, version = '1') =>
  api.graphql(`mutation { decideRecord(caseId: "${caseId}", ${whose}, version: "${version}", reason: "Asked them") { status resolution } }`, { token });
const codeOf = async (...args: Parameters<typeof decide>): Promise<unknown> => (await decide(...args)).errors[0]?.extensions.code;

describe('whose a record is that matches several people', () => {
  test('is said by an operator who has seen what the record says and whom it matches', async () => {
    const [one, two] = [await person('A'), await person('A')];
    const operator = await person('op', 'Operations');
    const id = await says('A');
    const shown = await api.graphql(`{ case(id: "${id}") { record { version facts } candidates { id } actions { mutation } } }`, { token: operator.token });
    const { candidates, record } = (shown.data as unknown as { case: { candidates: { id: string }[]; record: object } }).case;
    expect(record).toEqual({ version: '1', facts: { displayName: 'Who am I', badge: 'A' } });
    expect(new Set(candidates.map((found) => found.id))).toEqual(new Set([one.id, two.id]));
    expect((await decide(id, operator.token, `identityId: "${two.id}"`)).data).toEqual({ decideRecord: { status: 'CLOSED', resolution: 'LINKED' } });
    const records = await api.store.read((tx) => tx.identities.recordsOf(two.id));
    expect(records.map(({ source }) => source).sort()).toEqual(['badges', 'hr']);
    // Later records from the source are theirs too.
    expect(await api.record({ source: 'badges', externalId: 'A', version: '2', status: null, facts: { badge: 'A' } })).toMatchObject({ identityId: two.id });
    expect(await codeOf(id, operator.token, `identityId: "${one.id}"`)).toBe('CASE_CLOSED');
    const events = await api.store.read((tx) => tx.audit.ofIdentity(two.id, 50));
    expect(events.find(({ action }) => action === 'record.linked')).toMatchObject({
      reason: { by: 'decision' },
      personal: { reason: 'Asked them' },
      actor: { kind: 'person', id: operator.id },
    });
  });

  test('or it is somebody new, where the source may bring people', async () => {
    await Promise.all([person('B'), person('B')]);
    const operator = await api.serviceToken('operator');
    const id = await says('B');
    expect((await decide(id, operator, 'newPerson: true')).data).toMatchObject({ decideRecord: { resolution: 'NEW_PERSON' } });
    const [record] = await api.store.read((tx) => tx.records.lock([{ source: 'badges', externalId: 'B' }]));
    expect(await api.store.read((tx) => tx.identities.get(record?.identityId ?? ''))).toMatchObject({ state: 'active', userType: 'employee' });
    expect(await codeOf(await says('B', 'guests'), operator, 'newPerson: true')).toBe('INPUT_INVALID');
  });

  test('a record that finds its person by itself closes its case', async () => {
    const [one, two] = [await person('C'), await person('C')];
    const id = await says('C');
    await api.database.execute(`update source_record set facts = facts - 'badge' where identity_id = ?`, [two.id]);
    expect(await api.record({ source: 'badges', externalId: 'C', version: '2', status: null, facts: { badge: 'C' } })).toMatchObject({
      identityId: one.id,
      linkedBy: 'badge',
    });
    expect((await api.store.read((tx) => tx.cases.get(id)))?.status).toBe('closed');
  });
});

describe('whoever wants to be taken for somebody else', () => {
  test('is not, by a record that does not match them, that has changed since it was seen, or by their own word', async () => {
    const [one, stranger] = [await person('D'), await person('other')];
    await person('D');
    const operator = await person('D', 'Operations');
    const admin = await api.serviceToken('admin');
    const id = await says('D');
    expect(await codeOf(id, admin, `identityId: "${stranger.id}"`)).toBe('INPUT_INVALID');
    expect(await codeOf(id, admin, `identityId: "${one.id}", newPerson: true`)).toBe('INPUT_INVALID');
    expect(await codeOf(id, operator.token, `identityId: "${operator.id}"`)).toBe('FORBIDDEN');
    expect(await codeOf(id, one.token, `identityId: "${one.id}"`)).toBe('FORBIDDEN');
    await says('D', 'badges', '2');
    expect(await codeOf(id, admin, `identityId: "${one.id}"`)).toBe('INPUT_INVALID');
    expect(await codeOf(id, admin, `identityId: "${one.id}"`, '2')).toBeUndefined();
  });

  test("and who has rights in Tenure is an administrator's to say", async () => {
    const [boss] = [await person('E', 'Administration'), await person('E')];
    const [operator, admin] = [await api.serviceToken('operator'), await api.serviceToken('admin')];
    const id = await says('E');
    expect(await codeOf(id, operator, `identityId: "${boss.id}"`)).toBe('FORBIDDEN');
    expect(await codeOf(id, admin, `identityId: "${boss.id}"`)).toBeUndefined();
  });
});
