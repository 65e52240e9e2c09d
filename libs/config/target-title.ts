import { TENURE_TARGET } from '@tenure/domain';
import type { Configuration } from './configuration.ts';

/** Name of a target for people; its own name where it is in tenure.yaml no longer. */
export function targetTitle({ targets }: Configuration, target: string): string {
  return target === TENURE_TARGET ? 'Tenure' : Object.hasOwn(targets, target) ? (targets[target]?.title ?? target) : target;
}
