import type { ReconciliationSettings } from './reconciliation-settings.ts';
import type {
  AbsentClaims,
  AttributeSchema,
  NotificationKind,
  PolicyDocument,
  Owner,
  Precedence,
  Retention,
  TargetMapping,
  TargetMode,
  UserType,
} from '@tenure/domain';
import type { Settings } from './settings.ts';

/** Key by which a record or login is correlated with an identity; keys are tried in order. */
export type CorrelationKey =
  /**
   * Compared without the case of A to Z. `forLife`: the source never reassigns the value to another person, so that it also links to terminated
   * identities and to a second record; otherwise the value may be reused.
   */
  | { readonly attribute: string; readonly forLife?: boolean }
  /** E-mail, compared without case, and only if the source is trusted for its domain and states that it is verified. */
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
  /** Longest time between two deliveries, in milliseconds; absent: unlimited. */
  readonly expectEvery?: number;
}

/**
 * People to whom logins of a provider link automatically, besides people without rights in Tenure who have no other login: `privileged`, people
 * with rights in Tenure; `bound`, people who already log in through another provider.
 */
export type MayLink = 'privileged' | 'bound';

interface ProviderBase {
  readonly name: string;
  readonly title: string;
  readonly userType: UserType | { readonly cel: string };
  readonly mayCreate: boolean;
  readonly trustedEmailDomains: readonly string[];
  /** CEL over `claims`, bool; `null`: no e-mail address of the provider counts as verified. */
  readonly emailVerified: string | null;
  /** Attribute to CEL over `claims`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** CEL over `claims`, list of strings; `null`: the provider asserts no groups. */
  readonly groups: string | null;
  /** Meaning of a login without the claims that `groups` reads. */
  readonly absentGroups: AbsentClaims;
  /** Meaning of a login without the claims that an attribute or `userType` reads. Dates are always kept. */
  readonly absentAttributes: AbsentClaims;
  readonly correlate: readonly CorrelationKey[];
  /** Absent: neither. A login that may not link automatically becomes a case for an administrator. */
  readonly mayLink?: readonly MayLink[];
  /**
   * People to whom its logins link automatically: `authoritative`, only those for whom an authoritative source states the same key now. Absent:
   * anyone.
   */
  readonly linkTo?: 'anyone' | 'authoritative';
}

export interface SamlProviderSettings extends ProviderBase {
  readonly protocol: 'saml';
  /** URL or absolute file path of its metadata (SAML 2.0 metadata). */
  readonly metadata: string;
  readonly allowIdpInitiated: boolean;
  /** Parts that the provider must sign. Any other signature is verified as well. */
  readonly signed: 'assertion' | 'response' | 'both';
  /** Private key in PEM, secret, that decrypts assertions; `null`: encrypted assertions are refused. */
  readonly decryptionKey: string | null;
  /** Clock skew that is accepted, in milliseconds; 30,000 by default, at most 180,000. */
  readonly clockSkew: number;
}

export interface OidcProviderSettings extends ProviderBase {
  readonly protocol: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** Use of the userinfo endpoint; `when-needed`: if the ID token lacks a claim that this entry reads. */
  readonly userInfo: 'when-needed' | 'always' | 'never';
}

export type ProviderSettings = SamlProviderSettings | OidcProviderSettings;

/** People who may use an application: those with a grant of one of these entitlements, or those for whom a CEL condition over `identity` is true. */
export type ApplicationUsers = { readonly entitlements: readonly string[] } | { readonly when: string };

