import { ConnectorUnavailable } from '@tenure/domain';
import type { ValidateFunction } from 'ajv';
import type { Failures } from '../failures.ts';
import { isCursorList, isGroup, isList, isUser, type ScimGroup, type ScimUser } from './answers.ts';
import { type ChangesResources, changesOf, type Kind, type Resource, type Versioned } from './change-resource.ts';
import type { ScimHttp } from './http.ts';
import { noScim } from './not-scim.ts';
import type { ScimAnswer } from './scim-answer.ts';

/** A page of a list. */
export interface ResourcePage<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Start index of the next page; `null`: this was the last. */
  readonly next: number | null;
}

/** A page of a list with cursors (RFC 9865). */
export interface CursorPage<T> {
  readonly items: readonly T[];
  /** Total number; `null`: the target announces none. */
  readonly total: number | null;
  /** Cursor of the next page; `null`: this was the last. */
  readonly next: string | null;
}

/** Result of a filtered search. */
export interface Found<T> {
  readonly items: readonly T[];
  /** True if all announced resources were returned. */
  readonly isWhole: boolean;
}

export type CreateOutcome<T> = { readonly kind: 'created'; readonly resource: T } | { readonly kind: 'refused'; readonly answer: ScimAnswer };

/** Reads of one kind of resource. All throw ConnectorUnavailable and ConnectorRefused. */
export interface ScimResources<T> extends ChangesResources<T> {
  /** Reads a resource. @returns `null` when SCIM's own error states that there is none. @param attributes only these, if not shown otherwise */
  read(id: string, signal: AbortSignal, attributes?: readonly string[]): Promise<T | null>;
  /** Reads a page. @param startIndex counts from 1 */
  page(startIndex: number, count: number, signal: AbortSignal): Promise<ResourcePage<T>>;
  /** Reads a page by cursor. @param cursor of the page; empty: the first */
  pageAt(cursor: string, count: number, signal: AbortSignal): Promise<CursorPage<T>>;
  /** First resources of this kind; `null`: the target does not have this kind. */
  some(count: number, signal: AbortSignal): Promise<readonly T[] | null>;
  /**
   * All resources that a filter finds, over all pages.
   * @param isAskedFor true for a resource that matches; after any other, no further pages are read
   * @throws ConnectorUnavailable when not all found resources were returned
   */
  where(filter: string, signal: AbortSignal, isAskedFor?: (item: T) => boolean): Promise<readonly T[]>;
  /** Like `where`, but `null` when the target does not support the filter, and `isWhole` shows missing resources. */
  find(filter: string, signal: AbortSignal): Promise<Found<T> | null>;
  /** All resources that the target returns. */
  all(signal: AbortSignal): Promise<Found<T>>;
  create(resource: unknown, signal: AbortSignal): Promise<CreateOutcome<T>>;
}

/** Users of a service provider. */
export const usersOf = (http: ScimHttp, failures: Failures): ScimResources<ScimUser> => resources('Users', isUser, http, failures);

/** Groups of a service provider. */
export const groupsOf = (http: ScimHttp, failures: Failures): ScimResources<ScimGroup> => resources('Groups', isGroup, http, failures);

const pageSize = 100;
/** Maximum number of pages of one filter: nobody is in so many groups, and no target is read as a whole this way. */
const mostPages = 50;
/** Statuses of targets that do not support a filter; the request itself was valid. */
const unknownFilter: ReadonlySet<number> = new Set([400, 404, 405, 422, 501]);

