import { AccountNotVisible, DomainError } from '@tenure/domain';
import { ResultCodeError } from 'ldapts';
import { codeOf, type Failures } from '../failures.ts';

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
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
} as const;

// operationsError, timeLimitExceeded, referral (never followed), busy, unavailable, loopDetect, other
const temporary: ReadonlySet<number> = new Set([1, 3, 10, 51, 52, 54, 80]);

/** Whether an error is this result code. */
export function isResult(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof ResultCodeError && codes.includes(error.code);
}

/** Whether the directory understood and said no, so that the same again gives the same. */
export function isRefusal(error: unknown): error is ResultCodeError {
  return error instanceof ResultCodeError && !temporary.has(error.code) && error.code !== 49;
}

/** Our error for what the LDAP client threw. The server's diagnostic text stays in `cause`: it quotes DNs and values. */
export function translated(error: unknown, failures: Failures): DomainError {
  if (error instanceof DomainError) return error;
  if (!(error instanceof ResultCodeError)) return failures.unavailable('the connection failed', { reason: codeOf(error) }, { cause: error });
  const details = { resultCode: String(error.code) };
  if (temporary.has(error.code)) return failures.unavailable(`it answered with result code ${error.code}`, details, { cause: error });
  if (error.code === 49) return failures.refused('it does not accept the bind DN and its password', details, { cause: error });
  return failures.refused(`it refused with result code ${error.code}`, details, { cause: error });
}

/** An account that was not found and may be where Tenure does not look. @param message what keeps Tenure from looking there, and what to do */
export function notVisible({ target }: Failures, reason: string, message: string): AccountNotVisible {
  return new AccountNotVisible(`${target}: ${message}`, { target, reason });
}
