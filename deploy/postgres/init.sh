#!/bin/bash
# Runs once in the container `postgres`, when its cluster is new (/docker-entrypoint-initdb.d): roles and database of each
# service in $SERVICES, passwords from the secret files postgres_<service>_owner and postgres_<service>_app.
set -euo pipefail
: "${SERVICES:=ticketing feedback staffing compliance}" "${SECRETS:=/run/secrets}" "${PROVISION:=/provision.sql}"
for service in $SERVICES; do
  SERVICE=$service \
  OWNER_PASSWORD=$(cat "$SECRETS/postgres_${service}_owner") \
  APP_PASSWORD=$(cat "$SECRETS/postgres_${service}_app") \
    psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres --file "$PROVISION"
  echo "provisioned $service"
done
