export type { LoginRouteDependencies } from './login-route-dependencies.ts';
export { registerLoginRoutes } from './routes.ts';
