import { SetMetadata } from '@nestjs/common';
import type { Role } from '@tenure/engine/callers';

/** Caller who is allowed: one of these roles, or with `source` a service token that may record facts of some source. */
export type Allowed = Role | 'source';

export const allowedKey = 'tenure:allowed';

/** Opens a resolver, which is closed without it. With `self`, data of an identity is open to that identity alone. */
export const Allow = (...allowed: readonly Allowed[]): MethodDecorator & ClassDecorator => SetMetadata(allowedKey, allowed);

/** Roles that may read everything that Tenure knows of people. */
export const readers = ['admin', 'operator', 'auditor'] as const;
