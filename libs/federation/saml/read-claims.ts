import { ASSERTION } from './namespaces.ts';
import { attributeOf, elementsOf, textOf, type XmlElement } from './parse-xml.ts';

/**
 * Attributes of a signed assertion (SAML core 2.7.3), by Name and by FriendlyName. A FriendlyName never adds values to another
 * attribute with that Name. Empty values are left out, so an attribute without content gives an empty list, which means "none".
 */
export function readClaims(assertion: XmlElement): Readonly<Record<string, readonly string[]>> {
  const attributes = elementsOf(assertion, ASSERTION, 'AttributeStatement').flatMap((statement) => elementsOf(statement, ASSERTION, 'Attribute'));
  const named = collect(attributes, 'Name');
  const friendly = collect(attributes, 'FriendlyName');
  // Object.fromEntries defines own properties, so a claim called __proto__ is only a claim.
  return Object.fromEntries([...friendly, ...named]);
}

function collect(attributes: readonly XmlElement[], key: 'Name' | 'FriendlyName'): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, readonly string[]>();
  for (const attribute of attributes) {
    const name = attributeOf(attribute, key);
    if (name) claims.set(name, [...(claims.get(name) ?? []), ...valuesOf(attribute)]);
  }
  return claims;
}

function valuesOf(attribute: XmlElement): readonly string[] {
  return elementsOf(attribute, ASSERTION, 'AttributeValue')
    .map(textOf)
    .filter((text) => text.trim() !== '');
}
