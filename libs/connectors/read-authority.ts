import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { codeOf } from '@tenure/outbound';
import type { Failures } from './failures.ts';

/**
 * Reads the PEM file of a target's certificate authority.
 * @throws ConnectorRefused when it cannot be read or contains no certificate, which Node.js would treat as no authority at all
 */
export function readAuthority(file: string, failures: Failures): Buffer {
  const why = (what: string, reason: string): Error =>
    failures.refused(`the file of targets.${failures.target}.caFile ${what} (${reason}): give it the PEM certificate of the authority`, {
      reason,
      step: 'certificate',
    });
  let pem: Buffer;
  try {
    pem = readFileSync(file);
  } catch (error) {
    throw why('cannot be read', codeOf(error));
  }
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw why('contains no certificate', 'NO_CERTIFICATE');
  }
}
