import { type Configuration, loadConfiguration } from '@tenure/config';

/** A text that is also an address, so that whatever refers to a variable that is not set here can be read all the same. */
const standIn = 'https://unset.invalid';

/** Reads tenure.yaml and policy/ where no secret is needed, as in CI. @throws ConfigurationInvalid */
export function loadFiles(directory: string, environment: NodeJS.ProcessEnv): Promise<Configuration> {
  return loadConfiguration({ directory, environment, standIn });
}
