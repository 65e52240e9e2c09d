#!/bin/sh
# Runs once, in an empty PostgreSQL. The passwords go through psql's own quoting.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set owner_password="$TENURE_OWNER_PASSWORD" --set app_password="$TENURE_APP_PASSWORD" --set temporal_password="$TEMPORAL_DATABASE_PASSWORD" <<'SQL'
-- What the processes may do: migration 0002 gives it its privileges.
create role tenure_runtime nologin;

-- Owns the tables; used by migrations alone.
create role tenure_owner login password :'owner_password';
create database tenure owner tenure_owner;
revoke connect on database tenure from public;
grant connect on database tenure to tenure_runtime;

-- What the API and the worker log in with: no rights but those of tenure_runtime, which they take on.
create role tenure_app login password :'app_password' in role tenure_runtime;

-- Temporal's own databases: it never sees Tenure's, nor Tenure Temporal's.
create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect on database temporal from public;
revoke connect on database temporal_visibility from public;
SQL
