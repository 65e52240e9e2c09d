import { choosePort } from '../tools/embedded/ports.ts';
import { portOf } from '../tools/tenure/port-of.ts';

/** Taken when it is free, so that links of the demo before stay good. */
const usualPort = 4100;

/**
 * Where the demo's Tenure listens: at PORT, else at the usual port, or any free one where that is taken.
 * @throws Error when PORT is no port; EmbeddedServerError when it is in use
 */
export function demoPort(environment: NodeJS.ProcessEnv): Promise<number> {
  return choosePort({ purpose: 'Tenure', wanted: portOf(environment) ?? undefined, remembered: usualPort });
}
