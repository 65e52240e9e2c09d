import { describe, expect, it } from '@jest/globals';
import { inRounds } from './in-rounds.ts';

describe('rounds', () => {
  it('keeps those apart that share a key, in their order, and lets the others go together', () => {
    const rounds = inRounds(['ab', 'c', 'bd', 'd', 'e', 'a'], (word) => [...word]);
    expect(rounds).toEqual([['ab', 'c', 'e'], ['bd', 'a'], ['d']]);
  });

  it('makes none of nothing', () => {
    expect(inRounds([], () => ['x'])).toEqual([]);
  });
});
