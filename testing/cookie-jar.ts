interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
  readonly path: string;
  readonly secure: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Milliseconds since 1970, or null for a cookie of the browser's session. */
  readonly expires: number | null;
}

/** Kind of a request, for SameSite (RFC 6265bis section 5.8.3). */
export interface RequestKind {
  readonly crossSite: boolean;
  /** GET and the like. */
  readonly safe: boolean;
}

/**
 * Cookies as in RFC 6265, but per origin: the demo's parties differ only in their ports and play different companies.
 * The Domain attribute is not supported, so a cookie never leaves its origin.
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Stores the cookies that a response sets. */
  store(url: string, headers: readonly string[]): void {
    for (const text of headers) {
      const cookie = parseCookie(new URL(url), text);
      if (cookie === null) continue;
      const key = `${cookie.origin} ${cookie.path} ${cookie.name}`;
      if (cookie.expires !== null && cookie.expires <= Date.now()) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /** Name and value of each cookie that a request carries. */
  sentTo(url: string, kind: RequestKind): ReadonlyMap<string, string> {
    const { hostname, origin, pathname, protocol } = new URL(url);
    const fits = (cookie: Cookie) =>
      cookie.origin === origin &&
      pathFits(cookie.path, pathname) &&
      (!cookie.secure || protocol === 'https:' || isLoopback(hostname)) &&
      (cookie.expires === null || cookie.expires > Date.now()) &&
      sameSiteAllows(cookie, kind);
    return new Map([...this.#cookies.values()].filter(fits).map(({ name, value }) => [name, value]));
  }
}

function sameSiteAllows({ sameSite }: Cookie, { crossSite, safe }: RequestKind): boolean {
  return !crossSite || sameSite === 'none' || (sameSite === 'lax' && safe);
}

function parseCookie(url: URL, text: string): Cookie | null {
  const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  if (equals < 1) return null;
  const named = new Map(
    attributes.map((part) => {
      const [key = '', ...rest] = part.split('=');
      return [key.toLowerCase(), rest.join('=')] as const;
    }),
  );
  const name = pair.slice(0, equals);
  const secure = named.has('secure');
  const path = named.get('path') || '/';
  // RFC 6265bis section 4.1.3: a prefix is a promise about the attributes, and a browser drops a cookie that breaks it.
  const secureOrigin = url.protocol === 'https:' || isLoopback(url.hostname);
  if (secure && !secureOrigin) return null;
  if (name.startsWith('__Secure-') && !secure) return null;
  if (name.startsWith('__Host-') && (!secure || path !== '/' || named.has('domain'))) return null;
  const sameSite = (named.get('samesite') ?? 'lax').toLowerCase();
  if (sameSite === 'none' && !secure) return null;
  return {
    name,
    value: pair.slice(equals + 1),
    origin: url.origin,
    path,
    secure,
    sameSite: sameSite === 'strict' || sameSite === 'none' ? sameSite : 'lax',
    expires: expiry(named),
  };
}

function expiry(attributes: ReadonlyMap<string, string>): number | null {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Date.now() + Number(maxAge) * 1000;
  const expires = attributes.get('expires');
  return expires === undefined ? null : Date.parse(expires);
}

function pathFits(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/** True for loopback addresses, which browsers trust. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
