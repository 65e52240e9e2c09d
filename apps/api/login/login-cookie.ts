import { randomBytes } from 'node:crypto';

/** Logins that a browser has begun and not ended: several, since people open several tabs. */
export interface BegunLogin {
  readonly id: string;
  readonly secret: string;
}

/** Over https with the prefix, so that no other host of the domain can plant a login of its own here (RFC 6265bis section 4.1.3.2). */
export function loginCookieName(url: string): string {
  return url.startsWith('https:') ? '__Host-tenure_login' : 'tenure_login';
}
const most = 5;

export function newBrowserSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** Reads the cookie's value; parts that are not ours are ignored. */
export function readBegunLogins(value: string | undefined): readonly BegunLogin[] {
  return (value ?? '').split('~').flatMap((entry) => {
    const match = /^([\w-]{8,128})\.([\w-]{16,64})$/.exec(entry);
    return match?.[1] && match[2] ? [{ id: match[1], secret: match[2] }] : [];
  });
}

/** The newest first; old ones fall out. */
export function writeBegunLogins(logins: readonly BegunLogin[]): string {
  return logins
    .slice(0, most)
    .map(({ id, secret }) => `${id}.${secret}`)
    .join('~');
}
