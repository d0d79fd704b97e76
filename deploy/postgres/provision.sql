-- One service's roles and database (D1). Run by psql as a superuser; may be run again, then it sets the passwords anew.
-- Environment: SERVICE, OWNER_PASSWORD (<service>_owner migrates), APP_PASSWORD (<service>_app serves).
-- Used by the devstack (deploy/devstack/postgres.py) and by the container (deploy/postgres/init.sh).
\set ON_ERROR_STOP on
\set QUIET on
\getenv service SERVICE
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\set owner :service _owner
\set app :service _app

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY[:'owner', :'app']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec
ALTER ROLE :"owner" PASSWORD :'owner_password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"app" PASSWORD :'app_password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Limits behind the ones that the services set themselves. A migration may take long, but never wait long for a lock.
ALTER ROLE :"owner" SET lock_timeout = '5s';
ALTER ROLE :"owner" SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE :"app" SET statement_timeout = '15s';
ALTER ROLE :"app" SET lock_timeout = '5s';
ALTER ROLE :"app" SET idle_in_transaction_session_timeout = '30s';

-- One collation everywhere: by code point, the same on every machine and after every upgrade.
SELECT format(
    'CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' '
    'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C''', :'service', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service')
\gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"owner", :"app";

\connect :"service"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
