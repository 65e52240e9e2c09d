import { FINDING_HANDLINGS, HANDLED_KINDS, NOTIFICATION_KINDS, NOTIFICATION_LANGUAGES, RETENTION, RETENTION_KINDS, USER_TYPES } from '@tenure/domain';
import { quietHours, readingProperties } from './reading-schema.ts';
import { owner } from './parts.ts';
import { RENAMED_RETENTION } from '../settings-keys.ts';

/** Schema of a map from names to `item`; a key without content is an empty map. */
function mapOf(item: object, description: string, names: { readonly pattern: string; readonly says: string } = NAMES): object {
  return { description, type: ['object', 'null'], propertyNames: { pattern: names.pattern, 'x-message': names.says }, additionalProperties: item };
}

const NAMES = { pattern: '^[a-z][a-z0-9-]*$', says: 'a name begins with a small letter and has only small letters, digits and -' };
const ATTRIBUTE_NAMES = { pattern: '^[A-Za-z][A-Za-z0-9_]*$', says: 'a name begins with a letter and has only letters, digits and _' };
const ACCOUNT_ATTRIBUTE_NAMES = {
  pattern: '^[A-Za-z][A-Za-z0-9_.:-]*$',
  says: 'an account attribute begins with a letter and has only letters, digits and _ . : -',
};

const CLAIM_NAMES = {
  pattern: '^[A-Za-z][A-Za-z0-9_.:/-]*$',
  says: 'a claim begins with a letter and has only letters, digits and _ . : / -',
};

const text = (description: string): object => ({ type: 'string', minLength: 1, description });
const cel = (description: string): object => ({ type: 'string', minLength: 1, maxLength: 2000, description });
const duration = (description: string): object => ({
  type: 'string',
  pattern: '^P',
  'x-message': 'is no ISO 8601 duration; write it like PT5S or P1D',
  description,
});
const flag = (description: string): object => ({ type: 'boolean', description });
const list = (items: object, description: string): object => ({ type: 'array', items, uniqueItems: true, description });
const secret = (description: string): object => ({
  type: 'string',
  pattern: '^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$',
  'x-message': 'is a secret and never stands in a file; write a reference such as ${env:CRM_TOKEN}',
  description,
});

const userType = {
  description: 'employee, contractor or partner; or CEL over `claims` that yields one: { cel: "..." }',
  'x-message': 'must be employee, contractor, partner, or { cel: "an expression over claims" }',
  anyOf: [{ enum: USER_TYPES }, { type: 'object', properties: { cel: cel('CEL over `claims`') }, required: ['cel'], additionalProperties: false }],
};
const correlate = list(
  {
    'x-message': 'must be { attribute: name }, { attribute: name, forLife: true } or { email: true }',
    anyOf: [
      {
        type: 'object',
        properties: {
          attribute: text('an attribute that must be equal'),
          forLife: flag('true: the source never reassigns the value to another person (default: false, it may be reassigned)'),
        },
        required: ['attribute'],
        additionalProperties: false,
      },
      { type: 'object', properties: { email: { const: true } }, required: ['email'], additionalProperties: false },
    ],
  },
  'correlation keys of records or logins: keys that are never reassigned first, then in this order; an ambiguous match opens a case',
);
const person = {
  title: text('title for people'),
  userType,
  mayCreate: flag('true: unknown people are created (default: false)'),
  trustedEmailDomains: list(text('a domain, such as contoso.example'), 'domains of which its verified e-mail addresses are believed'),
  correlate,
};

const source = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...person,
    expectEvery: duration('longest time between two deliveries; after it the alert TenureSourceSilent fires (default: none)'),
    authoritative: flag('true: its status "active" or "ended" decides about the relationship (default: false)'),
    attributes: list(text('an attribute'), 'attributes that its records may state (default: all)'),
  },
};

