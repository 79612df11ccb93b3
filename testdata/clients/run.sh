#!/bin/sh
# Publishes the sample releases, and runs the cookbook on the published file with
# other clients than the program: DuckDB 1.1.3, and DuckDB's own Node client.
# usage, anywhere: testdata/clients/run.sh [duckdb11] [node]
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$project"
go run ./cmd/hcpcs run --quiet --source testdata/releases --data-dir "$work/data" >/dev/null
queries=$project/sql/queries
expected=$project/load/testdata/cookbook

for client in ${*:-duckdb11 node}; do
    case $client in
    duckdb11)
        (cd testdata/clients/duckdb11 && go run . "$work/data/hcpcs.duckdb" "$queries" "$expected")
        ;;
    node)
        cp testdata/clients/node/* testdata/clients/node/.npmrc "$work"
        # Not npm ci: it wants the packages of all systems in the lock file.
        (cd "$work" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
            node cookbook.mjs "$work/data/hcpcs.duckdb" "$queries" "$expected")
        ;;
    *)
        echo "no such client: $client" >&2
        exit 2
        ;;
    esac
done
