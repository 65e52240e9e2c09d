import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compileMapping, compilePolicy, ConfigurationInvalid } from '@tenure/domain';
import { loadConfiguration } from './load-configuration.ts';
import { reconciliationOf } from './reconciliation-settings.ts';
import { publishedSchemas } from './schema/published.ts';
import { writeStarterConfiguration } from './starter-configuration.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEMO = {
  TENURE_URL: 'http://localhost:4000/',
  DEMO_SAML_METADATA: 'saml.xml',
  DEMO_OIDC_ISSUER: 'http://localhost:1',
  DEMO_OIDC_SECRET: 's',
  DEMO_SCIM_URL: 'http://localhost:2',
  DEMO_SMTP_URL: 'smtp://localhost:25',
  DEMO_SCIM_TOKEN: 't',
  DEMO_LDAP_URL: 'ldap://localhost:3',
  DEMO_LDAP_PASSWORD: 'p',
  DEMO_SQL_URL: 'postgresql://localhost/x',
  DEMO_WIKI_URL: 'http://localhost:4',
  DEMO_WIKI_SECRET: 'w',
  DEMO_EXPENSES_URL: 'http://localhost:5',
  DEMO_TRAVEL_URL: 'http://localhost:6',
};
const TENURE = `url: http://localhost:4000
attributes:
  department: { type: string }
  endDate: { type: date }
sources:
  hr: { authoritative: true }
targets:
  crm:
    kind: scim
    url: https://crm.example
    token: \${env:TOKEN}
    attributes:
      title: identity.department
`;
const POLICY = `entitlements:
  crm.finance: { target: crm, value: Finance }
birthright:
  - name: finance
    when: identity.department == "Finance"
    entitlements: [crm.finance]
`;
const WORKING_TIME = `calendars:
  office:
    timeZone: Europe/Berlin
    days: [monday, tuesday]
    hours: 09:00-17:00
    holidays: [2026-12-25]
requestable:
  - name: books
    entitlements: [crm.finance]
    maximumDuration: P30D
    stages: [{ name: owner, approvers: [{ person: ada }], deadline: P3D, calendar: office }]
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-config-'));
  mkdirSync(join(directory, 'policy'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const load = (files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = { TOKEN: 't' }) => {
  for (const [name, content] of Object.entries({ 'tenure.yaml': TENURE, 'policy/access.yaml': POLICY, ...files }))
    writeFileSync(join(directory, name), content);
  return loadConfiguration({ directory, environment });
};
const problems = async (...question: Parameters<typeof load>): Promise<string[]> => {
  const error: unknown = await load(...question).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return [];
  if (!(error instanceof ConfigurationInvalid)) throw error;
  return error.message.split('\n');
};
const tenure = (from: string, to: string): Record<string, string> => ({ 'tenure.yaml': TENURE.replace(from, to) });
const policy = (from: string, to: string): Record<string, string> => ({ 'policy/access.yaml': POLICY.replace(from, to) });

test('how often a source is expected to send is a duration; without it a source may be silent', async () => {
  expect((await load({})).sources['hr']).not.toHaveProperty('expectEvery');
  const { sources } = await load(tenure('authoritative: true', 'authoritative: true, expectEvery: PT26H'));
  expect(sources['hr']?.expectEvery).toBe(26 * 3_600_000);
  expect(await problems(tenure('authoritative: true', 'expectEvery: daily'))).toEqual([expect.stringMatching(/expectEvery: .*write it like PT5S or P1D/)]);
});

test('how a target is read as a whole: daily unless said, never or at an interval, and what is protected there', async () => {
  const of = async (files: Record<string, string>) => {
    const { crm } = (await load(files)).targets;
    return crm === undefined ? null : reconciliationOf(crm);
  };
  const told = (settings: string) => tenure('    kind: scim', `    kind: scim\n    reconciliation: ${settings}`);
  const otherwise = {
    every: 86_400_000,
    protectedAccounts: [],
    findings: {},
    grace: 2_592_000_000,
    quietHours: null,
    canaries: [],
    unmanagedGroups: [],
    dormantAfter: null,
  };
  expect(await of({})).toEqual(otherwise);
  expect(await of(told('{ every: PT12H }'))).toEqual({ ...otherwise, every: 43_200_000 });
  expect(await of(told('{ every: never, protectedAccounts: [svc] }'))).toEqual({ ...otherwise, every: null, protectedAccounts: ['svc'] });
  for (const wrong of ['PT5M', 'daily', 'P1M'])
    expect(await problems(told(`{ every: ${wrong} }`))).toEqual([
      `tenure.yaml:10:30 targets.crm.reconciliation.every: "${wrong}" is neither a duration of at least PT15M, such as P1D, nor the word never`,
    ]);
});

test('how findings are handled is said by kind, as far as a kind allows it', async () => {
  const told = (settings: string) => tenure('    kind: scim', `    kind: scim\n    reconciliation: ${settings}`);
  const { crm } = (await load(told('{ findings: { orphan-account: correct, attribute-drift: ignore }, grace: P7D }'))).targets;
  expect(crm === undefined ? null : reconciliationOf(crm)).toMatchObject({
    findings: { 'orphan-account': 'correct', 'attribute-drift': 'ignore' },
    grace: 604_800_000,
  });
  const at = 'targets.crm.reconciliation.findings';
  expect(await problems(told('{ findings: { orphan: correct } }'))).toEqual([expect.stringContaining(`${at}.orphan: there is no kind of finding orphan`)]);
  expect(await problems(told('{ findings: { leaver-account: ignore } }'))).toEqual([
    expect.stringContaining(`${at}.leaver-account: leaver-account is never ignored`),
  ]);
  expect(await problems(told('{ findings: { missing-account: adopt } }'))).toEqual([
    expect.stringContaining('cannot be adopted, only orphan-account and ownable-account'),
  ]);
  expect(await problems(told('{ findings: { orphan-account: adopt } }'))).toEqual([expect.stringContaining('nothing is adopted without adoptBy')]);
  expect(await problems(told('{ grace: a month }'))).toEqual([expect.stringContaining('targets.crm.reconciliation.grace')]);
});

test('what a run reads, when, and what it looks for besides: quiet hours of a target before those of all', async () => {
  const crm = async (settings: string, all = '') => {
    const files = tenure('    kind: scim', `    kind: scim\n    lastActivity: lastLogin\n    reconciliation: ${settings}`);
    const target = (await load({ ...files, 'tenure.yaml': `${files['tenure.yaml']}${all}\n` })).targets['crm'];
    return target === undefined ? null : reconciliationOf(target);
  };
  const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const office = 'reconciliation: { quietHours: { hours: "08:00-18:00", days: [monday], timeZone: Europe/Berlin } }';
  expect(await crm('{ canaries: [svc], unmanagedGroups: true, dormantAfter: P90D }')).toMatchObject({
    canaries: ['svc'],
    unmanagedGroups: ['*'],
    dormantAfter: 7_776_000_000,
    quietHours: null,
  });
  expect(await crm('{ unmanagedGroups: [app-*] }')).toMatchObject({ unmanagedGroups: ['app-*'] });
  expect(await crm('{ unmanagedGroups: false }')).toMatchObject({ unmanagedGroups: [] });
  expect(await crm('{}', office)).toMatchObject({ quietHours: { from: '08:00', to: '18:00', days: ['monday'], timeZone: 'Europe/Berlin' } });
  expect(await crm('{ quietHours: none }', office)).toMatchObject({ quietHours: null });
  expect(await crm('{ quietHours: { hours: "22:00-04:00" } }', office)).toMatchObject({
    quietHours: { from: '22:00', to: '04:00', days: everyDay, timeZone: 'UTC' },
  });
});

test.each([
  [
    '{ quietHours: { hours: "08:00-08:00" } }',
    'targets.crm.reconciliation.quietHours.hours: 08:00-08:00 leaves no time to read; for no runs at all write every: never',
  ],
  [
    '{ quietHours: { hours: "00:00-24:00" } }',
    'targets.crm.reconciliation.quietHours.hours: 00:00-24:00 leaves no time to read; for no runs at all write every: never',
  ],
  [
    '{ quietHours: { hours: "08:00-18:00", timeZone: Berlin } }',
    'targets.crm.reconciliation.quietHours.timeZone: "Berlin" is no IANA time zone; write it like Europe/Berlin',
  ],
  ['{ quietHours: daily }', 'targets.crm.reconciliation.quietHours: must be { hours: "08:00-18:00" }, with days and timeZone where needed, or none'],
  [
    '{ unmanagedGroups: [] , dormantAfter: P90D }',
    'targets.crm.reconciliation.dormantAfter: needs lastActivity beside it: the attribute with the time of the last use',
  ],
  ['{ dormantAfter: P1M }', 'targets.crm.reconciliation.dormantAfter: "P1M" is no duration in weeks, days, hours, minutes and seconds; write it like P90D'],
])('%s is refused', async (settings, message) => {
  expect((await problems(tenure('    kind: scim', `    kind: scim\n    reconciliation: ${settings}`))).join('\n')).toContain(message);
});

test('sources and attributes that are named where one may speak of the other have to be there', async () => {
  expect(await problems(tenure('authoritative: true', 'attributes: [departmant]'))).toEqual([
    'tenure.yaml:6:22 sources.hr.attributes[0]: there is no attribute departmant (did you mean department?)',
  ]);
  expect(await problems(tenure('targets:', 'precedence: { attributes: { department: { only: [hrr] } } }\ntargets:'))).toEqual([
    'tenure.yaml:7:50 precedence.attributes.department.only[0]: there is no source or identity provider hrr (did you mean hr?)',
  ]);
  expect(await problems(tenure('authoritative: true', 'attributes: [endDate], correlate: [{ attribute: department }]'))).toEqual([
    'tenure.yaml:6:57 sources.hr.correlate[0].attribute: never matches: department is not among the attributes that this source may state',
  ]);
  expect(await problems(tenure('targets:', 'precedence: { attributes: { department: { only: [] } } }\ntargets:'))).toEqual([
    'tenure.yaml:7:29 precedence.attributes.department: must be a list of sources and identity providers, or { only: [...] }',
  ]);
});

describe('sessions', () => {
  test.each([
    ['session: { lifetime: P31D }', '"P31D" is too long: a session lasts at most P30D'],
    ['session: { lifetime: PT1H, idle: PT2H }', '"PT2H" is longer than session.lifetime ("PT1H")'],
    ['session: { idle: PT0S }', '"PT0S" is no duration'],
  ])('%s is refused', async (setting, message) => {
    expect((await problems({ 'tenure.yaml': `${TENURE}${setting}\n` })).join()).toContain(message);
  });

  test('end after an hour without a request, or sooner where they last less', async () => {
    expect((await load({ 'tenure.yaml': `${TENURE}session: { lifetime: PT30M }\n` })).session).toEqual({ lifetime: 1_800_000, idle: 1_800_000 });
  });
});

describe('a configuration that is right', () => {
  test('the demo loads, and all of it compiles', async () => {
    const configuration = await loadConfiguration({ directory: join(ROOT, 'demo/configuration'), environment: DEMO });
    expect(configuration).toMatchObject({
      url: 'http://localhost:4000',
      timeZone: 'Europe/Berlin',
      identityProviders: {
        'partner-saml': { metadata: join(ROOT, 'demo/configuration/saml.xml'), clockSkew: 30_000, signed: 'assertion', decryptionKey: null },
        'company-oidc': { clientSecret: 's', scopes: ['openid', 'profile', 'email'] },
      },
      targets: {
        crm: { token: 't', timeout: 5000, confirmWithin: 60_000 },
        directory: { tls: 'none', idAttribute: 'uid' },
        ledger: { timeout: 10_000, concurrency: 5 },
      },
      applyPolicy: 'at-start',
      session: { lifetime: 28_800_000, idle: 3_600_000 },
    });
    expect(configuration.policy.birthright.map(({ name }) => name).slice(0, 3)).toEqual(['everybody', 'finance-department', 'finance-settling-in']);
    expect(compilePolicy(configuration.policy, 1).version).toBe(1);
    for (const target of Object.values(configuration.targets)) compileMapping(target, configuration.attributes);
  });

  test('where a directory is looked into: one branch stands for all, and each can be said', async () => {
    const settings =
      'kind: ldap, url: "ldaps://x", bindDn: cn=t, password: "${env:TOKEN}", groups: ou=g, disable: { group: cn=d }, attributes: { cn: identity.department, sn: identity.department }';
    const directories = `  one: { ${settings}, people: ou=p }
  many: { ${settings}, people: [ou=p, ou=q], createBelow: "ou=r,ou=q", lookBelow: [o=x], externalIdAttribute: employeeNumber }