const absent = 'keep the earlier value, with a warning, or set none';
const provider = {
  ...person,
  emailVerified: cel('CEL over `claims`, bool: true when the provider has verified the e-mail'),
  attributes: mapOf(cel('CEL over `claims`'), 'attribute: CEL over `claims`', ATTRIBUTE_NAMES),
  groups: cel('CEL over `claims`, list of strings; absent: it does not state groups'),
  absentGroups: { enum: ['keep', 'none'], description: `login without the claim of groups: ${absent} (default: keep)` },
  absentAttributes: {
    enum: ['keep', 'none'],
    description: `login without the claim of an attribute, or of userType: ${absent}; dates are always kept (default: keep)`,
  },
  mayLink: list(
    { enum: ['privileged', 'bound'] },
    'people to whom its logins are linked without a human decision, besides others: privileged, with rights in Tenure; bound, with a login at another provider (default: neither, an administrator decides). Everybody who can edit a correlation key at the provider can then log in as them',
  ),
  linkTo: {
    enum: ['anyone', 'authoritative'],
    description: 'authoritative: its logins are linked only to people for whom an authoritative source currently has the same key (default: anyone)',
  },
};
const saml = {
  type: 'object',
  additionalProperties: false,
  required: ['protocol', 'metadata'],
  properties: {
    protocol: { const: 'saml' },
    ...provider,
    metadata: text('URL of its SAML metadata, or a file beside this one'),
    allowIdpInitiated: flag('true: logins may begin at the provider (default: false)'),
    signed: {
      enum: ['assertion', 'response', 'both'],
      description: 'messages that it has to sign (default: assertion); other signatures are verified as well',
    },
    decryptionKey: secret('reference to a PEM private key (RSA); with it assertions may be encrypted'),
    clockSkew: duration('tolerated difference of clocks (default: PT30S, at most PT3M)'),
  },
};
const oidc = {
  type: 'object',
  additionalProperties: false,
  required: ['protocol', 'issuer', 'clientId'],
  properties: {
    protocol: { const: 'oidc' },
    ...provider,
    issuer: text('issuer URL, for discovery'),
    clientId: text('client id of Tenure'),
    clientSecret: secret('reference to the client secret'),
    scopes: list(text('a scope'), 'requested scopes (default: openid, profile, email)'),
    userInfo: {
      enum: ['when-needed', 'always', 'never'],
      description: 'use of the userinfo endpoint (default: when-needed, if the ID token lacks a claim that this entry reads)',
    },
  },
};

