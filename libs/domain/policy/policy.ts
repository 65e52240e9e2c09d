import type { CaseRule } from '../cases/case-rule.ts';
import type { AttributeSchema, Instant } from '../identity/facts.ts';
import type { ChangeBudget } from '../batches/change-budget.ts';
import type { BreakGlassRule, Owner, Relations, RequestRule } from '../requests/request-policy.ts';
import type { WorkingCalendar } from '../time/working-time.ts';

/** A named bundle of entitlements (NIST RBAC: role). */
export interface Role {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly entitlements: readonly string[];
  readonly owner?: Owner;
}

/**
 * One permission in one target. `name` is its name in the policy (`ledger.clerk`), `value` its name in the target
 * (a group's id or name). `value` is `null` for an entitlement that is only an account in the target.
 * The built-in target `tenure` has Tenure's own roles: tenure.admin, .operator, .auditor.
 */
export interface Entitlement {
  readonly name: string;
  readonly title: string;
  readonly target: string;
  readonly value: string | null;
  readonly owner?: Owner;
}

/** Rule for grants that people get from their attributes, without a request. */
export interface BirthrightRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity` and `now`, of type bool. */
  readonly when: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** CEL of type timestamp: earliest start of the grant. */
  readonly from?: string;
  /** ISO 8601 duration counted from `from`, otherwise from the instant when the rule began to apply. */
  readonly duration?: string;
  /** CEL of type timestamp: end of the grant. With `duration` too, the earlier end counts. */
  readonly until?: string;
  /** ISO 8601 duration for which a mover keeps the grants after the rule no longer applies. Absent: they end at once. */
  readonly grace?: string;
}

/** Rule for grants from a group that a login source asserts, for as long as it does. */
export interface GroupRule {
  readonly source: string;
  readonly group: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
}

/** Attribute of a person that names another one, and the attribute of the other that it contains. */
export interface PersonNaming {
  readonly attribute: string;
  readonly by: 'employeeNumber' | 'userName' | 'email';
}

/** Kind of responsibility that is transferred from a leaver to somebody else. */
export type Transferred = 'owned-groups' | 'delegated-approvals' | 'service-accounts';

/** Rule for the lifecycle of a person, from the start to after the end. The first rule whose `when` is true applies. */
export interface LifecycleRule {
  readonly name: string;
  /** CEL of type bool; absent: everybody. */
  readonly when?: string;
  readonly start: {
    /** ISO 8601 duration before the start at which accounts exist, disabled. Absent: only from the start on. */
    readonly createBefore?: string;
  };
  /** Attributes that must be known of people to whom the rule applies; `endDate` is also known if a source reports an end. */
  readonly requires?: readonly string[];
  /** True if all access is withheld until they are known; absent: true. */
  readonly hold?: boolean;
  /** Extension of an end by the sponsor; absent: not allowed. Durations are ISO 8601. */
  readonly extension?: {
    /** Duration before the end at which the sponsor is asked. */
    readonly ask: string;
    /** Longest duration of one extension. */
    readonly maximum: string;
    /** Longest duration of all extensions together, counted from the end that the source states; `maximum` by default. */
    readonly inAll?: string;
  };
  /** Consequences of inactivity; absent: none. Durations are ISO 8601, each counted from the last day with activity. */
  readonly inactivity?: {
    readonly warn?: string;
    readonly disable: string;
    readonly remove?: string;
    /** Groups that logins assert; their members are never inactive. */
    readonly exempt?: readonly string[];
    /** Way to reactivate a disabled person: `login`, or `ask`, a human decision; absent: `ask`. */
    readonly reactivate?: 'ask' | 'login';
  };
  readonly end: {
    /** ISO 8601 duration between the end and `then`. */
    readonly grace: string;
    /** Action on the disabled accounts when the grace period is over. */
    readonly then: 'keep' | 'delete';
    /** ISO 8601 duration after which a confirmed end is checked once more; PT4H by default, PT0S for never. */
    readonly lookAgain?: string;
    /** Person who is asked to take over responsibilities of a leaver, and their kinds. */
    readonly transfer?: { readonly to: PersonNaming; readonly what: readonly Transferred[] };
  };
}

/** Separation-of-duties rule: grants that nobody may have together (NIST RBAC: static separation of duty, here evaluated over time). */
export interface SeparationRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: people to whom it applies. Absent: everybody. */
  readonly when?: string;
  /** Sets of roles and entitlements that exclude each other; members of one set do not. */
  readonly conflicting: readonly (readonly string[])[];
  /** Largest number of sets from which a person may have grants at the same time. */
  readonly atMost: number;
  /** Names that stay in a conflict, highest priority first. Others follow, the oldest grant first. */
  readonly priority: readonly string[];
  /** Owner who may allow an SoD exception. Absent: nobody may. */
  readonly owner?: Owner;
  /** True if people who violate it keep their grants, with a case; requests that violate it are still refused. Absent: the grants are withheld. */
  readonly detective?: boolean;
}

/** Policy from the files, valid and normalised, as stored with a version. */
export interface PolicyDocument {
  readonly attributes: AttributeSchema;
  readonly roles: Readonly<Record<string, Role>>;
  readonly entitlements: Readonly<Record<string, Entitlement>>;
  readonly birthright: readonly BirthrightRule[];
  readonly groups: readonly GroupRule[];
  readonly lifecycle: readonly LifecycleRule[];
  readonly separation: readonly SeparationRule[];
  readonly requestable?: readonly RequestRule[];
  readonly breakGlass?: readonly BreakGlassRule[];
  readonly relations?: Relations;
  /** Calendars of working time by name; deadlines that name one are counted in it. */
  readonly calendars?: Readonly<Record<string, WorkingCalendar>>;
  readonly budget?: ChangeBudget;
  readonly cases?: readonly CaseRule[];
}

/** Origin of a grant: the answer to "why does this person have it". */
export interface Origin {
  readonly kind: 'rule' | 'assertion' | 'request' | 'break-glass' | 'exception';
  /** Name of the rule, asserted group as `source/group`, or id of the request, also for break-glass access. */
  readonly name: string;
  readonly policyVersion: number;
  /** Role that contains the entitlement; `null`: it is granted directly. */
  readonly viaRole: string | null;
  /** Ids of the source records on whose facts the decision is based. */
  readonly recordIds: readonly string[];
  readonly validFrom: Instant;
  /** End, exclusive. `null`: as long as the origin is in force. */
  readonly validUntil: Instant | null;
  /** Time since which its rule no longer applies, during the rule's grace period: `validUntil` is a planned removal. */
  readonly endingSince?: Instant;
}

/** Grant of a role or an entitlement, in force while any of its origins is. */
export interface Grant {
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  readonly origins: readonly Origin[];
  /** Earliest start of the origins. */
  readonly validFrom: Instant;
  /** Latest end of the origins; `null` if one of them has no end. */
  readonly validUntil: Instant | null;
}
