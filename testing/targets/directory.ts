import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AlreadyExistsError, AndFilter, Client, Control, EqualityFilter } from 'ldapts';
import { runAsProcess, secretFrom } from './run-as-process.ts';
import { slapdModules, slapdPath, slapdSchemas } from './slapd-program.ts';
import { absent, type RunningTarget, type TargetState } from './target-state.ts';

export { slapdPath } from './slapd-program.ts';

/** Options of the directory. */
export interface DirectoryOptions {
  /** Folder of its configuration and data. */
  readonly directory: string;
  readonly port: number;
  /** Password of `cn=admin,dc=tenure,dc=example`. */
  readonly password: string;
  /** Files in PEM form: StartTLS on `port`, and LDAPS on `securePort`. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string; readonly securePort: number };
  /** Modules to load, and further parts of the database: overlays, limits, access rules (absent: nobody but the administrator has any right). */
  readonly modules?: readonly string[];
  readonly database?: readonly string[];
  /** Access rules outside of any database, such as for the root DSE. */
  readonly global?: readonly string[];
}

/** OpenLDAP's slapd as a child process. */
export interface RunningDirectory extends RunningTarget {
  readonly bindDn: string;
  /** A client with the administrator's rights, for looking closely; the caller unbinds it. */
  open(): Promise<Client>;
}

export const suffix = 'dc=tenure,dc=example';
export const people = `ou=people,${suffix}`;
export const groups = `ou=groups,${suffix}`;
export const bindDn = `cn=admin,${suffix}`;
/** Sent along to work on a referral as the entry that it is (RFC 3296). */
export const manageDsaIt = new Control('2.16.840.1.113730.3.4.2', { critical: true });
const groupNames = ['staff', 'finance', 'sales'];
const readyWithin = 60_000;

/** Starts slapd on the loopback interface, with branches for people and groups and the groups staff, finance and sales. */
export async function startDirectory(options: DirectoryOptions): Promise<RunningDirectory> {
  const program = slapdPath();
  if (program === null) throw new Error('slapd is not installed');
  const url = `ldap://127.0.0.1:${options.port}`;
  const listeners = options.tls ? `${url}/ ldaps://127.0.0.1:${options.tls.securePort}/` : `${url}/`;
  // In a session of its own: Ctrl-C in a terminal reaches this process alone, which then stops things in their order.
  const child = spawn(program, ['-h', listeners, '-f', configure(options), '-d', '0'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const stopAtExit = (): void => void child.kill();
  process.on('exit', stopAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', stopAtExit);
    await ended(child);
  };
  try {
    await untilReady(child, url, options.password);
    await fill(url, options.password);
  } catch (error) {
    await stop();
    throw error;
  }
  const open = (): Promise<Client> => bound(url, options.password);
  return { url, bindDn, open, look: (userName) => lookIntoDirectory(url, options.password, userName), stop };
}

/** Looks up an account in the directory. */
export async function lookIntoDirectory(url: string, password: string, userName: string): Promise<TargetState> {
  const client = await bound(url, password);
  try {
    const byName = new EqualityFilter({ attribute: 'uid', value: userName });
    const [entry] = (await client.search(people, { filter: byName, attributes: ['employeeType'] })).searchEntries;
    if (!entry) return absent;
    const isMember = [new EqualityFilter({ attribute: 'objectClass', value: 'groupOfNames' }), new EqualityFilter({ attribute: 'member', value: entry.dn })];
    const held = await client.search(groups, { filter: new AndFilter({ filters: isMember }), attributes: ['cn'] });
    const names = held.searchEntries.map(({ cn }) => String(cn)).sort();
    return { exists: true, enabled: entry['employeeType'] !== 'disabled', groups: names };
  } finally {
    await client.unbind();
  }
}

/** Writes slapd.conf, readable by its owner alone. @returns its path */
function configure({ directory, password, tls, modules: more = [], database = ['access to * by * none'], global = [] }: DirectoryOptions): string {
  const data = join(directory, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const schemas = slapdSchemas();
  const modules = slapdModules();
  const lines = [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${quoted(join(schemas, `${name}.schema`))}`),
    `pidfile ${quoted(join(directory, 'slapd.pid'))}`,
    ...(modules ? [`modulepath ${quoted(modules)}`, ...['back_mdb', ...more].map((name) => `moduleload ${name}`)] : []),
    ...(tls
      ? [`TLSCACertificateFile ${quoted(tls.authority)}`, `TLSCertificateFile ${quoted(tls.certificate)}`, `TLSCertificateKeyFile ${quoted(tls.key)}`]
      : []),
    'threads 4',
    ...global,
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${bindDn}"`,
    `rootpw ${hashed(password)}`,
    `directory ${quoted(data)}`,
    'maxsize 67108864',
    'dbnosync',
    ...['objectClass', 'entryUUID', 'uid', 'cn', 'member'].map((attribute) => `index ${attribute} eq`),
    ...database,
  ];
  const file = join(directory, 'slapd.conf');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

function quoted(path: string): string {
  if (/["\n]/.test(path)) throw new Error('slapd cannot be configured with a quotation mark in a path');
  return `"${path}"`;
}

function hashed(password: string): string {
  const salt = randomBytes(8);
  return `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64')}`;
}

async function untilReady(child: ChildProcess, url: string, password: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-2000);
  });
  const failed = Promise.withResolvers<never>();
  child.once('error', failed.reject);
  child.once('exit', (code) => failed.reject(new Error(`slapd ended with exit code ${code} instead of starting: ${said.trim()}`)));
  failed.promise.catch(() => undefined); // its end later on is no failure to start
  await Promise.race([failed.promise, answers(url, password)]);
}

async function answers(url: string, password: string): Promise<void> {
  const deadline = performance.now() + readyWithin;
  for (;;) {
    try {
      await (await bound(url, password)).unbind();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new Error('slapd does not answer', { cause: error });
      await pause(50);
    }
  }
}

async function fill(url: string, password: string): Promise<void> {
  const client = await bound(url, password);
  const add = (dn: string, attributes: Record<string, string | string[]>): Promise<void> =>
    client.add(dn, attributes).catch((error: unknown) => {
      if (!(error instanceof AlreadyExistsError)) throw error; // started once before
    });
  try {
    await add(suffix, { objectClass: ['dcObject', 'organization'], dc: 'tenure', o: 'Tenure demo' });
    await add(people, { objectClass: 'organizationalUnit', ou: 'people' });
    await add(groups, { objectClass: 'organizationalUnit', ou: 'groups' });
    for (const cn of groupNames) await add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', cn, member: bindDn });
  } finally {
    await client.unbind();
  }
}

async function bound(url: string, password: string): Promise<Client> {
  const client = new Client({ url, timeout: 5000, connectTimeout: 5000 });
  try {
    await client.bind(bindDn, password);
    return client;
  } catch (error) {
    await client.unbind();
    throw error;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
  await promise;
  clearTimeout(hard);
}

if (import.meta.main) {
  await runAsProcess(({ port, data }) => {
    if (data === null) throw new Error('--data has to name a directory');
    return startDirectory({ directory: data, port, password: secretFrom('DEMO_LDAP_PASSWORD') });
  });
}
