import { type Environment, fillReferences } from './environment-references.ts';
import { withSecretFiles } from './secret-files.ts';

/**
 * Variables to which a tenure.yaml refers and that are not set in this process, each with the setting that needs it.
 * @param document document of `Settings`
 * @throws ConfigurationInvalid if the folder `TENURE_SECRETS` cannot be read
 */
export async function unsetVariables(document: unknown, environment: Environment): Promise<readonly string[]> {
  const { unset } = fillReferences(document, await withSecretFiles(environment));
  return unset.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
