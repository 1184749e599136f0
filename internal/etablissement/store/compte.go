package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// toujours is the end of a line whose money stays where it is.
var toujours = sante.JourDe(9999, 12, 31)

// finDe is the end of a line when it is written.
func finDe(p etablissement.Poste) sante.Jour {
	switch p {
	case etablissement.PostePaye, etablissement.PosteAnnule, etablissement.PosteExpire, etablissement.PosteAbandonne,
		etablissement.PosteOrigine, etablissement.PosteOrigineSans:
		return toujours
	}
	return 0
}

const (
	debutEcriture = `INSERT INTO etab_ecriture (tenant, venue, rang, n, nombre, plie, jour, fin, accuse, montant, amc, poste, motif, origine, origine_motif, facture) VALUES`
	// colonnesEcriture are those of debutEcriture.
	colonnesEcriture = 16
)

// passerEcritures writes the lines of a change: what leaves a post ends there, and
// stands in the next. An engagement is one insertion.
func (s *Store) passerEcritures(ctx context.Context, e bdd.Executant, l []etablissement.Ecriture) error {
	for i := range l {
		x := &l[i]
		if x.Nombre == 1 && !x.Origine.Exterieur() {
			_, err := e.ExecContext(ctx, `UPDATE etab_ecriture SET fin = $5 WHERE tenant = $1 AND venue = $2 AND rang = $3 AND fin = 0 AND poste = $4 AND n < $6`,
				s.tenant, x.Venue, x.Rang, string(x.Origine), int64(x.Jour), x.N)
			if err != nil {
				return fmt.Errorf("etablissement: finir une écriture: %w", err)
			}
		}
		if err := s.b.Inserer(ctx, bdd.Insertion{Debut: debutEcriture, Colonnes: colonnesEcriture, Valeurs: s.valeurs(x, 0)}); err != nil {
			return fmt.Errorf("etablissement: passer une écriture: %w", err)
		}
	}
	return nil
}

func (s *Store) valeurs(x *etablissement.Ecriture, plie int) []any {
	return []any{s.tenant, x.Venue, x.Rang, x.N, x.Nombre, plie, int64(x.Jour), int64(finDe(x.Poste)), int64(x.Accuse), int64(x.Montant),
		x.AMC.String(), string(x.Poste), string(x.Motif), string(x.Origine), string(x.OrigineMotif), x.Facture}
}

