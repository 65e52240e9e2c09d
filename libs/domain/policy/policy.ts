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
 * One permission in one target. Its name is how policy speaks of it (`ledger.clerk`), `value` what the target calls it
 * (a group's id or name). Without a value, holding it means having an account there and nothing more.
 * The built-in target `tenure` holds Tenure's own roles: tenure.admin, .operator, .auditor.
 */
export interface Entitlement {
  readonly name: string;
  readonly title: string;
  readonly target: string;
  readonly value: string | null;
  readonly owner?: Owner;
}

/** What people get without asking, because of who they are. */
export interface BirthrightRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity` and `now`, of type bool. */
  readonly when: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** CEL of type timestamp: not before. */
  readonly from?: string;
  /** ISO 8601 duration counted from `from`, else from the instant when the rule began to hold. */
  readonly duration?: string;
  /** CEL of type timestamp: ends then. With `duration` too, the earlier one counts. */
  readonly until?: string;
  /** ISO 8601 duration for which a mover keeps what the rule gave after it stopped holding. Absent: gone at once. */
  readonly grace?: string;
}

/** What a group asserted by a login source gives, for as long as that source keeps asserting it. */
export interface GroupRule {
  readonly source: string;
  readonly group: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
}

/** Which attribute of a person names another, and what of theirs it holds. */
export interface PersonNaming {
  readonly attribute: string;
  readonly by: 'employeeNumber' | 'userName' | 'email';
}

/** What a leaver leaves behind for somebody else. */
export type Transferred = 'owned-groups' | 'delegated-approvals' | 'service-accounts';

/** What happens when somebody's time is over. The first rule whose `when` holds applies. */
export interface LifecycleRule {
  readonly name: string;
  /** CEL of type bool; absent: everybody. */
  readonly when?: string;
  readonly start: {
    /** ISO 8601 duration before the start at which accounts exist, disabled. Absent: only from the start on. */
    readonly createBefore?: string;
  };
  /** Attributes that have to be known of whoever it applies to; `endDate` is known also where a source reports an end. */
  readonly requires?: readonly string[];
  /** True if everything is held back until they are; absent: yes. */
  readonly hold?: boolean;
  /** True if the sponsor may make an end later; absent: no. Durations are ISO 8601. */
  readonly extension?: {
    /** How long before the end the sponsor is asked. */
    readonly ask: string;
    /** How much later one extension may make the end. */
    readonly maximum: string;
    /** How much later all of them together may, counted from the end that the source says; `maximum` unless set. */
    readonly inAll?: string;
  };
  /** What follows when nothing is heard of somebody; absent: nothing. Durations are ISO 8601, each counted from the last day of which something was heard. */
  readonly inactivity?: {
    readonly warn?: string;
    readonly disable: string;
    readonly remove?: string;
    /** Groups that logins assert: whoever is in one of them is never inactive. */
    readonly exempt?: readonly string[];
    /** What brings back who was disabled; absent: a person who is asked. */
    readonly reactivate?: 'ask' | 'login';
  };
  readonly end: {
    /** ISO 8601 duration between the end and `then`. */
    readonly grace: string;
    /** What becomes of the disabled accounts when the grace is over. */
    readonly then: 'keep' | 'delete';
    /** ISO 8601 duration after which a confirmed end is read once more; PT4H unless set, PT0S for never. */
    readonly lookAgain?: string;
    /** Who is asked to take over what, when somebody leaves. */
    readonly transfer?: { readonly to: PersonNaming; readonly what: readonly Transferred[] };
  };
}

/** What nobody may hold together (NIST RBAC: static separation of duty, here evaluated over time). */
export interface SeparationRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: whom it concerns. Absent: everybody. */
  readonly when?: string;
  /** Sets of roles and entitlements that exclude each other; two of one set go together. */
  readonly conflicting: readonly (readonly string[])[];
  /** From how many of the sets something may be held at a time. */
  readonly atMost: number;
  /** What stays in a conflict, best first. What is not listed comes after, the longest held first. */
  readonly priority: readonly string[];
  /** Who may allow an exception. Absent: nobody. */
  readonly owner?: Owner;
  /** True if people who break it keep their grants, and a case says so; what is asked for is refused all the same. Absent: it is held back. */
  readonly detective?: boolean;
}

/** The policy as files say it, valid and normalised; what is stored as a version. */
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
  /** When people work, by name: deadlines that name one are counted in its time. */
  readonly calendars?: Readonly<Record<string, WorkingCalendar>>;
  readonly budget?: ChangeBudget;
  readonly cases?: readonly CaseRule[];
}

/** Where a grant comes from; the answer to "why does this person have it". */
export interface Origin {
  readonly kind: 'rule' | 'assertion' | 'request' | 'break-glass' | 'exception';
  /** The rule's name, or the asserted group as `source/group`, or the request's id, also of break-glass access. */
  readonly name: string;
  readonly policyVersion: number;
  /** For an entitlement that a role carries: that role. */
  readonly viaRole: string | null;
  /** Source records whose facts the decision rested on. */
  readonly recordIds: readonly string[];
  readonly validFrom: Instant;
  /** Exclusive: at this instant it is over. `null`: as long as the origin holds. */
  readonly validUntil: Instant | null;
  /** Since when its rule holds no longer, while the rule's grace runs: `validUntil` is a planned removal. */
  readonly endingSince?: Instant;
}

/** An identity holds a role or an entitlement while any of its origins holds. */
export interface Grant {
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  readonly origins: readonly Origin[];
  /** Earliest of the origins. */
  readonly validFrom: Instant;
  /** Latest of the origins; `null` when one of them has no end. */
  readonly validUntil: Instant | null;
}
