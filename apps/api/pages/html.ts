/** A piece of HTML that is safe to send. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[] | null;

/** HTML in which every value is escaped, except what is HTML itself. */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Html {
  return { html: texts.reduce((all, text, index) => `${all}${shown(values[index - 1] ?? null)}${text}`) };
}

function shown(value: Part): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map((one) => one.html).join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters, and marks that change the direction of reading: with them a name could look like another, or hide the words after it. */
const deceiving = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  const plain = text.replace(deceiving, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
  return plain.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
