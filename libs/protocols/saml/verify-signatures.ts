import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { ASSERTION } from './namespaces.ts';
import { parseXml } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import type { UnverifiedResponse } from './read-response.ts';
import { refuse } from './refusal.ts';
import type { SamlServiceProvider } from './service-provider.ts';

/**
 * Verifies the assertion's signature, and the response's when there is one.
 * This is the only file that knows which library does it.
 * @returns the assertion as it was signed, parsed from the bytes that the digest was taken of
 * @throws LoginRefused `signature-invalid`
 */
export async function verifySignatures(message: UnverifiedResponse, provider: SamlProviderMetadata, serviceProvider: SamlServiceProvider): Promise<Element> {
  const signed = await signedAssertion(message, provider, serviceProvider);
  const assertion = parseXml(signed);
  const same =
    assertion.localName === 'Assertion' && assertion.namespaceURI === ASSERTION && assertion.getAttribute('ID') === message.assertion.getAttribute('ID');
  if (!same) throw refuse('signature-invalid', 'what was signed is not the assertion');
  return assertion;
}

async function signedAssertion(
  { xml, responseSigned }: UnverifiedResponse,
  provider: SamlProviderMetadata,
  serviceProvider: SamlServiceProvider,
): Promise<string> {
  try {
    const verifier = new SignatureVerifier({
      callbackUrl: serviceProvider.acsUrl,
      issuer: serviceProvider.entityId,
      idpCert: [...provider.signingCertificates],
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: responseSigned,
      validateInResponseTo: ValidateInResponseTo.never,
    });
    const { profile } = await verifier.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml, 'utf8').toString('base64') });
    const signed = profile?.getAssertionXml?.();
    if (signed === undefined) throw new Error('no assertion came back');
    return signed;
  } catch (cause) {
    throw refuse('signature-invalid', 'the signature does not verify', { cause });
  }
}

/** Only signatures are asked of the library: what the assertion says is read and judged by our own code, with the caller's clock. */
class SignatureVerifier extends SAML {
  protected override async processValidlySignedAssertionAsync(xml: string): Promise<{ profile: Profile; loggedOut: boolean }> {
    return { profile: { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }, loggedOut: false };
  }
}
