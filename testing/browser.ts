import { CookieJar } from './cookie-jar.ts';

/** Page that the browser shows after all redirects and self-posting forms. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Addresses of the links, by their text. */
  readonly links: Readonly<Record<string, string>>;
}

/** Browser with the functions that logging in needs. */
export interface Browser {
  /** Opens an address as if it were typed in. */
  open(url: string): Promise<Page>;
  /** Follows a link of a page by its text. */
  follow(page: Page, text: string): Promise<Page>;
  /** Opens a login address and, where the provider asks who it is, picks the person. */
  logIn(url: string, person: string): Promise<Page>;
  /** Value of a cookie that would be sent to an address, or null. */
  cookie(url: string, name: string): string | null;
  /** The Cookie header that would be sent to an address; for calls beside the pages. */
  cookieHeader(url: string): string;
}

interface Visit {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly form: URLSearchParams | null;
  /** Address of the page that led here; null for a typed address. */
  readonly from: string | null;
}

const MAXIMUM_STEPS = 20;

/** A browser with an empty cookie jar. */
export function createBrowser(): Browser {
  const jar = new CookieJar();
  const open = (url: string) => browse(jar, { url, method: 'GET', form: null, from: null });
  const follow = (page: Page, text: string) => {
    const link = page.links[text];
    if (link === undefined) throw new Error(`${page.url} has no link "${text}"`);
    return browse(jar, { url: link, method: 'GET', form: null, from: page.url });
  };
  return {
    open,
    follow,
    logIn: async (url, person) => {
      const page = await open(url);
      return person in page.links ? follow(page, person) : page;
    },
    cookie: (url, name) => jar.sentTo(url, { crossSite: false, safe: true }).get(name) ?? null,
    cookieHeader: (url) => header(jar.sentTo(url, { crossSite: false, safe: true })),
  };
}

async function browse(jar: CookieJar, first: Visit): Promise<Page> {
  let visit: Visit | null = first;
  for (let step = 0; visit !== null && step < MAXIMUM_STEPS; step++) {
    const response: Response = await load(jar, visit);
    const body = await response.text();
    const next: Visit | null = redirect(visit, response) ?? selfPostingForm(visit.url, body);
    if (next === null) return { url: visit.url, status: response.status, headers: response.headers, body, links: linksOf(visit.url, body) };
    visit = next;
  }
  throw new Error(`${first.url} does not come to an end`);
}

async function load(jar: CookieJar, { url, method, form, from }: Visit): Promise<Response> {
  // Browsers take two ports of one machine for the same site; here they play different companies.
  const crossSite = from !== null && new URL(from).origin !== new URL(url).origin;
  const cookies = header(jar.sentTo(url, { crossSite, safe: method === 'GET' }));
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      ...(cookies ? { cookie: cookies } : {}),
      ...(from !== null && method === 'POST' ? { origin: new URL(from).origin } : {}),
    },
    ...(form === null ? {} : { body: form }),
  });
  jar.store(url, response.headers.getSetCookie());
  return response;
}

/** Next request after a redirect: 307 and 308 repeat the request; the others continue with GET (fetch standard, HTTP-redirect fetch). */
function redirect({ url, method, form }: Visit, response: Response): Visit | null {
  const location = response.headers.get('location');
  if (response.status < 300 || response.status > 399 || location === null) return null;
  const repeat = response.status === 307 || response.status === 308;
  return { url: new URL(location, url).href, method: repeat ? method : 'GET', form: repeat ? form : null, from: url };
}

function selfPostingForm(url: string, body: string): Visit | null {
  // super-linear: a page of this demonstration's own programs
  const postsItself = /<body[^>]*onload="[^"]*submit\(\)/i.test(body) || /<script src="[^"]*\/post\.js"/i.test(body);
  if (!postsItself) return null;
  // super-linear: a page of this demonstration's own programs
  const action = /<form[^>]*\baction="([^"]*)"/i.exec(body)?.[1];
  if (action === undefined) return null;
  const form = new URLSearchParams();
  // super-linear: a page of this demonstration's own programs
  for (const [input] of body.matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(input, 'name');
    if (name !== null) form.append(name, attribute(input, 'value') ?? '');
  }
  return { url: new URL(decodeEntities(action), url).href, method: 'POST', form, from: url };
}

function linksOf(url: string, body: string): Readonly<Record<string, string>> {
  // super-linear: a page of this demonstration's own programs
  const links = [...body.matchAll(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([^<]*)<\/a>/gi)];
  return Object.fromEntries(links.map(([, href = '', text = '']) => [decodeEntities(text).trim(), URL.parse(decodeEntities(href), url)?.href ?? '']));
}

function attribute(tag: string, name: string): string | null {
  // super-linear: a page of this demonstration's own programs
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value === undefined ? null : decodeEntities(value);
}

function decodeEntities(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|#x27|#x2F|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
  '&#x2F;': '/',
  '&amp;': '&',
};

function header(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}
