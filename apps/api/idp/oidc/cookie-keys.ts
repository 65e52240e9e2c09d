import { hkdfSync, type KeyObject } from 'node:crypto';

/** Keys that sign the cookies of begun requests, derived from the signing keys so that they rotate with them. The first signs, all verify. */
export function cookieKeys(signing: readonly KeyObject[]): string[] {
  return signing.map((key) => {
    const secret = key.export({ type: 'pkcs8', format: 'der' });
    return Buffer.from(hkdfSync('sha256', secret, '', 'tenure openid cookies', 32)).toString('base64url');
  });
}
