import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { readDecryptionKey } from './decryption-key.ts';
import { encryptAssertion } from './test-encryption.ts';
import { SERVICE_PROVIDER, samlMessage, verify } from './test-messages.ts';
import { SHAPES, shapedMessage } from './test-provider-shapes.ts';
import { createSecondOpinion } from './test-second-opinion.ts';

const ADA = { subject: 'ada@contoso.example', department: 'R&amp;D &#x2014; Forschung', groups: ['staff', 'finance'] };

describe('SAML profiles 4.1.4.2: responses as providers write them', () => {
  test.each(SHAPES.map((shape) => [shape.title, shape] as const))('accepts that of %s, and reads what node-saml reads', async (_title, shape) => {
    const { signed = 'assertion' } = shape;
    const xml = shapedMessage(shape, ADA);
    const read = await verify(xml, { serviceProvider: { ...SERVICE_PROVIDER, signed } });
    expect(read.subject).toBe('ada@contoso.example');
    expect(Object.values(read.claims)).toContainEqual(['R&D \u2014 Forschung']);
    const other = await createSecondOpinion(signed)(Buffer.from(xml));
    expect(other?.subject).toBe(read.subject);
    expect(Object.keys(other?.claims ?? {}).length).toBeGreaterThan(1);
    expect(read.claims).toMatchObject(other?.claims ?? {});
  });

  test('opens what node-saml opens', async () => {
    const ours = createSigningKey('decryption');
    const pem = ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const xml = samlMessage({ after: (signed) => encryptAssertion(signed, ours) });
    const read = await verify(xml, { serviceProvider: { ...SERVICE_PROVIDER, decryption: readDecryptionKey(pem) } });
    const other = await createSecondOpinion('assertion', pem)(Buffer.from(xml));
    expect(other?.subject).toBe(read.subject);
    expect(read.claims).toMatchObject(other?.claims ?? {});
  });
});
