import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diag } from 'libxml2-wasm';
import { parseSamlMetadata } from './provider-metadata.ts';
import { NOW, samlMessage, verify } from './test-messages.ts';
import { parseXml, XmlRefused } from './parse-xml.ts';

describe('documents in WebAssembly memory', () => {
  beforeAll(() => diag.configure({ enabled: true }));
  afterAll(() => diag.configure({ enabled: false }));

  test('are gone when a message was accepted, refused, or could not be read', async () => {
    const good = samlMessage({ sign: ['assertion', 'response'] });
    const bad = [
      good.replace('Finance', 'Board'),
      good.replaceAll(/<ds:Signature .*?<\/ds:Signature>/gs, ''),
      good.replace('</samlp:Response>', ''),
      good.replace('</samlp:Status>', '</samlp:Status><x/>'),
      `<!DOCTYPE x>${good}`,
      '<x',
    ];
    expect((await verify(good)).assertionId).toBe('_assertion');
    for (const xml of bad) await expect(verify(xml)).rejects.toThrow();
    for (const xml of [good, '<x']) expect(() => parseSamlMetadata(xml, NOW)).toThrow();
    expect(diag.report()).toEqual({});
  });
});

describe('XML 1.0: what is read of a document', () => {
  test('text runs on over comments and CDATA sections, and it is said that they are there', () => {
    expect(parseXml('<a>x<!-- y --><![CDATA[<z>]]><b>&#65;</b></a>')).toMatchObject({
      text: 'x<z>A',
      isPlain: false,
      children: [{ text: 'A', isPlain: true }],
    });
  });

  test('attributes of other namespaces are not taken for those of none', () => {
    expect(parseXml('<a xmlns:x="urn:x" x:ID="1" Id="2"/>').attributes).toEqual(new Map([['Id', '2']]));
  });

  test.each([
    ['more than 20,000 elements', `<a>${'<b/>'.repeat(20_000)}</a>`, 'too-large'],
    ['elements nested beyond the parser’s limit', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, 'malformed'],
    ['a character that XML does not have', '<a>\u0001</a>', 'malformed'],
    ['a prefix that is not declared', '<x:a/>', 'malformed'],
    ['an attribute twice by its namespace', '<a xmlns:x="urn:x" xmlns:y="urn:x" x:b="1" y:b="2"/>', 'malformed'],
    ['text after the end', '<a/>x', 'malformed'],
    ['an entity that is not declared', '<a>&b;</a>', 'malformed'],
    ['a declaration by its end', '<a>]]></a>', 'malformed'],
  ])('refuses %s', (_title, xml, problem) => {
    expect(() => parseXml(xml)).toThrow(XmlRefused);
    expect(() => parseXml(xml)).toThrow(expect.objectContaining({ problem }));
  });
});
