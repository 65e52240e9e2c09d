import { createHash } from 'node:crypto';
import { type Instant, LoginRefused } from '@tenure/domain';

/** Counts the proven logins of each subject, in this process. */
export interface LoginRate {
  /** @throws LoginRefused `too-many-logins` */
  count(issuer: string, subject: string, now: Instant): void;
}

/** @param perMinute logins of one subject in a minute of the clock */
export function createLoginRate(perMinute: number): LoginRate {
  const counts = new Map<string, number>();
  let minute = '';
  return {
    count(issuer, subject, now) {
      const current = now.slice(0, 'YYYY-MM-DDThh:mm'.length);
      if (current !== minute) counts.clear();
      minute = current;
      const key = createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('base64');
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count > perMinute) throw new LoginRefused('too-many-logins', `this subject has logged in more than ${perMinute} times in this minute`);
    },
  };
}
