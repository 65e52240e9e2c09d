import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applicationWarnings } from './application-warnings.ts';
import { loadConfiguration } from './load-configuration.ts';
import { MOST_LOGO } from './read-logo.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-applications-'));
  mkdirSync(join(directory, 'policy'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const policy = `
entitlements:
  wiki.reader: { title: Reader, target: wiki, value: readers }
  wiki.editor: { title: Editor, target: wiki, value: editors }
roles:
  writer: { entitlements: [wiki.editor] }
`;
const reading = 'birthright: [{ name: all, when: "true", entitlements: [wiki.reader] }]\n';

const configurationWith = async (application: string, more = reading) => {
  writeFileSync(
    join(directory, 'tenure.yaml'),
    `url: http://localhost:4000\napplications:\n  wiki: { protocol: saml, metadata: wiki.xml${application === '' ? '' : `, ${application}`} }\n  other: { protocol: saml, metadata: other.xml, mayUse: { when: "true" } }\n`,
  );
  writeFileSync(join(directory, 'policy', 'access.yaml'), more.startsWith('\n') ? more : `${policy}${more}`);
  return loadConfiguration({ directory, environment: {} });
};
const warnings = async (application: string, more?: string): Promise<readonly string[]> =>
  (await applicationWarnings(await configurationWith(application, more))).map((one) => `${one.application}: ${one.message}`);

describe('warnings about an application', () => {
  test('are none where rules give the entitlements that let people in', async () => {
    expect(await warnings('')).toEqual([]);
    expect(await warnings('mayUse: [wiki.reader, wiki.editor]')).toEqual([]);
    expect(await warnings('', 'birthright: [{ name: all, when: "true", roles: [writer] }]\n')).toEqual([]);
    expect(await warnings('mayUse: { when: "true" }', '\nroles: {}\n')).toEqual([]);
  });

  test.each([
    ['an unknown entitlement', 'mayUse: [wiki.reader, wiki.editors]', reading, 'mayUse names the entitlement wiki.editors, which policy does not have'],
    ['an unknown entitlement', 'mayUse: wiki.raeder', reading, '(did you mean wiki.reader?): it lets nobody in.'],
    ['an application without entitlements', '', '\nroles: {}\n', 'nobody may use it: policy has no entitlement of target wiki. Add one, or set mayUse.'],
    ['entitlements that nothing gives', '', 'birthright: []\n', 'nobody may use it: no rule of policy gives or offers wiki.reader, wiki.editor.'],
    ['an entitlement that lets nobody in', 'mayUse: wiki.reader', reading, 'a grant of wiki.editor lets nobody in: mayUse does not name it.'],
    ['an address as name', 'subject: email', reading, 'subject: email makes an address the name of a person there'],
    ['a logo that is missing', 'logo: wiki.png', reading, 'its logo is not shown: the file does not exist.'],
  ])('name %s', async (_what, application, more, message) => {
    expect((await warnings(application, more)).filter((one) => one.includes(message))).toHaveLength(1);
  });

  test('name a logo that is too large, or no image', async () => {
    writeFileSync(join(directory, 'wiki.png'), '<html>');
    expect(await warnings('logo: wiki.png')).toEqual(['wiki: its logo is not shown: the file is neither PNG nor SVG.']);
    writeFileSync(join(directory, 'wiki.png'), Buffer.alloc(MOST_LOGO + 1));
    expect(await warnings('logo: wiki.png')).toEqual([`wiki: its logo is not shown: the file has ${MOST_LOGO + 1} bytes; at most ${MOST_LOGO} are served.`]);
    writeFileSync(join(directory, 'wiki.png'), '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await warnings('logo: wiki.png')).toEqual([]);
  });

  test('are refusals where a name is no setting of this configuration', async () => {
    await expect(configurationWith('provider: corp')).rejects.toThrow('there is no identity provider corp');
    await expect(configurationWith('target: crm')).rejects.toThrow('there is no target crm');
  });
});
