const json = { 'content-type': 'application/scim+json' };

/** Makes an account usable again, as an administrator of the application could do by hand, without Tenure. */
export async function reopenInScim({ url, token }: { readonly url: string; readonly token: string }, userName: string): Promise<void> {
  const authorization = `Bearer ${token}`;
  const query = new URLSearchParams({ filter: `userName eq ${JSON.stringify(userName)}` });
  const { Resources } = (await (await fetch(`${url}/Users?${query}`, { headers: { authorization } })).json()) as { Resources: { id: string }[] };
  const response = await fetch(`${url}/Users/${Resources[0]?.id}`, {
    method: 'PATCH',
    headers: { authorization, ...json },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: true }],
    }),
  });
  if (!response.ok) throw new Error(`the SCIM server answered HTTP ${response.status}`);
}
