import { didYouMean } from '@tenure/domain';
import type { RawProvider, RawSource, RawTenure } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Checks that each key of `correlate` is a defined attribute and an e-mail key can be trusted: a key that never matches would silently duplicate people. */
export function checkCorrelation(path: Path, person: RawSource | RawProvider, raw: RawTenure): LocatedProblem[] {
  const defined = Object.keys(raw.attributes ?? {});
  return (person.correlate ?? []).flatMap((key, index): LocatedProblem[] => {
    const at = [...path, 'correlate', index];
    const name = 'attribute' in key ? key.attribute : 'email';
    const field = [...at, 'attribute' in key ? 'attribute' : 'email'];
    if (!defined.includes(name)) return [{ path: field, message: `there is no attribute ${name}${didYouMean(name, defined)}` }];
    if ('attribute' in key && name === 'email')
      return [{ path: field, message: 'links by unverified addresses: write { email: true }, which uses only verified addresses of trustedEmailDomains' }];
    if (Array.isArray(person.attributes) && !person.attributes.includes(name))
      return [{ path: field, message: `never matches: ${name} is not among the attributes that this source may state` }];
    return 'attribute' in key ? [] : distrusted(person).map((message) => ({ path: field, message }));
  });
}

function distrusted(person: RawSource | RawProvider): readonly string[] {
  if ((person.trustedEmailDomains ?? []).length === 0)
    return ['finds nobody without trustedEmailDomains: name the domains of which its verified e-mail addresses are believed'];
  if ('protocol' in person && person.emailVerified === undefined)
    return ['finds nobody without emailVerified: say by CEL over `claims` when the provider has verified the e-mail address'];
  return [];
}
