import { createHash } from 'node:crypto';
import { type AttributeRule, type AttributeValue, canonicalValue } from '@tenure/domain';

/**
 * A short digest of an account attribute's value (16 hexadecimal digits of SHA-256): equal for values that count as the same, as
 * `sameValue` says. So it is known later that a value has changed, without keeping the value.
 * @param accountId the same value in two accounts has two digests, so nobody finds people with equal values by them
 */
export function digestOf(accountId: string, value: AttributeValue | undefined, rule?: AttributeRule): string {
  return createHash('sha256')
    .update(`${accountId}\n${canonicalValue(value, rule)}`)
    .digest('hex')
    .slice(0, 16);
}
