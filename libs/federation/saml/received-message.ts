import { XmlC14NMode, XmlElement as LibraryElement } from 'libxml2-wasm';
import { SOAP_ENVELOPE } from './namespaces.ts';
import { parseXml, withDocument, type XmlElement, XmlRefused } from './parse-xml.ts';
import { decodeResponse } from './read-response.ts';
import { type MessageField, type QuerySignature, readRedirect } from './redirect-binding.ts';
import { refuse } from './refusal.ts';

/** A request or an answer as it came; none of it is trusted before `verifyMessage`. */
export interface ReceivedMessage {
  readonly binding: 'redirect' | 'post' | 'soap';
  /** `null` by SOAP, which has no fields. */
  readonly field: MessageField | null;
  readonly xml: string;
  /** Root element of `xml`. */
  readonly root: XmlElement;
  readonly relayState: string | null;
  /** Signature of the query by redirect; `null`: none, or another binding. */
  readonly querySignature: QuerySignature | null;
}

/** Longest RelayState that is taken, in characters. The bindings allow 80; programs in use send addresses. */
const LONGEST_RELAY_STATE = 2000;

/** Reads a message by HTTP-Redirect. @param query everything after the question mark, as sent @throws LoginRefused */
export function receiveRedirect(query: string): ReceivedMessage {
  const { field, xml, relayState, signature } = readRedirect(query);
  return { binding: 'redirect', field, xml, root: rootOf(xml), relayState: bounded(relayState), querySignature: signature };
}

/** Reads a message by HTTP-POST. @param form fields of the body, each at most once @throws LoginRefused */
export function receivePost(form: Readonly<Record<string, string | undefined>>): ReceivedMessage {
  const { SAMLRequest: request, SAMLResponse: response, RelayState: relayState = null } = form;
  const [field, text] = request === undefined ? (['SAMLResponse', response] as const) : (['SAMLRequest', request] as const);
  if (text === undefined || (request !== undefined && response !== undefined)) throw refuse('malformed', 'the form carries no SAML message, or two');
  const xml = decodeResponse(text);
  return { binding: 'post', field, xml, root: rootOf(xml), relayState: bounded(relayState), querySignature: null };
}

/**
 * Reads a message by SOAP 1.1 (SAML bindings 3.2): the only child of the only Body.
 * @throws LoginRefused
 */
export function receiveSoap(body: string): ReceivedMessage {
  if (body.length > 65_536) throw refuse('too-large', 'the message is larger than 64 KiB');
  const xml = orRefused(() =>
    withDocument(body, (document) => {
      const [envelope, bodies] = [document.root, childrenOf(document.root).filter((child) => isSoap(child, 'Body'))];
      const [inside, ...others] = bodies.flatMap(childrenOf);
      if (!isSoap(envelope, 'Envelope') || bodies.length !== 1 || inside === undefined || others.length > 0)
        throw refuse('malformed', 'the body is no SOAP envelope with one message');
      // Inclusive, with comments: namespaces that are declared around the message, and every byte that a signature covers, stay with it.
      const parts: Buffer[] = [];
      const sink = { write: (bytes: Uint8Array) => parts.push(Buffer.from(bytes)) && bytes.byteLength, close: () => true };
      document.canonicalize(sink, { mode: XmlC14NMode.XML_C14N_1_0, withComments: true, nodeSet: new Set([inside]) });
      return Buffer.concat(parts).toString('utf8');
    }),
  );
  return { binding: 'soap', field: null, xml, root: rootOf(xml), relayState: null, querySignature: null };
}

/** A message in a SOAP 1.1 envelope. */
export function soapEnvelope(xml: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${SOAP_ENVELOPE}"><soap:Body>${xml}</soap:Body></soap:Envelope>`;
}

function isSoap({ name, namespaceUri }: LibraryElement, expected: string): boolean {
  return name === expected && namespaceUri === SOAP_ENVELOPE;
}

function childrenOf(parent: LibraryElement): readonly LibraryElement[] {
  const found: LibraryElement[] = [];
  for (let node = parent.firstChild; node !== null; node = node.next) if (node instanceof LibraryElement) found.push(node);
  return found;
}

function rootOf(xml: string): XmlElement {
  return orRefused(() => parseXml(xml));
}

function orRefused<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}

function bounded(relayState: string | null): string | null {
  if (relayState !== null && relayState.length > LONGEST_RELAY_STATE)
    throw refuse('too-large', `the RelayState is longer than ${LONGEST_RELAY_STATE} characters`);
  return relayState;
}
