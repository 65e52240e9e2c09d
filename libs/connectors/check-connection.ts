import { type ConnectionCheck, type ConnectionFailure, DomainError, failedAt, type KnownSteps, passed } from '@tenure/domain';
import type { Connector } from './connector.ts';
import type { TargetSettings } from './settings.ts';

function unencrypted({ cleartext }: TargetSettings): KnownSteps {
  const message = `nothing is encrypted on the way there${cleartext === undefined ? '' : `: ${cleartext}`}`;
  return { certificate: { result: 'not-tested', reason: 'NOT_ENCRYPTED', message } };
}
const readOnly: KnownSteps = {
  rights: { result: 'ok', reason: null, message: 'it may read; whether it may write shows with the first change' },
};

/** Tests a target's connection as Tenure uses it, and writes nothing there. Never throws: failures are in the result. */
export async function checkConnection(settings: TargetSettings, connector: Pick<Connector, 'check'>): Promise<ConnectionCheck> {
  const known = { ...(isEncrypted(settings) ? {} : unencrypted(settings)), ...(settings.kind === 'sql' ? {} : readOnly) };
  try {
    return passed(await connector.check(), known);
  } catch (error) {
    if (error instanceof DomainError && error.details['reason'] === 'HTTP_429') return passed([], { ...known, ...busy });
    return failedAt(failureBy(error), known);
  }
}

const asked = { result: 'not-tested', reason: 'HTTP_429', message: 'it asks to wait' } as const;
const busy: KnownSteps = { credentials: asked, rights: asked };

function isEncrypted(settings: TargetSettings): boolean {
  return settings.kind === 'scim' ? settings.url.startsWith('https:') : settings.tls !== 'none';
}

/** Connection failure for an error of a connector. An error that names no step failed at `rights`. */
function failureBy(error: unknown): ConnectionFailure {
  if (!(error instanceof DomainError)) return { step: 'answers', reason: 'INTERNAL', message: 'the check itself failed: the log has the reason' };
  const { step = 'rights', reason = error.code } = error.details;
  return { step: step as ConnectionFailure['step'], reason, message: error.message };
}
