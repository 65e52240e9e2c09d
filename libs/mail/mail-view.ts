import type { NotificationKind } from '@tenure/domain';

/** One item of a request as texts. Texts written by people have passed through `plainLine`. */
export interface ItemView {
  readonly title: string;
  readonly for: string;
  readonly by: string;
  readonly justification: string;
  readonly duration: string;
  /** Titles of targets that are only observed, in which the access would be; `null`: none. */
  readonly observedTargets: string | null;
  /** Deadline of the decision. */
  readonly dueAt: string | null;
  /** SoD rules from which it needs an exception, with the compensating controls. */
  readonly exceptions: readonly { readonly rule: string; readonly names: string; readonly control: string }[];
  /** `open`, `approved`, `denied` and so on. */
  readonly status: string;
  /** Reason of the status, in one word. */
  readonly reason: string | null;
  readonly validUntil: string | null;
  /** Comments of the approvers. */
  readonly comments: readonly string[];
  /** One-time link to answer it. */
  readonly decideLink: string | null;
}

/** All data of a mail as texts: instants are in the recipient's language and time zone. */
export interface MailView {
  /** Name of the recipient. */
  readonly name: string;
  /** Name of the person whom the mail is about. */
  readonly person: string | null;
  readonly item: ItemView | null;
  /** Items of a digest. */
  readonly items: readonly ItemView[];
  readonly case: { readonly kind: string; readonly person: string | null; readonly deadline: string | null } | null;
  readonly from: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly missing: readonly string[];
  readonly isEscalated: boolean;
  /** True if the recipient is the person whom the mail is about. */
  readonly isOwn: boolean;
  /** True if the mail is about the undo of a batch change. */
  readonly isUndo: boolean;
  /** Title of the identity provider; `null`: the mail is about none. */
  readonly provider: string | null;
  /** Link to the recipient's own page. */
  readonly link: string;
}

/** Kinds of mails with a template: each kind of notification, and several approvals in one. */
export type MailKind = NotificationKind | 'approvals-digest';

/** Subject and bodies of a mail. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
