import { type Html, html } from './html.ts';

/** A whole page. @param script address of a script of our own, which is never needed to read the page or to go on from it */
export function page(title: string, body: Html, options: { readonly script?: '/me.js' | '/idp/saml/post.js' } = {}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/me.css">
${options.script === undefined ? null : html`<script src="${options.script}" defer></script>`}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
