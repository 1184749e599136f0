#!/bin/sh
# Runs the set of measures and prints Markdown tables for docs/mesures.md:
#
#   .ci/bench.sh [all|echanges|emetteurs|beneficiaires|rsa|journal]
#
# DUREE is the length of a round, TOURS how many; ECLUSE a binary already built.
# PostgreSQL is a throwaway one, on this machine: its processor time is counted.
# Some ten minutes; a machine with nothing else to do.
set -eu
quoi=${1:-all}
racine=$(cd "$(dirname "$0")/.." && pwd)
travail=$(mktemp -d)
chmod 755 "$travail" # PostgreSQL has its own user
trap '"$racine/.ci/postgres.sh" stop "$travail/pg"; rm -rf "$travail"' EXIT INT TERM
ecluse=${ECLUSE:-}
if [ -z "$ecluse" ]; then
	ecluse=$travail/ecluse
	(cd "$racine" && go build -o "$ecluse" ./cmd/ecluse)
fi
tours="--tours ${TOURS:-5} --duree ${DUREE:-3s}"

charge() { "$ecluse" charge --json $tours "$@" 2>"$travail/erreurs" || { cat "$travail/erreurs" >&2; exit 1; }; }

postgres() {
	[ -n "${pg:-}" ] && return
	pg=$("$racine/.ci/postgres.sh" start "$travail/pg")
	pid=$(head -1 "$travail/pg/donnees/postmaster.pid")
}

# One line a measure.
lignes() {
	python3 -c '
import json, sys
r = json.load(sys.stdin)
for m in r["mesures"]:
    d = m["delaisMillisecondes"]
    demi = m.get("demi")
    codes = " ".join("%s %d" % c for c in sorted(m["codes"].items()))
    print("| %s | %s | %s | %s | %.0f | %.0f | **%.1f %%** ± %.1f | %.1f %% | %.0f | %.0f | %.0f | %.0f | %.1f / %.1f / %.1f | %s | %d / %d / %d | %s |" % (
        m["service"], m["face"], m["base"], m["http"], m["echangesParSeconde"], m["plafondParSeconde"],
        100*m["rapport"], 50*m["etendue"], 100*m["rapportCPU"], m["cryptoMicrosecondes"], m["cpuClientMicrosecondes"], m["cpuServeurMicrosecondes"],
        m.get("cpuBaseMicrosecondes", 0), d["p50"], d["p95"], d["p99"],
        "%.1f ms à %.0f/s" % (demi["delaisMillisecondes"]["p99"], demi["offertParSeconde"]) if demi else "",
        m["memoireRepos"]["residente"] >> 20, m["memoirePremierPassage"]["residente"] >> 20, m["memoireFin"]["residente"] >> 20, codes))
for e in r.get("ecarts") or []:
    print("\n%s → %s : débit **%+.1f %%**, temps du serveur **%+.1f %%** (étendue des tours %.1f points)" % (e["De"], e["A"], e["debitPourCent"], e["cpuServeurPourCent"], e["etenduePourCent"]))'
}

entete() {
	printf '\n### %s\n\n' "$1"
	echo '| Service | Face | Base | HTTP | Échanges/s | Plafond/s | Rapport | En temps de calcul | Crypto (µs) | Client (µs) | Serveur (µs) | Base (µs) | p50 / p95 / p99 (ms) | p99 à mi-charge | Mémoire repos / chaude / fin (Mo) | Codes |'
	echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
}

fait() { [ "$quoi" = all ] || [ "$quoi" = "$1" ]; }

echo "Date : $(date -u '+%Y-%m-%d %H:%M UTC') ; machine : $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cœurs, $(go env GOVERSION) ; charge de la machine au début : $(cut -d' ' -f1-3 /proc/loadavg)"

if fait echanges; then
	postgres
	entete 'Échanges'
	for service in IDB CLC; do
		for face in REST SOAP; do
			questions=40000
			[ $service = CLC ] && questions=${QUESTIONS_CLC:-35000}
			charge --service $service --face $face --questions "$questions" --demi | lignes
			charge --service $service --face $face --questions "$questions" --demi --base "$pg" --pid-base "$pid" | lignes
		done
	done
	charge --http 2 | lignes
fi
if fait emetteurs; then
	entete '10 contre 100 000 émetteurs'
	charge --emetteurs 10 --contre-emetteurs 100000 --questions 100000 | lignes
fi
if fait beneficiaires; then
	entete '1 000 contre 1 000 000 de bénéficiaires'
	charge --beneficiaires 1000 --contre-beneficiaires 1000000 --questions 100000 | lignes
fi
if fait rsa; then
	entete 'Émetteurs à clés RSA-2048'
	charge --cles RSA-2048 | lignes
fi
if fait journal; then
	printf '\n### Journal de 10 000 contre 10 millions de feuilles\n\n```\n'
	(cd "$racine" && go test -run '^$' -bench BenchmarkTaille -benchtime 1x -timeout 30m ./internal/journal | grep -E 'Benchmark|ns/op')
	printf '```\n'
fi
