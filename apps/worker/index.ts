export { bundleWorkflows } from './bundle-workflows.ts';
export { registerSearchAttributes } from './register-search-attributes.ts';
export { restartLives } from './restart-lives.ts';
