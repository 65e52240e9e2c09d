import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  employeeNumber: { type: string }
  sponsor: { type: string }
  endDate: { type: date }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { employeeNumber: identity.employeeNumber } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
lifecycle:
  - { name: contractors, requires: [sponsor, endDate], end: { grace: P30D, then: delete } }
`;

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

test('a contractor holds nothing until a sponsor and an end are known, and loses everything when they are no longer', async () => {
  const says = (version: string, facts: Readonly<Record<string, string | null>>) =>
    api.record({ externalId: 'c', version, facts: { employeeNumber: 'c', ...facts } });
  const id = (await says('1', {})).identityId ?? '';
  const look = async () => {
    const { data } = await api.graphql(
      'query ($id: ID) { identity(id: $id) { state grants { name } accounts { desired { state } } cases { kind status evidence } } }',
      {
        token: operator,
        variables: { id },
      },
    );
    return (data as unknown as { identity: unknown }).identity;
  };
  const asked = (missing: readonly string[]) => ({
    kind: 'FACTS_MISSING',
    status: 'OPEN',
    evidence: { rule: 'contractors', missing, isWithheld: true, policyVersion: 1 },
  });
  expect(await look()).toMatchObject({ state: 'ACTIVE', grants: [], accounts: [], cases: [asked(['sponsor', 'endDate'])] });
  await says('2', { sponsor: '7' });
  expect(await look()).toMatchObject({ grants: [], cases: [asked(['endDate'])] });
  await says('3', { sponsor: '7', endDate: '2026-06-30' });
  expect(await look()).toMatchObject({ grants: [{ name: 'crm.user' }], accounts: [{ desired: { state: 'ENABLED' } }], cases: [{ status: 'CLOSED' }] });
  // Cases come newest first.
  api.now = later(api.now, 1);
  await says('4', { sponsor: null, endDate: '2026-06-30' });
  expect(await look()).toMatchObject({ grants: [], accounts: [{ desired: { state: 'DISABLED' } }], cases: [asked(['sponsor']), { status: 'CLOSED' }] });
});
