/** An instant: RFC 3339 in UTC with milliseconds (`2026-03-01T00:00:00.000Z`), so that instants compare as text. */
export type Instant = string;

export type AttributeType = 'string' | 'strings' | 'boolean' | 'number' | 'date' | 'instant';
/** A `date` is `YYYY-MM-DD`, an `instant` RFC 3339. */
export type AttributeValue = string | number | boolean | readonly string[];
/** Names and types of people's attributes, from `attributes:` in tenure.yaml. */
export type AttributeSchema = Readonly<Record<string, { readonly type: AttributeType; readonly title?: string }>>;

/** Facts that one source states about one person. An absent key: not stated; `null`: stated to have no value. */
export type Facts = Readonly<Record<string, AttributeValue | null>>;

/** Last recorded facts and status of one person from one source. */
export interface SourceRecord {
  readonly id: string;
  /** Name of the source or identity provider in tenure.yaml. */
  readonly source: string;
  /** The source's own id for the person: a worker number, or `issuer|subject` of a login. */
  readonly externalId: string;
  readonly facts: Facts;
  /** Groups that a login asserted. `null`: the source did not state groups (never: "has none"). */
  readonly groups: readonly string[] | null;
  /** Status of the person's relationship; `null`: the source does not decide about it (a login). */
  readonly status: 'active' | 'ended' | null;
  /** Time of the end, for `ended`. It may be in the future: a termination with notice. */
  readonly endedAt: Instant | null;
  /** Last day (`YYYY-MM-DD`) in place of `endedAt`, in the person's time zone; absent or `null`: none. Only operators state one. */
  readonly endedOn?: string | null;
  /** Kind of person that the source states; absent: it states none. */
  readonly userType?: UserType | null;
  /** For an extension: the record whose end it extends, and the end that it states. Absent in records of sources. */
  readonly extends?: ExtendedEnd | null;
  readonly recordedAt: Instant;
  /** Time at which an operator withdrew it: it ends then, and its facts count only if there are no others. Absent or `null`: it is in force. */
  readonly withdrawnAt?: Instant | null;
}

/** Content of a record as its source stated it. */
export interface SaidRecord extends Pick<SourceRecord, 'facts' | 'status' | 'endedAt'> {
  /** The source's own counter, digits only. */
  readonly version: string;
  readonly endedOn: string | null;
  /** Id of the batch change by whose undo it is not in force; absent: an operator has corrected or withdrawn it, or it has vanished. */
  readonly undoneIn?: string;
}

/** An end that was extended. */
export interface ExtendedEnd {
  readonly recordId: string;
  /** `endDate` that the record states; the extension lapses as soon as it states another one. */
  readonly endDate: string;
}

/** Built-in source of facts that operators state by hand. Its `ended` takes precedence over every other source for the relationship. */
export const OPERATOR_SOURCE = 'operator';

/** Built-in source of extensions by sponsors. Its `endDate` replaces the one that it extends; nothing else of it counts. */
export const EXTENSION_SOURCE = 'extension';

/** One merged attribute with its origin. */
export interface Attribute {
  readonly value: AttributeValue;
  readonly source: string;
  /** Id of the source record that won. */
  readonly recordId: string;
}

/** Order of sources for each attribute. The first source that states the attribute (a value, or none) wins. */
export interface Precedence {
  readonly default: readonly string[];
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Attributes for which only the sources in their order count; absent: none. */
  readonly exclusive?: readonly string[];
  /** Attributes that each source may state; a source that is absent may state any. */
  readonly mayState?: Readonly<Record<string, readonly string[]>>;
}

export const USER_TYPES = ['employee', 'contractor', 'partner'] as const;
export type UserType = (typeof USER_TYPES)[number];

/** Start or end of a relationship, with the source record that states it. */
export interface RelationshipBound {
  readonly at: Instant;
  readonly recordId: string;
  /** `date`: startDate or endDate; `report`: the source reported the end. */
  readonly by: 'date' | 'report';
  /** For an extended end: the record that states the original end, and that end. `recordId` is then the extension's. */
  readonly extended?: { readonly recordId: string; readonly from: Instant };
}

/** One employment or contract. A person may have several: one after another, or two at a time. */
export interface Relationship {
  /** Record that states it; absent: no authoritative source does. */
  readonly recordId?: string;
  /** `null`: no start is known. */
  readonly start: RelationshipBound | null;
  /** End, exclusive. `null`: open. Not after `start`: called off before it began. */
  readonly end: RelationshipBound | null;
  /** Time since which its record states an end before the start although it had begun, which a person must decide. Absent: it does not. */
  readonly contradictedSince?: Instant;
}

/** A person, merged from the facts of all sources. */
export interface Identity {
  readonly id: string;
  /** Name of the person's accounts, unique in Tenure. It changes only when it is released after the person has left. */
  readonly userName: string;
  readonly userType: UserType;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Groups asserted by each login source; a source that never stated groups is absent. */
  readonly groups: Readonly<Record<string, { readonly groups: readonly string[]; readonly recordId: string }>>;
  /** Relationships from authoritative sources; without any, from the merged dates. Empty: no start and no end is known. */
  readonly relationships: readonly Relationship[];
  /** IANA name of the zone in which the person's days begin and end. */
  readonly timeZone: string;
  /** Time at which Tenure first knew the person. */
  readonly createdAt: Instant;
}
