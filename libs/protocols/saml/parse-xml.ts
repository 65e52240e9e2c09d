import { DOMParser } from '@xmldom/xmldom';

/** What is wrong with a text that was to be XML. */
export class XmlRefused extends Error {
  readonly problem: 'document-type-declaration' | 'malformed';
  constructor(problem: XmlRefused['problem'], message: string) {
    super(message);
    this.problem = problem;
  }
}

/**
 * Parses XML that comes from outside. Document type declarations are refused before the parser sees them, and
 * whatever the parser would only warn of is an error: a lenient reading is where two parsers begin to disagree.
 * @returns the root element
 * @throws XmlRefused
 */
export function parseXml(xml: string): Element {
  refuseDeclarations(xml);
  const fail = (message: string): never => {
    throw new XmlRefused('malformed', `not well-formed: ${message}`);
  };
  const document = new DOMParser({ locator: {}, errorHandler: { warning: fail, error: fail, fatalError: fail } }).parseFromString(xml, 'text/xml');
  const roots = document ? elementsOf(document) : [];
  const root = roots[0];
  if (root === undefined || roots.length > 1) throw new XmlRefused('malformed', 'not well-formed: needs exactly one root element');
  return root;
}

/** Markup declarations and processing instructions have no place in a SAML message; comments and CDATA sections may be there. */
function refuseDeclarations(xml: string): void {
  if (/<!(?!--|\[CDATA\[)/.test(xml)) throw new XmlRefused('document-type-declaration', 'document type declarations are not accepted');
  if (/<\?(?!xml[\s?])/.test(xml) || xml.lastIndexOf('<?xml') > 0) throw new XmlRefused('malformed', 'processing instructions are not accepted');
  // XML 1.0 section 2.2: these characters cannot be in a document; the parser lets them pass.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml)) throw new XmlRefused('malformed', 'characters that XML does not allow');
}

/** Child elements, all of them or those of one name. */
export function elementsOf(parent: Node, namespace?: string, name?: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (isElement(node) && (name === undefined || (node.localName === name && node.namespaceURI === namespace))) found.push(node);
  }
  return found;
}

/** Elements of one name anywhere below. */
export function descendantsOf(root: Element, namespace: string, name: string): readonly Element[] {
  return Array.from(root.getElementsByTagNameNS(namespace, name));
}

/** The text of an element: all its text, whatever comments lie between its parts. */
export function textOf(element: Element): string {
  return element.textContent ?? '';
}

/** An attribute's value, or null when it is not there. */
export function attributeOf(element: Element, name: string): string | null {
  return element.hasAttribute(name) ? element.getAttribute(name) : null;
}

/** Escapes text for XML content and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? '');
}
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function isElement(node: Node): node is Element {
  return node.nodeType === 1;
}
