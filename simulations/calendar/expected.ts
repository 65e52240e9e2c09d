import {
  type AccessDecision,
  type CompiledMapping,
  type DesiredAccount,
  decideAccess,
  desiredAccounts,
  endOfTime,
  grantsAt,
  isSameTime,
  type Policy,
  type Precedence,
  type RequestedAccess,
  type SourceRecord,
} from '@tenure/domain';

/** Expected state of one person by the core, evaluated at each of their instants and at no other: without database, workflow or clock. */
export interface Expected {
  /** Evaluates at an instant, with a new record or request, or at a date. */
  ask(now: string, said?: { readonly record?: SourceRecord; readonly requested?: RequestedAccess }): void;
  readonly nextWakeUp: string | null;
  readonly state: string;
  /** Names, sorted. */
  held(now: string): readonly string[];
  /** `null`: no account. */
  account(now: string): Pick<DesiredAccount, 'state' | 'entitlements'> | null;
}

export interface Rules {
  readonly policy: Policy;
  readonly mappings: readonly CompiledMapping[];
  readonly precedence: Precedence;
  readonly authoritative: readonly string[];
  readonly logins: readonly string[];
  readonly timeZone: string;
}

/** Requested access ends with the person's last relationship and is restored with it; a rehire has to request it again. */
function endedWithTime(requests: readonly RequestedAccess[], { identity, lifecycle }: AccessDecision, now: string): readonly RequestedAccess[] {
  const over = endOfTime(identity, now);
  const hasLeft = lifecycle.state === 'left' ? ({ hasLeft: true } as const) : {};
  return requests
    .filter(({ validUntil }) => validUntil > now)
    .flatMap((item): RequestedAccess[] => {
      const had = item.endedWith ?? null;
      if (had !== null) return [{ ...item, endedWith: isSameTime(identity, had, now) ? null : { ...had, ...hasLeft } }];
      if (over === null && lifecycle.state === 'left') return [];
      return [over === null ? item : { ...item, endedWith: { ...over, ...hasLeft } }];
    });
}

export function expectedOf(userName: string, createdAt: string, rules: Rules): Expected {
  const records = new Map<string, SourceRecord>();
  let requests: readonly RequestedAccess[] = [];
  let decision: AccessDecision | null = null;
  let existing = { target: 'ledger', everExisted: false, everEnabled: false };
  let desired: DesiredAccount | null = null;
  /** True if the account is there: one that is only to be closed is not created again after its deletion. */
  let isThere = false;
  const wanted = (now: string): DesiredAccount | null =>
    decision === null ? null : (desiredAccounts({ ...decision, policy: rules.policy, mappings: rules.mappings, existing: [existing], now })[0] ?? null);
  return {
    ask(now, { record, requested } = {}) {
      if (record !== undefined) records.set(record.id, record);
      if (requested !== undefined) requests = [...requests, requested];
      decision = decideAccess({
        id: userName,
        userName,
        userType: decision?.identity.userType ?? 'employee',
        createdAt,
        ...rules,
        records: [...records.values()],
        now,
        memory: decision?.memory ?? { activations: {}, endings: {} },
        exceptions: [],
        requests,
      });
      requests = endedWithTime(requests, decision, now);
      desired = wanted(now);
      const { state } = desired ?? { state: 'absent' };
      if (desired !== null) isThere = state !== 'absent' && (isThere || desired.onlyExisting !== true);
      existing = { ...existing, everExisted: existing.everExisted || state !== 'absent', everEnabled: existing.everEnabled || state === 'enabled' };
    },
    get nextWakeUp() {
      return decision?.nextWakeUp ?? null;
    },
    get state() {
      return decision?.lifecycle.state ?? 'unknown';
    },
    held: (now) =>
      decision === null
        ? []
        : grantsAt(decision.grants, now)
            .map(({ name }) => name)
            .sort(),
    account: () => (desired === null || !isThere ? null : { state: desired.state, entitlements: desired.entitlements }),
  };
}
