import { appendFileSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopLeftoverPostgres } from '../tools/embedded/postgres-leftover.ts';
import { closeHome } from '../tools/tenure/close-home.ts';
import { openInstallation } from '../tools/tenure/open-installation.ts';
import { type RunningTenure, startTenure } from '../tools/tenure/start-tenure.ts';
import { writeConfigurationWithoutDirectory } from './configuration-without-directory.ts';
import { demoPort } from './demo-port.ts';
import { createGraphqlClient, type GraphqlClient } from '@tenure/testing/graphql-client.ts';
import type { Narrator } from './narrate.ts';
import { writePeople } from './people-of-the-story.ts';
import { type DemoProcesses, startDemoProcesses } from './processes.ts';
import type { Person } from '@tenure/testing/identity-providers/people.ts';
import { root } from '../tools/tenure/root.ts';

/** Stage of the story: Tenure and everything around it, running. */
export interface Stage {
  readonly narrator: Narrator;
  /** Folder of everything in this run. */
  readonly home: string;
  readonly tenure: RunningTenure;
  readonly processes: DemoProcesses;
  /** Client with the right to read everything. */
  readonly reader: GraphqlClient;
  /** Client of human resources: may record facts of source `hr`, nothing else. */
  readonly humanResources: GraphqlClient;
  /** The contact centre's register, with a token for source `contact-centre` alone. */
  readonly contactCentre: GraphqlClient;
  /** Sets the people who can log in at the SAML provider from now on, with the attributes that it states. */
  setSamlPeople(people: readonly Person[]): Promise<void>;
  /** Adds a person to those who can log in at the OpenID provider, or changes their claims. */
  addOidcPerson(person: Person): Promise<void>;
  /** Writes a small script that queries GraphQL. @returns the command that runs it */
  writeQuery(name: string, query: string): Promise<string>;
  /** Checks every chain of the audit in the database, as `npm run audit:verify` does. */
  verifyAudit(): Promise<{ readonly events: number; readonly problems: readonly string[] }>;
  /** Name of the service token of an actor in the audit; other actors have names already. */
  nameOfActor(id: string): string;
  /** Stops Tenure, then the processes around it. */
  stop(): Promise<void>;
}

const home = join(root, '.tenure', 'demo');
/** Variables of other installations that this shell may be set up for: a demo must not reach into them. */
const ofOtherInstallations = /^(DATABASE_URL|MIGRATION_DATABASE_URL|PORT|NODE_ENV|TEMPORAL_.*|TENURE_(?!CACHE$).*|DEMO_.*)$/;

/** Starts everything, from an empty folder. */
export async function openStage(narrator: Narrator): Promise<Stage> {
  await clearHome();
  const port = await demoPort(process.env);
  const samlPeople = join(home, 'contoso.json');
  const oidcPeople = join(home, 'fabrikam.json');
  const oidcKnown = new Map<string, Person>();
  let oidcWritten: Promise<void> = Promise.resolve();
  await Promise.all([writePeople(samlPeople, []), writePeople(oidcPeople, [])]);
  const processes = await startDemoProcesses({ home: join(home, 'around'), tenureUrl: `http://localhost:${port}`, samlPeople, oidcPeople });
  try {
    const tenure = await start(processes, port);
    const { reader, humanResources, contactCentre } = await createTokens(tenure);
    return {
      narrator,
      home,
      tenure,
      processes,
      reader: createGraphqlClient({ url: tenure.url, token: reader.token }),
      humanResources: createGraphqlClient({ url: tenure.url, token: humanResources.token }),
      contactCentre: createGraphqlClient({ url: tenure.url, token: contactCentre.token }),
      setSamlPeople: (people) => writePeople(samlPeople, people),
      addOidcPerson: (person) => {
        oidcKnown.set(person.name, person);
        // One after the other: an older list must not come last.
        oidcWritten = oidcWritten.then(() => writePeople(oidcPeople, [...oidcKnown.values()]));
        return oidcWritten;
      },
      writeQuery: (name, query) => writeQuery(tenure.url, reader.token, name, query),
      verifyAudit: () => verifyAudit(tenure),
      nameOfActor: (id) => [reader, humanResources, contactCentre].find((token) => token.id === id)?.name ?? id,
      stop: async () => {
        await tenure.stop();
        await processes.stop();
      },
    };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

async function clearHome(): Promise<void> {
  // A demo that was killed leaves its databases running.
  for (const directory of [join(home, 'postgres'), join(home, 'around', 'ledger')]) await stopLeftoverPostgres(directory);
  await rm(home, { recursive: true, force: true });
  // PostgreSQL's own user has to get through, from the first start on.
  await closeHome(dirname(home));
  await closeHome(home);
}

async function start(processes: DemoProcesses, port: number): Promise<RunningTenure> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOtherInstallations.test(name)));
  const log = join(home, 'tenure.log');
  const note = (line: string): void => appendFileSync(log, `${line}\n`);
  return startTenure({
    home,
    configuration: await configurationFor(processes),
    port,
    environment: { ...own, ...processes.environment },
    announce: note,
    onLog: note,
  });
}

async function configurationFor({ targets }: DemoProcesses): Promise<string> {
  const complete = fileURLToPath(new URL('configuration', import.meta.url));
  if (targets.some(({ name }) => name === 'directory')) return complete;
  const reduced = join(home, 'configuration');
  await writeConfigurationWithoutDirectory(complete, reduced);
  return reduced;
}

interface DemoToken {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

async function createTokens({ environment }: RunningTenure): Promise<Readonly<Record<'reader' | 'humanResources' | 'contactCentre', DemoToken>>> {
  const { store, context, close } = await openInstallation(environment, 'demo');
  const expiresAt = new Date(Date.parse(context.now) + 24 * 3600 * 1000).toISOString();
  const create = (name: string, roles: readonly string[]): Promise<DemoToken> =>
    store.transaction(context, async (tx) => {
      const { serviceToken, token } = await tx.sessions.createServiceToken({ name, roles, createdBy: 'npm run demo', expiresAt }, context.now);
      return { id: serviceToken.id, name, token };
    });
  try {
    return {
      reader: await create('onlooker', ['auditor', 'operator']),
      humanResources: await create('hr-system', ['source:hr']),
      contactCentre: await create('staff-register', ['source:contact-centre']),
    };
  } finally {
    await close();
  }
}

async function writeQuery(url: string, token: string, name: string, query: string): Promise<string> {
  const file = join(home, `${name}.sh`);
  const body = JSON.stringify({ query }).replaceAll("'", "'\\''");
  await writeFile(
    file,
    `#!/bin/sh\n# Asks Tenure's GraphQL interface while the demo runs.\ncurl -s '${url}/graphql' -H 'authorization: Bearer ${token}' -H 'content-type: application/json' -d '${body}'\necho\n`,
  );
  await chmod(file, 0o700); // it holds a token
  return `sh ${relative(root, file)}`;
}

async function verifyAudit({ environment }: RunningTenure): ReturnType<Stage['verifyAudit']> {
  const { store, close } = await openInstallation(environment, 'demo');
  try {
    return await store.read((tx) => tx.audit.verify());
  } finally {
    await close();
  }
}
