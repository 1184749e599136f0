#!/usr/bin/env bash
# Runs each fuzz target of the house for the time given (10s when nothing is said).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
duree=${1:-10s}
grep -rHoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sort -u |
	while IFS=: read -r fichier cible; do
		paquet=$(dirname "$fichier") cible=${cible#func }
		echo "$paquet $cible"
		go test -run '^$' -fuzz "^$cible\$" -fuzztime "$duree" -fuzzminimizetime 10x "$paquet" </dev/null
	done
