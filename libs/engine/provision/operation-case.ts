import type { DomainError } from '@tenure/domain';
import type { NewCase, StoredOperation } from '@tenure/store';

/** A permanent refusal: the operation waits as a case for `retryOperation` or `abandonOperation`. */
export function operationCase({ id, identityId, target, change }: StoredOperation, { code, message, details }: DomainError): NewCase {
  const kind = code === 'ACCOUNT_CONFLICT' ? 'account-conflict' : 'operation-failed';
  const attributes = change.kind === 'update' ? { attributes: Object.keys(change.attributes) } : {};
  const reason = details['reason'] === undefined ? {} : { reason: details['reason'] };
  const evidence = { target, operation: change.kind, ...attributes, code, message, ...reason };
  return { kind, key: `${kind}/${id}`, identityId, target, operationId: id, evidence };
}
