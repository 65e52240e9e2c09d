import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePort } from '../tools/embedded/ports.ts';
import { startPostgres } from '../tools/embedded/postgres.ts';
import type { ApplicationView } from '@tenure/testing/applications/application-state.ts';
import { closeHome } from '../tools/tenure/close-home.ts';
import { type NodeChild, startNodeChild } from '../tools/tenure/node-child.ts';
import {
  createInScim,
  giveRoleInSql,
  lookIntoDirectory,
  lookIntoScim,
  lookIntoSql,
  reopenInScim,
  slapdPath,
  type TargetState,
} from '@tenure/testing/targets/index.ts';

/** A target of the demo, looked into without Tenure in between. */
export interface DemoTarget {
  /** Name in tenure.yaml. */
  readonly name: string;
  readonly title: string;
  /** Kind of target, as text. */
  readonly kind: string;
  /** Address at which it can be seen or reached. */
  readonly address: string;
  look(userName: string): Promise<TargetState>;
}

/** An application of the demo, which Tenure never provisions: people come by login, and it creates their accounts from what the login states. */
export interface DemoApplication {
  /** Name in tenure.yaml. */
  readonly name: string;
  readonly title: string;
  /** Protocol and way of logout, as text. */
  readonly kind: string;
  readonly address: string;
  /** True: it is notified of the end of a session. */
  readonly hearsOfEnds: boolean;
  /** Accounts and sessions, as its own administrator sees them. */
  look(): Promise<ApplicationView>;
}

/** Processes around Tenure. */
export interface DemoProcesses {
  readonly targets: readonly DemoTarget[];
  readonly applications: readonly DemoApplication[];
  /** Variables to which tenure.yaml refers as `${env:...}`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly samlUrl: string;
  readonly oidcUrl: string;
  /** Mailbox with all mails that Tenure has sent. */
  readonly mailbox: { readonly url: string };
  /**
   * The CRM can go down, and come back with its data, or with those of a backup; and its own administrator can make an account usable again, and
   * create one in a group.
   */
  readonly crm: {
    stop(): Promise<void>;
    start(): Promise<void>;
    reopen(userName: string): Promise<void>;
    create(userName: string, group: string): Promise<void>;
    /** Copies its data aside. */
    backUp(): Promise<void>;
    /** Puts the copied data back. */
    restore(): Promise<void>;
  };
  /** The ledger's own administrator can give an account a role. */
  readonly ledger: { give(userName: string, role: string): Promise<void> };
  /** Stops what still runs, the last started first. */
  stop(): Promise<void>;
}

export interface DemoProcessOptions {
  /** Folder of their data. */
  readonly home: string;
  /** Address at which Tenure will answer. */
  readonly tenureUrl: string;
  /** People of the SAML provider, and of the OpenID provider: JSON files. */
  readonly samlPeople: string;
  readonly oidcPeople: string;
}

const entry = (file: string): string => fileURLToPath(new URL(`../testing/${file}`, import.meta.url));
const newSecret = (): string => randomBytes(24).toString('base64url');

/** Starts the identity providers and the targets side by side. When one fails, stops the others. */
export async function startDemoProcesses(options: DemoProcessOptions): Promise<DemoProcesses> {
  await closeHome(options.home);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  const started = await Promise.allSettled([
    startIdentityProviders(options, stops),
    startCrm(options, stops),
    startDirectoryIfInstalled(options, stops),
    startLedger(options, stops),
    startMailbox(stops),
    startApplications(options, stops),
  ]);
  const [providers, crm, directory, ledger, mailbox, applications] = started.map((result) => (result.status === 'fulfilled' ? result.value : null)) as [
    IdentityProviders | null,
    Crm | null,
    Started | null,
    Started | null,
    Mailbox | null,
    Applications | null,
  ];
  if (
    providers === null ||
    crm === null ||
    ledger === null ||
    mailbox === null ||
    applications === null ||
    started.some(({ status }) => status === 'rejected')
  ) {
    await stop();
    throw started.find((result) => result.status === 'rejected')?.reason;
  }
  return {
    targets: [crm, directory, ledger].flatMap((one) => (one === null ? [] : [one.target])),
    applications: applications.all,
    environment: {
      ...applications.environment,
      ...providers.environment,
      ...crm.environment,
      ...directory?.environment,
      ...ledger.environment,
      ...mailbox.environment,
    },
    samlUrl: providers.samlUrl,
    oidcUrl: providers.oidcUrl,
    mailbox,
    crm: crm.process,
    ledger: { give: (userName, role) => giveRoleInSql(ledger.environment['DEMO_SQL_URL'] ?? '', userName, role) },
    stop,
  };
}

