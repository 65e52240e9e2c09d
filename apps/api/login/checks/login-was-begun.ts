import { LoginRefused } from '@tenure/domain';
import type { BroughtAnswer } from './answer.ts';

/** An answer names a request, unless its provider may begin logins by itself. */
export function loginWasBegun({ named, allowIdpInitiated }: BroughtAnswer): LoginRefused | null {
  if (named !== null || allowIdpInitiated) return null;
  return new LoginRefused('idp-initiated', 'a login that the provider begins is not allowed for it (allowIdpInitiated)');
}
