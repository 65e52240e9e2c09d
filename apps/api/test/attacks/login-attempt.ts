import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { TestApi } from '../api.ts';
import type { HostileOp } from './hostile-op.ts';

/** A browser at the API, as far as cookies go: those with their names and values, sent with each request. */
export interface Visitor {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  post(path: string, form: URLSearchParams): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
  readonly setCookies: readonly string[];
  /** Its x-request-id, under which the audit has a refusal. */
  readonly reference: string;
}

export function createVisitor(api: TestApi): Visitor {
  const cookies = new Map<string, string>();
  async function send(method: 'GET' | 'POST', path: string, headers: Readonly<Record<string, string>>, payload?: string): Promise<Answered> {
    const reference = randomUUID();
    const response = await api.app.inject({
      method,
      url: path,
      headers: {
        'x-request-id': reference,
        ...(cookies.size > 0 ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...(payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const setCookies = [response.headers['set-cookie'] ?? []].flat();
    for (const line of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: response.statusCode, location: response.headers.location ?? null, body: response.body, setCookies, reference };
  }
  return { cookies, get: (path, headers = {}) => send('GET', path, headers), post: (path, form) => send('POST', path, {}, String(form)) };
}

/** Begins a login. @returns where the browser is sent */
export async function begin(visitor: Visitor, provider: string, query = ''): Promise<string> {
  const begun = await visitor.get(`/oidc/${provider}/login${query}`);
  expect(begun.status).toBe(303);
  return begun.location ?? '';
}

/** Goes through a whole login. */
export async function logIn(api: TestApi, op: HostileOp, provider: string, visitor: Visitor = createVisitor(api)): Promise<Answered> {
  const back = await op.visit(await begin(visitor, provider));
  return visitor.get(`${back.pathname}${back.search}`);
}

export const sessionCookie = '__Host-tenure_session';

/** Expects a refused login: no session, nothing but a reference for the person, and the reason in the audit under it. */
export async function expectRefused(api: TestApi, answered: Answered, reason: string | RegExp): Promise<void> {
  expect([403, 502]).toContain(answered.status);
  expect(answered.setCookies.filter((line) => line.startsWith(sessionCookie))).toEqual([]);
  expect(answered.body).toContain(answered.reference);
  const refusals = await api.store.read((tx) => tx.audit.page({ action: 'login.refused' }, 200, null));
  const refusal = refusals.find(({ subjectId }) => subjectId === answered.reference);
  const given = String(refusal?.reason['reason']);
  if (typeof reason === 'string') expect(given).toBe(reason);
  else expect(given).toMatch(reason);
  expect(answered.body).not.toContain(given);
}

export function expectAccepted(answered: Answered): void {
  expect({ status: answered.status, location: answered.location }).toEqual({ status: 303, location: '/me' });
  expect(answered.setCookies.some((line) => line.startsWith(sessionCookie))).toBe(true);
}
