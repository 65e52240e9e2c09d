import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigurationInvalid, durationToMilliseconds } from '@tenure/domain';
import { configurationOf, loadConfiguration } from './load-configuration.ts';
import { documentAsWritten } from './policy-keys.ts';
import { loadPolicyTests } from './policy-tests.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-keys-'));
  await mkdir(join(directory, 'policy', 'tests'), { recursive: true });
});
afterAll(() => rm(directory, { recursive: true }));

const tenureYaml = (more = ''): string =>
  `url: https://tenure.example.com\nattributes: { endDate: { type: instant }, sponsor: { type: string } }\n${more}targets: {}\nsources: {}\n`;
const policyYaml = `
relations: { sponsor: { attribute: sponsor, by: userName }, manager: { attribute: sponsor, by: userName } }
entitlements: { tenure.auditor: { target: tenure, value: auditor } }
lifecycle:
  - name: all
    requires: [sponsor]
    withholdAccess: false
    extension: { askBefore: P14D, maximum: P90D, maximumTotal: P180D }
    end: { grace: P30D, then: keep, observeAgainAfter: PT4H }
breakGlass:
  - { name: night, when: "true", entitlements: [tenure.auditor], maximumDuration: PT4H, reviewers: [manager], reviewWithin: P1D, notify: [{ person: ada }] }
requestable:
  - name: audits
    entitlements: [tenure.auditor]
    maximumDuration: P30D
    remindBefore: P7D
    stages: [{ name: boss, approvers: [manager], deadline: P3D, onTimeout: approve }]
`;

async function load(policy = policyYaml, tenure = tenureYaml()) {
  await writeFile(join(directory, 'tenure.yaml'), tenure);
  await writeFile(join(directory, 'policy', 'access.yaml'), policy);
  return loadConfiguration({ directory, environment: {} });
}
const problemsOf = async (loading: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await loading.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof ConfigurationInvalid ? error.problems.map(({ field, message }) => `${field}: ${message}`) : [];
};

test('the document of a version has the names of before, so that the same policy is the same version', async () => {
  const { policy } = await load();
  expect(policy.lifecycle[0]).toMatchObject({
    hold: false,
    extension: { ask: 'P14D', maximum: 'P90D', inAll: 'P180D' },
    end: { grace: 'P30D', then: 'keep', lookAgain: 'PT4H' },
  });
  expect(policy.breakGlass?.[0]).toMatchObject({ longest: 'PT4H', tell: [{ kind: 'person', userName: 'ada' }] });
  expect(policy.requestable?.[0]).toMatchObject({ longest: 'P30D', remind: 'P7D', stages: [{ otherwise: 'approve' }] });
  expect(JSON.stringify(policy)).not.toMatch(/withholdAccess|askBefore|maximumTotal|observeAgainAfter|maximumDuration|notify|remindBefore|onTimeout/);
});

test('the document of a version is shown with the keys of the file', async () => {
  const { policy } = await load();
  const shown = documentAsWritten(policy);
  expect(shown).toMatchObject({
    lifecycle: [{ withholdAccess: false, extension: { askBefore: 'P14D', maximumTotal: 'P180D' }, end: { observeAgainAfter: 'PT4H' } }],
    breakGlass: [{ maximumDuration: 'PT4H', notify: [{ kind: 'person', userName: 'ada' }] }],
    requestable: [{ maximumDuration: 'P30D', remindBefore: 'P7D', stages: [{ onTimeout: 'approve' }] }],
  });
  expect(JSON.stringify(shown)).not.toMatch(/"(?:hold|ask|inAll|lookAgain|longest|tell|remind|otherwise)"/);
});

describe('an earlier key', () => {
  test.each([
    ['lifecycle.0.hold', 'withholdAccess', 'hold'],
    ['lifecycle.0.extension.ask', 'askBefore', 'ask'],
    ['lifecycle.0.extension.inAll', 'maximumTotal', 'inAll'],
    ['lifecycle.0.end.lookAgain', 'observeAgainAfter', 'lookAgain'],
    ['breakGlass.0.longest', 'maximumDuration: PT4H', 'longest: PT4H'],
    ['breakGlass.0.tell', 'notify', 'tell'],
    ['requestable.0.longest', 'maximumDuration: P30D', 'longest: P30D'],
    ['requestable.0.remind', 'remindBefore', 'remind'],
    ['requestable.0.stages.0.otherwise', 'onTimeout', 'otherwise'],
  ])('%s is refused, with the one of today', async (_field, today, before) => {
    const [name = ''] = today.split(':');
    const problems = await problemsOf(load(policyYaml.replace(today, before)));
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`${before.split(':')[0] ?? ''}: was renamed: write ${name}$`)));
  });

  test('is refused in tenure.yaml and in tests of the policy too', async () => {
    expect(await problemsOf(load(policyYaml, tenureYaml('retention: { readings: P3650D }\n')))).toEqual([
      'retention.readings: was renamed: write observations',
    ]);
    const tests = 'people: [{ title: Ada, now: 2026-01-01T00:00:00Z, records: [{ source: hr }], expect: { holds: [x], refused: [y] } }]\n';
    await writeFile(join(directory, 'policy', 'tests', 'people.yaml'), tests);
    expect(await problemsOf(loadPolicyTests(directory))).toEqual([
      expect.stringMatching(/holds: was renamed: write has$/),
      expect.stringMatching(/refused: was renamed: write hasNot$/),
    ]);
  });
});

test('a problem that is found later is shown at the key of today', async () => {
  expect(await problemsOf(load(policyYaml.replace('maximumTotal: P180D', 'maximumTotal: forever')))).toEqual([
    expect.stringMatching(/^lifecycle(?:\[0\]|\.0)\.extension\.maximumTotal: /),
  ]);
});

test('a stored version with an earlier key is read as it is', async () => {
  const { policy } = await load();
  const stored = { url: 'https://tenure.example.com', retention: { readings: 'P4000D', grants: 'P4000D' } };
  const settings = { document: stored, digest: 'of then' };
  const read = await configurationOf({ version: 3, settings, policy, directory, environment: {} });
  expect(read.retention).toMatchObject({ observations: durationToMilliseconds('P4000D'), grants: durationToMilliseconds('P4000D') });
  expect(read.settings).toEqual({ document: stored, digest: 'of then' });
});
