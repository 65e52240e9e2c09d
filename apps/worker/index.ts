export { bundleWorkflows } from './bundle-workflows.ts';
export { restartLives } from './restart-lives.ts';
