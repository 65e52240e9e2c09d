import { access, constants, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { temporalSettings } from '@tenure/config';
import { EmbeddedServerError } from '../embedded/embedded-server-error.ts';
import { errorCode } from '../embedded/error-code.ts';
import { homeOf } from './home.ts';
import { portOf } from './port-of.ts';

/** Settings of `npm start` from the environment. */
export interface StartSettings {
  readonly home: string;
  /** Folder of tenure.yaml, absolute. */
  readonly configuration: string;
  /** Port of the API. */
  readonly port: number;
  /** Public address of Tenure. */
  readonly url: string;
}

/** Addresses that replace embedded servers, with their format. */
const addresses = [
  ['DATABASE_URL', /^postgres(ql)?:\/\/[^/]+\/\S+$/, 'postgresql://user:password@host:5432/database'],
  ['MIGRATION_DATABASE_URL', /^postgres(ql)?:\/\/[^/]+\/\S+$/, 'postgresql://owner:password@host:5432/database'],
] as const;

/** @throws Error naming the first invalid variable, never its value when it may contain a password */
export function startSettings(environment: NodeJS.ProcessEnv): StartSettings {
  const port = portOf(environment) ?? 4000;
  for (const [name, pattern, example] of addresses) {
    const value = environment[name];
    if (value && !pattern.test(value)) throw new Error(`${name} has to look like ${example}.`);
  }
  temporalSettings(environment);
  const url = environment['TENURE_URL'] || `http://localhost:${port}`;
  return { home: homeOf(environment), configuration: resolve(environment['TENURE_CONFIG'] || 'configuration'), port, url };
}

/** @throws EmbeddedServerError when another program listens there, before anything has been started */
export async function mustBeFree(port: number): Promise<void> {
  // On all addresses and on the loopback one: either may be taken without the other.
  for (const host of [undefined, '127.0.0.1']) {
    if (await isFree(port, host)) continue;
    throw new EmbeddedServerError(
      `Port ${port} is in use by another program: stop that one, or choose another port for Tenure with PORT=${port + 1} npm start.`,
    );
  }
}

/** @throws EmbeddedServerError when the folder of the installation cannot be made or written to */
export async function mustBeWritable(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
    await access(home, constants.W_OK);
  } catch (error) {
    const code = errorCode(error);
    throw new EmbeddedServerError(`Tenure keeps its data in ${home}, which cannot be written (${code}): set TENURE_HOME to a folder that can.`, {
      cause: error,
    });
  }
}

function isFree(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen({ port, ...(host === undefined ? {} : { host }) }, () => probe.close(() => answer(true)));
  });
}
