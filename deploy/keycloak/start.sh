#!/bin/bash
# Keycloak reads its secrets from the environment only: they are put there from their files, for this process alone.
set -euo pipefail
WANGDIAN_PROVISIONING_SECRET=$(cat /run/secrets/keycloak_provisioning)
KC_DB_PASSWORD=$(cat /run/secrets/postgres_keycloak_owner)
export WANGDIAN_PROVISIONING_SECRET KC_DB_PASSWORD
exec /opt/keycloak/bin/kc.sh "$@"
