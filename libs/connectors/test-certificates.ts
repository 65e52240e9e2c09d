import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Creates certificates for tests in a folder: the authority `ca.pem`, `server.pem` and `server.key` signed by it for
 * `localhost`, and `stranger.pem`, an authority that signed nothing.
 */
export function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  for (const name of ['ca', 'stranger']) {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    'server.pem',
  );
}

/** Invalid certificates in addition to those of `makeCertificates`: `<name>.pem` and `<name>.key`. */
export const badCertificates = ['expired', 'not-yet-valid', 'other-host', 'self-signed'] as const;

/** Creates the invalid certificates in a folder of `makeCertificates`. */
export function makeBadCertificates(folder: string): void {
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const section = '[ca]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial.txt\ndefault_md = sha256\npolicy = any\ncopy_extensions = copy\n';
  writeFileSync(join(folder, 'ca.conf'), `[any]\ncommonName = supplied\n${section}`);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(join(folder, 'serial.txt'), '1000\n');
  const request = (name: string, host: string): readonly string[] => [
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', `${name}.key`],
  ];
  const signed = (name: string, host: string, from: string, until: string): void => {
    openssl(...request(name, host), '-out', `${name}.csr`);
    const dates = ['-startdate', from, '-enddate', until];
    openssl(
      'ca',
      '-batch',
      '-config',
      'ca.conf',
      '-name',
      'ca',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
      ...dates,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
    );
  };
  signed('expired', 'localhost', '20200101000000Z', '20200201000000Z');
  signed('not-yet-valid', 'localhost', '20900101000000Z', '20910101000000Z');
  signed('other-host', 'other.example', '20200101000000Z', '20910101000000Z');
  openssl(...request('self-signed', 'localhost'), '-x509', '-days', '2', '-out', 'self-signed.pem');
}
