import type { AuditAction, AuditReasons, StoredReason } from './audit-reasons.ts';
import { auditSentence, isAuditAction } from './sentences.ts';

/** Action and reason of an event that is recorded. */
export type NewAuditContent = { readonly [A in AuditAction]: { readonly action: A; readonly reason: AuditReasons[A] } }[AuditAction];

/**
 * Content of an event whose reason has a part in common with others. Both parts are checked where they are given; that together they are the
 * action's reason, the compiler does not follow, so it is said here once.
 */
export function newAuditContent<A extends AuditAction, C extends object>(action: A, common: C, more: Omit<AuditReasons[A], keyof C>): NewAuditContent {
  return { action, reason: { ...common, ...more } } as unknown as NewAuditContent;
}

/** Action and reason of an event that is read. */
export type AuditContent = { readonly [A in AuditAction]: { readonly action: A; readonly reason: StoredReason<A> } }[AuditAction];

/**
 * What a stored event says. The one place in which a stored reason gets its type: Tenure itself has written it, so only what an earlier version
 * left out is expected to differ.
 * @returns `null` for an action of another version, which is not known here
 */
export function auditContent({ action, reason }: { readonly action: string; readonly reason: Readonly<Record<string, unknown>> }): AuditContent | null {
  return isAuditAction(action) ? ({ action, reason } as AuditContent) : null;
}

/** The reason of a stored event with this action; `null`: it has another action. */
export function reasonOf<A extends AuditAction>(
  event: { readonly action: string; readonly reason: Readonly<Record<string, unknown>> },
  action: A,
): StoredReason<A> | null {
  return event.action === action ? (event.reason as StoredReason<A>) : null;
}

/** A stored event as a sentence, with ids in the place of names. What is not known here is named by its action. */
export function sentenceOfEvent(event: { readonly action: string; readonly reason: Readonly<Record<string, unknown>>; readonly subjectKind: string }): string {
  const content = auditContent(event);
  return content === null ? `${event.subjectKind}: ${event.action}.` : auditSentence(content.action, content.reason);
}
