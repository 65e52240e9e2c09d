import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** Checks that the subject has 1 to 255 characters (OIDC core 2). */
export function subjectHasALength({ claims: { sub } }: VerifiedIdToken): LoginRefused | null {
  if (sub === '') return refuseOidc('token-invalid', 'the subject is empty');
  return sub.length > LONGEST ? refuseOidc('token-invalid', `the subject is longer than ${LONGEST} characters`) : null;
}

const LONGEST = 255;
