import { TENURE_TARGET } from '@tenure/domain';
import type { Configuration } from './configuration.ts';

/** Title of a target; its name if it is no longer in tenure.yaml. */
export function targetTitle({ targets }: Configuration, target: string): string {
  return target === TENURE_TARGET ? 'Tenure' : Object.hasOwn(targets, target) ? (targets[target]?.title ?? target) : target;
}
