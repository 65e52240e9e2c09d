import { ask } from './ask.ts';

/** A person's account in the CRM, as Tenure knows it. */
export interface AccountInCrm {
  readonly identityId: string;
  readonly userName: string;
  readonly nativeId: string;
  /** Number of attempts of pending work there; 0 when there is none. */
  readonly attempts: number;
}

/** Accounts in the CRM, with the number of attempts of pending work there. */
export async function accountsInCrm(databaseUrl: string, userNames: readonly string[]): Promise<readonly AccountInCrm[]> {
  const rows = await ask<{ identity_id: string; user_name: string; native_id: string | null; attempts: number }>(
    databaseUrl,
    `select a.identity_id, a.user_name, a.native_id,
         coalesce((select max(o.attempts) from operation o where o.account_id = a.id and o.status = 'pending'), 0)::int as attempts
       from account a where a.target = 'crm' and a.user_name = any($1)`,
    [userNames],
  );
  return rows.map((row) => ({ identityId: row.identity_id, userName: row.user_name, nativeId: row.native_id ?? '', attempts: row.attempts }));
}

/** People whose accounts were changed, in the order of the first change, from one request on. @returns user names */
export function orderOfChanges(seen: readonly string[], from: number, accounts: readonly AccountInCrm[]): readonly string[] {
  const order = new Set<string>();
  for (const request of seen.slice(from)) {
    if (request.startsWith('GET ')) continue;
    const account = accounts.find(({ nativeId }) => request.includes(`/Users/${nativeId}`));
    if (account !== undefined) order.add(account.userName);
  }
  return [...order];
}
