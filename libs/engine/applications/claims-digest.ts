import { createHash } from 'node:crypto';
import type { ReleasedClaims } from '@tenure/domain';

/** Digest of the claims that an application received, by which a change is seen: hexadecimal SHA-256. */
export function claimsDigest({ attributes, groups }: ReleasedClaims): string {
  const inOrder = Object.keys(attributes)
    .sort()
    .map((name) => [name, attributes[name]]);
  return createHash('sha256')
    .update(JSON.stringify([inOrder, groups]))
    .digest('hex');
}
