import { ASSERTION, EXCLUSIVE, SIGNATURE } from './namespaces.ts';
import { type Markup, type Random, readMarkup } from './test-markup.ts';

/** Test helper: a change of a message by an attacker, a proxy or an odd signer. `apply` returns changed XML, or the same where it does not fit. */
export interface Mutation {
  readonly name: string;
  readonly apply: (xml: string, random: Random, others: readonly string[]) => string;
}

const EVIL = 'eve@evil.example';
const SIGNATURE_ELEMENT = /<(\w+:)?Signature[\s>].*?<\/(\w+:)?Signature>/s;
const ASSERTION_ELEMENT = /<(\w+:)?Assertion[\s>].*<\/(\w+:)?Assertion>/s;

function insertAt(xml: string, at: number, text: string): string {
  return xml.slice(0, at) + text + xml.slice(at);
}
function replaceSpan(xml: string, { start, end }: Markup, text: string): string {
  return xml.slice(0, start) + text + xml.slice(end);
}
function anyText(xml: string, random: Random): Markup | null {
  return random.pick(readMarkup(xml).filter(({ kind }) => kind === 'text'));
}
function anyElement(xml: string, random: Random): Markup | null {
  return random.pick(readMarkup(xml).filter(({ kind }) => kind === 'element'));
}
function anyAttribute(xml: string, random: Random): Markup | null {
  return random.pick(readMarkup(xml).filter(({ kind }) => kind === 'attribute'));
}
/** Inserts something into a text, between its two halves. */
function insideText(xml: string, random: Random, what: (half: string) => string): string {
  const text = anyText(xml, random);
  if (text === null) return xml;
  const at = text.start + random.below(text.end - text.start + 1);
  return insertAt(xml, at, what(xml.slice(text.start, at)));
}
function inAnyElement(xml: string, random: Random, change: (element: string) => string): string {
  const element = anyElement(xml, random);
  return element === null ? xml : replaceSpan(xml, element, change(xml.slice(element.start, element.end)));
}
function inStartTag(xml: string, random: Random, text: string): string {
  return inAnyElement(xml, random, (element) => element.replace(/^<[\w:]+/, (tag) => `${tag} ${text}`));
}

/** Forged assertion: with another name and without a signature. */
function forged(xml: string, id: string): string {
  const assertion = ASSERTION_ELEMENT.exec(xml)?.[0] ?? '';
  return assertion
    .replace(SIGNATURE_ELEMENT, '')
    .replace(/(<(?:\w+:)?NameID[^>]*>)[^<]*/, `$1${EVIL}`)
    .replace(/ ID="[^"]*"/, ` ID="${id}"`);
}
/** Mutation by signature wrapping: `build` combines the signed assertion, its signature and a forgery. */
function wrap(build: (good: string, signature: string, evil: string) => string): Mutation['apply'] {
  return (xml, random) => {
    const good = ASSERTION_ELEMENT.exec(xml)?.[0] ?? '';
    const id = / ID="([^"]*)"/.exec(good)?.[1] ?? '';
    return xml.replace(ASSERTION_ELEMENT, () => build(good, SIGNATURE_ELEMENT.exec(good)?.[0] ?? '', forged(xml, random.below(2) === 0 ? '_evil' : id)));
  };
}
const withSignature = (evil: string, signature: string): string => evil.replace(/<\/(\w+:)?Issuer>/, (issuer) => issuer + signature);
const withObject = (signature: string, inside: string): string =>
  signature.replace(/<\/(\w+:)?Signature>$/, (end, prefix = '') => `<${prefix}Object>${inside}</${prefix}Object>${end}`);

