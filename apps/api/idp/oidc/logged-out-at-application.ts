/** Reason of an end that the application itself caused, so that it needs no notice of it. */
export const LOGGED_OUT_AT_APPLICATION = 'logged out at the application';
