import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EmbeddedServerError } from './embedded-server-error.ts';

/** All embedded servers listen here only: some of them have no login. */
export const loopback = '127.0.0.1';

/** Requirements for a port. */
export interface PortWish {
  /** Purpose of the port, as in messages: "PostgreSQL". */
  readonly purpose: string;
  /** Port by the configuration; if it is taken, no other will do. */
  readonly wanted?: number | undefined;
  /** The port of the last start, kept when possible so that links stay good. */
  readonly remembered?: number | undefined;
  readonly onLog?: ((message: string) => void) | undefined;
}

/**
 * Chooses a port that is free now.
 * @throws EmbeddedServerError when the configured port is in use
 */
export async function choosePort({ purpose, wanted, remembered, onLog }: PortWish): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted;
    throw new EmbeddedServerError(
      `Port ${wanted} on ${loopback}, which is set for ${purpose}, is in use by another program: stop that one or set another port.`,
    );
  }
  if (remembered !== undefined) {
    if (await isFree(remembered)) return remembered;
    onLog?.(`Port ${remembered} of the last start is in use by another program; ${purpose} gets another one.`);
  }
  return freePort();
}

// Below the range from which systems take the ports of outgoing connections: one of those could take the port just when the server needs it again at
// its next start.
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new EmbeddedServerError(`No free port was found on ${loopback}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, loopback, () => probe.close(() => resolve(true)));
  });
}
