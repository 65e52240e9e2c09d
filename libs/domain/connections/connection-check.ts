/** Kinds of systems to which Tenure connects on its own. */
export const CONNECTION_KINDS = ['target', 'identity-provider'] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** Steps of a connection, in the order in which it is established. */
export const CONNECTION_STEPS = ['reached', 'certificate', 'answers', 'credentials', 'rights'] as const;
/**
 * `reached`: the host name resolves and the port is open. `certificate`: encryption and the server's certificate. `answers`: the server
 * speaks the protocol (for identity providers: metadata, discovery and keys are valid). `credentials`: Tenure's are accepted.
 * `rights`: Tenure may read what it needs.
 */
export type ConnectionStep = (typeof CONNECTION_STEPS)[number];

/** One step of a check. */
export interface StepResult {
  readonly step: ConnectionStep;
  readonly result: 'ok' | 'failed' | 'not-tested';
  /**
   * Stable code: of the platform (`ENOTFOUND`), of the protocol (`HTTP_401`, `LDAP_49`, `SQLSTATE_28P01`) or of Tenure (`HTML_PAGE`); `null` if
   * there is nothing to report.
   */
  readonly reason: string | null;
  /** Problem and remedy; `null` if there is nothing to report. It has no personal data, no secret and no text of the other side. */
  readonly message: string | null;
}

/** Limitation of a system, which Tenure works around or because of which it cannot confirm a result. */
export interface ConnectionLimit {
  readonly code: string;
  readonly message: string;
}

/** Failed step of a connection: carried by errors, as `details.reason` and `details.step`. */
export interface ConnectionFailure {
  readonly step: ConnectionStep;
  readonly reason: string;
  readonly message: string;
}

/** Result of testing one target or identity provider. It has no personal data and no secret. */
export interface ConnectionCheck {
  /** All steps, in order. */
  readonly steps: readonly StepResult[];
  readonly limits: readonly ConnectionLimit[];
}

/** Results of steps that are known otherwise than from the success of a later step. */
export type KnownSteps = Readonly<Partial<Record<ConnectionStep, Omit<StepResult, 'step'>>>>;

const before: Readonly<Record<ConnectionStep, readonly ConnectionStep[]>> = {
  reached: [],
  certificate: ['reached'],
  answers: ['reached', 'certificate'],
  credentials: ['reached', 'certificate'],
  rights: ['reached', 'certificate', 'answers', 'credentials'],
};

/** @param known results of single steps that override the derived ones, such as no encryption, or a step that could not be tested */
export function passed(limits: readonly ConnectionLimit[], known: KnownSteps = {}): ConnectionCheck {
  return { steps: CONNECTION_STEPS.map((step) => ({ step, ...(known[step] ?? ok) })), limits };
}

/** Returns the check for a failed step: the steps before it have passed, those after it were not tested. */
export function failedAt({ step: at, reason, message }: ConnectionFailure, known: KnownSteps = {}): ConnectionCheck {
  const steps = CONNECTION_STEPS.map((step): StepResult => {
    if (step === at) return { step, result: 'failed', reason, message };
    return before[at].includes(step) ? { step, ...(known[step] ?? ok) } : { step, result: 'not-tested', reason: null, message: null };
  });
  return { steps, limits: [] };
}

const ok = { result: 'ok', reason: null, message: null } as const;

/** Failed step of a test; `null` if none failed. */
export function failureOf({ steps }: ConnectionCheck): ConnectionFailure | null {
  const failed = steps.find(({ result }) => result === 'failed');
  return failed === undefined ? null : { step: failed.step, reason: failed.reason ?? 'UNKNOWN', message: failed.message ?? '' };
}
