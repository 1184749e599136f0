# Each target is one line that anyone could type.
.DEFAULT_GOAL := help
.PHONY: help build test race fuzz lint golden e2e bench bench-lot bench-droits bench-annuaire bench-cloture endurance docs

help: ## montre cette aide
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

build: ## construit un binaire statique, bin/ecluse
	CGO_ENABLED=0 go build -mod=readonly -trimpath -o bin/ecluse ./cmd/ecluse

test: ## passe les essais
	go test ./...

race: ## passe les essais mêlés, sous le détecteur de concurrence
	go test -race -shuffle=on ./...

fuzz: ## éprouve chaque lecteur, dix secondes chacun
	.ci/fuzz.sh 10s

lint: ## gofmt, vet, staticcheck
	test -z "$$(git ls-files '*.go' | xargs gofmt -l)" && go vet ./... && go run honnef.co/go/tools/cmd/staticcheck@v0.7.0 ./...

golden: ## réécrit les messages et les fichiers de référence (à relire avant de les garder)
	go test ./internal/annuaire/front ./internal/annuaire/ldap ./roc ./visiodroits/droits ./visiodroits/tarif ./internal/etablissement ./clients -update

e2e: ## joue toute la démonstration et échoue si une étape ne tient pas
	go run ./cmd/ecluse demo --once

bench: ## mesure les pièces, puis un serveur entier (docs/mesures.md)
	go test -run '^$$' -bench . -benchmem ./sceau/... ./trame ./certificat ./calcul ./noemie ./b2 ./rass ./fhir ./internal/annuaire/front ./visiodroits/... ./internal/journal ./internal/bdd ./internal/acheminement/...
	.ci/bench.sh

bench-lot: ## mesure les factures, du lot scellé au virement rapproché (ECLUSE_FACTURES, un million par défaut)
	ECLUSE_FACTURES=$${ECLUSE_FACTURES:-1000000} go test -run '^$$' -bench 'BenchmarkLots$$|BenchmarkLotsTenus' -benchtime 1x -timeout 6h ./cmd/ecluse/internal/serveur

bench-droits: ## mesure les demandes de droits d'une pharmacie, directes et par un ou deux relais, puis mille contre un million de bénéficiaires (ECLUSE_BENEFICIAIRES)
	go test -run '^$$' -bench 'BenchmarkDroits$$|BenchmarkDroitsTailles' -benchtime 1x -timeout 60m ./cmd/ecluse/...

bench-annuaire: ## mesure l'annuaire national à deux millions de professionnels (ECLUSE_ANNUAIRE), avec OpenLDAP et PostgreSQL dans la même exécution
	ECLUSE_ANNUAIRE=$${ECLUSE_ANNUAIRE:-2000000} go test -run '^$$' -bench 'BenchmarkAnnuaire$$' -benchtime 1x -timeout 2h ./internal/epreuves

bench-cloture: ## mesure la clôture d'un jour à dix millions de factures (ECLUSE_CLOTURE=N pour un autre nombre ; ECLUSE_PG pour PostgreSQL)
	ECLUSE_CLOTURE=$${ECLUSE_CLOTURE:-10000000} go test -run '^$$' -bench Cloture -benchtime 20x -timeout 4h -v ./internal/etablissement/store

endurance: ## joue les longues épreuves (une demi-heure), puis refait vingt fois les essais de coupure et de course
	.ci/endurance.sh
	go test -count 20 -shuffle=on -run 'Coupure|Course|Crash|Aucun|DeuxNoeuds|Tempete' ./internal/... ./cmd/...

docs: ## réécrit docs/reference d'après le code, et vérifie les pages
	go test ./cmd/ecluse -run TestReference -update && go test -run 'Ecarts|Liens|Citations|Dependances' .
