import { createHash } from 'node:crypto';

/** SHA-256 of a token, hex. Tokens are 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
