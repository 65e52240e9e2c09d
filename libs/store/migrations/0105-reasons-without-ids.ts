import { Migration } from '@mikro-orm/migrations';

/** Reasons that are shown to people no longer say "by record" and its id; the ids stand beside them. The audit stays as it was written. */
export class Migration0105ReasonsWithoutIds extends Migration {
  override up(): void {
    const id = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
    this.addSql(
      `update "identity" set "lifecycle" = jsonb_set("lifecycle", '{why}', to_jsonb(regexp_replace("lifecycle"->>'why', ', by record ${id}', ''))) where "lifecycle"->>'why' like '%, by record %'`,
    );
    this.addSql(`update "access_grant" set "end_reason" = regexp_replace("end_reason", ', by record ${id}', '') where "end_reason" like '%, by record %'`);
  }
}
