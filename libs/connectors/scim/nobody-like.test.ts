import { expect, test } from '@jest/globals';
import { nobodyLike } from './nobody-like.ts';

test.each([
  ['a number', '42', /^9\d{8}$/],
  ['a UUID', '0b5a2c1e-6f0d-4c52-9c53-3a1d2f7d9a10', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/],
  ['hex digits', '85214c6623e54a998e8e2a60d12f6a3b', /^[0-9a-f]{32}$/],
  ['letters and digits with a mark', '00u1abcdXYZ2345qp697', /^\d{2}[g-z]\d[a-f]{4}XYZ\d{4}[g-z]{2}\d{3}$/],
  ['a short name', 'ann', /^[0-9a-f-]{36}$/],
])('nobody has an id of the same form: %s', (_title, id, form) => {
  expect(nobodyLike(id)).toMatch(form);
  expect(nobodyLike(id)).not.toBe(id);
});
