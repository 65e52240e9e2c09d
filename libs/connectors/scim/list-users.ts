import { DomainError } from '@tenure/domain';
import type { Failures } from '../failures.ts';
import { isServiceProviderConfig, type ScimUser, type ServiceProviderConfig } from './answers.ts';
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

/** Lists users page by page. @param token `next` of the previous page; absent: the first page. @param count users on a page; as many as the service announces unless given, 500 at most */
export type ListsUsers = (token: string | undefined, signal: AbortSignal, count?: number) => Promise<UserPage>;

interface Parts {
  readonly users: ScimResources<ScimUser>;
  readonly http: ScimHttp;
  readonly failures: Failures;
}

/** Users on a page where the service does not announce how many it answers at most, and the most that are asked for. */
const pageSizes = { usual: 100, most: 500 } as const;
const cursorMark = 'cursor ';

/** Lists by cursor if supported (RFC 9865), so that concurrent changes move nobody between pages; else by index (RFC 7644 section 3.4.2.4). */
export function listsUsersOf({ users, http, failures }: Parts): ListsUsers {
  let announced: { readonly hasCursors: boolean; readonly pageSize: number } | null = null;

  async function paging(signal: AbortSignal): Promise<NonNullable<typeof announced>> {
    const answer = http.send({ method: 'GET', path: ['ServiceProviderConfig'], signal });
    const { status, body } = await answer.catch((error: unknown) => {
      // Some targets have no ServiceProviderConfig, and answer with a web page.
      if (error instanceof DomainError && error.details['status'] === '404') return { status: 404, body: null };
      throw error;
    });
    const config: ServiceProviderConfig = status === 200 && isServiceProviderConfig(body) ? body : {};
    const most = Number(config.pagination?.maxPageSize ?? config.filter?.maxResults);
    return {
      hasCursors: String(config.pagination?.cursor ?? false).toLowerCase() === 'true',
      pageSize: Number.isInteger(most) && most > 0 ? Math.min(most, pageSizes.most) : pageSizes.usual,
    };
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

  return async (token, signal, wanted) => {
    announced ??= await paging(signal);
    const count = wanted ?? announced.pageSize;
    if (token?.startsWith(cursorMark)) return byCursor(token.slice(cursorMark.length), signal, count);
    // A listing continues with the method it began with.
    if (token !== undefined) return byIndex(token, signal, count);
    return announced.hasCursors ? byCursor('', signal, count) : byIndex(undefined, signal, count);
  };
}
