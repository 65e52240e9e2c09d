#!/bin/sh
# Brings Temporal's two databases up to date; a second run changes nothing.
set -eu

for database in temporal temporal_visibility; do
  tool="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database $database"
  schema=/etc/temporal/schema/postgresql/v12/temporal/versioned
  if [ "$database" = temporal_visibility ]; then schema=/etc/temporal/schema/postgresql/v12/visibility/versioned; fi
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "$schema"
done
