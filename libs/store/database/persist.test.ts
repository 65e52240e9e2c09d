import { expect, test } from '@jest/globals';
import { type CommitProof, persist } from './persist.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** Runs a transaction whose first commit is sent and never answered. @returns number of begun transactions, and the result */
async function lostOnce(proof: CommitProof): Promise<{ readonly begun: number; readonly answer: unknown }> {
  let begun = 0;
  const answer = await persist(
    {
      async run(sent) {
        begun += 1;
        sent('stored', proof);
        if (begun === 1) throw failure('ECONNRESET');
        return 'stored anew';
      },
    },
    10_000,
  ).catch((error: unknown) => error);
  return { begun, answer };
}

test.each(['57014', '40P01'])('a proof that is itself ended by the server (%s) is asked for again, and nothing is done twice', async (code) => {
  let asked = 0;
  const { begun, answer } = await lostOnce(async () => {
    asked += 1;
    if (asked === 1) throw failure(code);
    return true;
  });
  expect([begun, asked, answer]).toEqual([1, 2, 'stored']);
});

test.each(['53100', '42501'])('a proof that cannot be had (%s) leaves it unknown, and nothing is done twice', async (code) => {
  const { begun, answer } = await lostOnce(() => Promise.reject(failure(code)));
  expect(begun).toBe(1);
  expect(answer).toMatchObject({ code: 'DATABASE_UNAVAILABLE', details: { stored: 'unknown' } });
});

test('what was proved not to be stored is done once more', async () => {
  expect(await lostOnce(async () => false)).toEqual({ begun: 2, answer: 'stored anew' });
});
