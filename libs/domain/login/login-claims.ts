import { type Claims, claimGroups, type ClaimsMapping, claimsUnfitting, compileClaims, mapClaims, readClaimText } from './claims.ts';
import { type Expression, compileExpression } from '../expressions/expressions.ts';
import type { AttributeSchema, Facts, UserType } from '../identity/facts.ts';

/** Meaning of a claim that a login leaves out. `keep`: the provider's earlier value stays; `none`: there is no value. */
export type AbsentClaims = 'keep' | 'none';

/** A provider's mapping as it is written: CEL over `claims`. */
export interface WrittenLoginMapping {
  /** Attribute to CEL. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `null`: the provider asserts no groups. */
  readonly groups: string | null;
  /** A fixed type, or CEL. */
  readonly userType: UserType | { readonly cel: string };
  /** CEL, bool; `null`: no e-mail address of the provider counts as verified. */
  readonly emailVerified: string | null;
  readonly absentGroups: AbsentClaims;
  /** Dates are always kept: an end that was not withdrawn must not become "no end". */
  readonly absentAttributes: AbsentClaims;
}

/** A provider's compiled mapping, by which the claims of its logins are read. */
export interface LoginMapping extends Pick<WrittenLoginMapping, 'absentGroups' | 'absentAttributes'> {
  readonly attributes: ClaimsMapping;
  readonly groups: Expression | null;
  readonly userType: UserType | Expression;
  readonly emailVerified: Expression | null;
}

/**
 * Compiles a provider's mapping.
 * @param keys attributes that identify the person of a record
 * @throws ExpressionRefused; an expression that `checkExpression` accepts compiles
 */
export function compileLoginMapping(written: WrittenLoginMapping, schema: AttributeSchema, keys: readonly string[]): LoginMapping {
  const { attributes, groups, userType, emailVerified, absentGroups, absentAttributes } = written;
  return {
    attributes: compileClaims(attributes, schema, keys),
    groups: groups === null ? null : compileExpression(groups, 'strings', 'assertion', schema),
    userType: compileUserType(userType, schema),
    emailVerified: emailVerified === null ? null : compileExpression(emailVerified, 'bool', 'assertion', schema),
    absentGroups,
    absentAttributes,
  };
}

/** Compiles the kind of person that a source or provider states. @throws ExpressionRefused */
export function compileUserType(userType: WrittenLoginMapping['userType'], schema: AttributeSchema): UserType | Expression {
  return typeof userType === 'string' ? userType : compileExpression(userType.cel, 'string', 'assertion', schema);
}

/** Claims that a login leaves out; the provider's earlier values of them stay. */
export interface LeftOut {
  readonly attributes: readonly string[];
  readonly groups: boolean;
  readonly userType: boolean;
}

/** Mapped claims of one login. */
export interface LoginClaims {
  readonly facts: Facts;
  /** `null`: groups are not stated. */
  readonly groups: readonly string[] | null;
  /** `null`: it is not stated. */
  readonly userType: UserType | null;
  readonly leftOut: LeftOut;
  /** Attributes, and `groups`, that the provider keeps elsewhere: too many groups for one token, distributed claims. Sorted. */
  readonly elsewhere: readonly string[];
}

/** Names of the claims that a mapping reads; `null`: they are known only after evaluation. */
export function claimsReadBy({ attributes, groups, userType, emailVerified }: LoginMapping): readonly string[] | null {
  const others = [groups, emailVerified, typeof userType === 'string' ? null : userType].filter((expression) => expression !== null);
  const read = [...Object.values(attributes.expressions), ...others].map(({ claims }) => claims);
  return read.some((names) => names === null) ? null : [...new Set(read.flatMap((names) => names ?? []))].sort();
}

/**
 * Reads the claims of a login.
 * @param isWhole false if the provider has more claims and did not let us read them: absence then means nothing, whatever the setting
 * @throws InputInvalid for a claim that does not match the type to which it is mapped
 */
