/** The end of a sentence about a wrong name: ` (did you mean plan?)`, or nothing. For command lines, the demo's too. */
export { didYouMean } from '@tenure/domain';
