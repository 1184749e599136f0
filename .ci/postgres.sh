#!/bin/sh
# Starts a throwaway PostgreSQL on a free loopback port, in a directory of its
# own, and prints the address to give to the tests:
#
#   export ECLUSE_PG="$(.ci/postgres.sh start DIR)"
#   .ci/postgres.sh stop DIR
#
# Durability is left on (fsync, synchronous_commit): the figures must be real.
set -eu
commande=${1:?start ou stop}
dir=${2:?répertoire}

bin=${PG_BIN:-}
if [ -z "$bin" ]; then
	for d in /usr/lib/postgresql/*/bin; do [ -x "$d/initdb" ] && bin=$d; done
fi
[ -n "$bin" ] || { echo "PostgreSQL absent : initdb introuvable" >&2; exit 3; }

# initdb refuses to run as root.
comme() {
	if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi
}

case $commande in
start)
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	[ "$(id -u)" = 0 ] && chown postgres "$dir"
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	# English messages and UTF-8, whatever the machine.
	comme "'$bin/initdb' -D '$dir/donnees' -A trust -U ecluse -E UTF8 --locale=C.UTF-8" >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; exit 1; }
	comme "'$bin/pg_ctl' -D '$dir/donnees' -l '$dir/donnees/serveur.log' -w -t 30 -o \
		\"-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300\" start" >"$dir/start.log" 2>&1 ||
		{ cat "$dir/start.log" "$dir/donnees/serveur.log" >&2; exit 1; }
	echo "postgres://ecluse@127.0.0.1:$port/postgres?sslmode=disable"
	;;
stop)
	comme "'$bin/pg_ctl' -D '$dir/donnees' -m immediate -w stop" >/dev/null 2>&1 || true
	rm -rf "$dir"
	;;
*)
	echo "usage : $0 start|stop RÉPERTOIRE" >&2
	exit 2
	;;
esac
