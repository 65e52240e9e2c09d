import { ParseOption, XmlCData, XmlComment, XmlDocument, XmlElement as LibraryElement, XmlParseError, XmlText } from 'libxml2-wasm';

/** Error in a text that should be XML. */
export class XmlRefused extends Error {
  readonly problem: 'document-type-declaration' | 'malformed' | 'too-large';
  constructor(problem: XmlRefused['problem'], message: string) {
    super(message);
    this.problem = problem;
  }
}

/** An element as plain data, valid also after its document is disposed. */
export interface XmlElement {
  /** Namespace name; empty: none. */
  readonly namespace: string;
  readonly name: string;
  /** Attributes without a namespace, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly parent: XmlElement | null;
  /** All text inside, in document order, with or without comments between its parts. */
  readonly text: string;
  /** True if there is no comment or CDATA section inside. */
  readonly isPlain: boolean;
}

/** Maximum number of elements: more than any message or metadata of one provider has. Each costs time before a signature is checked. */
const MOST_ELEMENTS = 20_000;

/**
 * Parses untrusted XML strictly: no document type declaration, no processing instruction, no encoding but UTF-8, and every warning
 * of the parser is an error. Nothing is loaded.
 * @param use gets the document and may change it; afterwards the document is disposed, with all its nodes
 * @throws XmlRefused
 */
export function withDocument<T>(xml: string, use: (document: XmlDocument) => T): T {
  refuseDeclarations(xml);
  const document = parseDocument(xml);
  try {
    if (document.dtd !== null) throw new XmlRefused('document-type-declaration', 'document type declarations are not accepted');
    if (document.warnings.length > 0) throw new XmlRefused('malformed', 'not well-formed: the parser has doubts');
    return use(document);
  } finally {
    // Documents are in WebAssembly memory, which the garbage collector does not free in time.
    document.dispose();
  }
}

/**
 * Parses untrusted XML, like `withDocument`.
 * @returns the root element, as plain data
 * @throws XmlRefused
 */
export function parseXml(xml: string): XmlElement {
  return withDocument(xml, ({ root }) => readElement(root));
}

/**
 * An element of a document with its content, as plain data.
 * @throws XmlRefused `too-large` for more than 20,000 elements
 */
export function readElement(element: LibraryElement): XmlElement {
  let left = MOST_ELEMENTS;
  const read = (from: LibraryElement, parent: XmlElement | null): XmlElement => {
    if (left-- === 0) throw new XmlRefused('too-large', `more than ${MOST_ELEMENTS} elements`);
    const children: XmlElement[] = [];
    const attributes = new Map<string, string>();
    for (const attribute of from.attrs) if (attribute.namespaceUri === '') attributes.set(attribute.name, attribute.value);
    const into = { namespace: from.namespaceUri, name: from.name, attributes, children, parent, text: '', isPlain: true };
    for (let node = from.firstChild; node !== null; node = node.next) {
      if (node instanceof LibraryElement) {
        const child = read(node, into);
        children.push(child);
        into.text += child.text;
        into.isPlain &&= child.isPlain;
        continue;
      }
      into.isPlain &&= node instanceof XmlText;
      if (node instanceof XmlText || node instanceof XmlCData) into.text += node.content;
      else if (!(node instanceof XmlComment)) throw new XmlRefused('malformed', 'something that is neither element, text nor comment');
    }
    return into;
  };
  return read(element, null);
}

function parseDocument(xml: string): XmlDocument {
  try {
    const { XML_PARSE_NONET, XML_PARSE_NO_XXE, XML_PARSE_NO_SYS_CATALOG } = ParseOption;
    // A buffer, since the library converts a string character by character.
    return XmlDocument.fromBuffer(Buffer.from(xml, 'utf8'), { encoding: 'utf-8', option: XML_PARSE_NONET | XML_PARSE_NO_XXE | XML_PARSE_NO_SYS_CATALOG });
  } catch (error) {
    // Messages of the library may quote the document, so only the line is kept.
    const line = error instanceof XmlParseError ? error.details[0]?.line : undefined;
    throw new XmlRefused('malformed', line === undefined ? 'not well-formed' : `not well-formed in line ${line}`);
  }
}

/** Refuses markup declarations and processing instructions in a SAML message; comments and CDATA sections are allowed. */
function refuseDeclarations(xml: string): void {
  if (/<!(?!--|\[CDATA\[)/.test(xml)) throw new XmlRefused('document-type-declaration', 'document type declarations are not accepted');
  const body = xml.startsWith('<?') ? xml.replace(XML_DECLARATION, '') : xml;
  if (body.includes('<?')) throw new XmlRefused('malformed', 'processing instructions, XML 1.1 and encodings other than UTF-8 are not accepted');
}
const XML_DECLARATION = /^<\?xml\s{1,9}version\s?=\s?["']1\.0["'](\s{1,9}encoding\s?=\s?["']utf-8["'])?(\s{1,9}standalone\s?=\s?["'](yes|no)["'])?\s{0,9}\?>/i;

/** Child elements, all of them or those of one name. */
export function elementsOf(parent: XmlElement, namespace?: string, name?: string): readonly XmlElement[] {
  return name === undefined ? parent.children : parent.children.filter((child) => child.name === name && child.namespace === namespace);
}

/** Descendants of one name, at any depth. */
export function descendantsOf(root: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return everythingIn(root).filter((element) => element !== root && element.name === name && element.namespace === namespace);
}

/** An element and every element below it. */
export function everythingIn(root: XmlElement): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const add = (element: XmlElement): void => {
    found.push(element);
    element.children.forEach(add);
  };
  add(root);
  return found;
}

/** All text of an element, with or without comments between its parts. */
export function textOf(element: XmlElement): string {
  return element.text;
}

/** Value of an attribute; null when absent. */
export function attributeOf(element: XmlElement, name: string): string | null {
  return element.attributes.get(name) ?? null;
}

/** Escapes text for XML content and for attributes in double quotes. Characters that XML 1.0 cannot express are left out. */
export function escapeXml(text: string): string {
  return text.replace(INEXPRESSIBLE, '').replace(/[&<>"\t\n\r\u0085\u2028]/g, (character) => ESCAPES[character] ?? '');
}
const INEXPRESSIBLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
  // Some parsers take them for line breaks, as XML 1.1 does.
  '\u0085': '&#133;',
  '\u2028': '&#8232;',
};
