import type { Instant } from '@tenure/domain';

/** Instant as SAML messages write it: UTC, without milliseconds, which some receivers cannot read. */
export function samlInstant(instant: Instant): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}
