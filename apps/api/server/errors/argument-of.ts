import { type GraphQLError, type Token, TokenKind } from 'graphql';

const opening: readonly string[] = [TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L];
const closing: readonly string[] = [TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R];

/**
 * Argument of the query with the value that an error is about, with the fields that lead to it: `input.until`. A variable stands for its value.
 * `null`: the error is about something else.
 */
export function argumentOf({ nodes, message }: GraphQLError): string | null {
  const variable = /^Variable "\$(\w{1,200})"/.exec(message.slice(0, 300))?.[1];
  if (variable !== undefined) return variable;
  const node = nodes?.[0];
  return node?.loc !== undefined && /^(?:\w+Value|Variable)$/.test(node.kind) ? placeOf(node.loc.startToken) : null;
}

/** Goes back from a value to the parenthesis of its field: at most once through the query. */
function placeOf(value: Token): string | null {
  const names: string[] = [];
  let depth = 0;
  // True if everything to the right of the token is a whole value, so that a colon before it belongs to it.
  let isValue = true;
  for (let token = value.prev; token !== null; token = token.prev) {
    if (isValue && token.kind === TokenKind.COLON) {
      names.unshift(token.prev?.value ?? '');
      isValue = false;
    } else if (closing.includes(token.kind)) depth += 1;
    else if (opening.includes(token.kind)) {
      if (depth === 0 && token.kind === TokenKind.PAREN_L) return names.length === 0 ? null : names.join('.');
      isValue = depth === 0;
      depth = Math.max(0, depth - 1);
      continue;
    }
    isValue = false;
  }
  return null;
}
