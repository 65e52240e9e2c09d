import { type AccountAttributes, type Change, DomainError } from '@tenure/domain';
import type { act } from './act-in-target.ts';
import type { Refusal } from './worked.ts';

type Accepted = Awaited<ReturnType<typeof act>>;

/** Result of one change, in parts where the target refuses one attribute and accepts the others. */
export interface Narrowed {
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refusal[];
}

/**
 * Carries out a change. Where a target refuses it because of an attribute, the rest is carried out, so that one attribute does not block the others:
 * without the attribute that the target names, otherwise attribute by attribute.
 * @throws DomainError that is worth retrying, or shows that the account has changed since it was looked at
 */
export async function narrowed(change: Change, attempt: (change: Change) => Promise<Accepted>): Promise<Narrowed> {
  try {
    return { accepted: [await attempt(change)], refused: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const named = attributeOf(error, change);
    if (change.kind === 'create' && named !== null) return withoutAttribute(change, named, error, attempt);
    if (change.kind !== 'update' || Object.keys(change.attributes).length < 2) return { accepted: [], refused: [{ change, error }] };
    return named === null ? oneByOne(change, error, attempt) : withoutAttribute(change, named, error, attempt);
  }
}

type Writing = Extract<Change, { readonly attributes: AccountAttributes }>;

async function withoutAttribute(change: Writing, name: string, error: DomainError, attempt: (change: Change) => Promise<Accepted>): Promise<Narrowed> {
  const { [name]: value, ...others } = change.attributes;
  if (value === undefined) return { accepted: [], refused: [{ change, error }] };
  const rest = await narrowed({ ...change, attributes: others }, attempt);
  // An account that is not created without the attribute either is refused as a whole.
  if (change.kind === 'create' && rest.accepted.length === 0) return { accepted: [], refused: [{ change, error }] };
  return { accepted: rest.accepted, refused: [{ change: { kind: 'update', attributes: { [name]: value } }, error }, ...rest.refused] };
}

/**
 * Tries one attribute at a time, since the target does not name the one that it refuses. A change of which every attribute is refused is refused as a
 * whole.
 */
async function oneByOne(change: Writing, error: DomainError, attempt: (change: Change) => Promise<Accepted>): Promise<Narrowed> {
  const accepted: Accepted[] = [];
  const refused: Refusal[] = [];
  for (const [name, value] of Object.entries(change.attributes)) {
    const one = await narrowed({ kind: 'update', attributes: { [name]: value } }, attempt);
    accepted.push(...one.accepted);
    refused.push(...one.refused);
  }
  return accepted.length === 0 ? { accepted, refused: [{ change, error }] } : { accepted, refused };
}

/** True if the error is a refusal; an account that changes during the work is looked at again instead. */
function isRefusal(error: unknown): error is DomainError {
  return (
    error instanceof DomainError &&
    !error.retryable &&
    error.code !== 'ACCOUNT_NOT_FOUND' &&
    error.code !== 'ACCOUNT_CONFLICT' &&
    error.code !== 'ACCOUNT_NOT_VISIBLE'
  );
}

function attributeOf({ details }: DomainError, change: Change): string | null {
  const name = details['attribute'];
  return name !== undefined && 'attributes' in change && Object.hasOwn(change.attributes, name) ? name : null;
}
