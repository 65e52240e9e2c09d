import { type AccountAttributes, ConnectorRefused } from '@tenure/domain';
import { type Failures, ofTarget } from '../failures.ts';
import type { WrittenMark } from '../connector.ts';
import type { ScimUser } from './answers.ts';
import { withAttributes } from './attributes.ts';
import type { ChangeOutcome } from './change-resource.ts';
import type { ScimHttp } from './http.ts';
import { labelledPlace } from './labelled-values.ts';
import { type PatchOperation, patchOperations } from './patch-operations.ts';
import type { ScimResources } from './resources.ts';
import type { WritingMethods } from './writing-methods.ts';
import type { ScimAnswer } from './scim-answer.ts';

export interface WritesAccounts {
  /**
   * Writes these attributes, and the mark if the account has none.
   * @returns true if there is such an account
   * @throws ConnectorRefused with the refused attribute (`details.attribute`), if the target names it
   */
  attributes(user: ScimUser, attributes: AccountAttributes, mark: WrittenMark, signal: AbortSignal): Promise<boolean>;
  /** Enables or disables an account. @returns true if there is such an account */
  active(id: string, isActive: boolean, signal: AbortSignal): Promise<boolean>;
}

interface Parts {
  readonly users: ScimResources<ScimUser>;
  readonly methods: WritingMethods;
  readonly http: ScimHttp;
  readonly failures: Failures;
}

/** One form of a change; the next one is for targets that refuse this one. */
type Form = readonly PatchOperation[];

/** A change in the forms of PATCH, and as a whole resource for PUT. */
interface Change {
  readonly forms: readonly Form[];
  readonly whole: (user: ScimUser) => object;
  /** Names of the written account attributes. */
  readonly attributes: readonly string[];
  readonly insists?: boolean;
}

/** Statuses of refusals of the content, not of the sender. */
const aboutContent: ReadonlySet<string> = new Set(['400', '409', '413', '422']);

export function writeAccountOf({ users, methods, http, failures }: Parts): WritesAccounts {
  async function patched(id: string, forms: readonly Form[], signal: AbortSignal): Promise<ChangeOutcome<ScimUser>> {
    let first: ChangeOutcome<ScimUser> | null = null;
    for (const form of forms) {
      const outcome = await users.patch(id, form, signal);
      if (outcome.kind !== 'refused') return outcome;
      first ??= outcome;
      if (outcome.answer.status !== 400) return outcome;
    }
    return first ?? { kind: 'unchanged' };
  }

  /**
   * Writes a change by the methods of the target.
   * @param insists true to try the other method also when the first one is refused
   * @returns true if there is such an account
   */
  async function change(id: string, { forms, whole, attributes, insists = false }: Change, signal: AbortSignal): Promise<boolean> {
    let refused: ScimAnswer | null = null;
    for (const method of await methods.order('users', signal)) {
      const outcome = method === 'PATCH' ? await patched(id, forms, signal) : await users.put(id, whole, signal);
      if (outcome.kind === 'refused') {
        refused ??= outcome.answer;
        if (!insists) break;
      } else if (outcome.kind !== 'not-taken') return outcome.kind !== 'gone';
      else methods.notTaken('users', method);
    }
    if (refused !== null) throw http.refusal(refused, 'changing the account', attributes);
    throw failures.refused('the target supports neither PATCH nor PUT for users: enable one of them', ofTarget);
  }

  function write(user: ScimUser, written: AccountAttributes, signal: AbortSignal): Promise<boolean> {
    const names = Object.keys(written);
    const entry = patchOperations(user, written, 'entry');
    const forms = names.some((name) => labelledPlace(name)) ? [entry, patchOperations(user, written, 'list')] : [entry];
    const whole = (current: ScimUser): object => withAttributes(current, written);
    return change(user.id, { forms: forms.filter((form) => form.length > 0), whole, attributes: names }, signal);
  }

  return {
    async attributes(user, attributes, { mark, former }, signal) {
      // A mark of others is not replaced.
      const isOthers = Boolean(user.externalId) && !former.includes(user.externalId ?? '');
      const marked = isOthers ? {} : { externalId: mark };
      const isMarkAlone = Object.keys(attributes).length === 0;
      if (isMarkAlone && isOthers) return true;
      try {
        return await write(user, { ...attributes, ...marked }, signal);
      } catch (error) {
        if (isMarkAlone || isOthers || !isAboutContent(error)) throw error;
        // If the target refuses the mark, the attributes are still written: the account is known by its id.
        return write(user, attributes, signal);
      }
    },
    active(id, active, signal) {
      const forms: readonly Form[] = [[{ op: 'replace', path: 'active', value: active }], [{ op: 'replace', value: { active } }]];
      return change(id, { forms, whole: (user) => ({ ...user, active }), attributes: [], insists: true }, signal);
    },
  };
}

function isAboutContent(error: unknown): error is ConnectorRefused {
  return error instanceof ConnectorRefused && aboutContent.has(error.details['status'] ?? '');
}
