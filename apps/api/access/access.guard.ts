import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Forbidden, Unauthenticated } from '@tenure/domain';
import type { GraphQLResolveInfo } from 'graphql';
import type { GraphqlContext } from '../server/context.ts';
import { type Allowed, allowedKey } from './allow.ts';
import type { Caller } from '@tenure/engine/callers';

const rootTypes = ['Query', 'Mutation', 'Subscription'];

/** Refuses every resolver, fields of types included, that no `@Allow` opens for the caller. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(execution: ExecutionContext): boolean {
    if (execution.getType<string>() !== 'graphql') throw new Forbidden('this endpoint is closed');
    const [parent, , context, info] = execution.getArgs<[unknown, unknown, GraphqlContext, GraphQLResolveInfo]>();
    const { caller } = context;
    if (caller == null) throw new Unauthenticated('a valid session or service token is needed');
    const allowed = this.reflector.getAllAndOverride<readonly Allowed[] | undefined>(allowedKey, [execution.getHandler(), execution.getClass()]) ?? [];
    if (allowed.some((one) => isOpenTo(one, caller, parent, info))) return true;
    throw new Forbidden(`${info.parentType.name}.${info.fieldName} needs ${allowed.length === 0 ? 'to be opened first' : `one of: ${allowed.join(', ')}`}`);
  }
}

function isOpenTo(allowed: Allowed, caller: Caller, parent: unknown, info: GraphQLResolveInfo): boolean {
  if (allowed === 'source') return caller.sources.size > 0;
  if (!caller.roles.has(allowed)) return false;
  return allowed !== 'self' || rootTypes.includes(info.parentType.name) || ownerOf(parent, info.parentType.name) === caller.id;
}

/** Id of the person to whom an object belongs: everything of a person carries `identityId`, and a person is their own. */
function ownerOf(parent: unknown, type: string): unknown {
  if (typeof parent !== 'object' || parent === null) return null;
  if (type === 'Identity') return 'id' in parent ? parent.id : null;
  return 'identityId' in parent ? parent.identityId : null;
}
