export { keysOfBoundLogin, keysOfLogin } from './changed-keys.ts';
export { type LoginDecision, decideLogin } from './decide-login.ts';
export { decideWithout, endBindings } from './end-bindings.ts';
export { askAboutLogin, closeLoginCases } from './login-case.ts';
export { createLoginLink, useLoginLink } from './login-link.ts';
export { mayEnter, mayGoOn } from './may-enter.ts';
export { settledBy, settledFor } from './settled-login.ts';
export { tellLinked } from './tell-linked.ts';
