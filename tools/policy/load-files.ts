import { type Configuration, type Environment, loadConfiguration } from '@tenure/config';

/** Stands for a secret that is not set here: a text that is also an address, so that whatever refers to it can be checked. */
const unset = 'https://unset.invalid';

/** Reads tenure.yaml and policy/ where no secret is needed, as in CI. @throws ConfigurationInvalid */
export function loadFiles(directory: string, environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const withoutSecrets: Environment = new Proxy(environment, { get: (known, name: string) => known[name] || unset });
  return loadConfiguration({ directory, environment: withoutSecrets });
}
