import { describe, expect, test } from '@jest/globals';
import { LoginRefused } from '@tenure/domain';
import fc from 'fast-check';
import { samlMessage, verify } from './test-messages.ts';

describe('SAML core 5.4: no changed byte changes what is accepted', () => {
  test.each([[['assertion']], [['assertion', 'response']]] as const)('of a message with signed %s', async (sign) => {
    const message = Buffer.from(samlMessage({ sign }));
    const accepted = await verify(message.toString());
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: message.length - 1 }), fc.integer({ min: 1, max: 255 }), async (position, change) => {
        const changed = Buffer.from(message);
        changed[position] = (changed[position] ?? 0) ^ change;
        const verdict = await verify('', { samlResponse: changed.toString('base64') }).catch((error: unknown) => error);
        // Either refused with a known reason, or with equal values: some bytes mean nothing (a prefix, white space in a certificate).
        if (!(verdict instanceof LoginRefused)) expect(verdict).toEqual(accepted);
      }),
      { numRuns: 300 },
    );
  });
});
