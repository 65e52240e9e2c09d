import { parseXml, type XmlElement, XmlRefused } from './parse-xml.ts';
import { decodeResponse } from './read-response.ts';
import { refuse } from './refusal.ts';

/** A posted response, parsed once for all readers. None of it is trusted. */
export interface ParsedResponse {
  readonly xml: string;
  /** Root element of `xml`. */
  readonly root: XmlElement;
}

/**
 * Parses a posted SAML response.
 * @param samlResponse form field `SAMLResponse`, base64
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export function parseResponse(samlResponse: string): ParsedResponse {
  const xml = decodeResponse(samlResponse);
  try {
    return { xml, root: parseXml(xml) };
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}
