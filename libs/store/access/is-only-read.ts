/** Condition that nothing is left to do about an account `a`, whatever its state: it was read, and only that is done, since it is protected or its target is observed. */
export const isOnlyRead = `(a.observed_at is not null and a.observed_at >= a.desired_since
  and (a.protected_at is not null or exists (select from target_mode t where t.target = a.target and t.mode = 'observe')))`;
