/** An instant: RFC 3339 in UTC with milliseconds (`2026-03-01T00:00:00.000Z`), so that instants compare as text. */
export type Instant = string;

export type AttributeType = 'string' | 'strings' | 'boolean' | 'number' | 'date' | 'instant';
/** A `date` is `YYYY-MM-DD`, an `instant` RFC 3339. */
export type AttributeValue = string | number | boolean | readonly string[];
/** What people's attributes are called and what they hold, from `attributes:` in tenure.yaml. */
export type AttributeSchema = Readonly<Record<string, { readonly type: AttributeType; readonly title?: string }>>;

/** What one source says of one person. An absent key says nothing; `null` says that there is none. */
export type Facts = Readonly<Record<string, AttributeValue | null>>;

/** What one source says of one person, as it was last recorded. */
export interface SourceRecord {
  readonly id: string;
  /** Name of the source or identity provider in tenure.yaml. */
  readonly source: string;
  /** The source's own id for the person: a worker number, or `issuer|subject` of a login. */
  readonly externalId: string;
  readonly facts: Facts;
  /** Groups that a login asserted. `null`: the source said nothing about groups (never: "has none"). */
  readonly groups: readonly string[] | null;
  /** True if the person's relationship with this source goes on; `null` where the source has no say in that (a login). */
  readonly status: 'active' | 'ended' | null;
  /** When it ended, for `ended`. May lie ahead: a termination with notice. */
  readonly endedAt: Instant | null;
  /** In its place the last day (`YYYY-MM-DD`), which ends where the person is; absent and `null`: none. Only operators say one. */
  readonly endedOn?: string | null;
  /** The kind of person that the source says this is; absent where it does not. */
  readonly userType?: UserType | null;
  /** For what was decided about another record's end: which one, and the end that it says. Absent in what sources say. */
  readonly extends?: ExtendedEnd | null;
  readonly recordedAt: Instant;
  /** When an operator withdrew it: it has ended then, and its facts speak only of somebody of whom nothing else is known. Absent and `null`: it holds. */
  readonly withdrawnAt?: Instant | null;
}

/** The content of a record as its source said it. */
export interface SaidRecord extends Pick<SourceRecord, 'facts' | 'status' | 'endedAt'> {
  /** The source's own counter, digits only. */
  readonly version: string;
  readonly endedOn: string | null;
}

/** The end that was made later. */
export interface ExtendedEnd {
  readonly recordId: string;
  /** `endDate` as that record says it; as soon as it says another one, the extension is over. */
  readonly endDate: string;
}

/** The source of what operators say by hand. It is built in: its `ended` goes before whatever any other source says of the relationship. */
export const OPERATOR_SOURCE = 'operator';

/** The source of extensions that sponsors have decided. It is built in: its `endDate` counts instead of the one that it extends, and nothing else of it does. */
export const EXTENSION_SOURCE = 'extension';

/** One merged attribute with where it came from. */
export interface Attribute {
  readonly value: AttributeValue;
  readonly source: string;
  /** Id of the source record that won. */
  readonly recordId: string;
}

/** Which source wins for an attribute. The first source that says something (a value, or "none") wins. */
export interface Precedence {
  readonly default: readonly string[];
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Attributes of which only the sources in their order are believed; absent: none. */
  readonly exclusive?: readonly string[];
  /** By source, the attributes that it may state; one that is absent may state any. */
  readonly mayState?: Readonly<Record<string, readonly string[]>>;
}

export const USER_TYPES = ['employee', 'contractor', 'partner'] as const;
export type UserType = (typeof USER_TYPES)[number];

/** Where a relationship begins or ends, and the source record that says so. */
export interface RelationshipBound {
  readonly at: Instant;
  readonly recordId: string;
  /** `date`: startDate or endDate; `report`: the source reported the end. */
  readonly by: 'date' | 'report';
  /** For an end that was extended: the record that says the end which was extended, and that end. `recordId` is then the extension's. */
  readonly extended?: { readonly recordId: string; readonly from: Instant };
}

/** One employment or contract. A person may have several: one after another, or two at a time. */
export interface Relationship {
  /** The record that speaks of it; absent where no authoritative source does. */
  readonly recordId?: string;
  /** `null`: always has been. */
  readonly start: RelationshipBound | null;
  /** Exclusive. `null`: goes on. Not after `start`: called off before it began. */
  readonly end: RelationshipBound | null;
  /** Since when its record has said an end before the start, though it had begun: a question for a person. Absent: it does not. */
  readonly contradictedSince?: Instant;
}

/** A person: everything the sources say, merged. */
export interface Identity {
  readonly id: string;
  /** Unique in Tenure and never changed afterwards: the name of the person's accounts. */
  readonly userName: string;
  readonly userType: UserType;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Groups asserted by each login source; a source that never spoke of groups is absent. */
  readonly groups: Readonly<Record<string, { readonly groups: readonly string[]; readonly recordId: string }>>;
  /** What authoritative sources report; without any, what the merged dates say. Empty: nothing is known of a start or an end. */
  readonly relationships: readonly Relationship[];
  /** IANA name of the zone in which the person's days begin and end. */
  readonly timeZone: string;
  /** When Tenure first knew the person. */
  readonly createdAt: Instant;
}
