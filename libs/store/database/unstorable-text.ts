/** Error message for a text that PostgreSQL does not accept: it contains NUL or half a surrogate pair. */
export const unstorableText = 'a text contains a character that cannot be stored';
