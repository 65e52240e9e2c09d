import { expect, test } from '@jest/globals';
import { asText, findPlanted, personal, secret } from './planted.ts';

test('a planted value is found as it is, in any case, and in base64 and hex wherever it lies', () => {
  const hidden = [
    personal,
    `x${secret.toUpperCase()}y`,
    ...['', 'a', 'ab', 'abc'].flatMap((before) => ['', 'z', 'zz'].map((after) => Buffer.from(`${before}${personal}${after}`).toString('base64'))),
    Buffer.from(`{"a":"${secret}"}`).toString('base64url'),
    Buffer.from(personal).toString('hex'),
    asText({ payload: { data: Buffer.from(JSON.stringify({ name: personal })) } }),
    asText(new Error('outside', { cause: new Error(personal) })),
    asText(new Map([['key', [{ [personal]: 1 }]]])),
  ];
  for (const text of hidden) expect([text, findPlanted(text).length > 0]).toEqual([text, true]);
  expect(findPlanted('nothing of the kind, marker and secret apart')).toEqual([]);
  expect(findPlanted('a ts_token here', ['ts_token'])).toHaveLength(1);
});
