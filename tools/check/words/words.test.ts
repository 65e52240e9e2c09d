import { schemaMembers } from '@tenure/api';
import { describe, expect, test } from '@jest/globals';
import { commentsIn, configurationTexts, keysOf } from './configuration-texts.ts';
import { docTextsIn, docTexts } from './doc-texts.ts';
import { findForbidden, wordsOfName } from './find-forbidden.ts';
import { FORBIDDEN_GERMAN_WORDS } from './forbidden-german-words.ts';
import { literalTexts, literalTextsIn } from './literal-texts.ts';
import { mailTexts, mailTextsIn } from './mail-texts.ts';
import { observedTexts, observedTextsIn } from './observed-texts.ts';
import { pageTexts, pageTextsIn } from './page-texts.ts';
import { schemaProblems } from './schema-problems.ts';

const found = (text: string): readonly string[] => findForbidden([{ place: 'here', text }]);

describe('a word of a private language', () => {
  test.each([
    'The wave waits.',
    'A life is woken.',
    'Grants that somebody holds.',
    'It was skipped.',
    'An operator gives up.',
    'It is judged again.',
    'People are told.',
    'in whose place it was given',
    'taken in an emergency',
    'one notice a day',
    'the standing of it',
    'what is wanted there',
    'the last readings',
    'Whoever is on it.',
    'once their time is over',
  ])('is found: %s', (text) => expect(found(text)).toHaveLength(1));

  test.each(['A role for its holders.', 'a sign of life', 'it tells apart two of them', 'lifetime', 'The lifecycle of an identity.'])(
    'is another: %s',
    (text) => expect(found(text)).toEqual([]),
  );

  test('is named with its place and the term to write', () =>
    expect(found('All of it is held back.')).toEqual([expect.stringMatching(/^here: "held" \(has a grant; suspends .*\): All of it is held back\.$/)]));

  test('is found in names', () => {
    expect(wordsOfName('heldBack')).toBe('held Back');
    expect(wordsOfName('GIVEN_UP')).toBe('GIVEN UP');
  });
});

test.each(['Die Welle wartet.', 'Wer bürgt?', 'Zugriff im Notfall', 'ohne Freigabe', 'wird gehalten', 'an deren Stelle', 'Melde dich an.'])(
  'is found in German: %s',
  (text) => expect(findForbidden([{ place: 'hier', text }], FORBIDDEN_GERMAN_WORDS)).not.toEqual([]),
);

describe('a schema', () => {
  const problems = (text: string): readonly string[] => schemaProblems(schemaMembers(text));
  const whole = `
    type Query {
      "Thing by id; null: there is none."
      thing("Id of the thing. Absent: the first one." id: ID, "Size of the page." first: Int! = 25): Thing
    }
    "Thing of a shop." type Thing { "State of the thing." state: State! }
    "State of a thing." enum State { "New." NEW }
    "Conditions on things." input ThingFilter { "State of the thing. Absent: any." state: State }
  `;

  test('that says everything has no problem', () => expect(problems(whole)).toEqual([]));

  test.each([
    ['a type', '"Thing of a shop." type', 'type', 'Thing has no description'],
    ['a field', '"State of the thing." state', 'state', 'Thing.state has no description'],
    ['a value', '"New." NEW', 'NEW', 'State.NEW has no description'],
    ['an argument', '"Size of the page." first', 'first', 'Query.thing(first) has no description'],
    ['a field that may be null', 'Thing by id; null: there is none.', 'Thing by id.', 'Query.thing: the description says when it is null ("null: …")'],
    ['an argument that may be absent', ' Absent: the first one.', '', 'Query.thing(id): the description says what its absence means ("Absent: …")'],
    ['an input field that may be absent', ' Absent: any.', '', 'ThingFilter.state: the description says what its absence means ("Absent: …")'],
    ['a description', 'State of the thing." state', 'What state it has." state', 'Thing.state: the description begins with a noun, or with a verb'],
  ])('fails for %s that does not say what it is', (_what, before, after, problem) => expect(problems(whole.replace(before, after))).toEqual([problem]));

  test('fails for a name in a private language', () =>
    expect(problems(whole.replace('" state: State!', '" isHeld: State!'))).toEqual([expect.stringMatching(/^Thing\.isHeld: "Held"/)]));
});

test('texts of the program are read with their branches, without names and statements', () => {
  const text = "throw new InputInvalid(`at: ${isOne ? 'one of it' : `two ${x}`} too many`, { at: 'held' }); run(`select * from hold where id = ${id}`);";
  expect(literalTextsIn('a.ts', text)).toEqual([
    { place: 'a.ts:1', text: 'at: … too many' },
    { place: 'a.ts:1', text: 'one of it' },
    { place: 'a.ts:1', text: 'two …' },
  ]);
  const files = new Set(literalTexts().map(({ place }) => place.split(':')[0]));
  for (const file of [
    'libs/domain/audit/sentences.ts',
    'libs/telemetry/metrics.ts',
    'tools/token.ts',
    'workflows/identity-lifecycle.ts',
    'apps/worker/sweep.ts',
  ])
    expect(files).toContain(file);
});

test('keys of the configuration are read at any depth, and comments of its files', () => {
  const schema = { properties: { hold: {}, end: { items: { properties: { lookAgain: {} } } } } };
  expect([...keysOf(schema, 'a')].map(({ text }) => text)).toEqual(['hold', 'end', 'look Again']);
  expect(commentsIn('a.yaml', 'url: x#y # where it is\n# all')).toEqual([
    { place: 'a.yaml:1', text: ' where it is' },
    { place: 'a.yaml:2', text: ' all' },
  ]);
  expect(configurationTexts().length).toBeGreaterThan(150);
});

test('alerts and the dashboard are read without labels', () => {
  expect(observedTextsIn('a.yml', 'rules: [{ expr: held > 1, summary: "{{ $labels.held }} of them" }]')).toEqual([
    { place: 'a.yml.rules.0.summary', text: '… of them' },
  ]);
  expect(observedTexts().length).toBeGreaterThan(80);
});

test('pages are read without tags and attributes', () => {
  expect(pageTextsIn('a.ts', 'const x = html`<p class="held">Hello, ${name}</p>`;')).toEqual([{ place: 'a.ts:1', text: ' Hello, … ' }]);
  expect(pageTexts().length).toBeGreaterThan(10);
});

test('mails are read without tags, placeholders and conditions', () => {
  expect(mailTextsIn('a.liquid', "{% if held %}<p class='hold'>Hello, {{ name }}</p>{% endif %}\n{% block x %}")).toEqual([
    { place: 'a.liquid:1', text: '  Hello, …  ' },
  ]);
  expect(mailTexts('en').length).toBeGreaterThan(50);
  expect(mailTexts('de').length).toBe(mailTexts('en').length);
});

test('documentation is read without code and addresses', () => {
  const text = 'See [cases](held.md), `hold`.\n```\nhold\n```\nEnd.';
  expect(docTextsIn('a.md', text)).toEqual([
    { place: 'a.md:1', text: 'See [cases], `…`.' },
    { place: 'a.md:5', text: 'End.' },
  ]);
  expect(docTexts().length).toBeGreaterThan(1000);
});
