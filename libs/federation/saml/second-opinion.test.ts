import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { LoginRefused } from '@tenure/domain';
import { createRandom, type Random } from './test-markup.ts';
import { SERVICE_PROVIDER, verify } from './test-messages.ts';
import { MUTATIONS, ODDITIES } from './test-mutations.ts';
import { type ProviderShape, type ShapedPerson, SHAPES, shapedMessage } from './test-provider-shapes.ts';
import { createSecondOpinion, type Opinion } from './test-second-opinion.ts';
import type { VerifiedAssertion } from './verify-response.ts';

// `npm run test:saml-mutations` generates more messages, and compares with node-saml also for those that Tenure refuses.
const seed = jest.getSeed();
const count = Number(process.env['SAML_MUTATIONS'] ?? 1500);
const asksAlways = process.env['SAML_MUTATIONS'] !== undefined;

const PEOPLE: readonly ShapedPerson[] = [
  { subject: 'ada@contoso.example', department: 'R&amp;D', groups: ['staff', 'finance'] },
  { subject: 'o&apos;neil &lt;x&gt;', department: 'Zo&#xEB; &quot;q&quot;', groups: [] },
  { subject: 'S\u00f8ren \u{1f600}', department: ' spaced\u00a0', groups: ['a', '', 'b'] },
];
const BASES = SHAPES.map((shape) => ({
  shape,
  messages: PEOPLE.map((person) => shapedMessage(shape, person)),
  opinion: createSecondOpinion(shape.signed ?? 'assertion'),
}));

interface Attempt {
  readonly message: Buffer;
  /** Messages that the provider signed: only their content may be read. */
  readonly signed: readonly string[];
  readonly steps: readonly string[];
}

/** Generates a message. One in five is odd before it is signed; nine in ten of the others are changed afterwards, up to three times. */
function attempt({ shape, messages }: (typeof BASES)[number], random: Random): Attempt {
  const steps: string[] = [shape.title];
  const isOdd = random.below(5) === 0;
  const original = isOdd ? oddMessage(shape, random, steps) : (random.pick(messages) ?? '');
  let xml = original;
  for (let left = random.below(isOdd ? 2 : 10) === 0 ? 0 : (random.pick([1, 1, 1, 2, 3]) ?? 1); left > 0; left--) {
    const mutation = random.pick(MUTATIONS);
    if (mutation === null) break;
    steps.push(mutation.name);
    xml = mutation.apply(xml, random, messages);
  }
  const bytes = Buffer.from(xml);
  if (random.below(12) === 0 && bytes.length > 0) {
    steps.push('byte changed');
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return { message: bytes, signed: [original, ...messages], steps };
}

function oddMessage(shape: ProviderShape, random: Random, steps: string[]): string {
  const person = random.pick(PEOPLE) ?? { subject: '', department: '', groups: [] };
  const oddity = random.pick(ODDITIES);
  steps.push(`odd: ${oddity?.name}`);
  try {
    return shapedMessage(shape, person, (xml) => oddity?.apply(xml, random, []) ?? xml);
  } catch {
    return shapedMessage(shape, person); // so odd that it cannot be signed
  }
}

async function readByUs(message: Buffer, shape: ProviderShape): Promise<VerifiedAssertion | string> {
  return verify('', { samlResponse: message.toString('base64'), serviceProvider: { ...SERVICE_PROVIDER, signed: shape.signed ?? 'assertion' } }).catch(
    (error: unknown) => {
      if (error instanceof LoginRefused) return error.reason;
      throw error;
    },
  );
}

/** True if node-saml reads the same as Tenure. It reads attributes by Name only, so Tenure may have more. */
function agree(ours: VerifiedAssertion, theirs: Opinion): boolean {
  const same = (name: string, values: readonly string[]): boolean => JSON.stringify(ours.claims[name] ?? []) === JSON.stringify(values);
  return (
    ours.subject === theirs.subject &&
    ours.issuer === theirs.issuer &&
    (ours.nameIdFormat ?? undefined) === theirs.nameIdFormat &&
    (ours.sessionIndex ?? undefined) === theirs.sessionIndex &&
    Object.entries(theirs.claims).every(([name, values]) => same(name, values))
  );
}

// node-saml's parser writes warnings about each message to the console.
beforeAll(() => {
  for (const method of ['warn', 'error'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});

describe(`two verifiers of ${count} messages (seed ${seed})`, () => {
  test('SAML core 5.4: ours never accepts what node-saml refuses, and reads what it reads and what was signed', async () => {
    const random = createRandom(seed);
    const complaints: string[] = [];
    const tally = new Map<string, number>();
    const add = (word: string): void => void tally.set(word, (tally.get(word) ?? 0) + 1);
    for (let number = 0; number < count; number++) {
      const base = random.pick(BASES) ?? BASES[0];
      if (base === undefined) break;
      const { message, signed, steps } = attempt(base, random);
      const ours = await readByUs(message, base.shape);
      const theirs = typeof ours === 'string' && !asksAlways ? null : await base.opinion(message);
      if (typeof ours === 'string') {
        add(theirs === null ? `refused: ${ours}` : `only node-saml accepts: ${ours}`);
        continue;
      }
      add(signed.includes(message.toString()) ? 'accepted as it was signed' : 'accepted though changed');
      const known = await Promise.all(signed.map((one) => readByUs(Buffer.from(one), base.shape)));
      const verdict = { agree: theirs !== null && agree(ours, theirs), wasSigned: known.some((one) => JSON.stringify(one) === JSON.stringify(ours)) };
      if (!verdict.agree || !verdict.wasSigned) complaints.push(complaint({ number, steps, verdict, ours, theirs, message: message.toString('base64') }));
    }
    console.info(
      `seed ${seed}, ${count} messages:\n${[...tally]
        .toSorted(([, a], [, b]) => b - a)
        .map(([word, times]) => `${String(times).padStart(7)} ${word}`)
        .join('\n')}`,
    );
    expect(complaints).toEqual([]);
    // A corpus with too few accepted messages would prove nothing.
    expect(tally.get('accepted though changed') ?? 0).toBeGreaterThan(count / 50);
  }, 7_200_000);
});

function complaint(about: object): string {
  return `seed ${seed}: ${JSON.stringify(about, null, 2)}`;
}