const accountAttribute = {
  description: 'CEL over `identity`; or a map with the comparison of the value as well',
  if: { type: 'object' },
  then: {
    type: 'object',
    additionalProperties: false,
    required: ['value'],
    properties: {
      value: cel('CEL over `identity`'),
      compare: {
        enum: ['caseless'],
        description: 'upper and lower case count as equal, for a target that changes them (default: values are compared exactly)',
      },
      writeOnly: flag('true: the target never shows the attribute; it is written when its value changes, and not compared (default: false)'),
    },
  },
  else: cel('CEL over `identity`'),
};
const target = {
  title: text('title for people'),
  timeout: duration('timeout of one call (default: PT10S)'),
  concurrency: { type: 'integer', minimum: 1, maximum: 1000, description: 'maximum of concurrent operations (default: 5)' },
  ratePerSecond: { type: 'number', exclusiveMinimum: 0, maximum: 10000, description: 'maximum of operations a second (default: 20)' },
  confirmWithin: duration('time after which an unconfirmed deprovisioning opens a case (default: PT15M)'),
  mode: {
    enum: ['observe', 'enforce'],
    description:
      'observe: Tenure reads, decides and plans, and writes nothing there; enforce: it carries plans out (default: observe for a target that has accounts at first contact, until it is switched on, else enforce)',
  },
  reconciliation: {
    type: 'object',
    additionalProperties: false,
    description: 'reconciliation: the whole target is read, to find what nothing justifies there',
    properties: {
      every: text('time between two runs, at least PT15M; or never (default: P1D)'),
      protectedAccounts: {
        type: 'array',
        items: text('user name there'),
        description: 'user names of service accounts and the like: listed as protected, and never changed',
        examples: [['svc-backup']],
      },
      ...readingProperties,
      findings: mapOf(
        text(`one of ${FINDING_HANDLINGS.join(', ')}; see docs/reconciliation.md for what each kind allows`),
        `handling by kind of finding: ${HANDLED_KINDS.join(', ')} (default: case)`,
      ),
      grace: duration('time for which an account of nobody stays disabled before it is deleted, where its handling is correct (default: P30D)'),
    },
  },
  attributes: mapOf(accountAttribute, 'account attribute: CEL over `identity`, or { value: CEL, compare: caseless, writeOnly: true }', ACCOUNT_ATTRIBUTE_NAMES),
  adoptBy: text('attribute for adoption: an existing account is adopted when its value equals the one to be written, and a source may vouch for it'),
  cleartext: text(
    'reason why credentials and data may go to another machine unencrypted; shown at start and in health (default: they may not), such as: the network of these containers alone',
  ),
  lastActivity: text('attribute of an account with the time of the last activity; absent: the target does not report it'),
};
const caFile = text('PEM file of the authority that signed its certificate, beside this one (default: those of the system)');
const scim = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'url', 'token'],
  properties: {
    kind: { const: 'scim' },
    ...target,
    url: text('base URL, such as https://crm.example/scim/v2'),
    token: secret('reference to the bearer token'),
    caFile,
  },
};
const ldap = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'url', 'bindDn', 'password', 'people', 'groups', 'disable'],
  properties: {
    kind: { const: 'ldap' },
    ...target,
    url: text('ldap://host:389 or ldaps://host:636'),
    bindDn: text('DN that Tenure binds as'),
    password: secret('reference to the password'),
    tls: { enum: ['none', 'starttls', 'ldaps'], description: 'default: ldaps for an ldaps URL, else starttls' },
    caFile,
    people: {
      description: 'DN below which accounts are, or a list of such DNs',
      'x-message': 'must be a DN or a list of DNs',
      anyOf: [text('DN'), { type: 'array', minItems: 1, items: text('DN') }],
    },
    createBelow: text('DN directly below which new accounts are put; one of people, or below one (default: people, or the first of them)'),
    lookBelow: {
      type: 'array',
      minItems: 1,
      items: text('DN'),
      description:
        'DNs of the branches that are searched for an account by its id when it is not below people, and in which a user name has to be unique (default: the naming context of people)',
    },
    groups: text('DN below which groups are'),
    idAttribute: text('attribute with the user name, in the DN of an account (default: uid)'),
    externalIdAttribute: text('attribute for the id of the identity alone (default: one more value of labeledURI)'),
    disable: {
      description: 'way to disable an account: an attribute and its values, or membership in a group',
      'x-message': 'must be { attribute: ..., disabled: ..., enabled: ... } or { group: ... }',
      anyOf: [
        {
          type: 'object',
          properties: { attribute: text(''), disabled: text(''), enabled: text('') },
          required: ['attribute', 'disabled', 'enabled'],
          additionalProperties: false,
        },
        { type: 'object', properties: { group: text('') }, required: ['group'], additionalProperties: false },
      ],
    },
  },
};
/** Names of the statements that a SQL target must define. */
export const SQL_STATEMENTS = ['list', 'find', 'read', 'create', 'update', 'enable', 'disable', 'delete', 'memberships', 'addMember', 'removeMember'] as const;
const sql = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'url', 'statements'],
  properties: {
    kind: { const: 'sql' },
    ...target,
    url: text('postgresql://... with its password only as a reference'),
    tls: { enum: ['none', 'verify-full'], description: 'default: verify-full' },
    caFile,
    statements: {
      type: 'object',
      description: 'SQL statement for each task; :names are parameters',
      additionalProperties: false,
      required: SQL_STATEMENTS,
      properties: Object.fromEntries(SQL_STATEMENTS.map((name) => [name, text(`SQL statement: ${name}`)])),
    },
  },
};

