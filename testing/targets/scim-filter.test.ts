import { describe, expect, test } from '@jest/globals';
import { FilterInvalid, parseFilter } from './scim-filter.ts';

const ann = {
  id: 'A1',
  userName: 'Ann\\"x',
  active: true,
  name: { familyName: 'Miller' },
  emails: [
    { value: 'ann@example.com', type: 'work' },
    { value: 'home@example.com', type: 'home' },
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Finance' },
};

describe('SCIM filters (RFC 7644 section 3.4.2.2)', () => {
  test.each([
    ['userName eq "ann\\\\\\"X"', true],
    ['userName eq "ann"', false],
    ['id eq "a1"', false],
    ['active eq true and name.familyName sw "mil"', true],
    ['not (active eq true) or title pr', false],
    ['title pr or active eq false or id eq "A1"', true],
    ['title pr or active eq true and id eq "B"', false],
    ['emails[type eq "home" and value co "home"]', true],
    ['emails[type eq "work" and value co "home"]', false],
    ['emails.value eq "HOME@example.com"', true],
    ['emails co "home@"', true],
    ['title ne "x"', true],
    ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "finance"', true],
  ])('%s', (filter, expected) => {
    expect(parseFilter(filter)(ann)).toBe(expected);
  });

  test.each(['', 'userName', 'userName eq', 'userName eq ann', 'userName is "x"', '(id pr', 'id pr id pr', 'id eq "x', 'id eq "\\q"', "id eq 'x'"])(
    'refuses %j',
    (filter) => {
      expect(() => parseFilter(filter)).toThrow(FilterInvalid);
    },
  );
});
