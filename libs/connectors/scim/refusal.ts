import type { DomainError } from '@tenure/domain';
import { type Failures, ofTarget } from '../failures.ts';
import type { ScimAnswer } from './scim-answer.ts';

/**
 * Error for an unexpected answer.
 * @param what current action: `changing Users`
 * @param attributes sent account attributes. Details name those that the target names (`attribute`), and `reason` is
 *   `uniqueness` if another resource has the value already
 */
export function refusalOf(failures: Failures, answer: ScimAnswer, what: string, attributes: readonly string[]): DomainError {
  const { status, scimType } = answer;
  const said = `HTTP ${status}${scimType ? `, ${scimType}` : ''}`;
  const base = { status: String(status), ...(scimType ? { scimType } : {}) };
  if (status === 412) return failures.unavailable(`${what}: it was changed meanwhile`, base);
  if (status < 400) return failures.unavailable(`${what}: the answer is not what SCIM says`, base);
  if (status === 428) return failures.refused(`${what}: it demands a version (If-Match) and gives none in ETag or meta.version`, { ...base, ...ofTarget });
  const isTaken = status === 409 || scimType === 'uniqueness';
  const named = attributesNamedIn(answer.detail, attributes);
  const details = { ...base, ...(isTaken ? { reason: 'uniqueness' } : {}), ...(named.length > 0 ? { attribute: named.join(', ') } : {}) };
  if (named.length === 0) return failures.refused(`${what}: refused (${said}); the log of the target says why`, details);
  const settings = named.map((name) => `targets.${failures.target}.attributes.${name}`).join(', ');
  if (isTaken) return failures.refused(`another account has this value of ${details.attribute} (${said}): change it there, or at its source`, details);
  if (scimType === 'mutability') return failures.refused(`${details.attribute} cannot be changed (${said}): remove ${settings}`, { ...details, ...ofTarget });
  return failures.refused(`it does not take the value of ${details.attribute} (${said}): correct the value at its source, or ${settings}`, details);
}

/** Attributes that a text names, by the whole name or its last part. A single sent attribute is always the one. */
export function attributesNamedIn(text: string, attributes: readonly string[]): readonly string[] {
  if (attributes.length === 1) return attributes;
  const words = new Set(text.toLowerCase().split(/[^a-z0-9]+/));
  return attributes.filter((name) => words.has((name.split(/[.:]/).at(-1) ?? name).toLowerCase()));
}
