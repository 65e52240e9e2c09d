import { AccountNotVisible, type ConnectionStep, DomainError } from '@tenure/domain';
import { ResultCodeError } from 'ldapts';
import type { ConnectProgress } from '@tenure/outbound';
import type { Failures } from '../failures.ts';

/** Result codes of RFC 4511 appendix A.1 that are handled by name. */
export const resultCode = {
  sizeLimitExceeded: 4,
  referral: 10,
  adminLimitExceeded: 11,
  noSuchAttribute: 16,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  insufficientAccessRights: 50,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
} as const;

// operationsError, timeLimitExceeded, referral (never followed), busy, unavailable, loopDetect, other
const temporary: ReadonlySet<number> = new Set([1, 3, 10, 51, 52, 54, 80]);

/** True if an error is this result code. */
export function isResult(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof ResultCodeError && codes.includes(error.code);
}

/** Failures of the whole target, not of one account, by result code: the step that failed, and the remedy. */
const wholeTarget: Readonly<Record<number, readonly [step: ConnectionStep, message: (target: string) => string]>> = {
  8: ['certificate', (target) => `it demands a stronger bind: set tls of ${target} to starttls or ldaps`],
  13: ['certificate', (target) => `it demands encryption: set tls of ${target} to starttls or ldaps`],
  48: ['credentials', (target) => `it does not let this bind DN log in with a password: check ${target}.bindDn`],
  49: ['credentials', (target) => `it does not accept the bind DN and its password: check ${target}.bindDn and the variable behind ${target}.password`],
  50: ['rights', (target) => `the bind DN has no right to do this: give it the right to read and write below people and groups of ${target}`],
};

/** True if the directory understood the operation and refused it, so that the same operation fails again. */
export function isRefusal(error: unknown): error is ResultCodeError {
  return error instanceof ResultCodeError && !temporary.has(error.code) && error.code !== 49;
}

/**
 * Converts an error of the LDAP client. The server's diagnostic text stays in `cause`: it quotes DNs and values.
 * @param progress of the connection that it was thrown on
 */
export function translated(error: unknown, failures: Failures, progress: ConnectProgress): DomainError {
  if (error instanceof DomainError) return error;
  if (!(error instanceof ResultCodeError)) {
    // The client's own errors have no code: the server closed the connection, or was silent.
    const code = progress.codeOf(error);
    return failures.disconnected(error, code === 'unknown' ? 'CLOSED' : code);
  }
  const details = { resultCode: String(error.code), reason: `LDAP_${error.code}` };
  const known = wholeTarget[error.code];
  if (known !== undefined) {
    const [step, message] = known;
    return failures.refused(withCode(message(`targets.${failures.target}`), error.code), { ...details, step }, { cause: error });
  }
  if (error.code === 10) {
    const message = `it refers to another directory, which is never followed (result code 10): name that one in targets.${failures.target}.url`;
    return failures.unavailable(message, { ...details, step: 'answers' }, { cause: error });
  }
  if (temporary.has(error.code)) return failures.unavailable(`it answered with result code ${error.code}`, { ...details, step: 'answers' }, { cause: error });
  return failures.refused(`it refused with result code ${error.code}`, details, { cause: error });
}

/** Error for a STARTTLS that the server did not accept; an error of the handshake stays as it is. */
export function startTlsRefused(error: unknown, failures: Failures): unknown {
  if (!(error instanceof ResultCodeError)) return error;
  const target = `targets.${failures.target}`;
  const details = { resultCode: String(error.code), reason: 'STARTTLS_REFUSED', step: 'certificate' };
  const message = `it does not offer STARTTLS (result code ${error.code}): switch TLS on there, or use ldaps:// in ${target}.url`;
  return failures.unavailable(message, details, { cause: error });
}

/** Message with the result code between the problem and the remedy. */
function withCode(message: string, code: number): string {
  return message.replace(':', ` (result code ${code}):`);
}

/** Error for an account that was not found and may be where Tenure has no access. @param message the obstacle and the remedy */
export function notVisible({ target }: Failures, reason: string, message: string): AccountNotVisible {
  return new AccountNotVisible(`${target}: ${message}`, { target, reason });
}
