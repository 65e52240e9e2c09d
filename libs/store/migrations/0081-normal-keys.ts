import { Migration } from '@mikro-orm/migrations';

/**
 * Texts that sources say are trimmed and in NFC from now on, and so are their ids of people: what is known already follows, or the same
 * key would be another one. Ids that would become one stay two, since two people may have come of them; and a login's subject is kept as
 * its provider says it. An import keeps beside each id that it has named what that is known as: the proof that it was complete is of the ids as they were sent.
 */
export class Migration0081NormalKeys extends Migration {
  override up(): void {
    this.addSql(`create function pg_temp.tenure_normal(value text) returns text language sql immutable as $$
      select normalize(regexp_replace(regexp_replace(value,
        '[\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]', ' ', 'g'), '^[\\s\\u200c\\u200d]+|[\\s\\u200c\\u200d]+$', '', 'g'), NFC) $$`);
    this.addSql(`update "source_record" r set "facts" = n.facts, "email_trusted" = r."email_trusted" and n.facts->>'email' is not distinct from r."facts"->>'email' from (
        select id, jsonb_object_agg(f.key, case when jsonb_typeof(f.value) <> 'string' then f.value
          else coalesce(to_jsonb(nullif(pg_temp.tenure_normal(f.value #>> '{}'), '')), 'null'::jsonb) end) as facts
        from "source_record" cross join lateral jsonb_each("facts") f group by id) n
      where n.id = r.id and n.facts <> r.facts`);
    this.addSql(`update "source_record" r set "external_id" = pg_temp.tenure_normal(r."external_id") where r."external_id" <> pg_temp.tenure_normal(r."external_id")
      and pg_temp.tenure_normal(r."external_id") <> ''
      and not exists (select 1 from "login_subject" s where s."identity_id" = r."identity_id" and s."issuer" || '|' || s."subject" = r."external_id")
      and not exists (select 1 from "source_record" o where o."source" = r."source" and o."id" <> r."id" and pg_temp.tenure_normal(o."external_id") = pg_temp.tenure_normal(r."external_id"))`);
    this.addSql('alter table "import_seen" add column "known_as" text collate "C" null');
    this.addSql('update "import_seen" set "known_as" = "external_id"');
    this.addSql('alter table "import_seen" alter column "known_as" set not null');
    this.addSql('create index "import_seen_known_as_index" on "import_seen" ("wave_id", "known_as")');
  }
}
