import type { ReconciliationSettings } from './reconciliation-settings.ts';
import type { AbsentClaims, AttributeSchema, NotificationKind, PolicyDocument, Precedence, Retention, TargetMapping, UserType } from '@tenure/domain';
import type { Settings } from './settings.ts';

/** How a record or login finds the identity that it belongs to, tried in order. */
export type CorrelationKey =
  /**
   * Compared without the case of A to Z. `forLife`: the source never gives it to somebody else, so that it links to whoever has left, too, and
   * to a second record; without, it may be used again.
   */
  | { readonly attribute: string; readonly forLife?: boolean }
  /** E-mail, compared without case, and only where the source is trusted for its domain and says that it is verified. */
  | { readonly email: true };

/** A source of records that come through GraphQL. */
export interface SourceSettings {
  readonly name: string;
  readonly title: string;
  /** True if its `active` and `ended` decide about the person's relationship. */
  readonly authoritative: boolean;
  readonly mayCreate: boolean;
  /** A fixed type, or CEL over `claims` (the record's facts) that yields one. */
  readonly userType: UserType | { readonly cel: string };
  readonly trustedEmailDomains: readonly string[];
  readonly correlate: readonly CorrelationKey[];
  /** Attributes that its records may state; absent: any. */
  readonly attributes?: readonly string[];
  /** Longest time between two deliveries, in milliseconds; absent: it may be silent for ever. */
  readonly expectEvery?: number;
}

/**
 * Whom logins of a provider link to by themselves besides people without rights in Tenure who have no other login: `privileged`, who have
 * rights in Tenure; `bound`, who log in through another provider already.
 */
export type MayLink = 'privileged' | 'bound';

interface ProviderBase {
  readonly name: string;
  readonly title: string;
  readonly userType: UserType | { readonly cel: string };
  readonly mayCreate: boolean;
  readonly trustedEmailDomains: readonly string[];
  /** CEL over `claims`, bool; `null`: the provider never says that an e-mail is verified. */
  readonly emailVerified: string | null;
  /** Attribute to CEL over `claims`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** CEL over `claims`, list of strings; `null`: it says nothing of groups. */
  readonly groups: string | null;
  /** Meaning of a login without the claims that `groups` reads. */
  readonly absentGroups: AbsentClaims;
  /** Meaning of a login without the claims of an attribute, or of `userType`. Dates are always kept. */
  readonly absentAttributes: AbsentClaims;
  readonly correlate: readonly CorrelationKey[];
  /** Absent: neither. Whoever it does not link to by itself is a case for an administrator. */
  readonly mayLink?: readonly MayLink[];
  /** Whom its logins link to by themselves: `authoritative`, only people of whom an authoritative source says the same key now. Absent: anyone. */
  readonly linkTo?: 'anyone' | 'authoritative';
}

export interface SamlProviderSettings extends ProviderBase {
  readonly protocol: 'saml';
  /** URL or absolute file path of its metadata (SAML 2.0 metadata). */
  readonly metadata: string;
  readonly allowIdpInitiated: boolean;
  /** What it has to sign; whatever else is signed is verified as well. */
  readonly signed: 'assertion' | 'response' | 'both';
  /** PEM, secret: opens assertions that are encrypted for us; `null`: they are refused. */
  readonly decryptionKey: string | null;
  /** Milliseconds of clock skew that are forgiven; 30,000 unless set, at most 180,000. */
  readonly clockSkew: number;
}

export interface OidcProviderSettings extends ProviderBase {
  readonly protocol: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** When the userinfo endpoint is asked; `when-needed`: where the ID token lacks a claim that this entry reads. */
  readonly userInfo: 'when-needed' | 'always' | 'never';
}

export type ProviderSettings = SamlProviderSettings | OidcProviderSettings;

