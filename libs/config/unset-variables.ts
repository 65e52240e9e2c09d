import { type Environment, fillReferences } from './environment-references.ts';
import { withSecretFiles } from './secret-files.ts';

/**
 * Variables that a tenure.yaml names and that are not set here, each with the setting that needs it.
 * @param document of `Settings`
 * @throws ConfigurationInvalid when the folder `TENURE_SECRETS` cannot be read
 */
export async function unsetVariables(document: unknown, environment: Environment): Promise<readonly string[]> {
  const { unset } = fillReferences(document, await withSecretFiles(environment));
  return unset.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