`;
    const { targets } = await load({ 'tenure.yaml': `${TENURE}${directories}` });
    expect(targets['one']).toMatchObject({ people: ['ou=p'], createBelow: 'ou=p', lookBelow: null, externalIdAttribute: null });
    expect(targets['many']).toMatchObject({ people: ['ou=p', 'ou=q'], createBelow: 'ou=r,ou=q', lookBelow: ['o=x'], externalIdAttribute: 'employeeNumber' });
    expect(await problems({ 'tenure.yaml': `${TENURE}${directories.replace('[ou=p, ou=q]', '[]')}` })).toEqual([
      'tenure.yaml:15:187 targets.many.people: must be a DN or a list of DNs',
    ]);
  });

  test('what may be said, what absence means, and how often: as it is written, else as is usual', async () => {
    const provider = 'protocol: oidc, issuer: https://l.example, clientId: x, attributes: { department: claims.department }';
    const providers = `identityProviders:
  usual: { ${provider} }
  own: { ${provider}, absentGroups: none, absentAttributes: none, userInfo: never }
`;
    const usual = await load(tenure('targets:', `${providers}targets:`));
    expect([usual.identityProviders['usual'], usual.identityProviders['own']]).toMatchObject([
      { absentGroups: 'keep', absentAttributes: 'keep', userInfo: 'when-needed' },
      { absentGroups: 'none', absentAttributes: 'none', userInfo: 'never' },
    ]);
    const mayState = { usual: ['department'], own: ['department'] };
    expect([usual.precedence, usual.loginRate]).toEqual([
      { default: [], attributes: {}, exclusive: [], mayState },
      { perAddress: 600, perSubject: 10 },
    ]);

    const written = `precedence: { default: [hr], attributes: { department: { only: [hr] }, endDate: [hr] } }\nloginRate: { perSubject: 3 }\n`;
    const own = await load({ 'tenure.yaml': TENURE.replace('targets:', `${written}targets:`).replace('authoritative: true', 'attributes: [department]') });
    expect([own.precedence, own.loginRate, own.sources['hr']?.attributes]).toEqual([
      { default: ['hr'], attributes: { department: ['hr'], endDate: ['hr'] }, exclusive: ['department'], mayState: { hr: ['department'] } },
      { perAddress: 600, perSubject: 3 },
      ['department'],
    ]);
  });

  test('the starter loads without any variable, and is never written over', async () => {
    const fresh = join(directory, 'fresh');
    expect(await writeStarterConfiguration(fresh)).toEqual(['tenure.yaml', 'policy/access.yaml']);
    const configuration = await loadConfiguration({ directory: fresh, environment: {} });
    expect([configuration.identityProviders, configuration.targets, configuration.policy.lifecycle.length]).toEqual([{}, {}, 2]);
    writeFileSync(join(fresh, 'tenure.yaml'), '# mine');
    expect(await writeStarterConfiguration(fresh)).toEqual([]);
    expect(readFileSync(join(fresh, 'tenure.yaml'), 'utf8')).toBe('# mine');
  });

  test('the starter says where this installation is reached', async () => {
    const fresh = join(directory, 'reached');
    await writeStarterConfiguration(fresh, 'http://localhost:4711');
    expect((await loadConfiguration({ directory: fresh, environment: {} })).url).toBe('http://localhost:4711');
    expect(readFileSync(join(fresh, 'tenure.yaml'), 'utf8')).toContain('url: http://localhost:4711 # address at which people reach Tenure');
  });

  test('what the starter shows in comments is right too', async () => {
    const uncomment = (name: string) => readFileSync(join(import.meta.dirname, 'starter', name), 'utf8').replaceAll(/^#(?= {2}|[a-z]+:$)/gm, '');
    const files = { 'tenure.yaml': uncomment('tenure.yaml'), 'policy/access.yaml': uncomment('policy/access.yaml') };
    const environment = { OIDC_CLIENT_SECRET: 'x', CRM_TOKEN: 'x', DIRECTORY_PASSWORD: 'x', LEDGER_URL: 'postgresql://x/y', SMTP_PASSWORD: 'x' };
    const secrets = { SIEM_WEBHOOK_SECRET: Buffer.alloc(32, 1).toString('base64') };
    const configuration = await load(files, { ...environment, ...secrets });
    expect(Object.keys(configuration.targets)).toEqual(['crm', 'directory', 'ledger']);
    expect(configuration.mail).toMatchObject({ from: 'Tenure <tenure@example.com>', decideByLink: 'logged-in', digest: { at: '08:00', above: null } });
    expect(configuration.webhooks['siem']?.events).toEqual(['person-ended', 'change-held']);
  });

  test('an account attribute is CEL alone, or CEL with how its value is compared', async () => {
    const attributes = `title: identity.department
      mail: { value: identity.userName, compare: caseless }
      pin: { value: identity.userName, writeOnly: true }
      both: { value: identity.userName, compare: caseless, writeOnly: true }
      plain: { value: identity.userName, writeOnly: false }`;
    const { targets } = await load({ 'tenure.yaml': TENURE.replace('title: identity.department', attributes) });
    expect(targets['crm']?.attributes).toEqual({
      title: 'identity.department',
      mail: 'identity.userName',
      pin: 'identity.userName',
      both: 'identity.userName',
      plain: 'identity.userName',
    });
    expect(targets['crm']?.rules).toEqual({ mail: { compare: 'caseless' }, pin: { writeOnly: true }, both: { compare: 'caseless', writeOnly: true } });
    expect((await load({})).targets['crm']).not.toHaveProperty('rules');
    expect(compileMapping({ name: 'crm', attributes: {}, rules: { mail: { compare: 'caseless' } } }, {}).rules).toEqual({ mail: { compare: 'caseless' } });
  });

  test.each([
    ['url: "http://mail.example.com", from: a@example.com', 'mail.url: must be an address that begins with smtp:// or smtps://'],
    ['url: "smtp://tenure@mail.example.com", from: a@example.com', 'mail.password: is missing: the address names a user'],
    ['url: "smtp://mail.example.com", from: "a@example.com, b@example.com"', 'mail.from: must be one address, such as tenure@example.com'],
    ['url: "smtp://u:p@mail.example.com", from: a@example.com', 'mail.url: contains a password'],
    ['url: "smtp://mail.example.com", from: a@example.com, password: plain', 'mail.password: is a secret and never stands in a file'],
    ['url: "smtp://mail.example.com", from: a@example.com, digest: { at: "25:00" }', 'mail.digest.at: is no time of day'],
  ])('mail that is wrong is refused: %s', async (mail, message) => {
    const files = { 'tenure.yaml': `url: https://tenure.example\nmail: { ${mail} }\n`, 'policy/access.yaml': 'lifecycle: []\n' };
    await expect(load(files, {})).rejects.toThrow(message);
  });

  test.each([
    ['http://hooks.example', Buffer.alloc(32).toString('base64'), 'webhooks.siem.url: must be an https address'],
    ['https://hooks.example', 'short', 'webhooks.siem.secret: must be whsec_ and 24 to 64 bytes in base64'],
  ])('a webhook that is wrong is refused: %s with %s', async (url, secret, message) => {
    const siem = `{ url: "${url}", secret: "\${env:HOOK}" }`;
    const files = { 'tenure.yaml': `url: https://tenure.example\nwebhooks: { siem: ${siem} }\n`, 'policy/access.yaml': 'lifecycle: []\n' };
    await expect(load(files, { HOOK: secret })).rejects.toThrow(message);
  });

  test('policy files are merged in the order of their names', async () => {
    const configuration = await load({
      'policy/b.yaml': POLICY.replace('crm.finance:', 'crm.other:').replace('value: Finance', 'value: Other').replace('name: finance', 'name: other'),
      'policy/readme.txt': 'no policy',
    });
    expect([Object.keys(configuration.policy.entitlements), configuration.policy.birthright.map(({ name }) => name)]).toEqual([
      ['crm.finance', 'crm.other'],
      ['finance', 'other'],
    ]);
  });
});