const application = {
  title: text('title for people'),
  logo: text('PNG or SVG file beside this one'),
  owner,
  address: text('address at which people begin, for lists of their applications'),
  target: text('target in which the accounts of the same system are provisioned; its entitlements count for the application too'),
  mayUse: {
    description:
      'people who may use it: an entitlement, a list of entitlements of which one is enough, or { when: CEL over `identity` } (default: any entitlement of the application or its target)',
    'x-message': 'must be an entitlement, a list of entitlements, or { when: "an expression over identity" }',
    anyOf: [
      text('an entitlement'),
      { type: 'array', minItems: 1, uniqueItems: true, items: text('an entitlement') },
      { type: 'object', properties: { when: cel('CEL over `identity`, bool') }, required: ['when'], additionalProperties: false },
    ],
  },
  attributes: mapOf(
    cel('CEL over `identity`, `entitlements`, `roles` and `values`'),
    'claim or SAML attribute: CEL over `identity`, and the names of the entitlements, of the roles, and of the entitlements in the application',
    CLAIM_NAMES,
  ),
  groups: cel('CEL over the same, list of strings (default: `values`, the names in the application of the entitlements that the person has there)'),
  subject: {
    enum: ['pairwise', 'email'],
    description:
      'name of a person at the application: pairwise, a random one that no other application sees (default), or email, the address, which may pass to somebody else',
  },
  session: duration('longest session at the application (default: PT1H)'),
  onChange: {
    enum: ['end', 'next-request'],
    description:
      'sessions at the application when the claims that it received have changed: they end (default), or it receives the new ones at its next request',
  },
};
const samlApplication = {
  type: 'object',
  additionalProperties: false,
  required: ['protocol', 'metadata'],
  properties: {
    protocol: { const: 'saml' },
    ...application,
    metadata: text('URL of its SAML metadata, or a file beside this one'),
    allowIdpInitiated: flag('true: people may begin at Tenure, without a request of the application (default: false)'),
  },
};
const uris = (description: string): object => list(text('an absolute address'), description);
const oidcApplication = {
  type: 'object',
  additionalProperties: false,
  required: ['protocol', 'clientId', 'redirectUris'],
  properties: {
    protocol: { const: 'oidc' },
    ...application,
    clientId: text('client id of the application'),
    clientSecret: secret('reference to its secret (default: it has none)'),
    jwks: text('URL of its public keys (JWK Set), or a file beside this one, for private_key_jwt'),
    redirectUris: { ...uris('addresses to which the answer to a login may go, compared exactly'), minItems: 1 },
    postLogoutRedirectUris: uris('addresses to which a browser may go after a logout, compared exactly (default: none)'),
    backchannelLogoutUri: text('address that receives the logout tokens of sessions that end (OpenID Connect Back-Channel Logout)'),
    pkce: { enum: ['required', 'optional'], description: 'PKCE (RFC 7636); optional only for an application with a secret or keys (default: required)' },
    profile: { enum: ['standard', 'fapi2'], description: 'fapi2: PAR, DPoP and private_key_jwt are required (FAPI 2.0 Security Profile; default: standard)' },
    resources: uris('resource servers (RFC 8707) for which it may get access tokens (default: none)'),
  },
};

const mail = {
  type: 'object',
  description: 'mail server for notifications (docs/notifications.md); absent: no mails',
  additionalProperties: false,
  required: ['url', 'from'],
  properties: {
    url: text('smtp://user@host:587, where STARTTLS is demanded except on this machine, or smtps://user@host:465'),
    password: secret('reference to the password of the user in the address'),
    from: text('sender of mails: an address, or Name <address>'),
    replyTo: text('reply address (default: from)'),
    language: { enum: NOTIFICATION_LANGUAGES, description: 'language for people whose preferredLanguage is none of these (default: en)' },
    decideByLink: {
      enum: ['off', 'logged-in', 'link-alone'],
      description: 'link in mails that request an approval, to answer by: off, for the logged-in recipient (default), or for everybody with the mail',
    },
    digest: {
      type: 'object',
      description: 'one mail a day about everything that waits, for people who chose it',
      additionalProperties: false,
      properties: {
        at: {
          type: 'string',
          pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
          'x-message': 'is no time of day; write it like "08:00"',
          description: "time of day where the person's days begin (default: 08:00)",
        },
        above: { type: 'integer', minimum: 1, description: 'for everybody else too, after this many mails about approvals in a day' },
      },
    },
  },
};
const webhook = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'secret'],
  properties: {
    url: text('https address; redirects are not followed'),
    events: list({ enum: NOTIFICATION_KINDS }, 'kinds of notifications (default: all)'),
    secret: secret('reference to its secret: whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)'),
  },
};