/** A started process, with the variables that tenure.yaml needs for it. */
interface Started {
  readonly target: DemoTarget;
  readonly environment: Readonly<Record<string, string>>;
}
interface IdentityProviders {
  readonly samlUrl: string;
  readonly oidcUrl: string;
  readonly environment: Readonly<Record<string, string>>;
}
interface Mailbox {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}
interface Applications {
  readonly all: readonly DemoApplication[];
  readonly environment: Readonly<Record<string, string>>;
}
interface Crm extends Started {
  readonly process: DemoProcesses['crm'];
}

async function startIdentityProviders({ tenureUrl, samlPeople, oidcPeople }: DemoProcessOptions, stops: (() => Promise<void>)[]): Promise<IdentityProviders> {
  const secret = newSecret();
  const at = `${tenureUrl}/saml/partner-saml`;
  const saml = startPart(stops, 'identity-providers/saml-provider.ts', ['--people', samlPeople, '--audience', `${at}/metadata`, '--acs', `${at}/acs`]);
  const oidc = startPart(stops, 'identity-providers/oidc-provider.ts', ['--people', oidcPeople, '--redirect-uri', `${tenureUrl}/oidc/company-oidc/callback`], {
    OIDC_CLIENT_SECRET: secret,
  });
  const [samlUrl, oidcUrl] = [await addressOf(saml), await addressOf(oidc)];
  return { samlUrl, oidcUrl, environment: { DEMO_SAML_METADATA: `${samlUrl}/metadata`, DEMO_OIDC_ISSUER: oidcUrl, DEMO_OIDC_SECRET: secret } };
}

async function startCrm({ home }: DemoProcessOptions, stops: (() => Promise<void>)[]): Promise<Crm> {
  const token = newSecret();
  // Its port has to be the same after it was down.
  const port = await choosePort({ purpose: 'the CRM' });
  const url = `http://127.0.0.1:${port}/scim/v2`;
  const data = join(home, 'crm.json');
  let running: NodeChild | null = null;
  const stop = async (): Promise<void> => void (await running?.stop());
  const start = async (): Promise<void> => {
    running = startPart([], 'targets/scim-server.ts', ['--port', String(port), '--data', data], { SCIM_TOKEN: token });
    await running.ready;
  };
  stops.push(stop);
  await start();
  const look = (userName: string): Promise<TargetState> => lookIntoScim({ url, token }, userName);
  return {
    target: { name: 'crm', title: 'CRM', kind: 'a SCIM 2.0 application', address: url, look },
    environment: { DEMO_SCIM_URL: url, DEMO_SCIM_TOKEN: token },
    process: {
      stop,
      start,
      reopen: (userName) => reopenInScim({ url, token }, userName),
      create: (userName, group) => createInScim({ url, token }, userName, group),
      backUp: () => copyFile(data, `${data}.backup`),
      async restore() {
        await stop();
        await copyFile(`${data}.backup`, data);
        await start();
      },
    },
  };
}

