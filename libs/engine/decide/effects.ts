import type { AccessDecision, AccessQuestion, DesiredAccount, EndedWith, NewNotification } from '@tenure/domain';
import type {
  AuditEntry,
  NewCase,
  PeopleChanges,
  Person,
  Sponsorship,
  StoredAccount,
  StoredGrant,
  StoredIdentity,
  StoredOperation,
  Trigger,
} from '@tenure/store';
import type { Decision } from './decision.ts';
import type { NamedPerson } from '../intake/named-person.ts';
import type { Engine } from './engine.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';

/** One person with the question of the decision and its answers. */
export interface DecidedPerson {
  /** Person as stored. */
  readonly person: Person;
  readonly question: AccessQuestion;
  readonly access: AccessDecision;
  /** Desired state of an account in each target that concerns them. */
  readonly desired: readonly DesiredAccount[];
}

/** Circumstances of a decision. Nothing is looked up while effects are derived: time is the question's `now`, and new ids come from here. */
export interface Terms extends DecisionContext {
  readonly inForce: PolicyInForce;
  readonly trigger: Trigger;
  /** Applications of the configuration, by name. */
  readonly applications: Engine['applications'];
  /** Targets in which nothing is written: `observe`. */
  readonly observed: ReadonlySet<string>;
  readonly correlationId: string;
  /** A new id at each call (UUID). */
  readonly newId: () => string;
}

/** Changes by a decision about one person, as a value: `effectsOf` derives it, `saveEffects` writes it. */
export interface Effects {
  readonly before: StoredIdentity;
  readonly after: StoredIdentity;
  readonly grants: ChangedGrants;
  /** Accounts with another desired state than before. */
  readonly accounts: readonly StoredAccount[];
  readonly operations: ChangedOperations;
  /** Approved request items that have ended, or are restored. */
  readonly items: PeopleChanges['changedItems'];
  readonly exceptions: readonly ChangedException[];
  readonly cases: ChangedCases;
  /** Reason why all sessions of the person end; `null`: they continue. */
  readonly sessionsEnd: string | null;
  /** Sessions at applications that received something else before; none where all sessions of the person end. */
  readonly applicationSessions: ChangedApplicationSessions;
  readonly notifications: readonly NewNotification[];
  /** The person's sponsor before the decision. */
  readonly sponsorship: Sponsorship | null;
  /** Living-sponsor status that the decision used; absent: it was not determined. */
  readonly sponsorLives: boolean | undefined;
  /** True: requests and cases that depend on the person have to be evaluated again. */
  readonly concernsOthers: boolean;
  /** Audit entries in this order: a cause before its effects. */
  readonly audit: readonly AuditEntry[];
  readonly decision: Decision;
}

/** Sessions of a person at applications that a decision changes. */
export interface ChangedApplicationSessions {
  readonly ended: readonly { readonly id: string; readonly why: string }[];
  /** Ids of sessions whose application receives other claims at its next request. */
  readonly outdated: readonly string[];
}

export interface ChangedGrants {
  readonly given: readonly StoredGrant[];
  /** Other origins or other times. */
  readonly changed: readonly StoredGrant[];
  readonly ended: readonly StoredGrant[];
}

export interface ChangedOperations {
  readonly planned: readonly StoredOperation[];
  /** Operations that a newer decision replaces, with that status: their cases answer themselves. */
  readonly superseded: readonly StoredOperation[];
}

/** An SoD exception that ends for good, or with the person's last relationship, or is restored. */
export interface ChangedException {
  readonly id: string;
  readonly endedWith: EndedWith | 'for good' | 'restored';
}

export interface ChangedCases {
  readonly opened: readonly CaseToOpen[];
  /** Keys of cases that have answered themselves. */
  readonly answered: readonly string[];
}

/** A case whose owner is found when it is opened: the named person, or the sponsor. */
export type CaseToOpen = NewCase & { readonly ownerNamed?: NamedPerson | null; readonly isSponsors?: boolean };