// AOuvrir implements etablissement.Comptes.
func (s *Store) AOuvrir(ctx context.Context, max int) ([]string, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT DISTINCT venue FROM etab_couverture WHERE tenant = $1 AND compte = 0 ORDER BY venue LIMIT $2`, s.tenant, max)
	if err != nil {
		return nil, fmt.Errorf("etablissement: chercher des comptes à ouvrir: %w", err)
	}
	defer rows.Close()
	var l []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, fmt.Errorf("etablissement: chercher des comptes à ouvrir: %w", err)
		}
		l = append(l, v)
	}
	return l, rows.Err()
}

// lireEcriture reads the columns of an écriture that follow its key.
func lireEcriture(rows *sql.Rows, x *etablissement.Ecriture, autres ...any) error {
	var jour, accuse, montant int64
	var amc string
	cibles := append([]any{&x.Venue, &x.Rang, &x.N, &x.Nombre, &jour, &accuse, &montant, &amc, &x.Poste, &x.Motif, &x.Origine, &x.OrigineMotif, &x.Facture}, autres...)
	if err := rows.Scan(cibles...); err != nil {
		return fmt.Errorf("etablissement: lire une écriture: %w", err)
	}
	x.Jour, x.Accuse, x.Montant = sante.Jour(jour), sante.Jour(accuse), sante.Montant(montant)
	var err error
	if x.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
		return fmt.Errorf("etablissement: relire une AMC: %w", err)
	}
	return nil
}

const lues = `x.venue, x.rang, x.n, x.nombre, x.jour, x.accuse, x.montant, x.amc, x.poste, x.motif, x.origine, x.origine_motif, x.facture`

// FacturesDe implements etablissement.Comptes.
func (s *Store) FacturesDe(ctx context.Context, f *etablissement.FiltreFactures, avec bool) (l []etablissement.FactureVue, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		l = nil
		for i := f.De.Poste; i < len(f.Postes); i++ {
			de := etablissement.Curseur{Jour: toujours}
			if i == f.De.Poste && f.De.Jour != 0 {
				de = f.De
			}
			page, err := s.derriere(ctx, f, f.Postes[i], de, f.Max-len(l), avec)
			if err != nil {
				return err
			}
			if l = append(l, page...); len(l) >= f.Max {
				return nil
			}
		}
		return nil
	})
	return l, err
}

// derriere is a page of what is behind a post, the last come first: what stood
// there at the end of a day mostly came shortly before, so that a page is found
// without reading what left long ago.
func (s *Store) derriere(ctx context.Context, f *etablissement.FiltreFactures, p etablissement.Poste, de etablissement.Curseur, max int, avec bool) ([]etablissement.FactureVue, error) {
	quand := `x.jour <= $4 AND (x.fin = 0 OR x.fin > $4) AND ($5 = 0 OR x.accuse <= $5)`
	if f.Sens == etablissement.DansLeJour {
		quand = `x.jour = $4 AND $5 = 0`
		if f.Retard != 0 { // late from this day on
			quand = `(x.jour = $4 AND x.accuse <= $5 AND x.origine NOT IN (` + attend + `) OR x.jour < $4 AND x.accuse = $5 AND (x.fin = 0 OR x.fin >= $4))`
		}
	}
	if f.Sens == etablissement.DansLeJour && len(f.Postes) > 1 && f.Retard == 0 { // what was there already did not come in
		quand += ` AND NOT ` + internes
	}
	// The origin of the money is that of the last account opened until then.
	const sans = `COALESCE((SELECT y.origine FROM etab_ecriture y WHERE y.tenant = x.tenant AND y.venue = x.venue AND y.rang = x.rang AND y.n <= x.n
		AND y.nombre = 1 AND y.origine IN ('ORIGINE', 'ORIGINE_SANS') ORDER BY y.n DESC LIMIT 1), '') = 'ORIGINE_SANS', `
	colonnes, jointure := sans+`COALESCE(v.dossier, ''), '', '', x.fin`, ``
	if avec {
		colonnes, jointure = sans+`COALESCE(v.dossier, ''), COALESCE(c.etat, ''), COALESCE(c.code, ''), c.contenu`,
			` LEFT JOIN etab_couverture c ON c.tenant = x.tenant AND c.venue = x.venue AND c.rang = x.rang`
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT `+lues+`, `+colonnes+` FROM etab_ecriture x
		LEFT JOIN etab_venue v ON v.tenant = x.tenant AND v.id = x.venue`+jointure+`
		WHERE x.tenant = $1 AND x.amc = $2 AND x.poste = $3 AND `+quand+` AND ($6 = '' OR x.motif = $6)
			AND (x.jour, x.venue, x.rang, x.n) < ($7, $8, $9, $10)
		ORDER BY x.jour DESC, x.venue DESC, x.rang DESC, x.n DESC LIMIT $11`,
		s.tenant, f.AMC.String(), string(p), int64(f.Jour), int64(f.Retard), string(f.Motif), int64(de.Jour), de.Venue, de.Rang, de.N, max)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire les factures d'un chiffre: %w", err)
	}
	defer rows.Close()
	var l []etablissement.FactureVue
	for rows.Next() {
		var x etablissement.FactureVue
		var etat, code string
		var contenu []byte
		var fin int64
		derniere := any(&contenu)
		if !avec {
			derniere = &fin
		}
		if err := lireEcriture(rows, &x.Ecriture, &x.SansGarantie, &x.Dossier, &etat, &code, derniere); err != nil {
			return nil, err
		}
		x.Partie = fin != 0
		if contenu != nil {
			x.Couverture = &etablissement.Couverture{Rang: x.Rang, Etat: etablissement.Etat(etat), Code: roc.Code(code)}
			if err := decoderCouverture(contenu, x.Couverture); err != nil {
				return nil, err
			}
		}
		l = append(l, x)
	}
	return l, rows.Err()
}

