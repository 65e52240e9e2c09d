export { type LoginRouteDependencies, registerLoginRoutes } from './routes.ts';
