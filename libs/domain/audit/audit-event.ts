import type { AuditAction, AuditReasons, StoredReason } from './audit-reasons.ts';
import { auditSentence, isAuditAction } from './sentences.ts';

/** Action and reason of an event to record. */
export type NewAuditContent = { readonly [A in AuditAction]: { readonly action: A; readonly reason: AuditReasons[A] } }[AuditAction];

/**
 * Content of an event whose reason shares a part with others. The types of both parts are checked in the call; the compiler cannot infer that
 * together they are the action's reason, so it is asserted here once.
 */
export function newAuditContent<A extends AuditAction, C extends object>(action: A, common: C, more: Omit<AuditReasons[A], keyof C>): NewAuditContent {
  return { action, reason: { ...common, ...more } } as unknown as NewAuditContent;
}

/** Action and reason of an event that is read. */
export type AuditContent = { readonly [A in AuditAction]: { readonly action: A; readonly reason: StoredReason<A> } }[AuditAction];

/**
 * Content of a stored event. The only place where a stored reason gets its type: Tenure itself has written it, so the only expected difference is
 * a field that an earlier version left out.
 * @returns `null` for an unknown action, of another version
 */
export function auditContent({ action, reason }: { readonly action: string; readonly reason: Readonly<Record<string, unknown>> }): AuditContent | null {
  return isAuditAction(action) ? ({ action, reason } as AuditContent) : null;
}

/** Reason of a stored event with this action; `null`: it has another action. */
export function reasonOf<A extends AuditAction>(
  event: { readonly action: string; readonly reason: Readonly<Record<string, unknown>> },
  action: A,
): StoredReason<A> | null {
  return event.action === action ? (event.reason as StoredReason<A>) : null;
}

/** A stored event as a sentence, with ids in place of names. An event with an unknown action is named by the action. */
export function sentenceOfEvent(event: { readonly action: string; readonly reason: Readonly<Record<string, unknown>>; readonly subjectKind: string }): string {
  const content = auditContent(event);
  return content === null ? `${event.subjectKind}: ${event.action}.` : auditSentence(content.action, content.reason);
}
