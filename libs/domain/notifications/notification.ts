import type { Instant } from '../identity/facts.ts';

/** What people are told of. What a notification says is looked up when it is sent; here are ids, names of the policy and instants only. */
export type NotificationKind =
  /** To whoever is asked to decide about an item of a request. `data`: itemId, stage (its number), isEscalated. */
  | 'approval-asked'
  /** To the same, when the answer is still wanted. `data`: itemId, stage. */
  | 'approval-reminder'
  /** To whoever asked and whom it is for: an item has been decided. `data`: itemId. */
  | 'request-decided'
  /** To the person: what was approved for a time ends soon. `data`: itemId, endsAt. */
  | 'access-ending'
  /** To all whom the policy names: somebody took break-glass access. `data`: itemId, endsAt. */
  | 'emergency-access'
  /** To whoever has to review it afterwards. `about.caseId`. */
  | 'emergency-review'
  /** To whoever is to decide for somebody else from now on. `data`: from (id), startsAt, endsAt. */
  | 'delegation-begun'
  /** To the owner of a case. `about.caseId`. */
  | 'case-assigned'
  /** To whose it is: its deadline is near. `about.caseId`. */
  | 'case-due'
  /** To whoever it was handed up to, since nobody answered. `about.caseId`. */
  | 'case-escalated'
  /** To whoever takes over what somebody leaves behind. `about.caseId`, `about.identityId`: who left. */
  | 'transfer-asked'
  /** To the manager: somebody's accounts are usable from now on. `about.identityId`. */
  | 'person-started'
  /** To the manager: somebody's access has ended. `about.identityId`. */
  | 'person-ended'
  /** To the manager, or whoever the case belongs to: what is not known of somebody. `about.caseId`, `about.identityId`, `data`: missing (names of attributes). */
  | 'facts-missing'
  /** To the sponsor: a contract ends, and can be extended. `about.identityId`, `data`: endsAt. */
  | 'contract-ending'
  /** To whoever became a sponsor because the one before has left. `about.identityId`. */
  | 'sponsorship-taken-over'
  /** To the person: not seen for long, so access is taken away unless they log in. `data`: endsAt. */
  | 'inactivity-warning'
  /** To the person, and to operators where they have rights in Tenure, log in elsewhere too, or somebody decided it: a login was bound to them. `about.identityId`, `data`: provider. */
  | 'login-linked'
  /** To operators, once a day: logins of a provider were bound to people who were known before. `data`: provider. */
  | 'logins-linked'
  /** To operators: a change over the budget waits for a decision. `about.caseId`. */
  | 'change-held';

/** All of them, for settings and checks. */
export const NOTIFICATION_KINDS = [
  'approval-asked',
  'approval-reminder',
  'request-decided',
  'access-ending',
  'emergency-access',
  'emergency-review',
  'delegation-begun',
  'case-assigned',
  'case-due',
  'case-escalated',
  'transfer-asked',
  'person-started',
  'person-ended',
  'facts-missing',
  'contract-ending',
  'sponsorship-taken-over',
  'inactivity-warning',
  'login-linked',
  'logins-linked',
  'change-held',
] as const satisfies readonly NotificationKind[];

/** Whom a notification is for. Who that means is found when it is sent: whoever is not there is replaced, and nobody who left is told anything. */
export type NotificationRecipient =
  | { readonly identityId: string }
  /** Whose a case is, one or many, or who stands in for them. */
  | { readonly ownersOf: string }
  /** Everybody who holds this right in Tenure itself: `operator`, `admin`. */
  | { readonly role: string }
  /** A person's manager or sponsor. */
  | { readonly relation: 'manager' | 'sponsor'; readonly of: string };

/** One thing that somebody is to be told. */
export interface NewNotification {
  readonly kind: NotificationKind;
  /** Names the thing: of one kind, recipient and key there is never a second notification. Ids and names of the policy only. */
  readonly key: string;
  readonly recipient: NotificationRecipient;
  readonly about: { readonly caseId?: string; readonly requestId?: string; readonly identityId?: string };
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** A notification as it was written down. */
export interface Notification extends NewNotification {
  readonly id: string;
  readonly createdAt: Instant;
}

/** Languages that there are templates for; every other is answered in one of these. */
export const NOTIFICATION_LANGUAGES = ['en', 'de'] as const;
export type NotificationLanguage = (typeof NOTIFICATION_LANGUAGES)[number];
