import type { Instant } from '../identity/facts.ts';

/** Kind of a notification. Its text is made when it is sent; it is stored with ids, names of the policy and instants only. */
export type NotificationKind =
  /** To an approver of an item of a request. `data`: itemId, stage (its number), isEscalated. */
  | 'approval-asked'
  /** To an approver whose answer is still missing. `data`: itemId, stage. */
  | 'approval-reminder'
  /** To the requester and the person whom the request is for: an item has been decided. `data`: itemId. */
  | 'request-decided'
  /** To the person: access that was approved for a limited time ends soon. `data`: itemId, endsAt. */
  | 'access-ending'
  /** To all people whom the policy names: somebody took break-glass access. `data`: itemId, endsAt. */
  | 'emergency-access'
  /** To the reviewer of break-glass access. `about.caseId`. */
  | 'emergency-review'
  /** To the deputy of a delegation that begins. `data`: from (id), startsAt, endsAt. */
  | 'delegation-begun'
  /** To the owner of a case. `about.caseId`. */
  | 'case-assigned'
  /** To the owner of a case whose deadline is near. `about.caseId`. */
  | 'case-due'
  /** To the new owner of a case that was escalated, since nobody answered. `about.caseId`. */
  | 'case-escalated'
  /** To the person who takes over responsibilities of a leaver. `about.caseId`, `about.identityId`: the leaver. */
  | 'transfer-asked'
  /** To the manager: a person's accounts are usable from now on. `about.identityId`. */
  | 'person-started'
  /** To the manager: a person's access has ended. `about.identityId`. */
  | 'person-ended'
  /** To the manager, or the case's owner: facts of a person are missing. `about.caseId`, `about.identityId`, `data`: missing (attribute names). */
  | 'facts-missing'
  /** To the sponsor: a contract ends, and can be extended. `about.identityId`, `data`: endsAt. */
  | 'contract-ending'
  /** To the new sponsor of a person whose earlier sponsor has left. `about.identityId`. */
  | 'sponsorship-taken-over'
  /** To an inactive person: access will be removed unless they log in. `data`: endsAt. */
  | 'inactivity-warning'
  /**
   * To the person, and to operators if the person has rights in Tenure, also logs in elsewhere, or somebody decided it: a login was bound to them.
   * `about.identityId`, `data`: provider.
   */
  | 'login-linked'
  /** To operators, once a day: logins of a provider were bound to people who were already known. `data`: provider. */
  | 'logins-linked'
  /** To operators: two identities of one person became one. `about.identityId`: the one that goes on, `data`: from (id of the merged one). */
  | 'identity-merged'
  /** To operators: a change over the budget, or an undo, waits for approval. `about.caseId`, `data`: isUndo. */
  | 'change-held';

/** All kinds, for settings and checks. */
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
  'identity-merged',
  'change-held',
] as const satisfies readonly NotificationKind[];

/** Recipient of a notification. It is resolved when the notification is sent: unavailable people are replaced, and leavers are never notified. */
export type NotificationRecipient =
  | { readonly identityId: string }
  /** Case id: its owners, one or many, or their deputies. */
  | { readonly ownersOf: string }
  /** Role in Tenure itself (`operator`, `admin`): everybody who has it. */
  | { readonly role: string }
  /** A person's manager or sponsor. */
  | { readonly relation: 'manager' | 'sponsor'; readonly of: string };

/** A notification before it is stored. */
export interface NewNotification {
  readonly kind: NotificationKind;
  /** Deduplication key: there is at most one notification of a kind, recipient and key. Ids and names of the policy only. */
  readonly key: string;
  readonly recipient: NotificationRecipient;
  readonly about: { readonly caseId?: string; readonly requestId?: string; readonly identityId?: string };
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** A stored notification. */
export interface Notification extends NewNotification {
  readonly id: string;
  readonly createdAt: Instant;
}

/** Languages with templates; people with another language get one of these. */
export const NOTIFICATION_LANGUAGES = ['en', 'de'] as const;
export type NotificationLanguage = (typeof NOTIFICATION_LANGUAGES)[number];
