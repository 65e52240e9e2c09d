import { type Html, html } from './html.ts';

/** A whole page. @param script whether it refreshes itself, which needs JavaScript and is never needed to read it */
export function page(title: string, body: Html, options: { readonly script?: boolean } = {}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/me.css">
${options.script ? html`<script src="/me.js" defer></script>` : null}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
