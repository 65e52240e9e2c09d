import { type Instant, type Lifecycle, type NewNotification, subtractDuration } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';

/** Longest time after a start in which a notification of it is useful: a person whom HR reports years late causes none. */
const newsFor = 'P7D';

/** Notifications of a manager when somebody starts or ends. */
export function notificationsOfLife(before: StoredIdentity, { state, since }: Lifecycle, now: Instant): readonly NewNotification[] {
  // Nobody has left when two identities of one person become one.
  if (before.mergedInto != null) return [];
  const about = { identityId: before.id };
  const recipient = { relation: 'manager', of: before.id } as const;
  const was = before.lifecycle === null ? null : before.state;
  const hasStarted =
    state === 'active' && (was === null || was === 'pre-hire' || was === 'left') && since !== null && since > subtractDuration(now, newsFor, 'UTC');
  if (hasStarted) return [{ kind: 'person-started', key: `${before.id}/${since}`, recipient, about, data: {} }];
  const hasEnded = (state === 'leaving' || state === 'left') && (was === 'active' || was === 'suspended');
  return hasEnded ? [{ kind: 'person-ended', key: `${before.id}/${since ?? now}`, recipient, about, data: {} }] : [];
}

/** Notifications of inactivity: one before the person is disabled. */
export function notificationsOfInactivity({ id, lifecycle: before }: StoredIdentity, { inactivity }: Lifecycle): readonly NewNotification[] {
  if (inactivity?.standing !== 'warned' || before?.inactivity?.standing === 'warned') return [];
  const { disableAt } = inactivity;
  return [{ kind: 'inactivity-warning', key: `${id}/${disableAt}`, recipient: { identityId: id }, about: { identityId: id }, data: { endsAt: disableAt } }];
}
