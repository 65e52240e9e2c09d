/** Who is asked to approve; always resolved to people anew, never to the person themselves or to whoever asked. */
export type Approvers =
  /** Of the person whom the access is for, as `relations` of the policy say. */
  | { readonly kind: 'manager' }
  | { readonly kind: 'sponsor' }
  /** Of the role or entitlement that is asked for; in the stage of an exception, of the separation rule. */
  | { readonly kind: 'owner' }
  | { readonly kind: 'person'; readonly userName: string }
  /** Everybody who holds a role or entitlement. */
  | { readonly kind: 'holders'; readonly name: string };

/** Who answers for a role, an entitlement or a separation rule. */
export type Owner = Extract<Approvers, { kind: 'person' | 'holders' }>;

/** One question to people; the stages of a rule are asked one after another. */
export interface ApprovalStage {
  readonly name: string;
  readonly approvers: readonly Approvers[];
  /** Number of different people who have to approve. One who denies is enough to deny. */
  readonly quorum: number;
  /** ISO 8601 duration after which those who have not answered are reminded, and again. Absent: never. */
  readonly remindAfter?: string;
  /** ISO 8601 duration from when the stage began, and again from when it was escalated. */
  readonly deadline: string;
  /** A calendar of the policy: reminder and deadline are counted in its working time. Absent: by the days of whom it is for. */
  readonly calendar?: string;
  /** Who is asked besides when the deadline has passed. Empty: the managers of those who were asked. */
  readonly escalateTo: readonly Approvers[];
  /** What stands when nobody has answered by the last deadline. */
  readonly otherwise: 'deny' | 'approve';
}

/** What people may ask for. The first rule that names a role or entitlement and whose `when` holds applies. */
export interface RequestRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: for whom it may be asked. Absent: everybody. */
  readonly when?: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** ISO 8601 duration: the longest that may be asked for, counted from approval. */
  readonly longest: string;
  /** ISO 8601 duration before the end of what was granted at which the person is told, and can ask for more. Absent: as is usual. */
  readonly remind?: string;
  readonly stages: readonly ApprovalStage[];
}

/** What somebody may take at once as break-glass access, to account for it afterwards. The first rule that names it and whose `when` holds applies. */
export interface BreakGlassRule {
  readonly name: string;
  readonly description?: string;
  /** CEL over `identity`, bool: who. */
  readonly when: string;
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  /** ISO 8601 duration: the longest it lasts. There is no extension. */
  readonly longest: string;
  /** Who has to review afterwards whether it was justified. */
  readonly reviewers: readonly Approvers[];
  /** ISO 8601 duration from when it was taken within which they should have. */
  readonly reviewWithin: string;
  /** A calendar of the policy: `reviewWithin` is counted in its working time. */
  readonly calendar?: string;
  /** Who is told at once, besides the reviewers. */
  readonly tell: readonly Approvers[];
}

/** Which attribute of a person names another, and by what. */
export interface Relation {
  readonly attribute: string;
  readonly by: 'employeeNumber' | 'userName' | 'email';
}

/** Who stands to a person as what. */
export interface Relations {
  readonly manager?: Relation;
  readonly sponsor?: Relation;
}
