import type { ValidateFunction } from 'ajv';
import type { Failures } from '../failures.ts';
import { isGroup, isList, isServiceProviderConfig, isUser, type ScimGroup, type ScimUser } from './answers.ts';
import { noScim } from './not-scim.ts';
import type { ScimAnswer, ScimHttp } from './http.ts';

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One operation of a PATCH (RFC 7644 section 3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** A page of a list. */
export interface ResourcePage<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Where the next page begins, or `null` when this was the last. */
  readonly next: number | null;
}

/** What can be asked about one kind of resource. All throw ConnectorUnavailable and ConnectorRefused. */
export interface ScimResources<T> {
  /** @returns `null` when the target said, in SCIM's own words, that there is none */
  read(id: string, signal: AbortSignal): Promise<T | null>;
  /** @param startIndex counts from 1 */
  page(startIndex: number, count: number, signal: AbortSignal): Promise<ResourcePage<T>>;
  /** As `page`, but `null` when the target does not have this kind of resource. */
  pageIfAble(startIndex: number, count: number, signal: AbortSignal): Promise<ResourcePage<T> | null>;
  /** Resources for which `attribute eq "value"` holds. */
  where(attribute: string, value: string, signal: AbortSignal): Promise<readonly T[]>;
  /** As `where`, but `null` when the target does not know how to filter so. */
  whereIfAble(attribute: string, value: string, signal: AbortSignal): Promise<readonly T[] | null>;
  create(resource: unknown, signal: AbortSignal): Promise<T | 'exists'>;
  /**
   * Changes a resource by PATCH, or, where the target has no PATCH, by reading it and putting it back changed.
   * @param whole the same change on a whole resource; `null` when there is nothing to change
   * @returns `gone` when there is no such resource, `noTarget` when a filter in a path matched nothing
   */
  change(id: string, patch: readonly PatchOperation[], whole: (resource: T) => object | null, signal: AbortSignal): Promise<'done' | 'gone' | 'noTarget'>;
  /** Deleted, or not there. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** Whether the target takes PATCH; asked once. */
export interface PatchSupport {
  supported(signal: AbortSignal): Promise<boolean>;
  /** A PATCH was answered with 405 or 501: do not try again. */
  deny(): void;
}

/** Users of a service provider. */
export const usersOf = (http: ScimHttp, failures: Failures, patch: PatchSupport): ScimResources<ScimUser> => resources('Users', isUser, http, failures, patch);

/** Groups of a service provider. */
export const groupsOf = (http: ScimHttp, failures: Failures, patch: PatchSupport): ScimResources<ScimGroup> =>
  resources('Groups', isGroup, http, failures, patch);

/** Reads the ServiceProviderConfig when it is first of use. A target without one is taken to know PATCH, as nearly all do. */
export function patchSupportOf(http: ScimHttp, failures: Failures): PatchSupport {
  let known: boolean | null = null;
  return {
    async supported(signal) {
      if (known !== null) return known;
      const answer = await http.send({ method: 'GET', path: ['ServiceProviderConfig'], signal });
      if (answer.status >= 400) known = true;
      else if (isServiceProviderConfig(answer.body)) known = String(answer.body.patch?.supported ?? true).toLowerCase() === 'true';
      else throw noScim('its ServiceProviderConfig is not what SCIM says', failures);
      return known;
    },
    deny() {
      known = false;
    },
  };
}

function resources<T extends { readonly id: string; readonly meta?: { readonly version?: string | null } }>(
  kind: 'Users' | 'Groups',
  isResource: ValidateFunction<T>,
  http: ScimHttp,
  failures: Failures,
  patchSupport: PatchSupport,
): ScimResources<T> {
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

  async function read(id: string, signal: AbortSignal): Promise<T | null> {
    const what = `reading ${kind}`;
    const answer = await http.send({ method: 'GET', path: [kind, id], signal });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw http.refusal(answer, what);
    const resource = checked(answer.body, what);
    if (resource.id !== id) throw failures.unavailable(`${what}: another resource was answered`);
    return resource;
  }

  function asked(startIndex: number, count: number, signal: AbortSignal): Promise<ScimAnswer> {
    return http.send({ method: 'GET', path: [kind], query: { startIndex: String(startIndex), count: String(count) }, signal });
  }

  function pageOf(answer: ScimAnswer, startIndex: number): ResourcePage<T> {
    const what = `listing ${kind}`;
    const { total, startIndex: answered, items } = list(answer, what);
    if (answered !== undefined && answered !== startIndex && items.length > 0) throw failures.unavailable(`${what}: another page was answered`);
    const next = startIndex + items.length;
    // Fewer than announced is no end of the list: something was held back.
    if (items.length === 0 && next <= total) throw failures.unavailable(`${what}: the list ends before its announced total`);
    return { items, total, next: next <= total ? next : null };
  }

  function filtered(attribute: string, value: string, signal: AbortSignal): Promise<ScimAnswer> {
    return http.send({ method: 'GET', path: [kind], query: { filter: `${attribute} eq ${JSON.stringify(value)}` }, signal });
  }

  function wholeList(answer: ScimAnswer, attribute: string): readonly T[] {
    const what = `looking up ${kind} by ${attribute}`;
    const { total, items } = list(answer, what);
    if (items.length !== total) throw failures.unavailable(`${what}: not all that was found was answered`);
    return items;
  }

  async function put(id: string, whole: (resource: T) => object | null, signal: AbortSignal): Promise<'done' | 'gone'> {
    const current = await read(id, signal);
    if (current === null) return 'gone';
    const changed = whole(current);
    if (changed === null) return 'done';
    const ifMatch = current.meta?.version ?? undefined;
    const answer = await http.send({ method: 'PUT', path: [kind, id], body: changed, ifMatch, signal });
    if (answer.status === 404) return 'gone';
    if (answer.status >= 300) throw http.refusal(answer, `replacing ${kind}`);
    return 'done';
  }

  return {
    read,
    page: async (startIndex, count, signal) => pageOf(await asked(startIndex, count, signal), startIndex),
    async pageIfAble(startIndex, count, signal) {
      const answer = await asked(startIndex, count, signal);
      return answer.status === 404 || answer.status === 501 ? null : pageOf(answer, startIndex);
    },
    where: async (attribute, value, signal) => wholeList(await filtered(attribute, value, signal), attribute),
    async whereIfAble(attribute, value, signal) {
      const answer = await filtered(attribute, value, signal);
      return answer.status === 400 || answer.status === 501 ? null : wholeList(answer, attribute);
    },
    async create(resource, signal) {
      const answer = await http.send({ method: 'POST', path: [kind], body: resource, signal });
      if (answer.status === 409) return 'exists';
      if (answer.status !== 201 && answer.status !== 200) throw http.refusal(answer, `creating in ${kind}`);
      return checked(answer.body, `creating in ${kind}`);
    },
    async change(id, patch, whole, signal) {
      if (!(await patchSupport.supported(signal))) return put(id, whole, signal);
      const answer = await http.send({ method: 'PATCH', path: [kind, id], body: { schemas: [patchSchema], Operations: patch }, signal });
      if (answer.status === 405 || answer.status === 501) {
        patchSupport.deny();
        return put(id, whole, signal);
      }
      if (answer.status === 404) return 'gone';
      if (answer.scimType === 'noTarget') return 'noTarget';
      if (answer.status >= 300) throw http.refusal(answer, `changing ${kind}`);
      return 'done';
    },
    async remove(id, signal) {
      const answer = await http.send({ method: 'DELETE', path: [kind, id], signal });
      if (answer.status >= 300 && answer.status !== 404) throw http.refusal(answer, `deleting from ${kind}`);
    },
  };
}