// etatCompteurs is where the counters of a hospital are.
type etatCompteurs struct {
	delai    int
	report   sante.Jour
	controle etablissement.Controle
}

func (s *Store) etat(ctx context.Context, e bdd.Executant, delai int, verrou string) (x etatCompteurs, err error) {
	var report, controle int64
	err = e.QueryRowContext(ctx, `SELECT delai, report, controle, differences FROM etab_compteur_etat WHERE tenant = $1`+verrou, s.tenant).
		Scan(&x.delai, &report, &controle, &x.controle.Differences)
	if errors.Is(err, sql.ErrNoRows) {
		return etatCompteurs{delai: delai}, nil
	}
	if err != nil {
		return x, fmt.Errorf("etablissement: lire l'état des compteurs: %w", err)
	}
	x.report, x.controle.Instant = sante.Jour(report), instant(controle)
	return x, nil
}

// Journee implements etablissement.Comptes.
func (s *Store) Journee(ctx context.Context, j sante.Jour, delai int) (d *etablissement.Journee, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		e := s.b.Lecteur(ctx)
		etat, err := s.etat(ctx, e, delai, "")
		if err != nil {
			return err
		}
		lignes := map[etablissement.CleCompteur]*etablissement.LigneJournee{}
		if err := s.pliees(ctx, e, j, lignes); err != nil {
			return err
		}
		if err := s.nonPliees(ctx, e, j, etat.delai, lignes); err != nil {
			return err
		}
		if err := s.internes(ctx, e, j, lignes); err != nil {
			return err
		}
		d = &etablissement.Journee{Jour: j, Delai: etat.delai, Controle: etat.controle}
		for _, l := range lignes {
			if l.Ouverture != (etablissement.Montants{}) || l.Entres != (etablissement.Montants{}) || l.Sortis != (etablissement.Montants{}) {
				d.Lignes = append(d.Lignes, *l)
			}
		}
		slices.SortFunc(d.Lignes, func(a, b etablissement.LigneJournee) int { return a.Comparer(b.CleCompteur) })
		err = e.QueryRowContext(ctx, `SELECT COUNT(*) FROM etab_couverture WHERE tenant = $1 AND compte = 0`, s.tenant).Scan(&d.ARouvrir)
		if err != nil {
			return fmt.Errorf("etablissement: compter ce qui reste à ouvrir: %w", err)
		}
		return nil
	})
	return d, err
}

// pliees reads the counters: the last stock carried forward before the day, the
// days since, and the day itself.
func (s *Store) pliees(ctx context.Context, e bdd.Executant, j sante.Jour, lignes map[etablissement.CleCompteur]*etablissement.LigneJournee) error {
	var report int64
	err := e.QueryRowContext(ctx, `SELECT COALESCE(MAX(jour), 0) FROM etab_compteur_report WHERE tenant = $1 AND jour < $2`, s.tenant, int64(j)).Scan(&report)
	if err != nil {
		return fmt.Errorf("etablissement: lire les stocks reportés: %w", err)
	}
	rows, err := e.QueryContext(ctx, `SELECT amc, poste, motif, nombre, montant, 0, 0, 0, 0 FROM etab_compteur_report WHERE tenant = $1 AND jour = $3
		UNION ALL
		SELECT amc, poste, motif, CAST(SUM(entres - sortis) AS BIGINT), CAST(SUM(entres_montant - sortis_montant) AS BIGINT), 0, 0, 0, 0
			FROM etab_compteur WHERE tenant = $1 AND jour > $3 AND jour < $2 GROUP BY amc, poste, motif
		UNION ALL
		SELECT amc, poste, motif, 0, 0, entres, entres_montant, sortis, sortis_montant FROM etab_compteur WHERE tenant = $1 AND jour = $2`,
		s.tenant, int64(j), report)
	if err != nil {
		return fmt.Errorf("etablissement: lire les compteurs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k etablissement.CleCompteur
		var amc string
		var x etablissement.LigneJournee
		if err := rows.Scan(&amc, &k.Poste, &k.Motif, &x.Ouverture.Nombre, &x.Ouverture.Montant, &x.Entres.Nombre, &x.Entres.Montant, &x.Sortis.Nombre, &x.Sortis.Montant); err != nil {
			return fmt.Errorf("etablissement: lire les compteurs: %w", err)
		}
		if k.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
			return fmt.Errorf("etablissement: relire une AMC: %w", err)
		}
		l := ligne(lignes, k)
		l.Ouverture, l.Entres, l.Sortis = l.Ouverture.Plus(x.Ouverture), l.Entres.Plus(x.Entres), l.Sortis.Plus(x.Sortis)
	}
	return rows.Err()
}

