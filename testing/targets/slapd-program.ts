import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// slapd is a daemon: its directory is seldom on the path of a person.
const programDirectories = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/libexec', '/opt/homebrew/opt/openldap/libexec'];
const schemaDirectories = ['/etc/ldap/schema', '/etc/openldap/schema', '/usr/local/etc/openldap/schema', '/opt/homebrew/etc/openldap/schema'];
const moduleDirectories = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap', '/usr/local/libexec/openldap'];

/** Path of OpenLDAP's server, or `null` when it is not installed. */
export function slapdPath(): string | null {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...programDirectories];
  return directories.map((directory) => join(directory, 'slapd')).find(isProgram) ?? null;
}

/** The directory of the schema files that belong to it. */
export function slapdSchemas(): string {
  const found = schemaDirectories.find((directory) => existsSync(join(directory, 'inetorgperson.schema')));
  if (found === undefined) throw new Error(`slapd is installed, but its schema files are not: looked in ${schemaDirectories.join(', ')}`);
  return found;
}

/** The directory of its modules, or `null` where its storage is built in. */
export function slapdModules(): string | null {
  return moduleDirectories.find((directory) => ['back_mdb.so', 'back_mdb.la'].some((file) => existsSync(join(directory, file)))) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