interface TargetBase extends TargetMapping {
  readonly title: string;
  /** Milliseconds for one call. */
  readonly timeout: number;
  readonly concurrency: number;
  readonly ratePerSecond: number;
  /** Milliseconds after which an unconfirmed end becomes a case. */
  readonly confirmWithin: number;
  /** How it is read as a whole; what is absent is as `reconciliationOf` says. */
  readonly reconciliation?: Partial<ReconciliationSettings>;
  /** The account's attribute that tells when the person was last active there; absent: the target does not report it. */
  readonly lastActivity?: string;
  /** Reason why nothing may be encrypted on the way to another machine; absent: everything is encrypted, or stays on this machine. */
  readonly cleartext?: string;
}
export interface ScimTargetSettings extends TargetBase {
  readonly kind: 'scim';
  readonly url: string;
  readonly token: string;
  /** PEM file of the authority that signed the server's certificate; `null` or absent: the system's. */
  readonly caFile?: string | null;
}
export interface LdapTargetSettings extends TargetBase {
  readonly kind: 'ldap';
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly tls: 'none' | 'starttls' | 'ldaps';
  /** PEM file of the authority that signed the server's certificate; `null`: the system's. */
  readonly caFile: string | null;
  readonly people: readonly string[];
  readonly createBelow: string;
  readonly lookBelow: readonly string[] | null;
  readonly groups: string;
  readonly idAttribute: string;
  readonly externalIdAttribute: string | null;
  readonly disable: { readonly attribute: string; readonly disabled: string; readonly enabled: string } | { readonly group: string };
}
export interface SqlTargetSettings extends TargetBase {
  readonly kind: 'sql';
  readonly url: string;
  readonly tls: 'none' | 'verify-full';
  readonly caFile: string | null;
  readonly statements: Readonly<Record<SqlStatementName, string>>;
}
export type SqlStatementName = 'list' | 'find' | 'read' | 'create' | 'update' | 'enable' | 'disable' | 'delete' | 'memberships' | 'addMember' | 'removeMember';
export type TargetSettings = ScimTargetSettings | LdapTargetSettings | SqlTargetSettings;

/** Where mail is handed over, and how people may answer one. */
export interface MailSettings {
  /** `smtp://[user@]host[:port]` (STARTTLS is demanded except on this machine) or `smtps://`. */
  readonly url: string;
  readonly password: string | null;
  /** `Name <address>` or an address. */
  readonly from: string;
  readonly replyTo: string | null;
  /** For people whose `preferredLanguage` says nothing that there are templates for. */
  readonly language: string;
  /** True if a mail that asks for an approval carries a link to answer by: `link-alone` needs no login beside it. */
  readonly decideByLink: 'off' | 'logged-in' | 'link-alone';
  readonly digest: {
    /** When a person's mail about all that waits is sent, `HH:MM` in their time zone. */
    readonly at: string;
    /** Mails about approvals that one person gets in a day before the rest waits for the digest; `null`: any number. */
    readonly above: number | null;
  };
}

/** A program that is told (Standard Webhooks). */
export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  /** Kinds of notifications. */
  readonly events: readonly NotificationKind[];
  /** `whsec_` and base64 of 24 to 64 bytes. */
  readonly secret: string;
}

/** Rates of logins. */
export interface LoginRate {
  /** Requests of one address (IP) in a minute, for each route. */
  readonly perAddress: number;
  /** Logins of one subject of a provider in a minute. */
  readonly perSubject: number;
}

/** All of tenure.yaml and policy/, validated, with secrets filled in. Never logged or sent anywhere whole. */
export interface Configuration {
  /** Folder of tenure.yaml, absolute. */
  readonly directory: string;
  /** Public address, without a slash at the end. */
  readonly url: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly attributes: AttributeSchema;
  readonly precedence: Precedence;
  readonly sources: Readonly<Record<string, SourceSettings>>;
  readonly identityProviders: Readonly<Record<string, ProviderSettings>>;
  readonly targets: Readonly<Record<string, TargetSettings>>;
  readonly policy: PolicyDocument;
  /** When a changed tenure.yaml and changed files of policy/ become the current version. The first version is always taken at start. */
  readonly applyPolicy: 'at-start' | 'by-command';
  /** `null`: nobody is told by mail. */
  readonly mail: MailSettings | null;
  readonly webhooks: Readonly<Record<string, WebhookSettings>>;
  readonly audit?: {
    /** The webhook that is told where the audit's chains end, each minute; `null`: none. */
    readonly anchorTo: string | null;
  };
  /** How long a login lasts, and how long without a request; in milliseconds. */
  readonly session: { readonly lifetime: number; readonly idle: number };
  /** Requests to each of the login's addresses in a minute that are answered; absent: as is usual. */
  readonly loginRate?: LoginRate;
  /** How long what is over is kept; absent: as is usual. */
  readonly retention?: Retention;
  /** tenure.yaml that it was read from, as a version keeps it; absent: it was made by hand. */
  readonly settings?: Settings;
}
