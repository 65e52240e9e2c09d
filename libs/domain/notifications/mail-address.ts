/** Most characters of an address (RFC 5321 section 4.5.3.1.3). */
const longest = 254;
/** Syntax of RFC 5321 section 4.1.2, without quotes, comments and lists: no character of it can end the address or begin a header. */
const form = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** True if a text is one address to which mail can be sent. Domains in other scripts must be written in their ASCII form. */
export function isMailAddress(text: string): boolean {
  return text.length <= longest && form.test(text);
}
