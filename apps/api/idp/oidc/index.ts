export { registerOpenidRoutes } from './routes.ts';
