import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPreviews } from '@tenure/engine/previews';
import { createTestApi, type TestApi } from '../api.ts';

/** Previews of the policy that cost more than they seem to, by a caller who may only read. */
let api: TestApi;
let auditor: string;
/** Called when the next preview has its turn. */
let begins: () => void = () => undefined;

const skills = Array.from({ length: 2000 }, (_, index) => `skill ${index}`);
const loops = 'identity.skills.all(a, identity.skills.exists(b, a + "x" == b + "x"))';
const hostile = `
entitlements: { crm.user: { target: crm, value: users } }
birthright:
${Array.from({ length: 12 }, (_, index) => `  - { name: loop${index}, when: '${loops}', entitlements: [crm.user] }`).join('\n')}
`;
const query = 'query ($files: [PolicyFileInput!]!) { previewPolicy(files: $files) { changed } }';
const preview = (content: string, token = auditor) => api.graphql(query, { token, variables: { files: [{ name: 'access.yaml', content }] } });
const harmless = 'entitlements: { crm.user: { target: crm, value: users } }';

beforeAll(async () => {
  api = await createTestApi({
    previews: (parts) => {
      const previews = createPreviews(parts, { ofPolicies: { computing: 1500 } });
      const plan: typeof previews.plan = (...asked) => {
        const planned = previews.plan(...asked);
        begins();
        return planned;
      };
      return { ...previews, plan };
    },
  });
  await api.record({ externalId: 'p', facts: { displayName: 'P', employeeNumber: 'p', skills } });
  auditor = await api.serviceToken('auditor');
});
afterAll(async () => {
  await api.stop();
});

describe('a preview that computes for long', () => {
  test('holds nobody else up, is ended at its budget, and leaves the next one whole', async () => {
    let isOver = false;
    const asked = preview(hostile).finally(() => (isOver = true));
    const health = await api.app.inject({ method: 'GET', url: '/health/ready' });
    expect([health.statusCode, isOver]).toEqual([200, false]);
    const { errors } = await asked;
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/^the preview takes too long: 1\.5 s of computing/),
      extensions: { code: 'INPUT_INVALID' },
    });
    expect((await preview(harmless)).errors).toEqual([]);
  });

  test('is one at a time for each caller, and few for all', async () => {
    const hasBegun = new Promise<void>((resolve) => (begins = resolve));
    const first = preview(hostile);
    await hasBegun;
    expect((await preview(harmless)).errors[0]?.extensions.code).toBe('RATE_LIMITED');
    expect((await first).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const callers = await Promise.all(Array.from({ length: 6 }, () => api.serviceToken('auditor')));
    const many = await Promise.all(callers.map((token) => preview(hostile, token)));
    expect(many.filter(({ errors }) => errors[0]?.extensions.code === 'RATE_LIMITED').length).toBe(2);
  });

  test('says what is wrong with files as before', async () => {
    expect((await preview('birthright: [{ name: x, when: "true", entitlements: [crm.usr] }]')).errors[0]).toMatchObject({
      message: expect.stringContaining('policy/access.yaml:1:'),
      extensions: { code: 'INPUT_INVALID' },
    });
  });

  test('sees no secret of the process', async () => {
    const { data, errors } = await preview(`entitlements: { crm.user: { title: "\${env:CRM_TOKEN}", target: crm, value: users } }`);
    expect(data).toBeNull();
    expect(JSON.stringify(errors)).not.toContain('secret"');
  });
});
