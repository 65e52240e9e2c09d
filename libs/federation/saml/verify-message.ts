import type { Instant } from '@tenure/domain';
import { instantOf, shift } from './checks/window.ts';
import { checkSignaturePlaces, isSigned } from './check-signatures.ts';
import { ASSERTION, PROTOCOL } from './namespaces.ts';
import { attributeOf, elementsOf, parseXml, textOf, withDocument, type XmlElement, XmlRefused } from './parse-xml.ts';
import type { ReceivedMessage } from './received-message.ts';
import { verifyRedirect } from './redirect-binding.ts';
import { refuse } from './refusal.ts';
import { checkSchema } from './saml-schema.ts';
import type { SignerKeys } from './signing-certificate.ts';
import { verifySignature } from './verify-signature.ts';

/** Expectations of a request, or of an answer without assertions. */
export interface ExpectedMessage {
  readonly name: 'AuthnRequest' | 'LogoutRequest' | 'LogoutResponse';
  /** Sender, by its metadata. */
  readonly sender: SignerKeys & { readonly entityId: string };
  /** False: an unsigned message is taken too; a signature that is there must still be right. */
  readonly mustBeSigned: boolean;
  /** Address at which the message arrived, as metadata shows it. */
  readonly destination: string;
  /** Milliseconds by which clocks may differ. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** A verified message, read from signed content where it is signed. */
export interface VerifiedMessage {
  readonly message: XmlElement;
  readonly id: string;
  readonly issuedAt: Instant;
  /** Instant from which the message is refused as too old: callers store its id until then, so that it counts once. */
  readonly staleAt: Instant;
  readonly isSigned: boolean;
}

/** Milliseconds for which a message is taken after it was issued. */
const LIFETIME = 5 * 60_000;

/** Issuer of a message; not trusted: it selects the metadata by which the message is verified. `null`: none. */
export function claimedIssuer({ root }: Pick<ReceivedMessage, 'root'>): string | null {
  const issuers = elementsOf(root, ASSERTION, 'Issuer');
  const [issuer] = issuers;
  return issuer === undefined || issuers.length > 1 || !issuer.isPlain ? null : textOf(issuer).trim();
}

/**
 * Verifies signature, schema, issuer, destination and age of a message (SAML core 3.2, bindings 3.4.5.2 and 3.5.5.2). The caller, who has a place to
 * store ids, must check that this one was not received before.
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export function verifyMessage(received: ReceivedMessage, expected: ExpectedMessage): VerifiedMessage {
  const { name, sender, destination } = expected;
  if (received.root.namespace !== PROTOCOL || received.root.name !== name) throw refuse('malformed', `the message is no ${name}`);
  const hasSignature = received.querySignature !== null || isSigned(received.root);
  if (!hasSignature && expected.mustBeSigned) throw refuse('signature-missing', `the ${name} is not signed`);
  const message = readVerified(received, sender);
  if (attributeOf(message, 'Version') !== '2.0') throw refuse('malformed', `the ${name} is not of SAML 2.0`);
  if (claimedIssuer({ root: message }) !== sender.entityId) throw refuse('wrong-issuer', `the ${name} is of another issuer`);
  const named = attributeOf(message, 'Destination');
  // What is signed without a destination could be sent to any receiver; by SOAP the sender's connection has one.
  const mayLack = !hasSignature || received.binding === 'soap';
  if (named === null ? !mayLack : named !== destination) throw refuse('wrong-destination', `the ${name} was sent to another address`);
  const issuedAt = instantOf(message, 'IssueInstant');
  const id = attributeOf(message, 'ID');
  if (issuedAt === null || !id) throw refuse('malformed', `the ${name} lacks its ID or its IssueInstant`);
  const staleAt = shift(issuedAt, LIFETIME + expected.clockSkew);
  if (staleAt <= expected.now || issuedAt > shift(expected.now, expected.clockSkew)) throw refuse('message-expired', `the ${name} was issued at ${issuedAt}`);
  return { message, id, issuedAt, staleAt, isSigned: hasSignature };
}

function readVerified(received: ReceivedMessage, sender: SignerKeys): XmlElement {
  const { xml, root, querySignature, binding } = received;
  if (binding === 'redirect' && isSigned(root)) throw refuse('signature-invalid', 'a message by redirect is signed in its address, not in itself');
  checkSignaturePlaces(root, [root], sender);
  try {
    return withDocument(xml, (document) => {
      checkSchema(document);
      if (querySignature !== null) verifyRedirect({ signature: querySignature }, sender);
      if (!isSigned(root)) return root;
      const signed = parseXml(verifySignature({ document, element: document.root, data: root }, sender));
      if (signed.name !== root.name || signed.namespace !== root.namespace) throw refuse('signature-invalid', 'what was signed is not the message');
      return signed;
    });
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}
