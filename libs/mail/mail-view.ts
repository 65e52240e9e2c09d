import type { NotificationKind } from '@tenure/domain';

/** One item of a request, in words. What people have written has gone through `plainLine`. */
export interface ItemView {
  readonly title: string;
  readonly for: string;
  readonly by: string;
  readonly justification: string;
  readonly duration: string;
  /** By when it has to be decided. */
  readonly dueAt: string | null;
  /** Rules of separation that it needs an exception from, and what is done instead. */
  readonly exceptions: readonly { readonly rule: string; readonly names: string; readonly control: string }[];
  /** `open`, `approved`, `denied` and so on. */
  readonly status: string;
  /** A word for why. */
  readonly reason: string | null;
  readonly validUntil: string | null;
  /** What those who decided have said. */
  readonly comments: readonly string[];
  /** Where it can be answered, once. */
  readonly decideLink: string | null;
}

/** All that a mail can speak of, ready to be read: instants are in the reader's language and time zone. */
export interface MailView {
  /** Whom it is written to. */
  readonly name: string;
  /** Whom it is about. */
  readonly person: string | null;
  readonly item: ItemView | null;
  /** Of a digest. */
  readonly items: readonly ItemView[];
  readonly case: { readonly kind: string; readonly person: string | null; readonly deadline: string | null } | null;
  readonly from: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly missing: readonly string[];
  readonly isEscalated: boolean;
  /** True: the recipient is the person whom the mail is about. */
  readonly isOwn: boolean;
  /** Title of the identity provider; `null`: the mail is about none. */
  readonly provider: string | null;
  /** The person's own page. */
  readonly link: string;
}

/** What there is a template for: each kind of notice, and several approvals in one. */
export type MailKind = NotificationKind | 'approvals-digest';

/** A mail in words. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
