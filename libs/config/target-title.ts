import { TENURE_TARGET } from '@tenure/domain';
import type { Configuration } from './configuration.ts';

/** Title of a target or application; its name if it is no longer in tenure.yaml. */
export function targetTitle({ targets, applications }: Configuration, target: string): string {
  if (target === TENURE_TARGET) return 'Tenure';
  const known = Object.hasOwn(targets, target) ? targets[target] : Object.hasOwn(applications, target) ? applications[target] : undefined;
  return known?.title ?? target;
}
