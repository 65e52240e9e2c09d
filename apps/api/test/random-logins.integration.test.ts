import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MayLink } from '@tenure/config';
import { LoginRefused } from '@tenure/domain';
import fc from 'fast-check';
import { createAuthenticate } from '@tenure/engine/callers';
import { completeLogin } from '@tenure/engine/login';
import { createTestApi, later, type TestApi } from './api.ts';

/**
 * Random claims of random subjects at providers of every kind, among people whom HR hires, moves and promotes before and after. Honest and dishonest
 * claims look alike here; the result is compared with the true person behind the subject.
 */
const runs = Number(process.env['LOGINS_RUNS'] ?? 30);

const all: readonly MayLink[] = ['privileged', 'bound'];
const subsets: readonly (readonly MayLink[])[] = [[], ['privileged'], ['bound'], all];
const correlations = ['{ attribute: personId, forLife: true }, { attribute: number }, { email: true }', '{ attribute: number }, { attribute: upn }'] as const;
const providers = subsets.flatMap((mayLink, one) =>
  (['anyone', 'authoritative'] as const).map((linkTo, two) => ({ name: `p${one}${two}`, mayLink, linkTo, correlate: correlations[(one + two) % 2] })),
);
const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes: { number: { type: string }, personId: { type: string }, email: { type: string }, upn: { type: string }, department: { type: string } }
precedence: { default: [hr] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, trustedEmailDomains: [corp.example], correlate: [${correlations[0]}] }
identityProviders:
${providers
  .map(
    ({ name, mayLink, linkTo, correlate }) => `
  ${name}:
    protocol: oidc
    issuer: https://${name}.example
    clientId: tenure
    mayCreate: true
    userType: contractor
    trustedEmailDomains: [corp.example]
    emailVerified: claims.verified == true
    attributes: { number: claims.number, personId: claims.personId, email: claims.email, upn: claims.upn, department: claims.department }
    correlate: [${correlate}]
    mayLink: [${mayLink.join(', ')}]
    linkTo: ${linkTo}`,
  )
  .join('')}
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.number } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  tenure.admin: { target: tenure, value: admin }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: admins, when: 'identity.department == "Administration"', entitlements: [tenure.admin] }
`;

let api: TestApi;
let run = 0;
beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
});
afterAll(() => api?.stop());

const humans = 4;
interface Hire {
  readonly kind: 'hr';
  readonly human: number;
  readonly department: string;
}
interface Login {
  readonly kind: 'login';
  readonly provider: number;
  /** Person who truly logs in; from `humans` on it is nobody whom HR knows. */
  readonly human: number;
  /** Person whose key is asserted; `null`: no key. */
  readonly number: number | null;
  readonly personId: number | null;
  readonly email: number | null;
  readonly upn: number | null;
  readonly isVerified: boolean;
  readonly department: string | undefined;
}
type Step = Hire | Login;

const department = fc.constantFrom('Sales', 'Administration');
const claimed = fc.option(fc.nat(humans - 1), { freq: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hr' as const), human: fc.nat(humans - 1), department }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('login' as const),
      provider: fc.nat(providers.length - 1),
      human: fc.nat(humans + 1),
      number: claimed,
      personId: claimed,
      email: claimed,
      upn: claimed,
      isVerified: fc.boolean(),
      // A provider without authority over departments makes no administrators: precedence and policy are not tested here.
      department: fc.constantFrom(undefined, 'Sales'),
    }),
  },
);

const act = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;

test('nobody but the rightful person ever acts with rights in Tenure, unless the provider’s entry says so', async () => {
  let privileged = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 22 }), async (steps) => {
      run += 1;
      const key = (name: string, whose: number): string => `${name}-${run}-${whose}`;
      const authenticate = createAuthenticate({ store: api.store, engine: api.engine, clock: () => api.now });
      const sessions: { readonly token: string; readonly human: number; readonly provider: (typeof providers)[number] }[] = [];
      const boundTo = new Map<string, string>();
      const foundedBy = new Map<string, number>();
      let version = 0;

      const logIn = async ({ provider: index, human, ...claims }: Login): Promise<void> => {
        const provider = providers[index];
        const settings = api.configuration.identityProviders[provider?.name ?? ''];
        if (provider === undefined || settings === undefined) throw new Error('no such provider');
        const said = {
          number: claims.number === null ? undefined : key('n', claims.number),
          personId: claims.personId === null ? undefined : key('p', claims.personId),
          email: claims.email === null ? undefined : `${key('e', claims.email)}@corp.example`,
          upn: claims.upn === null ? undefined : `${key('u', claims.upn)}@${claims.isVerified ? 'corp' : 'elsewhere'}.example`,
          verified: claims.isVerified,
          department: claims.department,
        };
        const proven = { provider: settings, issuer: `https://${provider.name}.example`, subject: key('s', human), nameIdFormat: null };
        const before = [...boundTo].filter(([, identityId]) => identityId !== undefined);
        try {
          const { identityId, token, isNew } = await completeLogin(
            { store: api.store, engine: api.engine },
            { ...proven, claims: Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)), request: null, assertion: null },
            act(),
          );
          const own = `${provider.name} ${human}`;
          const known = boundTo.get(own);
          // A subject stays with its person: only an administrator changes that.
          if (known !== undefined) expect(identityId).toBe(known);
          else if (!isNew) {
            const others = before.filter(([, whose]) => whose === identityId).map(([subject]) => subject.split(' ')[0]);
            expect(others).not.toContain(provider.name);
            if (others.length > 0) expect(provider.mayLink).toContain('bound');
            if (provider.linkTo === 'authoritative') expect((await sourcesOf(identityId)).includes('hr')).toBe(true);
          }
          boundTo.set(own, identityId);
          if (isNew) foundedBy.set(identityId, human);
          sessions.push({ token, human, provider });
        } catch (error) {
          if (!(error instanceof LoginRefused)) throw error;
          refused += 1;
        }
      };

      for (const one of steps) {
        api.now = later(api.now, 0.001);
        version += 1;
        if (one.kind === 'login') await logIn(one);
        else {
          const facts = {
            number: key('n', one.human),
            personId: key('p', one.human),
            email: `${key('e', one.human)}@corp.example`,
            upn: `${key('u', one.human)}@corp.example`,
            department: one.department,
          };
          await api.record({ externalId: key('hr', one.human), version: String(version), facts });
        }
        for (const { token, human, provider } of sessions) {
          const caller = await authenticate(token);
          if (caller === null || !caller.roles.has('admin')) continue;
          privileged += 1;
          if (provider.mayLink.includes('privileged')) continue;
          const hired = (await recordsOf(caller.id)).filter(({ source }) => source === 'hr').map(({ externalId }) => externalId);
          expect({ provider: provider.name, rightful: hired.length > 0 ? hired : [foundedBy.get(caller.id)] }).toEqual({
            provider: provider.name,
            rightful: [hired.length > 0 ? key('hr', human) : human],
          });
        }
      }
    }),
    { numRuns: runs, endOnFailure: false },
  );
  process.stderr.write(`[logins] ${privileged} looks at sessions with rights, ${refused} refused logins\n`);
  expect(privileged).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
}, 300_000);

const recordsOf = (identityId: string) => api.store.read((tx) => tx.identities.recordsOf(identityId));
const sourcesOf = async (identityId: string): Promise<readonly string[]> => (await recordsOf(identityId)).map(({ source }) => source);
