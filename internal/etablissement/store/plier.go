package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// pasReport is how many days separate two stocks carried forward: a close reads
// one and adds up that many days at most.
const pasReport = 4

// cleFlux is a counter of a day.
type cleFlux struct {
	etablissement.CleCompteur
	jour sante.Jour
}

// verrouiller holds the counters of the hospital until the end of the transaction,
// and tells where they are. They are made when there is none.
func (s *Store) verrouiller(ctx context.Context, delai int) (etatCompteurs, error) {
	e := s.b.Ecrivain(ctx)
	_, err := e.ExecContext(ctx, `INSERT INTO etab_compteur_etat (tenant, delai, report, controle_jour, controle, differences) VALUES ($1, $2, 0, 0, 0, 0)
		ON CONFLICT (tenant) DO NOTHING`, s.tenant, delai)
	if err != nil {
		return etatCompteurs{}, fmt.Errorf("etablissement: tenir les compteurs: %w", err)
	}
	return s.etat(ctx, e, delai, s.b.Verrou())
}

// Plier implements etablissement.Comptes. Lines are marked by the one who folds
// them, under the lock of the counters: none is folded twice. A line that a
// payment holds at this moment is left for the next time, so that nobody waits for
// the other in a ring.
func (s *Store) Plier(ctx context.Context, jusque sante.Jour, delai, max int) (n int, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		etat, err := s.verrouiller(ctx, delai)
		if err != nil {
			return err
		}
		if etat.delai != delai {
			n = 0
			return s.recompter(ctx, delai)
		}
		flux, k, err := s.marquer(ctx, delai, max)
		if err != nil {
			return err
		}
		n = k
		if err := s.compter(ctx, etat, flux); err != nil || n > 0 {
			return err
		}
		return s.reporter(ctx, etat, jusque)
	})
	return n, err
}

// marquer takes lines that no counter holds, and adds them up.
func (s *Store) marquer(ctx context.Context, delai, max int) (map[cleFlux]*etablissement.Flux, int, error) {
	saute := ""
	if s.b.Moteur() == bdd.PostgreSQL {
		saute = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `UPDATE etab_ecriture AS x SET plie = 1 WHERE x.tenant = $1 AND (x.venue, x.rang, x.n) IN
		(SELECT y.venue, y.rang, y.n FROM etab_ecriture y WHERE y.tenant = $1 AND y.plie = 0 LIMIT $2`+saute+`)
		RETURNING venue, rang, n, nombre, jour, accuse, montant, amc, poste, motif, origine, origine_motif, facture`, s.tenant, max)
	if err != nil {
		return nil, 0, fmt.Errorf("etablissement: plier des écritures: %w", err)
	}
	defer rows.Close()
	flux, n := map[cleFlux]*etablissement.Flux{}, 0
	for rows.Next() {
		var x etablissement.Ecriture
		if err := lireEcriture(rows, &x); err != nil {
			return nil, 0, err
		}
		n++
		for _, f := range x.Flux(delai) {
			k := cleFlux{f.CleCompteur, f.Jour}
			t := flux[k]
			if t == nil {
				t = &etablissement.Flux{CleCompteur: f.CleCompteur, Jour: f.Jour}
				flux[k] = t
			}
			t.Entres, t.Sortis = t.Entres.Plus(f.Entres), t.Sortis.Plus(f.Sortis)
		}
	}
	return flux, n, rows.Err()
}

// compter adds to the counters, and to the stocks already carried forward past the
// day of what comes late.
func (s *Store) compter(ctx context.Context, etat etatCompteurs, flux map[cleFlux]*etablissement.Flux) error {
	jours := bdd.Insertion{Colonnes: 9, Debut: `INSERT INTO etab_compteur (tenant, jour, amc, poste, motif, entres, entres_montant, sortis, sortis_montant) VALUES`,
		Fin: `ON CONFLICT (tenant, jour, amc, poste, motif) DO UPDATE SET entres = etab_compteur.entres + excluded.entres,
			entres_montant = etab_compteur.entres_montant + excluded.entres_montant,
			sortis = etab_compteur.sortis + excluded.sortis, sortis_montant = etab_compteur.sortis_montant + excluded.sortis_montant`}
	reports := map[cleFlux]etablissement.Montants{}
	for k, f := range flux {
		jours.Valeurs = append(jours.Valeurs, s.tenant, int64(k.jour), k.AMC.String(), string(k.Poste), string(k.Motif),
			f.Entres.Nombre, int64(f.Entres.Montant), f.Sortis.Nombre, int64(f.Sortis.Montant))
		for j := prochainReport(k.jour); j <= etat.report; j += pasReport {
			c := cleFlux{k.CleCompteur, j}
			reports[c] = reports[c].Plus(f.Entres).Moins(f.Sortis)
		}
	}
	stocks := bdd.Insertion{Colonnes: 7, Debut: `INSERT INTO etab_compteur_report (tenant, jour, amc, poste, motif, nombre, montant) VALUES`,
		Fin: `ON CONFLICT (tenant, jour, amc, poste, motif) DO UPDATE SET nombre = etab_compteur_report.nombre + excluded.nombre,
			montant = etab_compteur_report.montant + excluded.montant`}
	for k, m := range reports {
		stocks.Valeurs = append(stocks.Valeurs, s.tenant, int64(k.jour), k.AMC.String(), string(k.Poste), string(k.Motif), m.Nombre, int64(m.Montant))
	}
	for _, i := range []bdd.Insertion{jours, stocks} {
		if len(i.Valeurs) == 0 {
			continue
		}
		if err := s.b.Inserer(ctx, i); err != nil {
			return fmt.Errorf("etablissement: compter: %w", err)
		}
	}
	return nil
}

