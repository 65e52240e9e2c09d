import { XmlC14NMode, type XmlDocument, type XmlElement as LibraryElement } from 'libxml2-wasm';
import { refuse } from './refusal.ts';

/**
 * Canonical form of one element of a document by Exclusive XML Canonicalization 1.0, without comments.
 * @param inclusivePrefixes the PrefixList of its InclusiveNamespaces; `#default` is the default namespace
 * @returns its bytes in UTF-8
 * @throws LoginRefused `signature-invalid` when there is no such form, as with relative namespace names
 */
export function canonicalize(document: XmlDocument, element: LibraryElement, inclusivePrefixes: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  // Copied at once: the bytes are a view of memory that the library reuses.
  const sink = { write: (bytes: Uint8Array) => parts.push(Buffer.from(bytes)) && bytes.byteLength, close: () => true };
  try {
    document.canonicalize(sink, {
      mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
      withComments: false,
      inclusiveNamespacePrefixes: [...inclusivePrefixes],
      nodeSet: new Set([element]),
    });
  } catch {
    throw refuse('signature-invalid', 'what is signed has no canonical form');
  }
  return Buffer.concat(parts);
}
