import type { RepairKind, RepairLoss, RepairStatus, SecondPersonReason } from '@tenure/domain';
import { enumOf } from '../enums.ts';

export const RepairKindEnum = enumOf<RepairKind>('RepairKind', 'Kind of a repair.', {
  'release-user-name': 'The user name of a person who has left becomes free (releaseUserName).',
  'move-record': 'A source record goes to the person whom it is about (moveRecord).',
  'merge-identities': 'Two identities of one person become one (mergeIdentities).',
  undo: 'Undo of an earlier repair: what it moved goes back (undoRepair).',
});

export const RepairStatusEnum = enumOf<RepairStatus>('RepairStatus', 'Status of a repair.', {
  waiting: 'Waits for a second administrator (approveRepair, discardRepair): nothing has changed.',
  done: 'Carried out.',
  undone: 'Undone, as far as that is possible.',
  discarded: 'Discarded: nothing has changed.',
});

export const SecondPersonReasonEnum = enumOf<SecondPersonReason>('SecondPersonReason', 'Reason why a second administrator has to approve a repair.', {
  privileged: 'One of the people has rights in Tenure, or gets some.',
  'urgent-ends': 'The repair terminates an identity, and the budget of urgent ends of the caller is used up (budget.urgentEnds).',
});

export const RepairLossEnum = enumOf<RepairLoss>('RepairLoss', 'Consequence of a repair that an undo does not take back.', {
  sessions: 'Sessions end: the person logs in again.',
  'login-bindings': 'Bindings of logins end: the person is linked again.',
  confirmations: 'Confirmations of logins end: an administrator confirms them again, where the person has rights in Tenure.',
  links: 'One-time links end.',
  'request-items': 'Requested access ends, since one of the two approved it for the other.',
});
