package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// A balance adds the months that are over, both of the entries and of what was
// known, and the days of the month under way: it never reads the entries.
const balance = `SELECT s.amc, COALESCE(d.libelle, ''), s.nature, CAST(SUM(s.montant) AS BIGINT), CAST(SUM(s.contre) AS BIGINT) FROM (
	SELECT amc, nature, montant, contre FROM cpt_mois WHERE tenant = $1 AND mois < $3 AND connu < $5
	UNION ALL
	SELECT amc, nature, montant, contre FROM cpt_jour WHERE tenant = $1 AND jour >= $3 AND jour <= $2 AND connu <= $4
	UNION ALL
	SELECT amc, nature, montant, contre FROM cpt_jour WHERE tenant = $1 AND connu >= $5 AND connu <= $4 AND jour < $3
	) s LEFT JOIN cpt_debiteur d ON d.tenant = $1 AND d.amc = s.amc
	GROUP BY s.amc, d.libelle, s.nature ORDER BY s.amc, s.nature`

// Balance implements comptable.Soldes.
func (s *Store) Balance(ctx context.Context, jour, connu sante.Jour) (l []comptable.Cumul, err error) {
	j, k := jour.String(), connu.String()
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, balance, s.tenant, j, j[:7], k, k[:7])
	err = lire(rows, err, "la balance", func(r *sql.Rows) error {
		var c comptable.Cumul
		var numero string
		if err := r.Scan(&numero, &c.Libelle, &c.Nature, &c.Montant, &c.Contre); err != nil {
			return err
		}
		l = append(l, c)
		l[len(l)-1].AMC, err = amc(numero)
		return err
	})
	return l, err
}

// What a titre owed at a day is what it owes now, less what was written since.
const agee = `WITH e AS (
	SELECT exercice, titre, CASE WHEN nature = 'EMISSION' THEN signe * montant ELSE -signe * montant END AS m FROM cpt_ecriture WHERE tenant = $1 AND jour > $2 AND titre > 0
	UNION ALL
	SELECT exercice, titre, CASE WHEN nature = 'EMISSION' THEN signe * montant ELSE -signe * montant END FROM cpt_ecriture WHERE tenant = $1 AND connu > $3 AND jour <= $2 AND titre > 0
	), a AS (SELECT exercice, titre, CAST(SUM(m) AS BIGINT) AS m FROM e GROUP BY exercice, titre
	), k AS (SELECT exercice, numero FROM cpt_titre WHERE tenant = $1 AND reste > 0 UNION SELECT exercice, titre FROM a
	), r AS (SELECT t.amc, t.reste - COALESCE(a.m, 0) AS reste, CASE
		WHEN t.echeance = '' OR t.connu > $3 OR t.echeance >= $2 THEN 0
		WHEN t.echeance >= $4 THEN 1 WHEN t.echeance >= $5 THEN 2 WHEN t.echeance >= $6 THEN 3 ELSE 4 END AS age
		FROM k JOIN cpt_titre t ON t.tenant = $1 AND t.exercice = k.exercice AND t.numero = k.numero
		LEFT JOIN a ON a.exercice = k.exercice AND a.titre = k.numero)
	SELECT r.amc, COALESCE(d.libelle, ''), r.age, COUNT(*), CAST(SUM(r.reste) AS BIGINT) FROM r LEFT JOIN cpt_debiteur d ON d.tenant = $1 AND d.amc = r.amc
	WHERE r.reste > 0 GROUP BY r.amc, d.libelle, r.age ORDER BY r.amc, r.age`

// Agee implements comptable.Soldes.
func (s *Store) Agee(ctx context.Context, jour, connu sante.Jour) (l []comptable.LigneAgee, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, agee, s.tenant, jour.String(), connu.String(), (jour - 30).String(), (jour - 60).String(), (jour - 90).String())
	err = lire(rows, err, "la balance âgée", func(r *sql.Rows) error {
		var numero, libelle string
		var age, n int
		var m sante.Montant
		if err := r.Scan(&numero, &libelle, &age, &n, &m); err != nil {
			return err
		}
		debiteur, err := amc(numero)
		if len(l) == 0 || l[len(l)-1].AMC != debiteur {
			l = append(l, comptable.LigneAgee{AMC: debiteur, Libelle: libelle})
		}
		x := &l[len(l)-1]
		x.Nombre[age], x.Montants[age] = n, m
		return err
	})
	return l, err
}

const reglements = `SELECT e.amc, COALESCE(d.libelle, ''), t.accuse, e.encaisse, CAST(SUM(e.signe) AS BIGINT), CAST(SUM(e.signe * e.montant) AS BIGINT)
	FROM cpt_ecriture e JOIN cpt_titre t ON t.tenant = e.tenant AND t.exercice = e.exercice AND t.numero = e.titre
	LEFT JOIN cpt_debiteur d ON d.tenant = e.tenant AND d.amc = e.amc
	WHERE e.tenant = $1 AND e.encaisse <> '' AND e.encaisse BETWEEN $2 AND $3
	GROUP BY e.amc, d.libelle, t.accuse, e.encaisse`

// Reglements implements comptable.Soldes.
func (s *Store) Reglements(ctx context.Context, du, au sante.Jour) (l []comptable.Reglement, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, reglements, s.tenant, du.String(), au.String())
	err = lire(rows, err, "des règlements", func(r *sql.Rows) error {
		var x comptable.Reglement
		var numero, accuse, encaisse string
		if err := r.Scan(&numero, &x.Libelle, &accuse, &encaisse, &x.Nombre, &x.Montant); err != nil {
			return err
		}
		if x.AMC, err = amc(numero); err != nil {
			return err
		}
		err := jours(map[*sante.Jour]string{&x.Accuse: accuse, &x.Encaisse: encaisse})
		l = append(l, x)
		return err
	})
	return l, err
}

