import type { RawTarget } from './raw-tenure.ts';

/** Pairs of names of attribute types (RFC 4519 section 2, RFC 4524 section 2), in lower case; directories answer with the second. */
const otherNames: Readonly<Record<string, string>> = {
  commonname: 'cn',
  countryname: 'c',
  domaincomponent: 'dc',
  fax: 'facsimileTelephoneNumber',
  gn: 'givenName',
  hometelephonenumber: 'homePhone',
  localityname: 'l',
  mobiletelephonenumber: 'mobile',
  organizationname: 'o',
  organizationalunitname: 'ou',
  pagertelephonenumber: 'pager',
  rfc822mailbox: 'mail',
  stateorprovincename: 'st',
  streetaddress: 'street',
  surname: 'sn',
  userid: 'uid',
};

/** Attributes that Tenure sets by other means than the attribute mapping, and operational attributes of the directory. Lower case. */
const reserved: ReadonlySet<string> = new Set([
  ...['objectclass', 'entryuuid', 'entrydn', 'member', 'uniquemember', 'memberof', 'dn', 'distinguishedname'],
  ...['createtimestamp', 'modifytimestamp', 'creatorsname', 'modifiersname', 'structuralobjectclass', 'subschemasubentry', 'hassubordinates', 'entrycsn'],
  ...['objectguid', 'objectsid', 'whencreated', 'whenchanged'],
]);

/** Usual name of an attribute that is written under another one; `null` if it is written under the usual one. */
export function ldapNames(name: string): string | null {
  return otherNames[name.toLowerCase()] ?? null;
}

/** True if two names denote the same attribute type. They have no case (RFC 4512 section 2.5). */
export function sameInLdap(a: string, b: string): boolean {
  return usual(a) === usual(b);
}

export function reservedInLdap(name: string, target: RawTarget & { readonly kind: 'ldap' }): boolean {
  const { idAttribute = 'uid', externalIdAttribute, disable } = target;
  return (
    reserved.has(usual(name)) ||
    [idAttribute, ...(externalIdAttribute === undefined ? [] : [externalIdAttribute]), ...('attribute' in disable ? [disable.attribute] : [])].some((own) =>
      sameInLdap(own, name),
    )
  );
}

function usual(name: string): string {
  return (ldapNames(name) ?? name).toLowerCase();
}