interface ApplicationBase {
  readonly name: string;
  readonly title: string;
  /** File of its logo (PNG or SVG), absolute; `null`: none. */
  readonly logo: string | null;
  /** `null`: the operators. */
  readonly owner: Owner | null;
  /** Address at which people begin; `null`: it is not linked in lists. */
  readonly address: string | null;
  /** Target in which accounts of the same system are provisioned; `null`: accounts come by login alone. */
  readonly target: string | null;
  /** `null`: those with a grant of any entitlement of the application, or of its target. */
  readonly mayUse: ApplicationUsers | null;
  /** Claim or SAML attribute to CEL over `identity`, `entitlements`, `roles` and `values`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** CEL over the same, list of strings; `null`: the values of the person's entitlements of the application and of its target. */
  readonly groups: string | null;
  /** Name of the person at the application: a random one of this application alone, or the e-mail address. */
  readonly subject: 'pairwise' | 'email';
  /** Longest session there, in milliseconds. */
  readonly session: number;
  /** What happens to sessions there when the claims that it received have changed: they end, or it receives the new ones at its next request. */
  readonly onChange: 'end' | 'next-request';
}
export interface SamlApplicationSettings extends ApplicationBase {
  readonly protocol: 'saml';
  /** URL or absolute file path of its metadata (SAML 2.0 metadata). */
  readonly metadata: string;
  readonly allowIdpInitiated: boolean;
}
export interface OidcApplicationSettings extends ApplicationBase {
  readonly protocol: 'oidc';
  readonly clientId: string;
  /** Secret of a confidential application; `null`: it has none. */
  readonly clientSecret: string | null;
  /** URL or absolute file path of its public keys (JWK Set, RFC 7517), for `private_key_jwt`; `null`: none. */
  readonly jwks: string | null;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Address for back-channel logout; `null`: it receives no logout tokens. */
  readonly backchannelLogoutUri: string | null;
  /** `optional` only for an application with a secret or keys. */
  readonly pkce: 'required' | 'optional';
  readonly profile: 'standard' | 'fapi2';
  /** Resource servers (RFC 8707) for which it may get access tokens. */
  readonly resources: readonly string[];
}
/** A system that people log in to through Tenure. */
export type ApplicationSettings = SamlApplicationSettings | OidcApplicationSettings;

interface TargetBase extends TargetMapping {
  readonly title: string;
  /** Longest duration of one call, in milliseconds. */
  readonly timeout: number;
  readonly concurrency: number;
  readonly ratePerSecond: number;
  /** Milliseconds after which an unconfirmed deprovisioning becomes a case. */
  readonly confirmWithin: number;
  /** Mode in which it begins, or to which it changes. Absent: first contact decides. */
  readonly mode?: TargetMode;
  /** Settings of its reconciliation. Absent ones have the defaults of `reconciliationOf`. */
  readonly reconciliation?: Partial<ReconciliationSettings>;
  /** Account attribute with the time of the person's last activity in the target; absent: the target does not report it. */
  readonly lastActivity?: string;
  /** Reason why the connection to another machine may be unencrypted; absent: the connection is encrypted, or stays on this machine. */
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

/** Settings of the mail server, of mails and of approval by mail. */
export interface MailSettings {
  /** `smtp://[user@]host[:port]` (STARTTLS is required except on this machine) or `smtps://`. */
  readonly url: string;
  readonly password: string | null;
  /** `Name <address>` or an address. */
  readonly from: string;
  readonly replyTo: string | null;
  /** Language of mails to people without a `preferredLanguage` for which there are templates. */
  readonly language: string;
  /** Links to answer by in mails that ask for an approval; `logged-in`: they need a login; `link-alone`: they need none; `off`: there are none. */
  readonly decideByLink: 'off' | 'logged-in' | 'link-alone';
  readonly digest: {
    /** Time of a person's daily mail about everything that waits for them, `HH:MM` in their time zone. */
    readonly at: string;
    /** Most mails about approvals to one person in a day; further ones wait for the digest; `null`: unlimited. */
    readonly above: number | null;
  };
}

/** Webhook that receives notifications (Standard Webhooks). */
export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  /** Kinds of notifications. */
  readonly events: readonly NotificationKind[];
  /** `whsec_` and base64 of 24 to 64 bytes. */
  readonly secret: string;
}

/** Rate limits of logins. */
export interface LoginRate {
  /** Requests from one IP address in a minute, for each route. */
  readonly perAddress: number;
  /** Logins of one subject of a provider in a minute. */
  readonly perSubject: number;
}

/** All of tenure.yaml and policy/, validated, with secrets filled in. Never logged or sent as a whole. */
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
  readonly applications: Readonly<Record<string, ApplicationSettings>>;
  readonly policy: PolicyDocument;
  /** Time at which a changed tenure.yaml and changed files of policy/ become the current version. The first version is always taken at start. */
  readonly applyPolicy: 'at-start' | 'by-command';
  /** `null`: no notification is sent by mail. */
  readonly mail: MailSettings | null;
  readonly webhooks: Readonly<Record<string, WebhookSettings>>;
  readonly audit?: {
    /** Webhook to which the ends of the audit's hash chains are sent each minute; `null`: none. */
    readonly anchorTo: string | null;
  };
  /** Longest duration of a session, and longest time without a request, in milliseconds. */
  readonly session: { readonly lifetime: number; readonly idle: number };
  /** Rate limits of logins; absent: the default. */
  readonly loginRate?: LoginRate;
  /** Retention of ended records, in milliseconds; absent: the default. */
  readonly retention?: Retention;
  /** tenure.yaml from which it was read, as stored with a version; absent: it was built in code. */
  readonly settings?: Settings;
}
