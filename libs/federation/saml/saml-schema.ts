import { readFileSync } from 'node:fs';
import { XmlBufferInputProvider, xmlCleanupInputProvider, XmlDocument, XmlLibError, xmlRegisterInputProvider, XsdValidator } from 'libxml2-wasm';
import { ENCRYPTION_11, PROTOCOL } from './namespaces.ts';
import { refuse } from './refusal.ts';

/** Names by which the schemas refer to each other, with their files; schemas/README.md has their sources. */
const FILES = {
  'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
  'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'xenc-schema.xsd': 'xenc-schema.xsd',
  'xenc11-schema.xsd': 'xenc11-schema.xsd',
  'saml-schema-assertion-2.0.xsd': 'saml-schema-assertion-2.0.xsd',
  'saml-schema-protocol-2.0.xsd': 'saml-schema-protocol-2.0.xsd',
} as const;
/** Root schema. SAML's own schemas lack XML Encryption 1.1, which defines the parameters of RSA-OAEP. */
const ROOT = `<schema xmlns="http://www.w3.org/2001/XMLSchema">
  <import namespace="${PROTOCOL}" schemaLocation="saml-schema-protocol-2.0.xsd"/>
  <import namespace="${ENCRYPTION_11}" schemaLocation="xenc11-schema.xsd"/>
</schema>`;

/**
 * Validates a document by the schemas of SAML 2.0, XML Signature and XML Encryption; its root may be any element of them.
 * @throws LoginRefused `schema-invalid`
 */
export function checkSchema(document: XmlDocument): void {
  try {
    SCHEMA.validate(document);
  } catch (error) {
    // Messages of the library may quote the document, so only the line is kept.
    const line = error instanceof XmlLibError ? error.details[0]?.line : undefined;
    throw refuse('schema-invalid', `the message is not as the SAML 2.0 schemas want it${line === undefined ? '' : `, in line ${line}`}`);
  }
}

/** Compiles the schemas once per process. Afterwards the library has no source to load from. */
function compile(): XsdValidator {
  const read = (name: string): Buffer => readFileSync(new URL(`./schemas/${name}`, import.meta.url));
  const known = Object.fromEntries(Object.entries(FILES).map(([url, file]) => [url, read(file)]));
  xmlRegisterInputProvider(new XmlBufferInputProvider(known));
  const schema = XmlDocument.fromString(ROOT);
  try {
    return XsdValidator.fromDoc(schema);
  } finally {
    schema.dispose();
    xmlCleanupInputProvider();
  }
}
const SCHEMA = compile();
