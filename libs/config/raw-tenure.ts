import type { AbsentClaims, AttributeSchema, RetentionKind, TargetMode, UserType } from '@tenure/domain';
import type {
  CorrelationKey,
  LdapTargetSettings,
  MailSettings,
  MayLink,
  OidcApplicationSettings,
  OidcProviderSettings,
  SamlProviderSettings,
  SqlTargetSettings,
  WebhookSettings,
} from './configuration.ts';
import type { RawReading } from './reading-settings.ts';
import type { RawOwner } from './read-requestable.ts';

/** tenure.yaml as its schema allows it, before defaults. A name without settings below it is `null`. */
export interface RawTenure {
  readonly url: string;
  readonly timeZone?: string;
  readonly attributes?: AttributeSchema | null;
  readonly precedence?: { readonly default?: readonly string[]; readonly attributes?: Readonly<Record<string, RawOrder>> | null };
  readonly sources?: Readonly<Record<string, RawSource>> | null;
  readonly identityProviders?: Readonly<Record<string, RawProvider>> | null;
  readonly targets?: Readonly<Record<string, RawTarget>> | null;
  readonly applications?: Readonly<Record<string, RawApplication>> | null;
  readonly reconciliation?: Pick<RawReading, 'quietHours'> | null;
  readonly applyPolicy?: 'at-start' | 'by-command';
  readonly mail?: RawMail;
  readonly webhooks?: Readonly<Record<string, RawWebhook>> | null;
  readonly audit?: { readonly anchorTo?: string };
  readonly session?: { readonly lifetime?: string; readonly idle?: string };
  readonly loginRate?: { readonly perAddress?: number; readonly perSubject?: number };
  readonly retention?: Partial<Readonly<Record<RetentionKind, string>>>;
}

/** Sources in order of precedence; `only`: other sources are ignored. */
export type RawOrder = readonly string[] | { readonly only: readonly string[] };

export interface RawMail extends Pick<MailSettings, 'url' | 'from'>, Partial<Pick<MailSettings, 'language' | 'decideByLink'>> {
  readonly password?: string;
  readonly replyTo?: string;
  readonly digest?: { readonly at?: string; readonly above?: number };
}
/** `events` absent: all. */
export type RawWebhook = Pick<WebhookSettings, 'url' | 'secret'> & Partial<Pick<WebhookSettings, 'events'>>;

interface RawPerson {
  readonly title?: string;
  readonly userType?: UserType | { readonly cel: string };
  readonly mayCreate?: boolean;
  readonly trustedEmailDomains?: readonly string[];
  readonly correlate?: readonly CorrelationKey[];
}
export interface RawSource extends RawPerson {
  readonly expectEvery?: string;
  readonly authoritative?: boolean;
  readonly attributes?: readonly string[];
}
interface RawProviderBase extends RawPerson {
  readonly emailVerified?: string;
  readonly attributes?: Readonly<Record<string, string>> | null;
  readonly groups?: string;
  readonly absentGroups?: AbsentClaims;
  readonly absentAttributes?: AbsentClaims;
  readonly mayLink?: readonly MayLink[];
  readonly linkTo?: 'anyone' | 'authoritative';
}
export type RawProvider =
  | (RawProviderBase & {
      readonly protocol: 'saml';
      readonly metadata: string;
      readonly allowIdpInitiated?: boolean;
      readonly signed?: SamlProviderSettings['signed'];
      readonly decryptionKey?: string;
      readonly clockSkew?: string;
    })
  | (RawProviderBase & {
      readonly protocol: 'oidc';
      readonly issuer: string;
      readonly clientId: string;
      readonly clientSecret?: string;
      readonly scopes?: readonly string[];
      readonly userInfo?: OidcProviderSettings['userInfo'];
    });

interface RawApplicationBase {
  readonly title?: string;
  readonly logo?: string;
  readonly owner?: RawOwner;
  readonly address?: string;
  readonly target?: string;
  readonly mayUse?: string | readonly string[] | { readonly when: string };
  readonly attributes?: Readonly<Record<string, string>> | null;
  readonly groups?: string;
  readonly subject?: 'pairwise' | 'email';
  readonly session?: string;
  readonly onChange?: 'end' | 'next-request';
}
export type RawApplication =
  | (RawApplicationBase & { readonly protocol: 'saml'; readonly metadata: string; readonly allowIdpInitiated?: boolean })
  | (RawApplicationBase & {
      readonly protocol: 'oidc';
      readonly clientId: string;
      readonly clientSecret?: string;
      readonly jwks?: string;
      readonly redirectUris: readonly string[];
      readonly postLogoutRedirectUris?: readonly string[];
      readonly backchannelLogoutUri?: string;
      readonly pkce?: OidcApplicationSettings['pkce'];
      readonly profile?: OidcApplicationSettings['profile'];
      readonly resources?: readonly string[];
    });

/** CEL alone, or CEL with the rule by which its value is compared. */
export type RawAccountAttribute = string | { readonly value: string; readonly compare?: 'caseless'; readonly writeOnly?: boolean };

interface RawTargetBase {
  readonly title?: string;
  readonly url: string;
  readonly timeout?: string;
  readonly concurrency?: number;
  readonly ratePerSecond?: number;
  readonly confirmWithin?: string;
  readonly mode?: TargetMode;
  readonly reconciliation?:
    | (RawReading & {
        readonly every?: string;
        readonly protectedAccounts?: readonly string[];
        readonly findings?: Readonly<Record<string, string>> | null;
        readonly grace?: string;
      })
    | null;
  readonly attributes?: Readonly<Record<string, RawAccountAttribute>> | null;
  readonly adoptBy?: string;
  readonly lastActivity?: string;
  readonly cleartext?: string;
}
type Optional<T, K extends keyof T> = Omit<T, K> & { readonly [Name in K]?: NonNullable<T[Name]> };
type Own<T> = Omit<
  T,
  | 'name'
  | 'title'
  | 'url'
  | 'timeout'
  | 'concurrency'
  | 'ratePerSecond'
  | 'confirmWithin'
  | 'mode'
  | 'reconciliation'
  | 'attributes'
  | 'rules'
  | 'adoptBy'
  | 'cleartext'
  | 'lastActivity'
>;
export type RawTarget =
  | (RawTargetBase & { readonly kind: 'scim'; readonly token: string; readonly caFile?: string; readonly tls?: never })
  | (RawTargetBase &
      Optional<Omit<Own<LdapTargetSettings>, 'people'>, 'tls' | 'caFile' | 'createBelow' | 'lookBelow' | 'idAttribute' | 'externalIdAttribute'> & {
        readonly people: string | readonly string[];
      })
  | (RawTargetBase & Optional<Own<SqlTargetSettings>, 'tls' | 'caFile'>);
