import { Client } from 'pg';
import { userSchema } from './scim-schema.ts';

/** Creates an account in a SCIM application and puts it into a group, as an administrator of the application could do by hand. */
export async function createInScim({ url, token }: { readonly url: string; readonly token: string }, userName: string, group: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  const ask = async (path: string, init: object = {}): Promise<{ readonly id: string; readonly Resources: readonly { readonly id: string }[] }> => {
    const response = await fetch(`${url}/${path}`, { headers, ...init });
    if (!response.ok) throw new Error(`the SCIM server answered HTTP ${response.status}`);
    return response.status === 204 ? { id: '', Resources: [] } : ((await response.json()) as never);
  };
  const user = { schemas: [userSchema], userName, active: true };
  const { id } = await ask('Users', { method: 'POST', body: JSON.stringify(user) });
  const { Resources } = await ask(`Groups?${new URLSearchParams({ filter: `displayName eq ${JSON.stringify(group)}` })}`);
  const operation = { op: 'add', path: 'members', value: [{ value: id }] };
  const patch = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] };
  await ask(`Groups/${Resources[0]?.id}`, { method: 'PATCH', body: JSON.stringify(patch) });
}

/** Gives an account a role in the application that keeps its accounts in tables, as its administrator could do by hand. */
export async function giveRoleInSql(url: string, userName: string, role: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('INSERT INTO account_roles (account_id, role) SELECT id, $2 FROM accounts WHERE login = $1', [userName, role]);
  } finally {
    await client.end();
  }
}
