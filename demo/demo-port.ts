import { choosePort } from '../tools/embedded/ports.ts';
import { portOf } from '../tools/tenure/port-of.ts';

/** Port that is taken when it is free, so that links of an earlier demo stay valid. */
const usualPort = 4100;

/**
 * Port of the demo's Tenure: PORT, else the usual port, or any free one where that is taken.
 * @throws Error when PORT is no port; EmbeddedServerError when it is in use
 */
export function demoPort(environment: NodeJS.ProcessEnv): Promise<number> {
  return choosePort({ purpose: 'Tenure', wanted: portOf(environment) ?? undefined, remembered: usualPort });
}