/** Signature wrappings of Somorovsky et al., On Breaking SAML (2012), and similar ones. */
const WRAPPINGS: readonly Mutation[] = [
  { name: 'forged before signed', apply: wrap((good, _signature, evil) => evil + good) },
  { name: 'forged after signed', apply: wrap((good, _signature, evil) => good + evil) },
  { name: 'signed inside forged', apply: wrap((good, _signature, evil) => evil.replace(/<\/(\w+:)?Assertion>$/, (end) => good + end)) },
  {
    name: 'signed inside forged, with its signature',
    apply: wrap((good, signature, evil) =>
      withSignature(
        evil.replace(/<\/(\w+:)?Assertion>$/, (end) => good.replace(signature, '') + end),
        signature,
      ),
    ),
  },
  {
    name: 'signed in an object of the signature',
    apply: wrap((good, signature, evil) => withSignature(evil, withObject(signature, good.replace(signature, '')))),
  },
  {
    name: 'signed in extensions',
    apply: wrap((good, _signature, evil) => `<x:Extensions xmlns:x="urn:oasis:names:tc:SAML:2.0:protocol">${good}</x:Extensions>${evil}`),
  },
  {
    name: 'signed in advice',
    apply: wrap((good, signature, evil) =>
      withSignature(
        evil.replace(/<(\w+:)?Conditions/, (start) => `<x:Advice xmlns:x="${ASSERTION}">${good.replace(signature, '')}</x:Advice>${start}`),
        signature,
      ),
    ),
  },
  { name: 'forged takes the signature', apply: wrap((_good, signature, evil) => withSignature(evil, signature)) },
  {
    name: 'response around the response',
    apply: (xml) =>
      xml.replace(
        /^(<\?xml[^>]*>\s*)?(<(?:\w+:)?Response[^>]*>)(.*)$/s,
        (_all, declaration = '', start: string, rest: string) =>
          `${declaration}${start.replace(/ ID="[^"]*"/, ' ID="_outer"')}${forged(xml, '_evil')}${start}${rest}</${/<([\w:]+)/.exec(start)?.[1]}>`,
      ),
  },
];

const ALGORITHM_URIS: readonly string[] = [
  EXCLUSIVE,
  `${EXCLUSIVE}WithComments`,
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  'http://www.w3.org/2006/12/xml-c14n11',
  `${SIGNATURE}enveloped-signature`,
  `${SIGNATURE}base64`,
  `${SIGNATURE}sha1`,
  `${SIGNATURE}rsa-sha1`,
  `${SIGNATURE}hmac-sha1`,
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
  'http://www.w3.org/TR/1999/REC-xpath-19991116',
  'http://www.w3.org/TR/1999/REC-xslt-19991116',
  '',
];

