import { Ajv, type ValidateFunction } from 'ajv';

const ajv = new Ajv({ allowUnionTypes: true });

// An id becomes a segment of a path: "." and ".." would leave it.
const id = { type: 'string', minLength: 1, maxLength: 512, not: { enum: ['.', '..'] } };
const optionalText = { type: ['string', 'null'] };

/** A user as service providers send it; members that are not listed here are attributes. */
export interface ScimUser extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly userName: string;
  readonly externalId?: string | null;
  /** True if the account is enabled. Some targets send it as text. */
  readonly active?: boolean | string | null;
  readonly groups?: readonly ScimGroupReference[] | null;
  readonly meta?: { readonly version?: string | null };
}
/** An entry in the `groups` of a user. */
export interface ScimGroupReference {
  readonly value: string;
  readonly display?: string | null;
  /** Kind of the membership; `indirect`: through a nested group. */
  readonly type?: string | null;
}
export interface ScimMember {
  readonly value: string;
  /** Kind of the member, `User` or `Group`. */
  readonly type?: string | null;
}
export interface ScimGroup extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly displayName: string;
  readonly members?: readonly ScimMember[] | null;
  readonly meta?: { readonly version?: string | null };
}
export interface ScimList {
  readonly totalResults: number;
  readonly startIndex?: number;
  readonly Resources?: readonly unknown[] | null;
}
/** A page of a list with cursors (RFC 9865 section 2). */
export interface ScimCursorList {
  readonly totalResults?: number | null;
  /** Cursor of the next page; absent: this is the last page. */
  readonly nextCursor?: string | null;
  readonly Resources?: readonly unknown[] | null;
}
export interface ServiceProviderConfig {
  readonly patch?: { readonly supported: boolean | string };
  /** Supported pagination (RFC 9865 section 4). */
  readonly pagination?: { readonly cursor?: boolean | string | null; readonly maxPageSize?: unknown } | null;
  /** Maximum number of resources in one answer (RFC 7643 section 5). */
  readonly filter?: { readonly maxResults?: unknown } | null;
}
export interface ScimErrorBody {
  readonly schemas: readonly string[];
  readonly scimType?: string | null;
  readonly detail?: unknown;
}

const version = { type: 'object', properties: { version: optionalText } };

export const isUser: ValidateFunction<ScimUser> = ajv.compile({
  type: 'object',
  required: ['id', 'userName'],
  properties: {
    id,
    userName: { type: 'string', minLength: 1 },
    externalId: optionalText,
    active: { type: ['boolean', 'string', 'null'] },
    groups: {
      type: ['array', 'null'],
      items: { type: 'object', required: ['value'], properties: { value: id, display: optionalText, type: optionalText } },
    },
    meta: version,
  },
});

export const isGroup: ValidateFunction<ScimGroup> = ajv.compile({
  type: 'object',
  required: ['id', 'displayName'],
  properties: {
    id,
    displayName: { type: 'string' },
    members: { type: ['array', 'null'], items: { type: 'object', required: ['value'], properties: { value: { type: 'string' }, type: optionalText } } },
    meta: version,
  },
});

export const isList: ValidateFunction<ScimList> = ajv.compile({
  type: 'object',
  required: ['totalResults'],
  properties: {
    totalResults: { type: 'integer', minimum: 0 },
    startIndex: { type: 'integer' },
    Resources: { type: ['array', 'null'] },
  },
});

/** True if JSON is a page of a list with cursors. It must have one of these members: other JSON could look like an empty last page. */
export const isCursorList: ValidateFunction<ScimCursorList> = ajv.compile({
  type: 'object',
  anyOf: [{ required: ['totalResults'] }, { required: ['Resources'] }],
  properties: {
    totalResults: { type: ['integer', 'null'], minimum: 0 },
    nextCursor: { type: ['string', 'null'] },
    Resources: { type: ['array', 'null'] },
  },
});

export const isServiceProviderConfig: ValidateFunction<ServiceProviderConfig> = ajv.compile({
  type: 'object',
  properties: {
    patch: { type: 'object', required: ['supported'], properties: { supported: { type: ['boolean', 'string'] } } },
    pagination: { type: ['object', 'null'], properties: { cursor: { type: ['boolean', 'string', 'null'] } } },
  },
});

/** True if JSON is an error of SCIM (RFC 7644 section 3.12). Only this shows that a 404 is about the resource, not a proxy or a wrong address. */
export const isErrorBody: ValidateFunction<ScimErrorBody> = ajv.compile({
  type: 'object',
  required: ['schemas'],
  properties: {
    schemas: { type: 'array', items: { type: 'string' }, contains: { const: 'urn:ietf:params:scim:api:messages:2.0:Error' } },
    scimType: optionalText,
  },
});
