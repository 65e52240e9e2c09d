/**
 * Which request a SAML response claims to answer, read without trust: it only chooses the request that the verified assertion
 * is then held against. `null`: it names none.
 */
export function inResponseToHint(samlResponse: string): string | null {
  if (samlResponse.length > 400_000) return null;
  const xml = Buffer.from(samlResponse, 'base64').toString('utf8');
  return (
    /<(?:[\w.-]+:)?SubjectConfirmationData\b[^>]*\bInResponseTo\s*=\s*["']([\w.-]{1,128})["']/.exec(xml)?.[1] ??
    /<(?:[\w.-]+:)?Response\b[^>]*\bInResponseTo\s*=\s*["']([\w.-]{1,128})["']/.exec(xml)?.[1] ??
    null
  );
}
