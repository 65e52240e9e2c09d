import { Agent, request } from 'node:http';

/** A prepared request. */
export interface ReadyRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface Answered {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request over persistent connections, like a proxy in front of Tenure, and reads the whole answer. */
export function send({ url, method, headers, body }: ReadyRequest): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: { ...headers, ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }) } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? null, cookies: answer.headers['set-cookie'] ?? [], body: text }),
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

let browsers = 0;

/** Headers of a new browser: an address that the login routes have not counted yet. */
export function ownAddress(): Readonly<Record<string, string>> {
  browsers += 1;
  return { 'x-forwarded-for': `10.${(browsers >> 16) & 255}.${(browsers >> 8) & 255}.${browsers & 255}` };
}

/** Begins a login. @returns the address of the redirect, and the browser's headers for the callback */
export async function beginLogin(url: string): Promise<{ readonly to: URL; readonly headers: Readonly<Record<string, string>> }> {
  const address = ownAddress();
  const { status, location, cookies, body } = await send({ url, method: 'GET', headers: address, body: null });
  if (status !== 303 || location === null) throw new Error(`a login could not be begun: ${status} ${body.slice(0, 200)}`);
  return { to: new URL(location), headers: { ...address, cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') } };
}

/** Completes a login. @returns the browser's cookies from then on @throws when it is refused: refusals are not measured */
export async function endLogin(ready: ReadyRequest): Promise<string> {
  const { status, location, cookies, body } = await send(ready);
  if (status !== 303 || location !== '/me') throw new Error(`a login was refused: ${status} ${body.slice(0, 200)}`);
  return cookies.map((cookie) => cookie.split(';')[0]).join('; ');
}