// internes is a line from one post of « à corriger » to the other.
const internes = `(x.poste IN ('REJETE', 'CORRIGE') AND x.origine IN ('REJETE', 'CORRIGE'))`

// internes tells what of the day moved inside « à corriger », for the insurers to
// which something came there.
func (s *Store) internes(ctx context.Context, e bdd.Executant, j sante.Jour, lignes map[etablissement.CleCompteur]*etablissement.LigneJournee) error {
	posees := etablissement.PostesDe(etablissement.ChiffreACorriger)
	vues := map[sante.NumeroAMC]bool{}
	args := []any{}
	for k, l := range lignes {
		if slices.Contains(posees, k.Poste) && l.Entres != (etablissement.Montants{}) && !vues[k.AMC] {
			vues[k.AMC] = true
			args = append(args, k.AMC.String())
		}
	}
	for ; len(args) > 0; args = args[min(len(args), 100):] {
		n := min(len(args), 100)
		rows, err := e.QueryContext(ctx, `SELECT x.amc, x.poste, x.motif, CAST(SUM(x.nombre) AS BIGINT), CAST(SUM(x.montant) AS BIGINT) FROM etab_ecriture x
			WHERE x.tenant = $1 AND x.jour = $2 AND x.amc IN (`+s.b.Parametres(3, n)+`) AND `+internes+` GROUP BY x.amc, x.poste, x.motif`,
			append([]any{s.tenant, int64(j)}, args[:n]...)...)
		if err != nil {
			return fmt.Errorf("etablissement: lire ce qui se corrige: %w", err)
		}
		err = lireLignes(rows, func() error {
			var k etablissement.CleCompteur
			var m etablissement.Montants
			var amc string
			if err := rows.Scan(&amc, &k.Poste, &k.Motif, &m.Nombre, &m.Montant); err != nil {
				return err
			}
			if k.AMC, err = sante.ParseNumeroAMC(amc); err != nil {
				return err
			}
			ligne(lignes, k).Internes = m
			return nil
		})
		if err != nil {
			return fmt.Errorf("etablissement: lire ce qui se corrige: %w", err)
		}
	}
	return nil
}

func ligne(lignes map[etablissement.CleCompteur]*etablissement.LigneJournee, k etablissement.CleCompteur) *etablissement.LigneJournee {
	l := lignes[k]
	if l == nil {
		l = &etablissement.LigneJournee{CleCompteur: k}
		lignes[k] = l
	}
	return l
}

// nonPliees adds the lines that no counter holds yet.
func (s *Store) nonPliees(ctx context.Context, e bdd.Executant, j sante.Jour, delai int, lignes map[etablissement.CleCompteur]*etablissement.LigneJournee) error {
	rows, err := e.QueryContext(ctx, `SELECT `+lues+` FROM etab_ecriture x WHERE x.tenant = $1 AND x.plie = 0 AND x.jour <= $2`, s.tenant, int64(j))
	if err != nil {
		return fmt.Errorf("etablissement: lire les dernières écritures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x etablissement.Ecriture
		if err := lireEcriture(rows, &x); err != nil {
			return err
		}
		for _, f := range x.Flux(delai) {
			if f.Jour > j {
				continue
			}
			if l := ligne(lignes, f.CleCompteur); f.Jour == j {
				l.Entres, l.Sortis = l.Entres.Plus(f.Entres), l.Sortis.Plus(f.Sortis)
			} else {
				l.Ouverture = l.Ouverture.Plus(f.Entres).Moins(f.Sortis)
			}
		}
	}
	return rows.Err()
}
