package comptabletest

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

// Histoire writes by SQL a book of five years, until the month of Jour1: for each
// titre an announce, a bank line and three entries, all settled but the last ones.
// It is what the store must not read again.
func Histoire(t TB, b *bdd.Base, tenant string, titres, ouverts int) {
	t.Helper()
	const mois = 60
	executer := func(requete string, args ...any) {
		err := b.EnTransaction(context.Background(), func(ctx context.Context) error {
			_, err := b.Ecrivain(ctx).ExecContext(ctx, requete, args...)
			return err
		})
		if err != nil {
			t.Fatalf("histoire: %v\n%s", err, requete)
		}
	}
	parMois := titres / mois
	executer(`INSERT INTO cpt_livre (tenant, piece, revision) VALUES ($1, $2, 1)`, tenant, mois*3)
	executer(`INSERT INTO cpt_debiteur (tenant, amc, libelle) VALUES ($1, '990000001', 'Mutuelle 1 (fictive)')`, tenant)
	for m := range mois {
		jour := sante.JourDe(2026, time.Month(5-mois+1+m), 2).String()
		de, a, solde := m*parMois+1, (m+1)*parMois, (m+1)*parMois
		if m == mois-1 {
			solde -= ouverts
		}
		for _, x := range histoire {
			executer(fmt.Sprintf("INSERT INTO "+x.table+" WITH RECURSIVE g (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM g WHERE i < %d) SELECT "+x.colonnes, de, a),
				tenant, jour, int64(solde), int64(m))
		}
		for k, nature := range []string{"EMISSION", "ENCAISSEMENT", "PAIEMENT"} {
			n := parMois
			if nature == "PAIEMENT" {
				n = solde - de + 1
			}
			amc := "990000001"
			if nature == "ENCAISSEMENT" {
				amc = ""
			}
			executer(`INSERT INTO cpt_piece (tenant, numero, motif, score, agent, raison, origine, instant, connu, contrepasse) VALUES ($1, $2, 'EVENEMENT', 0, '', '', '', 0, $3, 0)`, tenant, m*3+k+1, jour)
			executer(`INSERT INTO cpt_jour (tenant, nature, amc, jour, connu, montant, contre) VALUES ($1, $2, $3, $4, $4, $5, 0)`, tenant, nature, amc, jour, n*1000)
			executer(`INSERT INTO cpt_mois (tenant, nature, amc, mois, connu, montant, contre) VALUES ($1, $2, $3, $4, $4, $5, 0)`, tenant, nature, amc, jour[:7], n*1000)
		}
	}
	executer("ANALYZE")
}

// histoire is what each month adds; $1 tenant, $2 day, $3 last titre settled, $4 month.
var histoire = []struct{ table, colonnes string }{
	{"cpt_titre (tenant, exercice, numero, amc, annee, facture, lot, montant, reduit, paye, perdu, reste, emis, accuse, connu, echeance, message, feuille)",
		`$1, 2021, i, '990000001', 2021, 'F' || CAST(i AS TEXT), 'L1', 1000, 0, CASE WHEN i <= CAST($3 AS BIGINT) THEN 1000 ELSE 0 END, 0,
		CASE WHEN i <= CAST($3 AS BIGINT) THEN 0 ELSE 1000 END, CAST($2 AS TEXT), '', '', '', '', '' FROM g WHERE CAST($4 AS BIGINT) >= 0`},
	{"cpt_annonce (tenant, payeur, retour, reference, normalisee, compte, comptable, mandatement, contact, total, reste, message, feuille)",
		`$1, '990000001', 'R' || CAST(i AS TEXT), 'VIR' || CAST(1000000 + i AS TEXT), 'VIR' || CAST(1000000 + i AS TEXT), '', CAST($2 AS TEXT), '', '', 1000,
		CASE WHEN i <= CAST($3 AS BIGINT) THEN 0 ELSE 1000 END, '', '' FROM g WHERE CAST($4 AS BIGINT) >= 0`},
	{"cpt_annoncee (tenant, payeur, retour, rang, facture, lot, montant, reste)",
		`$1, '990000001', 'R' || CAST(i AS TEXT), 1, 'F' || CAST(i AS TEXT), 'L1', 1000, CASE WHEN i <= CAST($3 AS BIGINT) THEN 0 ELSE 1000 END FROM g WHERE CAST($4 AS BIGINT) >= 0 AND CAST($2 AS TEXT) <> ''`},
	{"cpt_ligne (tenant, id, releve, place, compte, jour, valeur, sens, montant, reste, extourne, reference, bout_en_bout, remises, libelle, contrepartie, doute, cite, revision)",
		`$1, 'L' || CAST(i AS TEXT), 'x', i, 'FR76', CAST($2 AS TEXT), '', 'C', 1000, CASE WHEN i <= CAST($3 AS BIGINT) THEN 0 ELSE 1000 END, 0, '', 'VIR' || CAST(1000000 + i AS TEXT), '', '', '', '', '', 0
		FROM g WHERE CAST($4 AS BIGINT) >= 0`},
	{"cpt_ecriture (tenant, piece, rang, nature, signe, jour, connu, amc, exercice, titre, ligne, autre, payeur, retour, annoncee, encaisse, montant)",
		`$1, CAST($4 AS BIGINT) * 3 + 1, i, 'EMISSION', 1, CAST($2 AS TEXT), CAST($2 AS TEXT), '990000001', 2021, i, '', '', '', '', 0, '', 1000 FROM g WHERE CAST($3 AS BIGINT) > 0`},
	{"cpt_ecriture (tenant, piece, rang, nature, signe, jour, connu, amc, exercice, titre, ligne, autre, payeur, retour, annoncee, encaisse, montant)",
		`$1, CAST($4 AS BIGINT) * 3 + 2, i, 'ENCAISSEMENT', 1, CAST($2 AS TEXT), CAST($2 AS TEXT), '', 0, 0, 'L' || CAST(i AS TEXT), '', '', '', 0, '', 1000 FROM g WHERE CAST($3 AS BIGINT) > 0`},
	{"cpt_ecriture (tenant, piece, rang, nature, signe, jour, connu, amc, exercice, titre, ligne, autre, payeur, retour, annoncee, encaisse, montant)",
		`$1, CAST($4 AS BIGINT) * 3 + 3, i, 'PAIEMENT', 1, CAST($2 AS TEXT), CAST($2 AS TEXT), '990000001', 2021, i, 'L' || CAST(i AS TEXT), '', '990000001', 'R' || CAST(i AS TEXT), 1, CAST($2 AS TEXT), 1000
		FROM g WHERE i <= CAST($3 AS BIGINT)`},
}
