/** Sentences for a person, by error code (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, and those of the library). */
const SENTENCES: Readonly<Record<string, string>> = {
  invalid_client: 'The application that sent you here is not known to Tenure. Ask its owner to compare its client id with the entries under applications.',
  invalid_redirect_uri:
    'The application wants you to return to an address that is not registered for it. Ask its owner to compare the address with redirectUris of its entry.',
  invalid_request: 'The application sent a request that Tenure cannot answer. Go back to it and begin again; if it fails again, turn to its owner.',
  session_not_found: 'This login has expired, or was begun in another browser. Go back to the application and begin again.',
  server_error: 'Something went wrong on our side. Try again; if it fails again, give your help desk this reference.',
};

/** Sentence of the page about an error that cannot be sent back to the application. */
export function errorSentence(code: string, description?: string): string {
  const isExpired = code === 'invalid_request' && description !== undefined && /expired|session|cookie/.test(description);
  return SENTENCES[isExpired ? 'session_not_found' : code] ?? SENTENCES['invalid_request'] ?? '';
}
