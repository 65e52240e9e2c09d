import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfiguration } from './load-configuration.ts';
import { policyWarnings } from './policy-warnings.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-warnings-'));
  mkdirSync(join(directory, 'policy'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const tenure = (more = ''): string => `
url: http://localhost:4000
attributes:
  department: { type: string }
  jobRole: { type: string }
  manager: { type: string }
  endDate: { type: date }
sources:
  hr: { authoritative: true, mayCreate: true }
  badges: { attributes: [department] }
identityProviders:
  partner:
    protocol: oidc
    issuer: https://login.partner.example
    clientId: tenure
    mayCreate: true
    userType: { cel: claims.kind }
    attributes: { jobRole: claims.job, manager: claims.manager }
    groups: claims.groups
${more}`;
const policy = (more: string): string => `
entitlements:
  tenure.operator: { target: tenure, value: operator }
  tenure.self: { target: tenure, value: self }
roles:
  operations: { entitlements: [tenure.operator] }
${more}`;

async function warnings(tenureYaml: string, policyYaml: string): Promise<readonly string[]> {
  writeFileSync(join(directory, 'tenure.yaml'), tenureYaml);
  writeFileSync(join(directory, 'policy', 'access.yaml'), policy(policyYaml));
  return policyWarnings(await loadConfiguration({ directory, environment: {} }));
}
const rule = (when: string, gives = 'roles: [operations]'): string => `birthright: [{ name: ops, when: '${when}', ${gives} }]\n`;

describe('rights in Tenure that hang on an attribute which a source without authority may state', () => {
  test('are named, with who may state it and what to write', async () => {
    expect(await warnings(tenure(), rule('identity.jobRole == "Operator" && identity.department == "IT"'))).toEqual([
      'birthright rule "ops" gives operations by department, which badges may state without authority; exclude other sources: precedence.attributes.department: { only: [hr] }',
      'birthright rule "ops" gives operations by jobRole, which partner may state without authority; exclude other sources: precedence.attributes.jobRole: { only: [hr] }',
    ]);
  });

  test('are no worry where precedence believes nobody else, where nothing but HR states it, or where no right is given', async () => {
    const only = tenure('precedence: { attributes: { jobRole: { only: [hr] } } }');
    expect(await warnings(only, rule('identity.jobRole == "Operator"'))).toEqual([]);
    expect(await warnings(tenure(), rule('identity.endDate > now'))).toEqual([]);
    expect(await warnings(tenure(), rule('identity.jobRole == "Operator"', 'entitlements: [tenure.self]'))).toEqual([]);
  });

  test.each([
    ['groups of any provider', 'size(identity.groups) > 0', 'groups'],
    ['a kind of person that a claim says', 'identity.userType == "employee"', 'userType'],
    ['a user name, which is made of what a provider says', 'identity.userName == "root"', 'userName'],
  ])('%s', async (_, when, attribute) => {
    expect(await warnings(tenure(), rule(when))).toEqual([
      `birthright rule "ops" gives operations by ${attribute}, which partner may state without authority; add a condition on an attribute of an authoritative source`,
    ]);
  });

  test('also where it only bounds the gift, opens a request or an emergency, or names who approves', async () => {
    const found = await warnings(
      tenure().replace('attributes: [department]', 'attributes: [endDate]'),
      `${rule('true', 'roles: [operations], until: identity.endDate')}
relations: { manager: { attribute: manager, by: userName } }
requestable: [{ name: ask, roles: [operations], maximumDuration: P1D, stages: [{ name: one, approvers: [manager], deadline: P1D }] }]
breakGlass: [{ name: night, when: identity.jobRole == "Operator", entitlements: [tenure.operator], maximumDuration: PT1H, reviewers: [manager], reviewWithin: P1D }]
`,
    );
    expect(found.map((sentence) => sentence.split(' may state')[0])).toEqual([
      'birthright rule "ops" gives operations by endDate, which badges',
      'request rule "ask" gives operations by manager, which partner',
      'break-glass rule "night" gives tenure.operator by jobRole, which partner',
    ]);
  });
});