// prochainReport is the first day carried forward from a day on.
func prochainReport(j sante.Jour) sante.Jour { return (j + pasReport - 1) / pasReport * pasReport }

// reporter carries the stocks forward, one day in four, up to a day.
func (s *Store) reporter(ctx context.Context, etat etatCompteurs, jusque sante.Jour) error {
	e := s.b.Ecrivain(ctx)
	j := etat.report + pasReport
	if etat.report == 0 {
		var premier int64
		if err := e.QueryRowContext(ctx, `SELECT COALESCE(MIN(jour), 0) FROM etab_compteur WHERE tenant = $1`, s.tenant).Scan(&premier); err != nil || premier == 0 {
			return err
		}
		j = prochainReport(sante.Jour(premier))
	}
	fait := etat.report
	for ; j <= jusque; j += pasReport {
		_, err := e.ExecContext(ctx, `INSERT INTO etab_compteur_report (tenant, jour, amc, poste, motif, nombre, montant)
			SELECT $1, CAST($2 AS BIGINT), amc, poste, motif, SUM(nombre), SUM(montant) FROM (
				SELECT amc, poste, motif, nombre, montant FROM etab_compteur_report WHERE tenant = $1 AND jour = $3
				UNION ALL
				SELECT amc, poste, motif, entres - sortis, entres_montant - sortis_montant FROM etab_compteur WHERE tenant = $1 AND jour > $3 AND jour <= $2) AS x
			GROUP BY amc, poste, motif`, s.tenant, int64(j), int64(fait))
		if err != nil {
			return fmt.Errorf("etablissement: reporter les stocks: %w", err)
		}
		fait = j
	}
	if fait == etat.report {
		return nil
	}
	if _, err := e.ExecContext(ctx, `UPDATE etab_compteur_etat SET report = $2 WHERE tenant = $1`, s.tenant, int64(fait)); err != nil {
		return fmt.Errorf("etablissement: reporter les stocks: %w", err)
	}
	return nil
}

// Recompter implements etablissement.Comptes.
func (s *Store) Recompter(ctx context.Context, delai int) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		if _, err := s.verrouiller(ctx, delai); err != nil {
			return err
		}
		return s.recompter(ctx, delai)
	})
}

// attend are the posts where payment is awaited: those of Poste.Attend.
const attend = `'REMIS', 'ACCUSE', 'RESTE'`

// legs are what the lines that were folded make of the counters, as Ecriture.Flux does it line by
// line; $2 is the delay.
func legs() string {
	const de = ` FROM etab_ecriture WHERE tenant = $1 AND plie = 1`
	const entre = de + ` AND poste IN (` + attend + `) AND origine NOT IN (` + attend + `)`
	const quitte = de + ` AND origine IN (` + attend + `) AND poste NOT IN (` + attend + `)`
	return `SELECT jour, amc, poste, motif, nombre AS e, montant AS em, 0 AS s, 0 AS sm` + de + `
	UNION ALL SELECT jour, amc, origine, origine_motif, 0, 0, nombre, montant` + de + `
	UNION ALL SELECT CASE WHEN jour > accuse + $2 + 1 THEN jour ELSE accuse + $2 + 1 END, amc, 'RETARD', '', nombre, montant, 0, 0` + entre + `
	UNION ALL SELECT accuse + $2 + 1, amc, 'RETARD', '', -nombre, -montant, 0, 0` + quitte + ` AND jour < accuse + $2 + 1
	UNION ALL SELECT jour, amc, 'RETARD', '', 0, 0, nombre, montant` + quitte + ` AND jour >= accuse + $2 + 1`
}

// recompter makes the counters again; the lock is held. A line written meanwhile
// by another transaction is not seen, and stays to be folded.
func (s *Store) recompter(ctx context.Context, delai int) error {
	e := s.b.Ecrivain(ctx)
	for _, x := range []struct {
		texte string
		args  []any
	}{
		{`UPDATE etab_ecriture SET plie = 1 WHERE tenant = $1 AND plie = 0`, []any{s.tenant}},
		{`DELETE FROM etab_compteur WHERE tenant = $1`, []any{s.tenant}},
		{`DELETE FROM etab_compteur_report WHERE tenant = $1`, []any{s.tenant}},
		{`INSERT INTO etab_compteur (tenant, jour, amc, poste, motif, entres, entres_montant, sortis, sortis_montant)
			SELECT $1, jour, amc, poste, motif, SUM(e), SUM(em), SUM(s), SUM(sm) FROM (` + legs() + `) AS x GROUP BY jour, amc, poste, motif`, []any{s.tenant, delai}},
		{`UPDATE etab_compteur_etat SET delai = $2, report = 0 WHERE tenant = $1`, []any{s.tenant, delai}},
	} {
		if _, err := e.ExecContext(ctx, x.texte, x.args...); err != nil {
			return fmt.Errorf("etablissement: recompter: %w", err)
		}
	}
	return nil
}