async function startDirectoryIfInstalled({ home }: DemoProcessOptions, stops: (() => Promise<void>)[]): Promise<Started | null> {
  if (slapdPath() === null) return null;
  const password = newSecret();
  const port = await choosePort({ purpose: 'the directory' });
  const url = `ldap://127.0.0.1:${port}`;
  await startPart(stops, 'targets/directory.ts', ['--port', String(port), '--data', join(home, 'directory')], { DEMO_LDAP_PASSWORD: password }).ready;
  const look = (userName: string): Promise<TargetState> => lookIntoDirectory(url, password, userName);
  return {
    target: { name: 'directory', title: 'Directory', kind: 'OpenLDAP', address: url, look },
    environment: { DEMO_LDAP_URL: url, DEMO_LDAP_PASSWORD: password },
  };
}

/** The ledger brings a PostgreSQL of its own: it is another company's product, not a part of Tenure's database. */
async function startLedger({ home }: DemoProcessOptions, stops: (() => Promise<void>)[]): Promise<Started> {
  const postgres = await startPostgres({ directory: join(home, 'ledger') });
  stops.push(() => postgres.stop());
  const url = new URL(postgres.url);
  url.pathname = '/ledger';
  const application = startPart(stops, 'targets/sql-application.ts', [], { DEMO_SQL_URL: url.href });
  const address = await addressOf(application);
  const look = (userName: string): Promise<TargetState> => lookIntoSql(url.href, userName);
  return { target: { name: 'ledger', title: 'Ledger', kind: 'a SQL application', address, look }, environment: { DEMO_SQL_URL: url.href } };
}

async function startApplications({ tenureUrl }: DemoProcessOptions, stops: (() => Promise<void>)[]): Promise<Applications> {
  const secret = newSecret();
  const metadata = ['--metadata', `${tenureUrl}/idp/saml/metadata`];
  const openid = ['--issuer', `${tenureUrl}/idp/oidc`, '--client-id', 'wiki', '--title', 'Wiki'];
  const [wiki, expenses, travel] = await Promise.all(
    [
      startPart(stops, 'applications/openid-application.ts', openid, { APPLICATION_SECRET: secret }),
      startPart(stops, 'applications/saml-application.ts', [...metadata, '--title', 'Expenses', '--soap-logout']),
      startPart(stops, 'applications/saml-application.ts', [...metadata, '--title', 'Travel']),
    ].map(addressOf),
  );
  const application = (title: string, address: string, kind: string, hearsOfEnds: boolean): DemoApplication => ({
    name: title.toLowerCase(),
    title,
    kind,
    address,
    hearsOfEnds,
    look: async () => (await (await fetch(`${address}/state`)).json()) as ApplicationView,
  });
  return {
    all: [
      application('Wiki', wiki ?? '', 'OpenID Connect, back-channel logout', true),
      application('Expenses', expenses ?? '', 'SAML, logout by SOAP', true),
      application('Travel', travel ?? '', 'SAML, no logout without the browser', false),
    ],
    environment: { DEMO_WIKI_URL: wiki ?? '', DEMO_WIKI_SECRET: secret, DEMO_EXPENSES_URL: expenses ?? '', DEMO_TRAVEL_URL: travel ?? '' },
  };
}

async function startMailbox(stops: (() => Promise<void>)[]): Promise<Mailbox> {
  const [url = '', smtpUrl = ''] = (await addressOf(startPart(stops, 'mailbox/mailbox-process.ts', []))).split(' ');
  return { url, environment: { DEMO_SMTP_URL: smtpUrl } };
}

function startPart(stops: (() => Promise<void>)[], file: string, more: readonly string[], secrets: Readonly<Record<string, string>> = {}): NodeChild {
  const child = startNodeChild({
    entry: entry(file),
    arguments: more,
    environment: { ...process.env, ...secrets },
    isReady: (line) => line.startsWith('ready '),
  });
  stops.push(() => child.stop());
  return child;
}

/** Address of a process, which prints it as soon as it can be used. */
async function addressOf(child: NodeChild): Promise<string> {
  return (await child.ready).replace(/^ready /, '');
}
