import { describe, expect, test } from '@jest/globals';
import { XmlElement } from 'libxml2-wasm';
import { canonicalize } from './canonicalize.ts';
import { withDocument } from './parse-xml.ts';

/** Canonical form of the first child of the root. */
function canonical(xml: string, inclusivePrefixes: readonly string[] = []): string {
  return withDocument(xml, (document) => {
    const { firstChild } = document.root;
    if (!(firstChild instanceof XmlElement)) throw new Error('the root has no child');
    return canonicalize(document, firstChild, inclusivePrefixes).toString();
  });
}

describe('Exclusive XML Canonicalization 1.0', () => {
  test('3: namespaces are declared where they are used, attributes sorted, empty elements opened and closed, comments left out', () => {
    expect(canonical('<a xmlns="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><b:x z="1" a="2" c:d="3"><!-- x --><y/></b:x></a>')).toBe(
      '<b:x xmlns:b="urn:b" xmlns:c="urn:c" a="2" z="1" c:d="3"><y xmlns="urn:a"></y></b:x>',
    );
  });

  test('2.2: nothing else of what is around comes along', () => {
    expect(canonical('<a xmlns:b="urn:b" xml:lang="en"><x/></a>')).toBe('<x></x>');
  });

  test('3: prefixes in the list are declared as soon as they are in scope, #default is the default namespace', () => {
    const xml = '<a xmlns="urn:a" xmlns:b="urn:b" xmlns:q="urn:q"><q:x><y xmlns:b="urn:other"/><q:z xmlns="urn:z"/></q:x></a>';
    expect(canonical(xml)).toBe('<q:x xmlns:q="urn:q"><y xmlns="urn:a"></y><q:z></q:z></q:x>');
    expect(canonical(xml, ['b', 'unknown'])).toBe('<q:x xmlns:b="urn:b" xmlns:q="urn:q"><y xmlns="urn:a" xmlns:b="urn:other"></y><q:z></q:z></q:x>');
    expect(canonical(xml, ['#default'])).toBe('<q:x xmlns="urn:a" xmlns:q="urn:q"><y></y><q:z xmlns="urn:z"></q:z></q:x>');
  });

  test('Canonical XML 2.3: characters are written in one way', () => {
    expect(canonical('<a><x y="&lt;&#9;&#10;&#13;&quot;&apos;">&gt;&#13;<![CDATA[<&]]>&#xe9;</x></a>')).toBe(
      `<x y="&lt;&#x9;&#xA;&#xD;&quot;'">&gt;&#xD;&lt;&amp;\u00e9</x>`,
    );
  });

  test('Canonical XML 1.1: a relative namespace name has no canonical form', () => {
    expect(() => canonical('<a><x xmlns:b="relative"/></a>')).toThrow(expect.objectContaining({ reason: 'signature-invalid' }));
  });
});
