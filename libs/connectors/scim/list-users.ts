import { DomainError } from '@tenure/domain';
import type { Failures } from '../failures.ts';
import { isServiceProviderConfig, type ScimUser } from './answers.ts';
import type { ScimHttp } from './http.ts';
import type { ScimResources } from './resources.ts';

/** A page of all users, with the method of paging. */
export interface UserPage {
  readonly items: readonly ScimUser[];
  readonly total: number | null;
  /** Token of the next page; `null`: this was the last page. */
  readonly next: string | null;
  readonly isByPosition: boolean;
}

/** Lists users page by page. @param token `next` of the previous page; absent: the first page. @param count users on a page; 100 unless given */
export type ListsUsers = (token: string | undefined, signal: AbortSignal, count?: number) => Promise<UserPage>;

interface Parts {
  readonly users: ScimResources<ScimUser>;
  readonly http: ScimHttp;
  readonly failures: Failures;
}

const pageSize = 100;
const cursorMark = 'cursor ';

/** Lists by cursor if supported (RFC 9865), so that concurrent changes move nobody between pages; else by index (RFC 7644 section 3.4.2.4). */
export function listsUsersOf({ users, http, failures }: Parts): ListsUsers {
  let hasCursors: boolean | null = null;

  async function announced(signal: AbortSignal): Promise<boolean> {
    const answer = http.send({ method: 'GET', path: ['ServiceProviderConfig'], signal });
    const { status, body } = await answer.catch((error: unknown) => {
      // Some targets have no ServiceProviderConfig, and answer with a web page.
      if (error instanceof DomainError && error.details['status'] === '404') return { status: 404, body: null };
      throw error;
    });
    return status === 200 && isServiceProviderConfig(body) && String(body.pagination?.cursor ?? false).toLowerCase() === 'true';
  }

  async function byCursor(cursor: string, signal: AbortSignal, count: number): Promise<UserPage> {
    const { items, total, next } = await users.pageAt(cursor, count, signal);
    return { items, total, next: next === null ? null : `${cursorMark}${next}`, isByPosition: false };
  }

  /** Lists by index. A token has the start of its page and the first account of the previous one, which detects a repeated page. */
  async function byIndex(token: string | undefined, signal: AbortSignal, count: number): Promise<UserPage> {
    const [, start = '1', before = ''] = /^(\d+) (.*)$/s.exec(token ?? '') ?? [];
    const { items, total, next } = await users.page(Number(start), count, signal);
    const first = items[0]?.id ?? '';
    if (first !== '' && first === before) throw failures.unavailable('listing Users: the same page was answered again');
    return { items, total, next: next === null ? null : `${next} ${first}`, isByPosition: true };
  }

  return async (token, signal, count = pageSize) => {
    if (token?.startsWith(cursorMark)) return byCursor(token.slice(cursorMark.length), signal, count);
    // A listing continues with the method it began with.
    if (token !== undefined) return byIndex(token, signal, count);
    hasCursors ??= await announced(signal);
    return hasCursors ? byCursor('', signal, count) : byIndex(undefined, signal, count);
  };
}
