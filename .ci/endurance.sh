#!/bin/sh
# The long version of the trials of internal/epreuves: fifty kills on each engine,
# hundreds of races between two nodes, minutes of flood. About half an hour.
#
#   .ci/endurance.sh [motif]        a regular expression of names of tests
#
# ECLUSE_GRAINE changes the seed, ECLUSE_RACE=1 builds the server with the race
# detector, ECLUSE_GARDER=1 keeps the directories of the trials that fail. A
# PostgreSQL of its own is started, unless ECLUSE_PG gives one. Disk-full needs
# root, to mount a small file system.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${ECLUSE_PG:-}" ]; then
	dir=$(mktemp -d)
	trap '.ci/postgres.sh stop "$dir/pg"; rmdir "$dir" 2>/dev/null || true' EXIT
	chmod 755 "$dir"
	ECLUSE_PG=$(.ci/postgres.sh start "$dir/pg")
	export ECLUSE_PG
fi
echo "graine : ${ECLUSE_GRAINE:=$(date +%s)}"
export ECLUSE_GRAINE ECLUSE_ENDURANCE=1
go test -count=1 -timeout 90m -v -run "${1:-.}" ./internal/epreuves
