import type { EntryDecision, PolicyDocument } from '@tenure/domain';

/** Decision about an entry as a sentence. */
export function entrySentence(decision: EntryDecision, { entitlements }: Pick<PolicyDocument, 'entitlements'>): string {
  if (decision.mayEnter) {
    if (decision.by.length === 0) return 'The rule of the application lets the person in.';
    return `Lets the person in: ${decision.by.map((name) => entitlements[name]?.title ?? name).join(', ')}.`;
  }
  switch (decision.reason) {
    case 'not-active':
      return 'The person is not active: access has not begun, is suspended or has ended.';
    case 'no-access':
      return 'No grant and no rule lets the person in.';
    case 'no-email':
      return 'The application knows people by their e-mail address, and none is known.';
  }
}