describe('a configuration that is wrong names file, line, field and the nearest valid name', () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      'an unknown setting',
      tenure('    token:', '    tokn: x\n    token:'),
      [
        'tenure.yaml:11:5 targets.crm.tokn: there is no such setting (did you mean token?); there is kind, title, timeout, concurrency, ratePerSecond, confirmWithin, mode, reconciliation, attributes, adoptBy, cleartext, lastActivity, url, token, caFile',
      ],
    ],
    ['a missing setting', tenure('    url: https://crm.example\n', ''), ['tenure.yaml:8:3 targets.crm.url: is missing']],
    [
      'an unknown kind',
      tenure('kind: scim', 'kind: scimm'),
      ['tenure.yaml:9:11 targets.crm.kind: must be one of scim, ldap, sql, not "scimm" (did you mean scim?)'],
    ],
    ['no kind', tenure('    kind: scim\n', ''), ['tenure.yaml:8:3 targets.crm.kind: is missing']],
    [
      'a type that does not exist',
      tenure('type: date', 'type: day'),
      ['tenure.yaml:4:20 attributes.endDate.type: must be one of string, strings, boolean, number, date, instant, not "day" (did you mean date?)'],
    ],
    [
      'a literal secret',
      tenure('${env:TOKEN}', 'abc123'),
      ['tenure.yaml:11:12 targets.crm.token: is a secret and never stands in a file; write a reference such as ${env:CRM_TOKEN}'],
    ],
    [
      'a password in an address',
      tenure('https://crm.example', 'https://me:secret@crm.example'),
      ['tenure.yaml:10:10 targets.crm.url: contains a password; write it as a reference: ${env:DATABASE_PASSWORD}, or the whole address so'],
    ],
    [
      'a decryption key that is none',
      tenure('targets:', 'identityProviders:\n  contoso: { protocol: saml, metadata: m.xml, decryptionKey: "${env:TOKEN}" }\ntargets:'),
      ['tenure.yaml:8:62 identityProviders.contoso.decryptionKey: is no PEM private key without a passphrase'],
    ],
    [
      'claims that are read by no valid expression, wherever a provider reads them',
      tenure(
        'targets:',
        `identityProviders:
  contoso:
    protocol: saml
    metadata: m.xml
    userType: { cel: '1 + 1' }
    emailVerified: '"yes"'
    groups: claims.groups[0].size() == 1
    attributes: { endDate: 'claims.' }
targets:`,
      ),
      [
        'tenure.yaml:11:22 identityProviders.contoso.userType.cel: must yield a text (string), but yields int',
        'tenure.yaml:12:20 identityProviders.contoso.emailVerified: must yield true or false (bool), but yields string',
        'tenure.yaml:13:13 identityProviders.contoso.groups: must yield a list of texts (list<string>), but yields bool',
        'tenure.yaml:14:28 identityProviders.contoso.attributes.endDate: is not valid CEL at character 8: Expected IDENTIFIER, got EOF',
      ],
    ],
    [
      'a variable that is not set',
      tenure('${env:TOKEN}', '${env:OTHER_TOKEN}'),
      ['tenure.yaml:11:12 targets.crm.token: the environment variable OTHER_TOKEN is not set'],
    ],
    [
      'a misspelt attribute in CEL',
      tenure('identity.department', 'identity.departmnt'),
      ['tenure.yaml:13:14 targets.crm.attributes.title: there is no attribute departmnt (did you mean department?)'],
    ],
    [
      'a misspelt attribute in CEL beside how it is compared',
      tenure('title: identity.department', 'title: { value: identity.departmnt, compare: caseless }'),
      ['tenure.yaml:13:23 targets.crm.attributes.title.value: there is no attribute departmnt (did you mean department?)'],
    ],
    [
      'a way to compare that there is not',
      tenure('title: identity.department', 'title: { value: identity.department, compare: exactly }'),
      ['tenure.yaml:13:53 targets.crm.attributes.title.compare: must be one of caseless, not "exactly"'],
    ],
    [
      'a misspelt setting of an attribute',
      tenure('title: identity.department', 'title: { value: identity.department, writeonly: true }'),
      ['tenure.yaml:13:44 targets.crm.attributes.title.writeonly: there is no such setting (did you mean writeOnly?); there is value, compare, writeOnly'],
    ],
    [
      'an attribute without CEL',
      tenure('title: identity.department', 'title: { compare: caseless }'),
      ['tenure.yaml:13:7 targets.crm.attributes.title.value: is missing'],
    ],
    [
      'an attribute that YAML takes for a number',
      tenure('title: identity.department', 'title: 5'),
      ['tenure.yaml:13:14 targets.crm.attributes.title: must be a text, not a number; put it in quotes: "5"'],
    ],
    [
      'adoption by what the target never shows',
      tenure('title: identity.department', 'title: { value: identity.department, writeOnly: true }\n    adoptBy: title'),
      ['tenure.yaml:14:14 targets.crm.adoptBy: title is writeOnly: the target never shows it, so no account can be found by it; name another attribute'],
    ],
    [
      'adoption by a name that Tenure has chosen',
      tenure('title: identity.department', 'title: identity.userName\n    adoptBy: title'),
      [
        'tenure.yaml:14:14 targets.crm.adoptBy: title rests on userName, for which no source speaks, so it would never adopt an account; name another attribute',
      ],
    ],
    [
      'adoption by what is the same for everybody',
      tenure('title: identity.department', 'title: \'identity.userType == "employee" ? "E" : "X"\'\n    adoptBy: title'),
      ['tenure.yaml:14:14 targets.crm.adoptBy: title rests on no attribute of the person, so it would never adopt an account; name another attribute'],
    ],
    [
      'adoption by what is not written',
      tenure('title: identity.department', 'title: identity.department\n    adoptBy: titel'),
      ['tenure.yaml:14:14 targets.crm.adoptBy: there is no attribute that is written there titel (did you mean title?)'],
    ],
    [
      'an address of another kind',
      tenure('https://crm.example', 'ldap://crm.example'),
      ['tenure.yaml:10:10 targets.crm.url: must be an address that begins with https:// or http://'],
    ],
    [
      'a time zone',
      { 'tenure.yaml': `timeZone: Europe/Berlim\n${TENURE}` },
      ['tenure.yaml:1:11 timeZone: "Europe/Berlim" is no time zone; write it like Europe/Berlin'],
    ],
    [
      'a calendar duration',
      tenure('    attributes:\n', '    timeout: P1M\n    attributes:\n'),
      ['tenure.yaml:12:14 targets.crm.timeout: "P1M" is no duration in weeks, days, hours, minutes and seconds; write it like PT5S or P1D'],
    ],
    [
      'precedence of an unknown source',
      { 'tenure.yaml': `${TENURE}precedence: { default: [hrr] }\n` },
      ['tenure.yaml:14:25 precedence.default[0]: there is no source or identity provider hrr (did you mean hr?)'],
    ],
    [
      'a user type',
      tenure('authoritative: true', 'authoritative: true, userType: robot'),
      ['tenure.yaml:6:40 sources.hr.userType: must be employee, contractor, partner, or { cel: "an expression over claims" }'],
    ],
    [
      'a condition that YAML takes for a bool',
      policy('identity.department == "Finance"', 'true'),
      ['policy/access.yaml:5:11 birthright[0].when: must be a text, not true or false; put it in quotes: "true"'],
    ],
    [
      'a condition of the wrong type',
      policy(' == "Finance"', ''),
      ['policy/access.yaml:5:11 birthright[0].when: must yield true or false (bool), but yields string'],
    ],
    [
      'an unknown entitlement',
      policy('[crm.finance]', '[crm.finanze]'),
      ['policy/access.yaml:6:20 birthright[0].entitlements[0]: there is no entitlement "crm.finanze" (did you mean crm.finance?)'],
    ],
    [
      'an unknown target',
      policy('target: crm', 'target: cmr'),
      ['policy/access.yaml:2:26 entitlements.crm.finance.target: there is no target "cmr" (did you mean crm?)'],
    ],
    ['no YAML', policy('birthright:', 'birthright: ['), ['policy/access.yaml:4:3 is not valid YAML: ']],
    [
      'a name twice in a file',
      policy('birthright:', '  crm.finance: { target: crm }\nbirthright:'),
      ['policy/access.yaml:3:3 is not valid YAML: Map keys must be unique'],
    ],
    [
      'a name in two files',
      { 'policy/b.yaml': 'entitlements:\n\n  crm.finance: { target: crm }\n' },
      ['policy/b.yaml:3:3 entitlements.crm.finance: crm.finance is defined in policy/access.yaml:2 already'],
    ],
    [
      'a rule in two files',
      { 'policy/b.yaml': 'birthright:\n  - name: finance\n    when: "true"\n    entitlements: [crm.finance]\n' },
      ['policy/b.yaml:2:11 birthright[0].name: rule finance is defined twice'],
    ],
    ...(
      [
        ['timeZone: Europe/Berlin', 'timeZone: Berlin', '9:15 calendars.office.timeZone: "Berlin" is no IANA time zone; write it like Europe/Berlin'],
        ['09:00-17:00', '9-17', '11:12 calendars.office.hours: is a time of day to a later one, like "09:00-17:00"'],
        ['09:00-17:00', '17:00-09:00', '11:12 calendars.office.hours: ends at 09:00, which is not after 17:00'],
        ['2026-12-25', '2026-02-30', '12:16 calendars.office.holidays[0]: "2026-02-30" is no day; write it like 2026-12-25'],
        [
          'deadline: P3D',
          'deadline: P1W',
          '17:69 requestable[0].stages[0].deadline: "P1W" cannot be counted in working time; write days and hours, like P3D or PT8H',
        ],
        ['calendar: office', 'calendar: ofice', '17:84 requestable[0].stages[0].calendar: there is no calendar "ofice" (did you mean office?)'],
      ] as const
    ).map(([good, bad, problem]): [string, Readonly<Record<string, string>>, string[]] => [
      `working time: ${bad}`,
      { 'policy/access.yaml': (POLICY + WORKING_TIME).replace(good, bad) },
      [`policy/access.yaml:${problem}`],
    ]),
    [
      'a built-in name',
      tenure('department: {', 'userType: { type: string }\n  department: {'),
      ['tenure.yaml:3:3 attributes.userType: userType is built in and cannot be defined'],
    ],
    [
      'a source called like the built-in one',
      tenure('sources:\n', 'sources:\n  operator: { userType: employee }\n'),
      ['tenure.yaml:6:3 sources.operator: operator is built in (terminateNow); choose another name'],
    ],
  ])('%s', async (_, files, expected) => {
    const found = await problems(files);
    expect(found.map((line, index) => line.slice(0, expected[index]?.endsWith(': ') ? expected[index].length : undefined)).slice(0, expected.length)).toEqual(
      expected,
    );
    if (!expected[0]?.includes('YAML')) expect(found).toHaveLength(expected.length);
  });

  test('all at once, across files, in the order of their lines', async () => {
    const files = {
      'tenure.yaml': `surl: x\n${TENURE}`,
      'policy/access.yaml': POLICY.replace('value: Finance', 'vaule: Finance').replace(' == "Finance"', ''),
    };
    expect((await problems(files)).map((line) => line.slice(0, line.indexOf(' ')))).toEqual([
      'tenure.yaml:1:1',
      'policy/access.yaml:2:31',
      'policy/access.yaml:5:11',
    ]);
  });

  test('no tenure.yaml, no policy', async () => {
    await expect(loadConfiguration({ directory: join(directory, 'nowhere'), environment: {} })).rejects.toThrow('tenure.yaml:1:1 cannot be read in');
    rmSync(join(directory, 'policy'), { recursive: true });
    mkdirSync(join(directory, 'policy'));
    writeFileSync(join(directory, 'tenure.yaml'), TENURE);
    await expect(loadConfiguration({ directory, environment: { TOKEN: 't' } })).rejects.toThrow('there is no policy/*.yaml');
  });
});

test('references stand anywhere in a text, and only variables that are named are read', async () => {
  const configuration = await load(
    { 'tenure.yaml': TENURE.replace('https://crm.example', 'https://${env:HOST}/scim/${env:VERSION}') },
    { TOKEN: 't', HOST: 'crm.example', VERSION: 'v2' },
  );
  expect(configuration.targets['crm']?.url).toBe('https://crm.example/scim/v2');
});

test('a calendar says when people work', async () => {
  const { policy } = await load({ 'policy/access.yaml': POLICY + WORKING_TIME });
  expect(policy.calendars).toEqual({
    office: { timeZone: 'Europe/Berlin', days: ['monday', 'tuesday'], from: '09:00', to: '17:00', holidays: ['2026-12-25'] },
  });
  expect(policy.requestable?.[0]?.stages).toMatchObject([{ deadline: 'P3D', calendar: 'office' }]);
});

test('the published schemas are those in force', () => {
  for (const [path, content] of Object.entries(publishedSchemas())) expect(readFileSync(join(ROOT, path), 'utf8')).toBe(content);
});
