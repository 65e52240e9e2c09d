import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { createOpenidTest, logInto, type OpenidTest } from './testing-openid.ts';

let openid: OpenidTest;
beforeAll(async () => {
  openid = await createOpenidTest();
});
afterAll(() => openid.stop());

describe('OP basic: code flow', () => {
  test('a person who is not logged in logs in and gets to the application, which learns what its entry names', async () => {
    const person = await openid.person('Finance');
    const { tokens, visited, configuration } = await logInto(openid, person, 'wiki');
    expect(visited.logins).toHaveLength(1);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ name: expect.stringContaining('Person'), email: person.email, department: 'Finance', groups: ['finance'], sid: expect.stringMatching(/^_/) });
    expect(claims?.sub).not.toBe(person.id);
    const info = await client.fetchUserInfo(configuration, tokens.access_token, claims?.sub ?? '');
    expect(info).toMatchObject({ sub: claims?.sub, groups: ['finance'], email: person.email });
  });
});
