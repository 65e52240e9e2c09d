import type { Configuration } from '@tenure/config';
import { followSamlApplications, type SamlApplications } from '@tenure/engine/applications';
import type { Logger } from 'pino';

/** Follows the metadata of SAML applications; looks that failed are logged. @param former those of the previous configuration version */
export function followApplications(configuration: Configuration, logger: Logger, former?: SamlApplications): SamlApplications {
  const onProblem = (application: string, error: Error): void =>
    logger.warn({ application, err: error }, "the application's metadata could not be read; the last good one stays in use");
  return followSamlApplications(configuration, onProblem, former);
}
