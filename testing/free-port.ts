import { choosePort } from '@tenure/tools/embedded/ports.ts';

/** A port at which nothing listens, and which no outgoing connection gets before it is used, as one that the system chooses may. */
export function freePort(): Promise<number> {
  return choosePort({ purpose: 'a test' });
}
