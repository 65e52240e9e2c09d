import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigurationInvalid } from '@tenure/domain';
import type { Configuration } from './configuration.ts';
import { loadConfiguration } from './load-configuration.ts';
import { processSettings } from './process-settings.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-impossible-'));
  mkdirSync(join(directory, 'policy'));
  writeFileSync(join(directory, 'policy/access.yaml'), 'lifecycle: []\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

const environment = { TOKEN: 'good-token', PASSWORD: 'good' };
function load(yaml: string, more: Readonly<Record<string, string>> = {}, standIn?: string): Promise<Configuration> {
  writeFileSync(join(directory, 'tenure.yaml'), yaml);
  return loadConfiguration({ directory, environment: { ...environment, ...more }, ...(standIn === undefined ? {} : { standIn }) });
}
async function problems(...question: Parameters<typeof load>): Promise<readonly string[]> {
  const error: unknown = await load(...question).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return [];
  if (!(error instanceof ConfigurationInvalid)) throw error;
  return error.message.split('\n');
}

const head = 'url: https://tenure.example\nattributes: { name: { type: string }, mail: { type: string }, email: { type: string }, number: { type: string } }\n';
const scim = (attributes: string, more = '', url = 'https://crm.example/scim/v2'): string =>
  `${head}targets:\n  crm:\n    kind: scim\n    url: "${url}"\n    token: \${env:TOKEN}\n    attributes: ${attributes}\n${more}`;
const ldap = (attributes: string, more = '', url = 'ldaps://dir.example', disable = '{ attribute: employeeType, disabled: "no", enabled: "yes" }'): string =>
  `${head}targets:\n  crm:\n    kind: ldap\n    url: "${url}"\n    bindDn: cn=tenure\n    password: \${env:PASSWORD}\n    people: ou=people,dc=example\n    groups: ou=groups,dc=example\n    disable: ${disable}\n    attributes: ${attributes}\n${more}`;
const good = {
  list: 'SELECT 1 WHERE :page IS NULL LIMIT :limit',
  find: 'SELECT 1 WHERE login = :userName',
  read: 'SELECT 1 WHERE id = :nativeId',
  create: 'INSERT INTO a VALUES (:userName, :externalId, :enabled, :full_name)',
  update: 'UPDATE a SET e = :externalId, n = :full_name WHERE id = :nativeId',
  enable: 'UPDATE a SET x = true WHERE id = :nativeId',
  disable: 'UPDATE a SET x = false WHERE id = :nativeId',
  delete: 'DELETE FROM a WHERE id = :nativeId',
  memberships: 'SELECT r AS entitlement FROM r WHERE id = :nativeId',
  addMember: 'INSERT INTO r VALUES (:nativeId, :entitlement)',
  removeMember: 'DELETE FROM r WHERE id = :nativeId AND r = :entitlement',
};
const sql = (
  statements: Readonly<Record<string, string>> = {},
  attributes = '{ full_name: identity.name }',
  url = 'postgresql://tenure@db.example/hr',
  more = '',
): string =>
  `${head}targets:\n  crm:\n    kind: sql\n    url: "${url}"\n    attributes: ${attributes}\n${more}    statements:\n${Object.entries({
    ...good,
    ...statements,
  })
    .map(([name, text]) => `      ${name}: "${text}"\n`)
    .join('')}`;
const displayName = '{ displayName: identity.name }';
const person = '{ cn: identity.name, sn: identity.name }';

test('what these cases begin with is right', async () => {
  for (const yaml of [scim(displayName), ldap(person), sql()]) expect(await problems(yaml)).toEqual([]);
});

describe('attributes of a target that cannot work', () => {
  const [crm, at] = ['targets.crm.attributes', 'targets.crm.attributes'];
  test.each<[string, string, string]>([
    ['none, SCIM', scim('{}'), `tenure.yaml:8:5 ${crm}: is missing: say what Tenure writes there, such as displayName: identity.displayName`],
    ['none, LDAP', ldap('{}'), `${crm}: is missing`],
    [
      'none, SQL',
      sql({ create: 'INSERT INTO a VALUES (:userName, :externalId, :enabled)', update: good.update.replace(', n = :full_name', '') }, '{}'),
      `${crm}: is missing`,
    ],
    ['no setting for them', scim('x').replace('    attributes: x\n', ''), `tenure.yaml:4:3 ${crm}: is missing`],
    ...[
      'id',
      'userName',
      'username',
      'externalId',
      'active',
      'ACTIVE',
      'meta.version',
      'schemas',
      'groups',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName',
    ].map((name): [string, string, string] => [
      `SCIM: ${name}`,
      scim(`{ "${name}": identity.name }`),
      `tenure.yaml:8:19 ${at}.${name}: ${name} is written by Tenure itself`,
    ]),
    ...['uid', 'UID', 'userid', 'objectClass', 'entryUUID', 'memberOf', 'employeeType'].map((name): [string, string, string] => [
      `LDAP: ${name}`,
      ldap(`{ cn: identity.name, sn: identity.name, ${name}: identity.name }`),
      `${at}.${name}: ${name} is written by Tenure itself`,
    ]),
    ...['userName', 'externalId', 'enabled', 'nativeId', 'native_id', 'user_name'].map((name): [string, string, string] => [
      `SQL: ${name}`,
      sql({ update: `${good.update} AND :${name} IS NULL` }, `{ full_name: identity.name, ${name}: identity.name }`),
      `${at}.${name}: ${name} is written by Tenure itself`,
    ]),
    ['twice by case, SCIM', scim('{ "urn:x:User:badge": identity.name, "urn:x:user:Badge": identity.mail }'), 'is the same attribute as urn:x:User:badge'],
    [
      'twice by the name of its schema',
      scim('{ department: identity.name, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": identity.mail }'),
      'is spelled department in SCIM',
    ],
    ['a part and the whole', scim('{ name: identity.name, name.givenName: identity.name }'), 'name.givenName is the same attribute as name, or a part of it'],
    ['spelled as SCIM does not', scim('{ displayname: identity.name }'), 'is spelled displayName in SCIM'],
    ['twice by case, LDAP', ldap('{ cn: identity.name, sn: identity.name, mail: identity.mail, MAIL: identity.mail }'), 'MAIL is the same attribute as mail'],
    ['by another name, LDAP', ldap('{ cn: identity.name, surname: identity.name }'), 'is another name of sn, by which directories answer; write sn'],
    [
      'a name that LDAP does not have',
      ldap('{ cn: identity.name, sn: identity.name, name.givenName: identity.name }'),
      'name.givenName is no attribute name of LDAP',
    ],
    ['LDAP without cn', ldap('{ sn: identity.name }'), `${crm}: lacks cn, without which no inetOrgPerson can be created`],
    ['LDAP without sn', ldap('{ CN: identity.name }'), `${crm}: lacks sn, without which no inetOrgPerson can be created`],
    [
      'a name that is no parameter',
      sql({}, '{ full_name: identity.name, name.givenName: identity.name }'),
      'name.givenName cannot be a parameter of a statement',
    ],
    ['adopted by nothing', scim(displayName, '    adoptBy: emails\n'), 'targets.crm.adoptBy: there is no attribute that is written there emails'],
  ])('%s', async (_title, yaml, problem) => {
    expect((await problems(yaml)).join('\n')).toContain(problem);
  });

  test('the mark where it is kept, and passwords unless they are written alone', async () => {
    const own = '{ cn: identity.name, sn: identity.name, employeeNumber: identity.number }';
    expect(await problems(ldap(own))).toEqual([]);
    expect(await problems(ldap(own, '    externalIdAttribute: EmployeeNumber\n'))).toEqual([
      expect.stringContaining('employeeNumber is written by Tenure itself'),
    ]);
    for (const yaml of [scim('{ password: identity.number }'), ldap('{ cn: identity.name, sn: identity.name, userPassword: identity.number }')])
      expect(await problems(yaml)).toEqual([expect.stringContaining('is never shown; say writeOnly: true beside its value')]);
    expect(await problems(scim('{ password: { value: identity.number, writeOnly: true } }'))).toEqual([]);
  });

  test('cn that names the entry is there', async () => {
    expect(await problems(ldap('{ sn: identity.name }', '    idAttribute: cn\n'))).toEqual([]);
  });
});

describe('settings of a directory that cannot work', () => {
  test.each<[string, string, string]>([
    [
      'one attribute for user name and mark',
      ldap(person, '    idAttribute: employeeNumber\n    externalIdAttribute: EmployeeNumber\n'),
      'targets.crm.externalIdAttribute: contains the id of the identity',
    ],
    [
      'disabled by the user name',
      ldap(person, '', 'ldaps://dir.example', '{ attribute: UID, disabled: "no", enabled: "yes" }'),
      'targets.crm.disable.attribute: is UID, which Tenure uses',
    ],
    [
      'disabled like enabled',
      ldap(person, '', 'ldaps://dir.example', '{ attribute: x, disabled: "no", enabled: "no" }'),
      'targets.crm.disable.disabled: is the same as enabled',
    ],
    ['a group that is no DN', ldap(person, '', 'ldaps://dir.example', '{ group: disabled }'), 'targets.crm.disable.group: is no distinguished name'],
    ['a branch that is no DN', ldap(person).replace('ou=people,dc=example', 'people'), 'targets.crm.people: is no distinguished name'],
    ['ldaps with another tls', ldap(person, '    tls: starttls\n'), 'targets.crm.url: does not go with tls: starttls'],
    ['ldap with tls: ldaps', ldap(person, '    tls: ldaps\n', 'ldap://dir.example'), 'targets.crm.url: does not go with tls: ldaps'],
  ])('%s', async (_title, yaml, problem) => {
    expect((await problems(yaml)).join('\n')).toContain(problem);
  });
});

describe('statements that cannot work', () => {
  test.each<[string, Partial<typeof good>, string]>([
    ['a name that nothing fills', { update: `${good.update} AND m = :mial` }, 'statements.update: :mial is not known here; known are :nativeId'],
    ['an attribute where none is', { disable: `${good.disable} AND n = :full_name` }, 'statements.disable: :full_name is not known here'],
    ['a parameter by position', { find: 'SELECT 1 WHERE login = $1' }, 'statements.find: $1 is not allowed'],
    ['a quote that does not close', { find: "SELECT ' WHERE login = :userName" }, 'statements.find: a quote that opens at character 8 does not close'],
    [
      'a change of everybody',
      { disable: 'UPDATE a SET x = false' },
      'statements.disable: :nativeId or :userName is not used, so it would speak of all at once',
    ],
    ['a deletion of everybody', { delete: 'DELETE FROM a' }, 'statements.delete: :nativeId or :userName is not used'],
    ['a look-up of anybody', { find: 'SELECT 1' }, 'statements.find: :userName is not used'],
    ['a member of every role', { addMember: 'INSERT INTO r SELECT :nativeId, r FROM roles' }, 'statements.addMember: :entitlement is not used'],
    ['an attribute that is never changed', { update: good.update.replace(', n = :full_name', '') }, 'statements.update: does not use :full_name'],
  ])('%s', async (_title, statements, problem) => {
    expect((await problems(sql(statements))).join('\n')).toContain(`targets.crm.${problem}`);
  });
});

describe('two entitlements of a target whose values differ in upper and lower case alone', () => {
  const access = 'entitlements:\n  crm.a: { target: crm, value: Finance }\n  crm.b: { target: crm, value: finance }\nlifecycle: []\n';
  test.each([
    ['ldap', ldap('{ cn: identity.name, sn: identity.name }'), 1],
    ['scim', scim('{ displayName: identity.name }'), 0],
    ['sql', sql(), 0],
  ])('in a target of kind %s', async (_, yaml, count) => {
    writeFileSync(join(directory, 'policy/access.yaml'), access);
    const found = (await problems(yaml)).filter((problem) => problem.includes('crm.b'));
    expect(found).toEqual(
      count === 0
        ? []
        : [
            expect.stringMatching(
              /^policy\/access\.yaml:3:\d+ entitlements\.crm\.b\.value: is the same in crm as entitlement crm\.a: .*without upper and lower/,
            ),
          ],
    );
  });
});

describe('cleartext to another machine', () => {
  const says = "targets.crm.url: would send credentials and people's data in the clear to another machine";
  test.each<[string, (url: string, more: string) => string, string, string]>([
    ['SCIM', (url, more) => scim(displayName, more, url), 'http://crm.example/scim', 'http://localhost:1/scim'],
    ['LDAP', (url, more) => ldap(person, `    tls: none\n${more}`, url), 'ldap://dir.example', 'ldap://127.0.0.1'],
    ['SQL', (url, more) => sql({}, undefined, url, `    tls: none\n${more}`), 'postgresql://t@db.example/hr', 'postgresql://t@[::1]/hr'],
  ])('%s is an error unless it is said, and nothing on this machine', async (_title, yaml, elsewhere, here) => {
    expect(await problems(yaml(elsewhere, ''))).toEqual([expect.stringContaining(says)]);
    expect(await problems(yaml(elsewhere, '    cleartext: " "\n'))).toEqual([expect.stringContaining('targets.crm.cleartext: has no reason')]);
    expect(await problems(yaml(elsewhere, '    cleartext: true\n'))).toHaveLength(1);
    expect(await problems(yaml(elsewhere, '    cleartext: container network\n'))).toEqual([]);
    expect(await problems(yaml(here, ''))).toEqual([]);
    expect(await problems(yaml(here, '    cleartext: container network\n'))).toEqual([
      expect.stringContaining('targets.crm.cleartext: is not needed, since the target is on this machine'),
    ]);
  });

  test.each([
    ['an issuer', '{ protocol: oidc, clientId: x, issuer: "http://login.example" }', 'issuer'],
    ['metadata', '{ protocol: saml, metadata: "http://login.example/metadata" }', 'metadata'],
  ])('%s is an error always', async (_title, provider, field) => {
    expect(await problems(`${head}identityProviders: { contoso: ${provider} }\n`)).toEqual([
      expect.stringContaining(`identityProviders.contoso.${field}: must be an https address`),
    ]);
  });
});

describe('addresses that cannot be', () => {
  test.each<[string, string, string]>([
    ['SCIM with /Users', scim(displayName, '', 'https://crm.example/scim/Users'), 'targets.crm.url: is the address below which /Users lies; leave out /Users'],
    ['SCIM with a query', scim(displayName, '', 'https://crm.example/scim?tenant=1'), 'targets.crm.url: has a query (?)'],
    ['SCIM with a user', scim(displayName, '', 'https://me@crm.example/scim'), 'targets.crm.url: names a user or password, which are not used'],
    ['a fragment', scim(displayName, '', 'https://crm.example/scim#v2'), 'targets.crm.url: contains a #'],
    ['LDAP with a path', ldap(person, '', 'ldaps://dir.example/dc=example'), 'targets.crm.url: has a path'],
    ['SQL without a database', sql({}, undefined, 'postgresql://tenure@db.example'), 'targets.crm.url: names no database'],
    ['no host', sql({}, undefined, 'postgresql:///hr'), 'targets.crm.url: names no host'],
    ['a % that encodes nothing', sql({}, undefined, 'postgresql://ten%ure@db.example/hr'), 'targets.crm.url: contains a % that encodes nothing'],
    [
      'an issuer that is the discovery document',
      `${head}identityProviders: { o: { protocol: oidc, clientId: x, issuer: "https://l.example/.well-known/openid-configuration" } }\n`,
      'identityProviders.o.issuer: is the issuer itself',
    ],
    [
      'metadata by another scheme',
      `${head}identityProviders: { o: { protocol: saml, metadata: "ftp://l.example/m.xml" } }\n`,
      'identityProviders.o.metadata: must be an address that begins with https:// or http://',
    ],
    ['a token with its scheme', scim(displayName).replace('TOKEN', 'BEARER'), 'targets.crm.token: begins with Bearer'],
    ['a token that no header holds', scim(displayName).replace('TOKEN', 'SPACED'), 'targets.crm.token: contains a space or a character'],
    [
      'a secret with a line break',
      ldap(person).replace('PASSWORD', 'BROKEN'),
      'targets.crm.password: the value of the environment variable BROKEN contains a line break',
    ],
    ['an empty secret', ldap(person).replace('PASSWORD', 'EMPTY'), 'targets.crm.password: the environment variable EMPTY is empty'],
    ['a secret of spaces', scim(displayName).replace('TOKEN', 'BLANK'), 'targets.crm.token: the environment variable BLANK is empty'],
  ])('%s', async (_title, yaml, problem) => {
    const more = { BEARER: 'Bearer abc', SPACED: 'geheim wört', BROKEN: 'one\ntwo', EMPTY: '', BLANK: ' \n' };
    const found = await problems(yaml, more);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toMatch(/abc|wört|one\n/);
  });
});

describe('secrets and names within addresses', () => {
  const wild = 'p@ss#w%rd/1?a:b&c=d [x] \\^ü\'"+';
  const urlOf = async (url: string, values: Readonly<Record<string, string>>): Promise<URL> => {
    const yaml = /^postgres/.test(url) ? sql({}, undefined, url) : url.startsWith('ldap') ? ldap(person, '', url) : scim(displayName, '', url);
    return new URL((await load(yaml, values)).targets['crm']?.url ?? '');
  };

  test('a password and a user of a database arrive as they are, whatever they are made of', async () => {
    const url = await urlOf('postgresql://${env:USER_NAME}:${env:SECRET}@db.example:6432/${env:DATABASE}', {
      USER_NAME: 'ten@ure',
      SECRET: wild,
      DATABASE: 'h#r',
    });
    expect([url.hostname, url.port, url.search, url.hash]).toEqual(['db.example', '6432', '', '']);
    expect([url.username, url.password, url.pathname].map(decodeURIComponent)).toEqual(['ten@ure', wild, '/h#r']);
  });

  test('hosts and ports are filled in as they are, and nothing else can be one', async () => {
    expect((await urlOf('https://${env:HOST}/scim', { HOST: 'crm.example:8443' })).href).toBe('https://crm.example:8443/scim');
    expect((await urlOf('ldaps://${env:HOST}:${env:PORT}', { HOST: '[2001:db8::1]', PORT: '1636' })).host).toBe('[2001:db8::1]:1636');
    expect(await problems(scim(displayName, '', 'https://${env:HOST}/scim'), { HOST: 'user:secret@crm.example' })).toEqual([
      expect.stringContaining('targets.crm.url: ${env:HOST} stands for a host here, and its value is none'),
    ]);
  });

  test('what stands in a distinguished name is a value of it, or whole parts', async () => {
    const yaml = ldap(person).replace('bindDn: cn=tenure', 'bindDn: "cn=${env:WHO},${env:BASE}"');
    const { targets } = await load(yaml, { WHO: 'Doe, John <#1>', BASE: 'ou=services,dc=example' });
    expect(targets['crm']).toMatchObject({ bindDn: 'cn=Doe\\, John \\<#1\\>,ou=services,dc=example' });
  });

  test('what stands in a path or a query stays there', async () => {
    const yaml = (webhook: string) => `${head}webhooks: { chat: { url: "${webhook}", secret: "\${env:HOOK}" } }\n`;
    const HOOK = Buffer.alloc(32, 1).toString('base64');
    const url = new URL(
      (await load(yaml('https://hooks.example/a/${env:KEY}?token=${env:SECRET}&b=1'), { HOOK, KEY: 'T0/B0#', SECRET: wild })).webhooks['chat']?.url ?? '',
    );
    expect([url.hostname, url.pathname, url.searchParams.get('token'), url.searchParams.get('b'), url.hash]).toEqual([
      'hooks.example',
      '/a/T0/B0%23',
      wild,
      '1',
      '',
    ]);
  });

  test('mail and metadata are addresses too', async () => {
    const yaml = `${head}mail: { url: "smtp://\${env:SMTP_USER}@mail.example:587", password: "\${env:SECRET}", from: a@example.com }\nidentityProviders: { contoso: { protocol: saml, metadata: "https://login.example/\${env:TENANT}/metadata" } }\n`;
    const { mail, identityProviders } = await load(yaml, { SMTP_USER: 'tenure@example.com', SECRET: wild, TENANT: 'a b#' });
    const server = new URL(mail?.url ?? '');
    expect([server.hostname, decodeURIComponent(server.username), mail?.password]).toEqual(['mail.example', 'tenure@example.com', wild]);
    expect(identityProviders['contoso']).toMatchObject({ metadata: 'https://login.example/a%20b%23/metadata' });
  });

  test('a whole address in a variable is taken as it is, and refused where a password tears it apart', async () => {
    const yaml = sql({}, undefined, '${env:WHOLE}');
    expect((await load(yaml, { WHOLE: 'postgresql://t:p%40ss%23w%25rd%2F1@db.example/hr\n' })).targets['crm']?.url).toBe(
      'postgresql://t:p%40ss%23w%25rd%2F1@db.example/hr',
    );
    for (const WHOLE of [
      'postgresql://t:p@ss#w%rd/1@db.example/hr',
      'postgresql://t:p/w@db.example/hr',
      'postgresql://t:p?w@db.example/hr',
      'postgresql://t@x:p#w@db.example/hr',
    ]) {
      const found = await problems(yaml, { WHOLE });
      expect(found).toEqual([
        expect.stringContaining('targets.crm.url: contains a user name or password with reserved characters; percent-encode them: @ as %40'),
      ]);
    }
    const smtp = `${head}mail: { url: "\${env:WHOLE}", from: a@example.com, password: "\${env:PASSWORD}" }\n`;
    expect(await problems(smtp, { WHOLE: 'smtp://a#b:c@mail.example' })).toEqual([expect.stringContaining('mail.url: ')]);
  });

  test('a secret that ends in a line break, as files do, is the secret without it', async () => {
    const { targets } = await load(scim(displayName), { TOKEN: 'good-token\r\n' });
    expect(targets['crm']).toMatchObject({ token: 'good-token' });
  });

  test('a check without variables knows nothing of what they hold', async () => {
    writeFileSync(join(directory, 'tenure.yaml'), '');
    for (const yaml of [
      scim(displayName, '', '${env:A}'),
      ldap(person, '    tls: none\n', 'ldap://${env:A}'),
      sql({}, undefined, 'postgresql://t:${env:A}@${env:B}/hr'),
      scim(displayName).replace('TOKEN', 'A'),
    ])
      await expect(load(yaml, {}, 'https://unset.invalid')).resolves.toBeDefined();
  });

  test('DATABASE_URL is an address like the others', () => {
    const keys = { TENURE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'), TENURE_AUDIT_KEY: Buffer.alloc(32, 7).toString('base64') };
    expect(processSettings({ ...keys, DATABASE_URL: 'postgresql://t:p%40ss@db.example/tenure\n' }).databaseUrl).toBe('postgresql://t:p%40ss@db.example/tenure');
    const ask = () => processSettings({ ...keys, DATABASE_URL: 'postgresql://t:p@ss#w%rd/1@db.example/tenure' });
    expect(ask).toThrow(/DATABASE_URL: contains a user name or password with reserved characters/);
    expect(ask).not.toThrow(/ss#w/);
  });
});

describe('keys of correlation that find nobody', () => {
  const provider = (more: string): string => `${head}identityProviders: { contoso: { protocol: oidc, issuer: https://login.example, clientId: x, ${more} } }\n`;
  test.each<[string, string, string]>([
    [
      'e-mail of a source without trusted domains',
      `${head}sources: { hr: { correlate: [{ email: true }] } }\n`,
      'sources.hr.correlate[0].email: finds nobody without trustedEmailDomains',
    ],
    [
      'e-mail of a provider without trusted domains',
      provider('emailVerified: "true", attributes: { email: claims.email }, correlate: [{ email: true }]'),
      'identityProviders.contoso.correlate[0].email: finds nobody without trustedEmailDomains',
    ],
    [
      'e-mail that is never verified',
      provider('trustedEmailDomains: [contoso.example], attributes: { email: claims.email }, correlate: [{ email: true }]'),
      'correlate[0].email: finds nobody without emailVerified',
    ],
    [
      'e-mail as a plain key, which would link past trustedEmailDomains',
      provider('attributes: { email: claims.email }, correlate: [{ attribute: email }]'),
      'identityProviders.contoso.correlate[0].attribute: links by unverified addresses: write { email: true }',
    ],
    [
      'an attribute that is not defined',
      `${head}sources: { hr: { correlate: [{ attribute: nummer }] } }\n`,
      'sources.hr.correlate[0].attribute: there is no attribute nummer (did you mean number?)',
    ],
    [
      'e-mail where there is no such attribute',
      `url: https://tenure.example\nsources: { hr: { trustedEmailDomains: [a.example], correlate: [{ email: true }] } }\n`,
      'sources.hr.correlate[0].email: there is no attribute email',
    ],
  ])('%s', async (_title, yaml, problem) => {
    expect((await problems(yaml)).join('\n')).toContain(problem);
  });
});
