import type { Instant, LifecycleState, Notification, NotificationKind } from '@tenure/domain';
import type { Case, StoredIdentity, WholeRequest } from '@tenure/store';

/** Subject of a notification, as it is now. */
export interface Subject {
  readonly request: WholeRequest | null;
  readonly case: Case | null;
  /** True if the reader may answer the case: as its owner, one of its group, or a deputy of one. */
  readonly isTheirs: boolean;
  /** The person it is about; `null`: it is about nobody, or they are not there any more. */
  readonly person: Pick<StoredIdentity, 'state' | 'lifecycle'> | null;
  /** True if a later notification reports that they have started or ended. */
  readonly isSuperseded: boolean;
}

/** Recipient. */
type Reader = Pick<StoredIdentity, 'id'>;

/** States in which somebody has started, and not ended. */
const here: readonly LifecycleState[] = ['active', 'suspended'];

/** Notifications of which the last one about a person replaces those before. */
export function isAboutLife(kind: NotificationKind): boolean {
  return kind === 'person-started' || kind === 'person-ended';
}

/**
 * True if a notification still applies to its recipient: nobody is asked for a decision that has been made meanwhile, or is another person's, and
 * nobody is notified of the start of a person who has ended since, because a receiver was away.
 * @param to `null`: a webhook, which receives what any recipient could receive
 */
export function stillApplies(
  { kind, about, data }: Pick<Notification, 'kind' | 'about' | 'data'>,
  { request, case: open, isTheirs, person, isSuperseded }: Subject,
  to: Reader | null,
  now: Instant,
): boolean {
  const { itemId, endsAt } = data;
  switch (kind) {
    case 'approval-asked':
    case 'approval-reminder':
      return request !== null && typeof itemId === 'string' && (to === null ? isOpen(request, itemId) : waitsFor(request, itemId, to.id));
    case 'access-ending': {
      const item = request?.items.find(({ id }) => id === itemId);
      return item === undefined ? isAhead(endsAt, now) : item.status === 'approved' && isAhead(item.validUntil, now);
    }
    case 'inactivity-warning':
      return person?.lifecycle?.inactivity?.standing === 'warned';
    case 'contract-ending':
      return mayReceive(about.caseId, open, isTheirs) && isAhead(endsAt, now);
    case 'delegation-begun':
      return isAhead(endsAt, now);
    case 'case-assigned':
    case 'case-due':
    case 'case-escalated':
    case 'transfer-asked':
    case 'emergency-review':
    case 'change-held':
    case 'facts-missing':
      return mayReceive(about.caseId, open, isTheirs);
    case 'person-started':
      return !isSuperseded && person !== null && here.includes(person.state);
    case 'person-ended':
      return !isSuperseded && (person === null || !here.includes(person.state));
    case 'request-decided':
    case 'emergency-access':
    case 'sponsorship-taken-over':
    case 'login-linked':
    case 'logins-linked':
    case 'identity-merged':
      return true;
  }
}

/** True if somebody is an approver of an open item and has not answered. */
export function waitsFor({ items, approvers, answers }: WholeRequest, itemId: string, approverId: string): boolean {
  const item = items.find(({ id }) => id === itemId);
  if (item?.status !== 'open') return false;
  const isAsked = approvers.some((one) => one.itemId === itemId && one.stage === item.stage && one.approverId === approverId && one.endedAt === null);
  return isAsked && !answers.some((one) => one.itemId === itemId && one.stage === item.stage && one.givenBy === approverId && one.outcome === 'counted');
}

function isOpen({ items }: WholeRequest, itemId: string): boolean {
  return items.some(({ id, status }) => id === itemId && status === 'open');
}

/** True if a case is still open, and theirs or any operator's. */
function mayReceive(caseId: string | undefined, found: Case | null, isTheirs: boolean): boolean {
  if (caseId === undefined) return true;
  if (found?.status !== 'open') return false;
  return isTheirs || (found.ownerGroup === null && found.ownerId === null);
}

function isAhead(at: unknown, now: Instant): boolean {
  return typeof at !== 'string' || at > now;
}
