import { fileURLToPath } from 'node:url';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { startNodeChild } from '@tenure/tools/tenure/node-child.ts';
import type { Sample } from '../row.ts';

/** A SCIM service in a process of its own. */
export interface ScimTarget {
  readonly url: string;
  stop(): Promise<void>;
}

/** Settings of a SCIM target, as lines of tenure.yaml. */
export const scimTarget = (name: string, url: string, ratePerSecond: number): string => `
  ${name}:
    title: ${name}
    kind: scim
    url: ${url}
    token: \${env:CRM_TOKEN}
    ratePerSecond: ${ratePerSecond}
    attributes: { displayName: identity.displayName, emails: identity.email }`;

export async function startScimTarget(users: number): Promise<ScimTarget> {
  const port = await choosePort({ purpose: 'a SCIM service' });
  const child = startNodeChild({
    entry: fileURLToPath(new URL('./scim-by-index.ts', import.meta.url)),
    environment: { ...process.env, SCIM_PORT: String(port), SCIM_USERS: String(users) },
    isReady: (line) => line.includes('"ready":true'),
  });
  await child.ready;
  return { url: `http://127.0.0.1:${port}/scim/v2`, stop: () => child.stop() };
}

/** Reads all users as a plain client does: page by page, parsed, and nothing is done with them. */
export async function readScimTarget({ url }: ScimTarget): Promise<Sample> {
  const times: number[] = [];
  const begun = performance.now();
  for (let start = 1, total = 1; start <= total; ) {
    const asked = performance.now();
    const response = await fetch(`${url}/Users?startIndex=${start}&count=500`);
    const page = (await response.json()) as { readonly totalResults: number; readonly Resources: readonly object[] };
    for (const _ of page.Resources) times.push((performance.now() - asked) / page.Resources.length);
    total = page.totalResults;
    start += page.Resources.length;
  }
  return { times, elapsed: performance.now() - begun };
}