/** Mutations of signatures: their references, methods and keys. */
const SIGNATURES: readonly Mutation[] = [
  {
    name: 'another algorithm',
    apply: (xml, random) => {
      const algorithms = readMarkup(xml).filter(({ kind, name }) => kind === 'attribute' && name === 'Algorithm');
      const one = random.pick(algorithms);
      return one === null ? xml : replaceSpan(xml, one, ` Algorithm="${random.pick(ALGORITHM_URIS)}"`);
    },
  },
  {
    name: 'another reference',
    apply: (xml, random) =>
      xml.replace(
        / URI="[^"]*"/,
        () => ` URI="${random.pick(['', '#', '#_evil', '#xpointer(/)', "#xpointer(id('_assertion'))", '_assertion', 'http://127.0.0.1/', '#_response'])}"`,
      ),
  },
  {
    name: 'two references',
    apply: (xml, random) =>
      xml.replace(/<(\w+:)?Reference .*?<\/(\w+:)?Reference>/s, (reference) =>
        random.below(2) === 0 ? reference + reference : reference + reference.replace(/ URI="[^"]*"/, ' URI="#_evil"'),
      ),
  },
  { name: 'three transforms', apply: (xml) => xml.replace(/<(\w+:)?Transform [^>]*enveloped-signature"[^>]*\/>/, (transform) => transform + transform) },
  { name: 'no transforms', apply: (xml) => xml.replace(/<(\w+:)?Transforms>.*?<\/(\w+:)?Transforms>/s, '') },
  {
    name: 'inclusive prefixes',
    apply: (xml, random) =>
      xml.replace(/(<(?:\w+:)?Transform [^>]*xml-exc-c14n#")\s*(?:\/>|>(.*?)<\/(?:\w+:)?Transform>)/s, (all, start: string) => {
        const prefix = /^<(\w+:)?/.exec(start)?.[1] ?? '';
        const list = random.pick(['#default', 'xs', 'xs saml', 'saml2 xsi', 'x y z', '']) ?? '';
        return random.below(4) === 0 ? all : `${start}><ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${list}"/></${prefix}Transform>`;
      }),
  },
  { name: 'no signature', apply: (xml) => xml.replace(SIGNATURE_ELEMENT, '') },
  {
    name: 'no last signature',
    apply: (xml) => {
      const all = [...xml.matchAll(new RegExp(SIGNATURE_ELEMENT, 'gs'))].at(-1);
      return all === undefined ? xml : xml.slice(0, all.index) + xml.slice(all.index + all[0].length);
    },
  },
  { name: 'signature twice', apply: (xml) => xml.replace(SIGNATURE_ELEMENT, (signature) => signature + signature) },
  {
    name: 'signatures change places',
    apply: (xml) => {
      const all = [...xml.matchAll(new RegExp(SIGNATURE_ELEMENT, 'gs'))].map(([text]) => text);
      let index = 0;
      return xml.replace(new RegExp(SIGNATURE_ELEMENT, 'gs'), () => all[all.length - 1 - index++] ?? '');
    },
  },
  { name: 'no key info', apply: (xml) => xml.replace(/<(\w+:)?KeyInfo>.*?<\/(\w+:)?KeyInfo>/s, '') },
  {
    name: 'empty digest and value',
    apply: (xml, random) => xml.replace(random.below(2) === 0 ? /(<(?:\w+:)?DigestValue>)[^<]*/ : /(<(?:\w+:)?SignatureValue>)[^<]*/, '$1'),
  },
  {
    name: 'comment in a digest',
    apply: (xml, random) =>
      xml.replace(/(<(?:\w+:)?(?:DigestValue|SignatureValue)>)([^<]*)/, (_all, start: string, value: string) => {
        const at = random.below(value.length + 1);
        return `${start}${value.slice(0, at)}<!--x-->${random.below(2) === 0 ? value.slice(at) : ''}`;
      }),
  },
  {
    name: 'white space in base64',
    apply: (xml) =>
      xml.replace(/(<(?:\w+:)?(?:SignatureValue|X509Certificate)>)([^<]*)/g, (_all, start: string, value: string) => start + value.replace(/.{64}/g, '$&\n')),
  },
  { name: 'an object in the signature', apply: (xml) => xml.replace(SIGNATURE_ELEMENT, (signature) => withObject(signature, forged(xml, '_evil'))) },
  {
    name: 'ID elsewhere',
    apply: (xml, random) => inStartTag(xml, random, `${random.pick(['ID', 'Id', 'id', 'xml:id'])}="${/Assertion[^>]* ID="([^"]*)"/.exec(xml)?.[1]}"`),
  },
  {
    name: 'signature of another message',
    apply: (xml, random, others) => {
      const other = SIGNATURE_ELEMENT.exec(random.pick(others) ?? '')?.[0];
      return other === undefined ? xml : xml.replace(SIGNATURE_ELEMENT, () => other);
    },
  },
  {
    name: 'assertion of another message',
    apply: (xml, random, others) => {
      const other = ASSERTION_ELEMENT.exec(random.pick(others) ?? '')?.[0];
      return other === undefined ? xml : xml.replace(ASSERTION_ELEMENT, () => other);
    },
  },
  {
    name: 'assertion of another message beside',
    apply: (xml, random, others) => {
      const other = ASSERTION_ELEMENT.exec(random.pick(others) ?? '')?.[0] ?? '';
      return xml.replace(ASSERTION_ELEMENT, (own) => (random.below(2) === 0 ? own + other : other + own));
    },
  },
];

/** Mutations of the content of a message and of its notation. */
const WRITINGS: readonly Mutation[] = [
  { name: 'comment in text', apply: (xml, random) => insideText(xml, random, () => random.pick(['<!---->', '<!-- x -->', '<!--</NameID>-->']) ?? '') },
  {
    name: 'comment in the name',
    apply: (xml, random) =>
      xml.replace(/(<(?:\w+:)?NameID[^>]*>)([^<]*)/, (_all, start: string, name: string) => {
        const at = random.below(name.length + 1);
        return `${start}${name.slice(0, at)}<!--x-->${name.slice(at)}`;
      }),
  },
  { name: 'CDATA in text', apply: (xml, random) => insideText(xml, random, () => random.pick(['<![CDATA[]]>', '<![CDATA[eve]]>', '<![CDATA[<x/>]]>']) ?? '') },
  {
    name: 'text as CDATA',
    apply: (xml, random) => {
      const text = anyText(xml, random);
      return text === null || /[&\]]/.test(xml.slice(text.start, text.end)) ? xml : replaceSpan(xml, text, `<![CDATA[${xml.slice(text.start, text.end)}]]>`);
    },
  },
  { name: 'processing instruction', apply: (xml, random) => insideText(xml, random, () => '<?x y?>') },
  { name: 'element in text', apply: (xml, random) => insideText(xml, random, () => random.pick(['<x/>', '<x xmlns="urn:x">eve</x>', '<!-- --><x/>']) ?? '') },
  {
    name: 'character as reference',
    apply: (xml, random) => {
      const text = anyText(xml, random);
      if (text === null) return xml;
      const at = text.start + random.below(text.end - text.start);
      const character = xml[at] ?? 'x';
      return /[&;#<>\w]/.test(character) && xml.slice(text.start, text.end).includes('&')
        ? xml
        : xml.slice(0, at) + (random.below(2) === 0 ? `&#${character.charCodeAt(0)};` : `&#x${character.charCodeAt(0).toString(16)};`) + xml.slice(at + 1);
    },
  },
  {
    name: 'entity in text',
    apply: (xml, random) => insideText(xml, random, () => random.pick(['&amp;', '&lt;', '&gt;', '&quot;', '&#13;', '&#0;', '&e;', '&#x1F600;']) ?? ''),
  },
  {
    name: 'odd characters',
    apply: (xml, random) =>
      insideText(
        xml,
        random,
        () => random.pick([' ', '\t', '\n', '\r', '\r\n', '\u00a0', '\u200b', '\u0000', '\u202e', '\ufeff', '\ud83d\ude00', 'e\u0301']) ?? '',
      ),
  },
  {
    name: 'other text',
    apply: (xml, random) => {
      const text = anyText(xml, random);
      return text === null ? xml : replaceSpan(xml, text, random.pick([EVIL, '', ' ', 'x', '0', 'true']) ?? '');
    },
  },
  {
    name: 'document type',
    apply: (xml, random) =>
      (random.pick(['<!DOCTYPE x>', '<!DOCTYPE x [<!ENTITY e "eve">]>', '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">', '<!doctype x>']) ?? '') +
      xml.replace(/^<\?xml[^>]*>\s*/, ''),
  },
  {
    name: 'declaration',
    apply: (xml, random) =>
      (random.pick([
        '\ufeff',
        ' ',
        '<?xml version="1.0"?>',
        '<?xml version="1.1"?>',
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
        '<!-- x -->',
        '\n',
      ]) ?? '') + xml.replace(/^<\?xml[^>]*>\s*/, ''),
  },
  { name: 'after the end', apply: (xml, random) => xml + (random.pick(['\n', '<!-- x -->', '<x/>', 'x', '<?x?>', '\u0000']) ?? '') },
  { name: 'line ends', apply: (xml) => xml.replaceAll('\n', '\r\n').replaceAll('><', '>\r\n<') },
  { name: 'indented', apply: (xml) => xml.replaceAll('><', '>\n  <') },
  {
    name: 'attribute gone',
    apply: (xml, random) => {
      const one = anyAttribute(xml, random);
      return one === null ? xml : replaceSpan(xml, one, '');
    },
  },
  {
    name: 'attribute twice',
    apply: (xml, random) => {
      const one = anyAttribute(xml, random);
      return one === null ? xml : insertAt(xml, one.end, xml.slice(one.start, one.end));
    },
  },
  {
    name: 'attribute in single quotes',
    apply: (xml, random) => {
      const one = anyAttribute(xml, random);
      return one === null ? xml : replaceSpan(xml, one, xml.slice(one.start, one.end).replaceAll("'", '&apos;').replaceAll('"', "'"));
    },
  },
  {
    name: 'attribute with white space',
    apply: (xml, random) => {
      const one = anyAttribute(xml, random);
      return one === null ? xml : replaceSpan(xml, one, xml.slice(one.start, one.end).replace('="', random.pick([' = "', '=" ', '="\n', '\n="']) ?? '="'));
    },
  },
  {
    name: 'other attribute value',
    apply: (xml, random) => {
      const [one, two] = [anyAttribute(xml, random), anyAttribute(xml, random)];
      return one === null || two === null ? xml : replaceSpan(xml, one, ` ${one.name}=${xml.slice(two.start, two.end).replace(/^[^=]*=/, '')}`);
    },
  },
  {
    name: 'new attribute',
    apply: (xml, random) =>
      inStartTag(
        xml,
        random,
        random.pick([
          'x="y"',
          'xml:space="preserve"',
          'xml:base="urn:x"',
          'xml:lang="en"',
          'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1/x.xsd"',
          'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"',
          'Format="x"',
        ]) ?? '',
      ),
  },
  {
    name: 'namespace declared',
    apply: (xml, random) =>
      inStartTag(
        xml,
        random,
        random.pick([
          'xmlns:x="urn:x"',
          'xmlns="urn:x"',
          'xmlns=""',
          `xmlns:saml="urn:x"`,
          `xmlns:q="${ASSERTION}"`,
          'xmlns:ds="urn:x"',
          `xmlns:xs="urn:x"`,
          'xmlns:a="relative"',
        ]) ?? '',
      ),
  },
  {
    name: 'prefix renamed',
    apply: (xml, random) => {
      const prefix = random.pick([...new Set(Array.from(xml.matchAll(/<(\w+):/g), ([, name]) => name ?? ''))]);
      return prefix === null ? xml : xml.replaceAll(`<${prefix}:`, '<q:').replaceAll(`</${prefix}:`, '</q:').replaceAll(`xmlns:${prefix}=`, 'xmlns:q=');
    },
  },
  { name: 'element gone', apply: (xml, random) => inAnyElement(xml, random, () => '') },
  { name: 'element twice', apply: (xml, random) => inAnyElement(xml, random, (element) => element + element) },
  {
    name: 'element moved',
    apply: (xml, random) => {
      const element = anyElement(xml, random);
      if (element === null) return xml;
      const text = xml.slice(element.start, element.end);
      const rest = replaceSpan(xml, element, '');
      const to = anyElement(rest, random);
      return to === null ? rest : insertAt(rest, random.below(2) === 0 ? to.start : to.end, text);
    },
  },
  {
    name: 'element wrapped',
    apply: (xml, random) =>
      inAnyElement(xml, random, (element) => (random.below(2) === 0 ? `<x xmlns="">${element}</x>` : `<o:Object xmlns:o="${SIGNATURE}">${element}</o:Object>`)),
  },
  {
    name: 'element of another message',
    apply: (xml, random, others) => {
      const other = random.pick(others) ?? '';
      const there = anyElement(other, random);
      return there === null ? xml : inAnyElement(xml, random, () => other.slice(there.start, there.end));
    },
  },
  { name: 'capital letters', apply: (xml, random) => inAnyElement(xml, random, (element) => element.replace(/^<(?:\w+:)?\w+/, (tag) => tag.toUpperCase())) },
  { name: 'cut off', apply: (xml, random) => xml.slice(0, random.below(xml.length)) },
  {
    name: 'characters changed',
    apply: (xml, random) => {
      const at = random.below(xml.length);
      return xml.slice(0, at) + String.fromCharCode(32 + random.below(95)) + xml.slice(at + 1);
    },
  },
  {
    name: 'characters gone',
    apply: (xml, random) => {
      const at = random.below(xml.length);
      return xml.slice(0, at) + xml.slice(at + 1 + random.below(3));
    },
  },
];

/** All mutations, for messages that are signed. */
export const MUTATIONS: readonly Mutation[] = [...WRAPPINGS, ...SIGNATURES, ...WRITINGS];

/** Mutations before a message is signed, as by an odd signer. */
export const ODDITIES: readonly Mutation[] = WRITINGS;