// controles count what should not exist.
var controles = []struct{ nom, requete string }{
	{"titre et ses écritures", `SELECT COUNT(*) FROM cpt_titre t LEFT JOIN (SELECT exercice, titre,
		SUM(CASE WHEN nature = 'EMISSION' THEN signe * montant ELSE 0 END) AS m, SUM(CASE WHEN nature = 'REDUCTION' THEN signe * montant ELSE 0 END) AS r,
		SUM(CASE WHEN nature = 'PAIEMENT' THEN signe * montant ELSE 0 END) AS p, SUM(CASE WHEN nature = 'NON_VALEUR' THEN signe * montant ELSE 0 END) AS l
		FROM cpt_ecriture WHERE tenant = $1 AND titre > 0 GROUP BY exercice, titre) e ON e.exercice = t.exercice AND e.titre = t.numero
		WHERE t.tenant = $1 AND (e.m IS NULL OR e.m <> t.montant OR e.r <> t.reduit OR e.p <> t.paye OR e.l <> t.perdu)`},
	{"ligne de relevé et ses écritures", `SELECT COUNT(*) FROM cpt_ligne l LEFT JOIN (SELECT id, SUM(m) AS m, SUM(n) AS n FROM (
		SELECT ligne AS id, CASE WHEN nature IN ('ENCAISSEMENT', 'DECAISSEMENT') THEN 0 ELSE signe * montant END AS m,
			CASE WHEN nature IN ('ENCAISSEMENT', 'DECAISSEMENT') THEN montant ELSE 0 END AS n FROM cpt_ecriture WHERE tenant = $1 AND ligne <> ''
		UNION ALL SELECT autre, signe * montant, 0 FROM cpt_ecriture WHERE tenant = $1 AND autre <> '') x GROUP BY id) e ON e.id = l.id
		WHERE l.tenant = $1 AND (e.m IS NULL OR e.n <> l.montant OR l.reste <> l.montant - e.m)`},
	{"facture annoncée et ses écritures", `SELECT COUNT(*) FROM cpt_annoncee a LEFT JOIN (SELECT payeur, retour, annoncee, SUM(signe * montant) AS m FROM cpt_ecriture
		WHERE tenant = $1 AND retour <> '' GROUP BY payeur, retour, annoncee) e ON e.payeur = a.payeur AND e.retour = a.retour AND e.annoncee = a.rang
		WHERE a.tenant = $1 AND a.reste <> a.montant - COALESCE(e.m, 0)`},
	{"annonce et ses factures", `SELECT COUNT(*) FROM cpt_annonce a LEFT JOIN (SELECT payeur, retour, SUM(reste) AS r, SUM(montant) AS m FROM cpt_annoncee
		WHERE tenant = $1 GROUP BY payeur, retour) f ON f.payeur = a.payeur AND f.retour = a.retour
		WHERE a.tenant = $1 AND (f.r IS NULL OR f.r <> a.reste OR f.m <> a.total)`},
	{"cumuls des mois et des jours", `SELECT COUNT(*) FROM (SELECT nature, amc, mois, connu, SUM(m) AS m, SUM(c) AS c FROM (
		SELECT nature, amc, mois, connu, montant AS m, contre AS c FROM cpt_mois WHERE tenant = $1
		UNION ALL SELECT nature, amc, SUBSTR(jour, 1, 7), SUBSTR(connu, 1, 7), -montant, -contre FROM cpt_jour WHERE tenant = $1) x
		GROUP BY nature, amc, mois, connu) y WHERE m <> 0 OR c <> 0`},
	{"cumuls des jours et écritures", `SELECT COUNT(*) FROM (SELECT nature, amc, jour, connu, SUM(m) AS m, SUM(c) AS c FROM (
		SELECT nature, amc, jour, connu, montant AS m, contre AS c FROM cpt_jour WHERE tenant = $1
		UNION ALL SELECT nature, amc, jour, connu, CASE WHEN signe > 0 THEN -montant ELSE 0 END, CASE WHEN signe < 0 THEN -montant ELSE 0 END
			FROM cpt_ecriture WHERE tenant = $1) x GROUP BY nature, amc, jour, connu) y WHERE m <> 0 OR c <> 0`},
	{"numéros des pièces", `SELECT COUNT(*) FROM cpt_livre l WHERE l.tenant = $1 AND (l.piece <> (SELECT COUNT(*) FROM cpt_piece p WHERE p.tenant = $1)
		OR l.piece <> (SELECT COALESCE(MAX(p.numero), 0) FROM cpt_piece p WHERE p.tenant = $1))`},
	{"pièces et contre-passations", `SELECT COUNT(*) FROM cpt_piece p WHERE p.tenant = $1 AND p.contrepasse > 0 AND (
		SELECT COALESCE(SUM(signe * montant), 1) FROM cpt_ecriture e WHERE e.tenant = $1 AND e.piece IN (p.numero, p.contrepasse)) <> 0`},
}

// Verifier implements comptable.Soldes.
func (s *Store) Verifier(ctx context.Context) (l []comptable.Anomalie, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		l = nil
		for _, c := range controles {
			var n int
			if err := s.b.Lecteur(ctx).QueryRowContext(ctx, c.requete, s.tenant).Scan(&n); err != nil {
				return fmt.Errorf("contrôler %s: %w", c.nom, err)
			}
			if n > 0 {
				l = append(l, comptable.Anomalie{Controle: c.nom, Nombre: n})
			}
		}
		return nil
	})
	return l, err
}