function resources<T extends Resource>(kind: Kind, isResource: ValidateFunction<T>, http: ScimHttp, failures: Failures): ScimResources<T> {
  function checked(body: unknown, what: string): T {
    if (isResource(body)) return body;
    throw failures.unavailable(`${what}: the answer is not what SCIM says`, { resource: kind });
  }

  function list(answer: ScimAnswer, what: string): { total: number; startIndex: number | undefined; items: readonly T[] } {
    if (answer.status !== 200) throw http.refusal(answer, what);
    const { body } = answer;
    if (!isList(body)) throw noScim(`${what}: the answer is not a list of SCIM`, failures, { resource: kind });
    return { total: body.totalResults, startIndex: body.startIndex, items: (body.Resources ?? []).map((item) => checked(item, what)) };
  }

  async function readVersioned(id: string, signal: AbortSignal, attributes?: readonly string[]): Promise<Versioned<T> | null> {
    const what = `reading ${kind}`;
    const answer = await http.send({ method: 'GET', path: [kind, id], ...(attributes ? { query: { attributes: attributes.join(',') } } : {}), signal });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw http.refusal(answer, what);
    const resource = checked(answer.body, what);
    if (resource.id !== id) throw failures.unavailable(`${what}: another resource was answered`);
    return { resource, versions: versionsOf(answer.etag, resource.meta?.version ?? null) };
  }

  async function page(startIndex: number, count: number, signal: AbortSignal): Promise<ResourcePage<T>> {
    const what = `listing ${kind}`;
    const answer = await http.send({ method: 'GET', path: [kind], query: { startIndex: String(startIndex), count: String(count) }, signal });
    const { total, startIndex: answered, items } = list(answer, what);
    if (answered !== undefined && answered !== startIndex && items.length > 0) throw failures.unavailable(`${what}: another page was answered`);
    const next = startIndex + items.length;
    // Fewer than announced is no end of the list: some were withheld.
    if (items.length === 0 && next <= total) throw failures.unavailable(`${what}: the list ends before its announced total`);
    return { items, total, next: next <= total ? next : null };
  }

  async function pageAt(cursor: string, count: number, signal: AbortSignal): Promise<CursorPage<T>> {
    const what = `listing ${kind}`;
    const answer = await http.send({ method: 'GET', path: [kind], query: { cursor, count: String(count) }, signal });
    if (answer.scimType === 'expiredCursor' || answer.scimType === 'invalidCursor')
      throw failures.unavailable(`${what}: the cursor is no longer valid, so the listing has to begin anew`, { reason: 'CURSOR_EXPIRED' });
    if (answer.status !== 200) throw http.refusal(answer, what);
    const { body } = answer;
    if (!isCursorList(body)) throw noScim(`${what}: the answer is not a list of SCIM`, failures, { resource: kind });
    const next = body.nextCursor || null;
    if (next !== null && next === cursor) throw failures.unavailable(`${what}: the same page was answered again`);
    return { items: (body.Resources ?? []).map((item) => checked(item, what)), total: body.totalResults ?? null, next };
  }

  /**
   * Reads pages until the announced total is reached. A target that repeats the same page is detected by the ids.
   * @param isEnough ends the reading early
   */
  async function gather(
    first: ScimAnswer,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    isEnough: (items: readonly T[], pages: number) => boolean,
  ): Promise<Found<T>> {
    const found = new Map<string, T>();
    let answer = first;
    for (let pages = 1; ; pages += 1) {
      const { total, items } = list(answer, `looking up ${kind}`);
      const before = found.size;
      for (const item of items) found.set(item.id, item);
      const isWhole = found.size >= total;
      if (isWhole || found.size === before || isEnough(items, pages)) return { items: [...found.values()], isWhole };
      answer = await ask({ ...query, startIndex: String(found.size + 1), count: String(pageSize) }, signal);
    }
  }

  const ask = (query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ScimAnswer> => http.send({ method: 'GET', path: [kind], query, signal });

  return {
    ...changesOf<T>(kind, { isResource, readVersioned, http }),
    read: async (id, signal, attributes) => (await readVersioned(id, signal, attributes))?.resource ?? null,
    page,
    pageAt,
    async some(count, signal) {
      const answer = await ask({ startIndex: '1', count: String(count) }, signal);
      return answer.status === 404 || answer.status === 501 ? null : list(answer, `listing ${kind}`).items;
    },
    // The first page without startIndex and count, which some targets do not support with a filter.
    async where(filter, signal, isAskedFor = () => true) {
      const { items, isWhole } = await gather(await ask({ filter }, signal), { filter }, signal, (page) => !page.every(isAskedFor));
      if (!isWhole) throw failures.unavailable(`looking up ${kind}: not all that was found was answered`);
      return items;
    },
    async find(filter, signal) {
      const answer = await ask({ filter }, signal).catch(unlessItFails);
      return answer === null || unknownFilter.has(answer.status) ? null : gather(answer, { filter }, signal, (_items, pages) => pages === mostPages);
    },
    all: async (signal) => gather(await ask({ startIndex: '1', count: String(pageSize) }, signal), {}, signal, () => false),
    async create(resource, signal) {
      const answer = await http.send({ method: 'POST', path: [kind], body: resource, signal });
      if (answer.status !== 201 && answer.status !== 200) return { kind: 'refused', answer };
      return { kind: 'created', resource: checked(answer.body, `creating in ${kind}`) };
    },
  };
}

/** Ignores a status 500, by which some targets answer an unsupported filter. The caller then reads in another way, which shows a real outage. */
function unlessItFails(error: unknown): null {
  if (error instanceof ConnectorUnavailable && error.details['status'] === '500') return null;
  throw error;
}

/** Forms of a version: ETag before `meta.version`; then without the mark of a weak one, which some proxies add and some targets do not accept. */
function versionsOf(etag: string | null, version: string | null): readonly string[] {
  const told = [etag, version].filter((text): text is string => text !== null && text !== '');
  return [...new Set([...told, ...told.map((text) => text.replace(/^W\//, ''))])];
}
