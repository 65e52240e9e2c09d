import { inflateRawSync } from 'node:zlib';
import { DOMParser } from '@xmldom/xmldom';

/** Authentication request of a service provider. */
export interface ReceivedAuthnRequest {
  readonly id: string;
  readonly issuer: string;
  readonly acsUrl: string;
}

/** Reads a request that came by HTTP-Redirect (SAML bindings 3.4.4.1). */
export function readAuthnRequest(samlRequest: string): ReceivedAuthnRequest {
  const xml = inflateRawSync(Buffer.from(samlRequest, 'base64'), { maxOutputLength: 100_000 }).toString('utf8');
  if (xml.includes('<!')) throw new Error('the request carries a declaration');
  const request = new DOMParser().parseFromString(xml, 'text/xml').documentElement;
  const issuer = request.getElementsByTagNameNS('urn:oasis:names:tc:SAML:2.0:assertion', 'Issuer')[0]?.textContent;
  const id = request.getAttribute('ID');
  const acsUrl = request.getAttribute('AssertionConsumerServiceURL');
  if (request.localName !== 'AuthnRequest' || !issuer || !id || !acsUrl) throw new Error('not a usable AuthnRequest');
  return { id, issuer, acsUrl };
}
