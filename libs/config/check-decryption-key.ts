import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { LocatedProblem, Path } from './yaml-file.ts';

const MINIMUM_RSA_BITS = 2048;

/** Checks a filled-in decryption key, so that a problem is reported at start and with its line, instead of with the first encrypted login. */
export function checkDecryptionKey(path: Path, pem: string | undefined): LocatedProblem[] {
  if (pem === undefined) return [];
  const key = readKey(pem);
  if (key === null) return [{ path, message: 'is no PEM private key without a passphrase' }];
  const isStrong = key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MINIMUM_RSA_BITS;
  return isStrong ? [] : [{ path, message: `is no RSA key of at least ${MINIMUM_RSA_BITS} bits` }];
}

/** Parses a private key; `null`: it is invalid. Line breaks may be written as `\n`, which is common in the value of a variable. */
function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch {
    return null;
  }
}
