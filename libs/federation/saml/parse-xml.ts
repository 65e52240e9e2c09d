import { ParseOption, XmlCData, XmlComment, XmlDocument, XmlElement as LibraryElement, XmlParseError, XmlText } from 'libxml2-wasm';

/** What is wrong with a text that was to be XML. */
export class XmlRefused extends Error {
  readonly problem: 'document-type-declaration' | 'malformed' | 'too-large';
  constructor(problem: XmlRefused['problem'], message: string) {
    super(message);
    this.problem = problem;
  }
}

/** An element as plain data: it stays good after its document is disposed. */
export interface XmlElement {
  /** Empty: none. */
  readonly namespace: string;
  readonly name: string;
  /** Those without a namespace, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly parent: XmlElement | null;
  /** All text inside, in its order, whatever comments lie between its parts. */
  readonly text: string;
  /** Whether neither comment nor CDATA section lies anywhere inside. */
  readonly isPlain: boolean;
}

/** More elements than any message or metadata of one provider has; each costs time before a signature is looked at. */
const MOST_ELEMENTS = 20_000;

/**
 * Parses XML that comes from outside, strictly: no document type declaration, no processing instruction, no encoding but UTF-8,
 * and whatever the parser would only warn of is an error. Nothing is loaded from anywhere.
 * @param use gets the document and may change it; afterwards the document is gone, with every node of it
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
    // Documents lie in WebAssembly memory, which no garbage collector looks after in time.
    document.dispose();
  }
}

/**
 * Parses XML that comes from outside, as `withDocument` does.
 * @returns the root element, as plain data
 * @throws XmlRefused
 */
export function parseXml(xml: string): XmlElement {
  return withDocument(xml, ({ root }) => readElement(root));
}

/**
 * An element of a document as plain data, with all that is in it.
 * @throws XmlRefused `too-large` when that is more than 20,000 elements
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
    // The library makes bytes of a string by itself, letter by letter.
    return XmlDocument.fromBuffer(Buffer.from(xml, 'utf8'), { encoding: 'utf-8', option: XML_PARSE_NONET | XML_PARSE_NO_XXE | XML_PARSE_NO_SYS_CATALOG });
  } catch (error) {
    // The library's own words may quote the message, so only the place is kept.
    const line = error instanceof XmlParseError ? error.details[0]?.line : undefined;
    throw new XmlRefused('malformed', line === undefined ? 'not well-formed' : `not well-formed in line ${line}`);
  }
}

/** Markup declarations and processing instructions have no place in a SAML message; comments and CDATA sections may be there. */
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

/** Elements of one name anywhere below. */
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

/** The text of an element: all its text, whatever comments lie between its parts. */
export function textOf(element: XmlElement): string {
  return element.text;
}

/** An attribute's value, or null when it is not there. */
export function attributeOf(element: XmlElement, name: string): string | null {
  return element.attributes.get(name) ?? null;
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
