import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change, type Client } from 'ldapts';
import { bindDn, type DirectoryOptions, groups, people, type RunningDirectory, startDirectory } from '@tenure/testing/targets/directory.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import type { TargetConnector } from '../connector.ts';
import { makeCertificates } from '../test-certificates.ts';
import { createLdapConnector } from './ldap-connector.ts';
import type { LdapSettings } from './settings.ts';

/** Password of the administrator. */
const password = 'directory-password';

/** Creates a connector with the settings of most tests. */
export function connectorTo(url: string, more: Partial<LdapSettings> = {}): TargetConnector {
  return createLdapConnector({
    name: 'directory',
    kind: 'ldap',
    url,
    bindDn,
    password,
    tls: 'none',
    caFile: null,
    people: [people],
    createBelow: people,
    lookBelow: null,
    groups,
    idAttribute: 'uid',
    externalIdAttribute: null,
    disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
    timeout: 5000,
    concurrency: 10,
    attributes: { cn: '', sn: '', givenName: '', mail: '', title: '', ou: '' },
    ...more,
  });
}

/** slapd for one group of tests, with an administrator's client that bypasses the connector. */
export class TestDirectory {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tenure-slapd-'));
  private running: RunningDirectory | null = null;
  private client: Client | null = null;
  port = 0;
  securePort = 0;

  get server(): RunningDirectory {
    if (!this.running) throw new Error('not started');
    return this.running;
  }
  get admin(): Client {
    if (!this.client) throw new Error('not started');
    return this.client;
  }
  file(name: string): string {
    return join(this.folder, name);
  }
  async start({ tls = false, ...more }: { readonly tls?: boolean } & Pick<DirectoryOptions, 'modules' | 'database' | 'global'> = {}): Promise<void> {
    this.port = await freePort();
    this.securePort = await freePort();
    if (tls) makeCertificates(this.folder);
    const files = { certificate: this.file('server.pem'), key: this.file('server.key'), authority: this.file('ca.pem'), securePort: this.securePort };
    this.running = await startDirectory({ directory: this.folder, port: this.port, password, ...(tls ? { tls: files } : {}), ...more });
    this.client = await this.running.open();
  }
  async stop(): Promise<void> {
    await this.client?.unbind();
    await this.running?.stop();
    rmSync(this.folder, { recursive: true });
  }
  async reset(names: readonly string[]): Promise<void> {
    const { searchEntries } = await this.admin.search(people, { scope: 'one', attributes: ['1.1'] });
    for (const { dn } of searchEntries) await this.admin.del(dn);
    const member = new Change({ operation: 'replace', modification: new Attribute({ type: 'member', values: [bindDn] }) });
    for (const name of names) await this.admin.modify(`cn=${name},${groups}`, member);
  }
}
