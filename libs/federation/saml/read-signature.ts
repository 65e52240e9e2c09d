import { EXCLUSIVE, SIGNATURE } from './namespaces.ts';
import { attributeOf, elementsOf, textOf, type XmlElement } from './parse-xml.ts';
import { refuse } from './refusal.ts';
import { digestOf, isSignatureAlgorithm } from './signature-algorithms.ts';

/** Parameters of Exclusive XML Canonicalization 1.0 in a signature. */
export interface Canonicalization {
  readonly withComments: boolean;
  readonly inclusivePrefixes: readonly string[];
}

/** Content of a SignedInfo, as far as it is accepted (XML Signature 4.3, SAML core 5.4). */
export interface SignedInfo {
  readonly canonicalization: Canonicalization;
  readonly signatureMethod: string;
  /** ID of the signed element. */
  readonly id: string;
  readonly transform: Canonicalization;
  /** Node's name of the digest algorithm. */
  readonly digestMethod: string;
  readonly digest: Buffer;
}

const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const MOST_PREFIXES = 64;

/**
 * Reads a SignedInfo: one reference, to an ID of this document, with the enveloped-signature transform and exclusive
 * canonicalization, and only accepted algorithms. Anything else is refused, not ignored.
 * @throws LoginRefused
 */
export function readSignedInfo(signedInfo: XmlElement): SignedInfo {
  const [canonicalizationMethod, signatureMethod, reference] = exactly(signedInfo, ['CanonicalizationMethod', 'SignatureMethod', 'Reference']);
  const [transforms, digestMethod, digestValue] = exactly(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  const [enveloped, exclusive] = exactly(transforms, ['Transform', 'Transform']);
  const uri = attributeOf(reference, 'URI') ?? '';
  if (!/^#[^#'"\s]+$/.test(uri)) throw refuse('signature-invalid', 'a signature does not refer to an element of this message');
  if (algorithmOf(enveloped) !== ENVELOPED || enveloped.children.length > 0) throw refuse('signature-algorithm', 'a transform is not one that is accepted');
  return {
    canonicalization: readCanonicalization(canonicalizationMethod),
    signatureMethod: acceptedMethod(signatureMethod, (algorithm) => (isSignatureAlgorithm(algorithm) ? algorithm : null)),
    id: uri.slice(1),
    transform: readCanonicalization(exclusive),
    digestMethod: acceptedMethod(digestMethod, digestOf),
    digest: Buffer.from(textOf(digestValue), 'base64'),
  };
}

/** Value of a signature. The schema has already checked that its text is base64. */
export function readSignatureValue(signature: XmlElement): Buffer {
  const [value] = elementsOf(signature, SIGNATURE, 'SignatureValue');
  return Buffer.from(value === undefined ? '' : textOf(value), 'base64');
}

function readCanonicalization(element: XmlElement): Canonicalization {
  const algorithm = algorithmOf(element);
  if (algorithm !== EXCLUSIVE && algorithm !== `${EXCLUSIVE}WithComments`) throw refuse('signature-algorithm', 'only exclusive canonicalization is accepted');
  const [inclusive] = elementsOf(element);
  if (inclusive === undefined) return { withComments: algorithm !== EXCLUSIVE, inclusivePrefixes: [] };
  const known = inclusive.name === 'InclusiveNamespaces' && inclusive.namespace === EXCLUSIVE && element.children.length === 1;
  const inclusivePrefixes = (attributeOf(inclusive, 'PrefixList') ?? '').split(/[ \t\r\n]+/).filter((prefix) => prefix !== '');
  if (!known || inclusive.children.length > 0 || inclusivePrefixes.length > MOST_PREFIXES)
    throw refuse('signature-algorithm', 'a canonicalization has parameters that are not accepted');
  return { withComments: algorithm !== EXCLUSIVE, inclusivePrefixes };
}

function acceptedMethod(element: XmlElement, accept: (algorithm: string) => string | null): string {
  const accepted = accept(algorithmOf(element));
  if (accepted === null || element.children.length > 0) throw refuse('signature-algorithm', `a signature's ${element.name} is not one that is accepted`);
  return accepted;
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? '';
}

/** Children of an element, which must be exactly these, in XML Signature's namespace. */
function exactly<const Names extends readonly string[]>(parent: XmlElement, names: Names): { readonly [Index in keyof Names]: XmlElement } {
  const same =
    parent.children.length === names.length && parent.children.every(({ name, namespace }, index) => name === names[index] && namespace === SIGNATURE);
  if (!same) throw refuse(parent.name === 'Transforms' ? 'signature-algorithm' : 'signature-invalid', `a signature's ${parent.name} is not as it has to be`);
  return parent.children as { readonly [Index in keyof Names]: XmlElement };
}