const order = {
  'x-message': 'must be a list of sources and identity providers, or { only: [...] }',
  anyOf: [
    list(text('a source or identity provider'), ''),
    {
      type: 'object',
      properties: { only: { ...list(text('a source or identity provider'), ''), minItems: 1 } },
      required: ['only'],
      additionalProperties: false,
    },
  ],
};
const rate = (description: string): object => ({ type: 'integer', minimum: 1, maximum: 1_000_000, description });

/** JSON Schema of tenure.yaml as it is written, with its references. Published as docs/schema/tenure.schema.json. */
export const TENURE_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'tenure.yaml',
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: text('address at which people reach Tenure'),
    timeZone: text('IANA name of the zone in which days begin and end (default: UTC)'),
    attributes: mapOf(
      {
        type: 'object',
        additionalProperties: false,
        required: ['type'],
        properties: {
          type: { enum: ['string', 'strings', 'boolean', 'number', 'date', 'instant'], description: 'a date is a day in timeZone, an instant is exact' },
          title: text('title for people'),
        },
      },
      'attributes of people',
      ATTRIBUTE_NAMES,
    ),
    precedence: {
      type: 'object',
      description: 'order of sources when they contradict each other',
      additionalProperties: false,
      properties: {
        default: list(text('a source or identity provider'), 'order for every attribute without an order of its own'),
        attributes: mapOf(
          order,
          'order for one attribute: these sources in order, others after them; or { only: [...] }, which excludes all others',
          ATTRIBUTE_NAMES,
        ),
      },
    },
    sources: mapOf(source, 'sources of records, which come through GraphQL'),
    identityProviders: mapOf(
      { type: 'object', required: ['protocol'], discriminator: { propertyName: 'protocol' }, oneOf: [saml, oidc] },
      'identity providers for logins',
    ),
    targets: mapOf({ type: 'object', required: ['kind'], discriminator: { propertyName: 'kind' }, oneOf: [scim, ldap, sql] }, 'connected systems'),
    applications: mapOf(
      { type: 'object', required: ['protocol'], discriminator: { propertyName: 'protocol' }, oneOf: [samlApplication, oidcApplication] },
      'systems that people log in to through Tenure',
    ),
    reconciliation: {
      type: ['object', 'null'],
      additionalProperties: false,
      description: 'reconciliation of all targets that do not say otherwise',
      properties: { quietHours },
    },
    applyPolicy: {
      enum: ['at-start', 'by-command'],
      description:
        'when files of policy/ and a tenure.yaml that have changed become the current version: at the next start (default), or by npm run config -- apply',
    },
    mail,
    webhooks: mapOf(webhook, 'programs that are notified, signed after Standard Webhooks; ids only, no personal data'),
    audit: {
      type: 'object',
      description: 'evidence that the audit trail is unaltered',
      additionalProperties: false,
      properties: { anchorTo: text('webhook that receives an anchor of the audit chains, once a minute') },
    },
    session: {
      type: 'object',
      additionalProperties: false,
      properties: {
        lifetime: duration('absolute lifetime of a session (default: PT8H, at most P30D)'),
        idle: duration('idle timeout of a session (default: PT1H, or lifetime if that is shorter)'),
      },
    },
    loginRate: {
      type: 'object',
      description: 'maximum login rate, per minute',
      additionalProperties: false,
      properties: {
        perAddress: rate('requests of one IP address to each login route (default: 600)'),
        perSubject: rate('logins of one subject of a provider (default: 10)'),
      },
    },
    retention: {
      type: 'object',
      description: 'retention of data that is over; the audit is kept for good',
      additionalProperties: false,
      'x-renamed': RENAMED_RETENTION,
      properties: Object.fromEntries(
        RETENTION_KINDS.map((kind) => [kind, duration(`${RETENTION[kind].what} (default: ${RETENTION[kind].default}, at least ${RETENTION[kind].minimum})`)]),
      ),
    },
  },
};
