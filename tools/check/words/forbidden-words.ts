/** A word that texts for readers avoid, in a sense that a standard term has. */
export interface ForbiddenWord {
  readonly pattern: RegExp;
  /** Replacement. */
  readonly write: string;
  /** Phrases in which the word has another, right sense. */
  readonly allowed?: readonly string[];
}

/** Forbidden words of texts for clients, people and operators: one term per thing, one thing per term. */
export const FORBIDDEN_WORDS: readonly ForbiddenWord[] = [
  { pattern: /\bwaves?\b/i, write: 'batch change' },
  { pattern: /\bloops?\b/i, write: 'decision engine', allowed: ['a loop between', 'two loops', 'event loop', 'loops \\(all, exists'] },
  { pattern: /\bfore(?:see|sees|saw|seen|sight)\b|\bwhat ?if\b/i, write: 'simulate, preview' },
  { pattern: /\b(?:life|lives)\b/i, write: 'identity lifecycle (workflow)', allowed: ['signs? of life', 'for Life$'] },
  { pattern: /\b(?:hold|holds|held|holding)\b/i, write: 'has a grant; suspends provisioning; waits for approval; contains', allowed: ['change-held'] },
  { pattern: /\bkeepsAccess\b|\bkeeps access\b/i, write: 'suspends deprovisioning' },
  {
    pattern: /\bskip(?:s|ped|ping)?\b|\bgiv(?:e|es|en|ing) up\b|\bgave up\b/i,
    write: 'cancel, abandon',
    allowed: ['^given up$', '^… passed, … failed, … skipped$'],
  },
  { pattern: /\bjudg(?:e|es|ed|ing|ement)\b/i, write: 'evaluate, decide, check' },
  {
    pattern: /\b(?:tell|tells|told|telling)\b/i,
    write: 'notify, audit, signal, show',
    allowed: ['tell apart', 'tells apart', 'told apart', 'tell from', 'told from'],
  },
  { pattern: /\b(?:hear|hears|heard|hearing)\b/i, write: 'is notified, is signalled, observes' },
  { pattern: /\b(?:stand|stands|stood|standing) in for\b|\bin (?:whose|their|your|his|her) place\b/i, write: 'deputy; on behalf of' },
  { pattern: /\bin Place Of\b/, write: 'on behalf of (the field of a name)' },
  { pattern: /\bemergenc(?:y|ies)\b/i, write: 'break-glass access' },
  { pattern: /\bnotices?\b/i, write: 'notification' },
  { pattern: /\brules? of separation\b|\bsomebody's word\b/i, write: 'separation-of-duties (SoD) rule, SoD exception' },
  { pattern: /\bstanding\b/i, write: 'status' },
  { pattern: /\bwanted\b/i, write: 'desired state' },
  { pattern: /\breadings?\b/i, write: 'observation', allowed: ['^reading …$'] },
  { pattern: /\b(?:bring|brings|brought|bringing) about\b/i, write: 'provisioning' },
  { pattern: /\bwhoever\b|\bwho is asked\b/i, write: 'approver, reviewer, owner; everybody who' },
  { pattern: /\btime (?:is|are|was|were) over\b|\b(?:their|his|her|whose|person's|your) time (?:ends|ended)\b/i, write: 'terminated, expired, deprovisioned' },
];
