import type { ValidateFunction } from 'ajv';
import type { ScimHttp } from './http.ts';
import type { PatchOperation } from './patch-operations.ts';
import type { ScimAnswer } from './scim-answer.ts';

export type Kind = 'Users' | 'Groups';
export interface Resource {
  readonly id: string;
  readonly meta?: { readonly version?: string | null };
}

/** A resource, with the forms of its version for If-Match: the likeliest first, none when the target shows no version. */
export interface Versioned<T> {
  readonly resource: T;
  readonly versions: readonly string[];
}

/**
 * Result of a change. `unchanged`: there was nothing to change. `gone`: there is no such resource. `not-taken`: the target does
 * not support this method for it (405, 501). `refused`: any other answer, such as 400 or 409.
 */
export type ChangeOutcome<T> =
  | { readonly kind: 'done' /** The changed resource; `null`: the target did not return it. */; readonly resource: T | null }
  | { readonly kind: 'unchanged' | 'gone' | 'not-taken' }
  | { readonly kind: 'refused'; readonly answer: ScimAnswer };

/** Returns the changed resource; `null` when there is nothing to change. */
export type Whole<T> = (resource: T) => object | null | Promise<object | null>;

/** Changes to one kind of SCIM resource. All throw ConnectorUnavailable and ConnectorRefused. */
export interface ChangesResources<T> {
  patch(id: string, operations: readonly PatchOperation[], signal: AbortSignal): Promise<ChangeOutcome<T>>;
  /**
   * Reads a resource and replaces it by a changed one (PUT): if it has a version, only that version.
   * @param whole the changed resource; `null` when there is nothing to change
   * @param write calls `send`, which sends the changed resource
   */
  put(id: string, whole: Whole<T>, signal: AbortSignal, write?: <A>(send: () => Promise<A>) => Promise<A>): Promise<ChangeOutcome<T>>;
  /** Deletes a resource. Success if it does not exist. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

interface Parts<T> {
  readonly isResource: ValidateFunction<T>;
  readonly readVersioned: (id: string, signal: AbortSignal) => Promise<Versioned<T> | null>;
  readonly http: ScimHttp;
}

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
/** Maximum number of attempts at a change: each form of a version once, and a few more because of concurrent changes. */
const mostTries = 6;

export function changesOf<T extends Resource>(kind: Kind, { isResource, readVersioned, http }: Parts<T>): ChangesResources<T> {
  /** True after the target answered 428, or 412 to a change without a version: from then on the version is read first. */
  let demandsVersion = false;

  /** Sends a change; if the target requires the version, reads it and sends it too. */
  async function versioned(
    id: string,
    isReadFirst: boolean,
    signal: AbortSignal,
    send: (current: T | null, ifMatch: string | undefined) => Promise<ScimAnswer | null>,
  ): Promise<ScimAnswer | 'gone' | null> {
    const refused = new Set<string>();
    for (let tries = 1; ; tries += 1) {
      const current = isReadFirst || demandsVersion ? await readVersioned(id, signal) : undefined;
      if (current === null) return 'gone';
      const told = current?.versions ?? [];
      const versions = demandsVersion && told.length === 0 ? ['*'] : told;
      const ifMatch = versions.find((version) => !refused.has(version));
      const answer = await send(current?.resource ?? null, ifMatch);
      if (answer === null || (answer.status !== 412 && answer.status !== 428)) return answer;
      demandsVersion = true;
      if (ifMatch !== undefined) refused.add(ifMatch);
      if (tries === mostTries || (versions.length > 0 && ifMatch === undefined)) return answer;
    }
  }

  function outcome(answer: ScimAnswer | 'gone' | null): ChangeOutcome<T> {
    if (answer === null) return { kind: 'unchanged' };
    if (answer === 'gone' || answer.status === 404) return { kind: 'gone' };
    if (answer.status === 405 || answer.status === 501) return { kind: 'not-taken' };
    if (answer.status >= 300) return { kind: 'refused', answer };
    return { kind: 'done', resource: isResource(answer.body) ? answer.body : null };
  }

  return {
    async patch(id, operations, signal) {
      const body = { schemas: [patchSchema], Operations: operations };
      const answer = await versioned(id, false, signal, (_current, ifMatch) => http.send({ method: 'PATCH', path: [kind, id], body, ifMatch, signal }));
      return outcome(answer);
    },
    async put(id, whole, signal, write = (send) => send()) {
      const answer = await versioned(id, true, signal, async (current, ifMatch) => {
        const body = current === null ? null : await whole(current);
        return body === null ? null : write(() => http.send({ method: 'PUT', path: [kind, id], body, ifMatch, signal }));
      });
      return outcome(answer);
    },
    async remove(id, signal) {
      const answer = await versioned(id, false, signal, (_current, ifMatch) => http.send({ method: 'DELETE', path: [kind, id], ifMatch, signal }));
      if (answer === null || answer === 'gone' || answer.status === 404 || answer.status < 300) return;
      throw http.refusal(answer, `deleting from ${kind}`);
    },
  };
}