export function readLoginClaims(mapping: LoginMapping, claims: Claims, isWhole: boolean): LoginClaims {
  const { attributes, absentAttributes } = mapping;
  const mapped = mapClaims(attributes, claims);
  const readNames = Object.entries(attributes.expressions).map(([name, { claims: read }]) => [name, read] as const);
  const elsewhere = readNames.flatMap(([name, read]) => (isElsewhere(read, claims) ? [name] : []));
  const unread = readNames.flatMap(([name, read]) => (isUnread(read, claims, isWhole) ? [name] : []));
  const facts = Object.fromEntries(Object.entries(mapped).filter(([name]) => !unread.includes(name)));
  const missing = Object.keys(attributes.expressions).filter((name) => !Object.hasOwn(facts, name));
  const isDate = (name: string): boolean => ['date', 'instant'].includes(attributes.schema[name]?.type ?? '');
  const kept = missing.filter((name) => absentAttributes === 'keep' || unread.includes(name) || isDate(name));
  const none = missing.filter((name) => !kept.includes(name)).map((name) => [name, null] as const);
  const groups = readGroups(mapping, claims, isWhole);
  const userType = readUserType(mapping, claims, isWhole);
  return {
    facts: { ...facts, ...Object.fromEntries(none) },
    groups: groups.said,
    userType,
    leftOut: { attributes: kept, groups: groups.isLeftOut, userType: userType === null },
    elsewhere: [...elsewhere, ...(groups.isElsewhere ? ['groups'] : [])].sort(),
  };
}

interface SaidGroups {
  readonly said: readonly string[] | null;
  readonly isLeftOut: boolean;
  readonly isElsewhere: boolean;
}

function readGroups({ groups: expression, absentGroups }: LoginMapping, claims: Claims, isWhole: boolean): SaidGroups {
  if (expression === null) return { said: null, isLeftOut: false, isElsewhere: false };
  const { claims: read } = expression;
  // Checked first, since an expression may map an absent claim to "none".
  if (isElsewhere(read, claims) || hasTooManyGroups(read, claims)) return { said: null, isLeftOut: true, isElsewhere: true };
  if (isUnread(read, claims, isWhole)) return { said: null, isLeftOut: true, isElsewhere: false };
  const said = claimGroups(expression, claims) ?? (absentGroups === 'none' ? [] : null);
  return { said, isLeftOut: said === null, isElsewhere: false };
}

/** Kind of person; an invalid one counts as a contractor, the kind with the fewest rights. `null`: it is not stated. */
function readUserType({ userType, absentAttributes }: LoginMapping, claims: Claims, isWhole: boolean): UserType | null {
  if (typeof userType === 'string') return userType;
  if (isUnread(userType.claims, claims, isWhole)) return null;
  const said = readClaimText(userType, claims);
  if (said.kind === 'unfitting') throw claimsUnfitting(['userType']);
  if (said.kind === 'absent') return absentAttributes === 'none' ? 'contractor' : null;
  return said.text === 'employee' || said.text === 'partner' ? said.text : 'contractor';
}

/** True if a claim that the expression reads is missing, but the provider may have it. The result of the expression then does not count. */
function isUnread(read: readonly string[] | null, claims: Claims, isWhole: boolean): boolean {
  return isElsewhere(read, claims) || (!isWhole && (read === null || read.some((name) => !Object.hasOwn(claims, name))));
}

/** True if a claim that is read is missing, and the provider refers to another source of it (OIDC Core 5.6.2: aggregated and distributed claims). */
function isElsewhere(read: readonly string[] | null, claims: Claims): boolean {
  const named = Object.hasOwn(claims, '_claim_names') ? claims['_claim_names'] : null;
  if (typeof named !== 'object' || named === null) return false;
  const absent = Object.keys(named).filter((name) => !Object.hasOwn(claims, name));
  return absent.some((name) => read === null || read.includes(name));
}

/** True if Entra ID states that the person has more groups than a token may list: in SAML by a link, in tokens of the implicit flow by a flag. */
function hasTooManyGroups(read: readonly string[] | null, claims: Claims): boolean {
  if (read?.some((name) => Object.hasOwn(claims, name)) === true) return false;
  const flag: readonly unknown[] = Object.hasOwn(claims, 'hasgroups') ? [claims['hasgroups']].flat() : [];
  return Object.hasOwn(claims, GROUPS_LINK) || flag.includes(true) || flag.includes('true');
}
const GROUPS_LINK = 'http://schemas.microsoft.com/claims/groups.link';
