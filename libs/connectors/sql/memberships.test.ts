import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listedQuestions } from '../listed-questions.ts';
import { type ListedGroup, namesOf, sharedNamesOf } from './memberships.ts';

test('accounts in the same groups share one list of names, which is the one that each would have alone', () => {
  const group = fc.record<ListedGroup>({ name: fc.constantFrom('Staff', 'staff', 'Ops', 'a', 'b', 'ab'), id: fc.constantFrom(null, '1', '12', '2') });
  const groups = fc.array(group, { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(groups, { minLength: 2, maxLength: 20 }), fc.boolean(), (accounts, isCaseless) => {
      const questions = listedQuestions(['Staff', 'Ops']);
      const namesIn = sharedNamesOf(questions, isCaseless);
      for (const one of accounts) {
        expect(namesIn(one)).toEqual(namesOf(questions, { groups: one, isCaseless }));
        expect(namesIn(structuredClone(one))).toBe(namesIn(one));
      }
    }),
  );
});
