import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeMarkup } from '../identity-providers/login-page.ts';

/** Account of an application that creates and updates its accounts from what logins state. */
export interface ApplicationAccount {
  /** Name that the identity provider gives the person. */
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly logins: number;
}

/** Session of an account. */
export interface ApplicationSession {
  readonly subject: string;
  /** Id of the session at the identity provider: SessionIndex or `sid`. */
  readonly index: string;
  /** Instant after which the application opens it to nobody. */
  readonly notAfter: string;
  /** When the identity provider had it ended; `null`: it goes on. */
  readonly endedAt: string | null;
}

/** State of an application, as its administrator sees it. */
export interface ApplicationView {
  readonly accounts: readonly ApplicationAccount[];
  readonly sessions: readonly ApplicationSession[];
}

export interface Login extends Pick<ApplicationAccount, 'subject' | 'name' | 'roles'>, Pick<ApplicationSession, 'index' | 'notAfter'> {}

/** Accounts and sessions of an application, in memory. */
export class ApplicationState {
  readonly #cookie: string;
  readonly #accounts = new Map<string, ApplicationAccount>();
  readonly #sessions = new Map<string, ApplicationSession>();

  /** @param name tells its cookie from those of other applications of this machine, since browsers send cookies to every port */
  constructor(name: string) {
    this.#cookie = `application-${name}`;
  }

  /** Creates the account or updates it, and opens a session. @returns its cookie, for `Set-Cookie` */
  logIn({ subject, name, roles, index, notAfter }: Login): string {
    const before = this.#accounts.get(subject);
    this.#accounts.set(subject, { subject, name, roles, logins: (before?.logins ?? 0) + 1 });
    const value = randomBytes(24).toString('base64url');
    this.#sessions.set(value, { subject, index, notAfter, endedAt: null });
    return `${this.#cookie}=${value}; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** The account whose session's cookie a browser sent; `null`: the session does not exist, has ended, or has expired. */
  of(request: IncomingMessage): ApplicationAccount | null {
    const cookies = new Map((request.headers.cookie ?? '').split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
    const session = this.#sessions.get(cookies.get(this.#cookie) ?? '');
    if (session === undefined || session.endedAt !== null || session.notAfter <= new Date().toISOString()) return null;
    return this.#accounts.get(session.subject) ?? null;
  }

  /** Ends sessions of a subject: the one with an index, or all. @returns number of sessions that were open */
  end(subject: string | null, index: string | null): number {
    let ended = 0;
    for (const [value, session] of this.#sessions) {
      const isMeant = (subject === null || session.subject === subject) && (index === null || session.index === index);
      if (!isMeant || session.endedAt !== null) continue;
      this.#sessions.set(value, { ...session, endedAt: new Date().toISOString() });
      ended += 1;
    }
    return ended;
  }

  view(): ApplicationView {
    return { accounts: [...this.#accounts.values()], sessions: [...this.#sessions.values()] };
  }
}

/** Answers what both kinds of applications share: the home page, and the state for the administrator. @returns false for any other request */
export function answerCommon(title: string, state: ApplicationState, request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname } = new URL(request.url ?? '/', 'http://application');
  if (request.method === 'GET' && pathname === '/state') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(state.view()));
    return true;
  }
  if (request.method !== 'GET' || pathname !== '/') return false;
  const account = state.of(request);
  if (account === null) response.writeHead(303, { location: '/login' }).end();
  else sendHtml(response, 200, `<h1>${escapeMarkup(title)}</h1><p>${escapeMarkup(account.name)}: ${escapeMarkup(account.roles.join(', ') || 'no role')}</p>`);
  return true;
}

export function sendHtml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><meta charset="utf-8">${body}`);
}

/** Sets the cookie of a session and goes to the home page. */
export function enter(response: ServerResponse, cookie: string): void {
  response.writeHead(303, { location: '/', 'set-cookie': cookie }).end();
}
