import { createHash, type JsonWebKey } from 'node:crypto';

/** Members of a key that its thumbprint covers, by key type (RFC 7638 section 3.2, RFC 8037 section 2). */
const MEMBERS: Readonly<Record<string, readonly (keyof JsonWebKey)[]>> = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] };

/** Thumbprint of a public key (RFC 7638), base64url. */
export function thumbprint(key: JsonWebKey): string {
  const members = MEMBERS[key.kty ?? ''] ?? [];
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members.map((name) => [name, key[name]]))))
    .digest('base64url');
}
