/** Approvers. They are resolved to people each time, and never to the requester or the person whom the request is for. */
export type Approvers =
  /** Manager or sponsor of the person whom the access is for, by `relations` of the policy. */
  | { readonly kind: 'manager' }
  | { readonly kind: 'sponsor' }
  /** Owner of the requested role or entitlement; in the stage of an exception, of the SoD rule. */
  | { readonly kind: 'owner' }
  | { readonly kind: 'person'; readonly userName: string }
  /** Everybody with a role or entitlement. */
  | { readonly kind: 'holders'; readonly name: string };

/** Owner of a role, an entitlement or an SoD rule. */
export type Owner = Extract<Approvers, { kind: 'person' | 'holders' }>;

/** One stage of approval; the stages of a rule follow one another. */
export interface ApprovalStage {
  readonly name: string;
  readonly approvers: readonly Approvers[];
  /** Number of different people who must approve. One denial is enough to deny. */
  readonly quorum: number;
  /** ISO 8601 duration after which approvers without an answer are reminded, repeatedly. Absent: never. */
  readonly remindAfter?: string;
  /** ISO 8601 duration after the stage began, and again after it was escalated. */
  readonly deadline: string;
  /**
   * Name of the calendar of the policy in whose working time reminder and deadline are counted. Absent: in calendar days of the person whom the
   * request is for.
   */
  readonly calendar?: string;
  /** Additional approvers after the deadline has passed. Empty: the managers of the approvers. */
  readonly escalateTo: readonly Approvers[];
  /** Outcome if nobody has answered by the last deadline. */
  readonly otherwise: 'deny' | 'approve';
}

/** Rule for requests. The first rule that names a role or entitlement and whose `when` is true applies. */
export interface RequestRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: people for whom it may be requested. Absent: everybody. */
  readonly when?: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** ISO 8601 duration: longest validity that may be requested, counted from approval. */
  readonly longest: string;
  /** ISO 8601 duration before the end of the grant at which the person is notified and can request an extension. Absent: the default. */
  readonly remind?: string;
  readonly stages: readonly ApprovalStage[];
}

/** Rule for break-glass access, which is reviewed afterwards. The first rule that names the access and whose `when` is true applies. */
export interface BreakGlassRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: people who may take it. */
  readonly when: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** ISO 8601 duration: longest validity. There is no extension. */
  readonly longest: string;
  /** Reviewers, who decide afterwards whether it was justified. */
  readonly reviewers: readonly Approvers[];
  /** ISO 8601 duration after it was taken, within which it should be reviewed. */
  readonly reviewWithin: string;
  /** Name of the calendar of the policy in whose working time `reviewWithin` is counted. */
  readonly calendar?: string;
  /** People who are notified at once, besides the reviewers. */
  readonly tell: readonly Approvers[];
}

/** Attribute of a person that names another one, and the attribute of the other that it contains. */
export interface Relation {
  readonly attribute: string;
  readonly by: 'employeeNumber' | 'userName' | 'email';
}

/** Relations of a person to others. */
export interface Relations {
  readonly manager?: Relation;
  readonly sponsor?: Relation;
}
