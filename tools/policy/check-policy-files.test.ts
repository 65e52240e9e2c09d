import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkPolicyFiles } from './check-policy-files.ts';

test('what is valid and may let the wrong people in is a warning, and no failure', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tenure-check-'));
  try {
    mkdirSync(join(directory, 'policy'));
    writeFileSync(
      join(directory, 'tenure.yaml'),
      `url: http://localhost:4000
attributes: { jobRole: { type: string } }
sources: { hr: { authoritative: true } }
identityProviders: { partner: { protocol: oidc, issuer: https://l.example, clientId: x, attributes: { jobRole: claims.job } } }
`,
    );
    writeFileSync(
      join(directory, 'policy', 'access.yaml'),
      `entitlements: { tenure.admin: { target: tenure, value: admin } }
birthright: [{ name: admins, when: identity.jobRole == "Admin", entitlements: [tenure.admin] }]
`,
    );
    const said: string[] = [];
    expect(await checkPolicyFiles({ directory, environment: {}, digest: null, say: (line) => void said.push(line) })).toBe(0);
    expect(said.at(-1)).toBe(
      'Warning: birthright rule "admins" gives tenure.admin by jobRole, which partner may state without authority; exclude other sources: precedence.attributes.jobRole: { only: [hr] }.',
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});
