import { Migration } from '@mikro-orm/migrations';

/** What the OpenID provider issues: codes, tokens, pushed requests, begun interactions, and proofs that were used. */
export class Migration0175OpenidArtifacts extends Migration {
  override up(): void {
    // Of a secret only its hash is stored. A row of a session is worth nothing once the session has ended, and goes with it.
    this.addSql(
      `create table "openid_artifact" ("model" text not null check ("model" in ('AccessToken', 'AuthorizationCode', 'Interaction', 'PushedAuthorizationRequest', 'RefreshToken', 'ReplayDetection')),
        "id_hash" text not null, "payload" jsonb not null, "identity_id" uuid null references "identity" ("id"), "grant_id" uuid null references "credential" ("id") on delete cascade,
        "credential_id" uuid null references "credential" ("id") on delete cascade, "expires_at" timestamptz(3) not null, "consumed_at" timestamptz(3) null, primary key ("model", "id_hash"))`,
    );
    this.addSql('create index "openid_artifact_expires" on "openid_artifact" ("expires_at")');
    this.addSql('create index "openid_artifact_grant" on "openid_artifact" ("grant_id") where "grant_id" is not null');
    this.addSql('create index "openid_artifact_credential" on "openid_artifact" ("credential_id") where "credential_id" is not null');
    this.addSql('create index "openid_artifact_identity" on "openid_artifact" ("identity_id") where "identity_id" is not null');
    this.addSql('grant select, insert, update, delete on "openid_artifact" to tenure_runtime');
  }
}
