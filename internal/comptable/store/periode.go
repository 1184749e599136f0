package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// EnLecture runs f in one snapshot: all its reads agree.
func (s *Store) EnLecture(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnLecture(ctx, f)
}

// Titres that were open when the period began, or that something happened to
// since; what is outside the period is taken off what is owed now.
const titresPeriode = `WITH e AS (
	SELECT exercice, titre, nature, signe * montant AS m, CASE WHEN jour <= $3 AND connu <= $4 THEN 1 ELSE 0 END AS dedans
		FROM cpt_ecriture WHERE tenant = $1 AND titre > 0 AND jour >= $2
	UNION ALL
	SELECT exercice, titre, nature, signe * montant, 0 FROM cpt_ecriture WHERE tenant = $1 AND titre > 0 AND connu > $4 AND jour < $2
	), s AS (SELECT exercice, titre, CAST(SUM(CASE WHEN nature = 'EMISSION' THEN m ELSE -m END) AS BIGINT) AS tout,
		CAST(SUM(CASE WHEN nature = 'EMISSION' THEN dedans * m ELSE 0 END) AS BIGINT) AS emis,
		CAST(SUM(CASE WHEN nature = 'REDUCTION' THEN dedans * m ELSE 0 END) AS BIGINT) AS reduit,
		CAST(SUM(CASE WHEN nature = 'PAIEMENT' THEN dedans * m ELSE 0 END) AS BIGINT) AS paye,
		CAST(SUM(CASE WHEN nature = 'NON_VALEUR' THEN dedans * m ELSE 0 END) AS BIGINT) AS perdu
		FROM e GROUP BY exercice, titre
	), k AS (SELECT exercice, numero FROM cpt_titre WHERE tenant = $1 AND reste > 0 UNION SELECT exercice, titre FROM s)
	SELECT ` + colonnesTitre + `, COALESCE(s.tout, 0), COALESCE(s.emis, 0), COALESCE(s.reduit, 0), COALESCE(s.paye, 0), COALESCE(s.perdu, 0)
	FROM k JOIN cpt_titre t ON t.tenant = $1 AND t.exercice = k.exercice AND t.numero = k.numero
	LEFT JOIN s ON s.exercice = k.exercice AND s.titre = k.numero
	ORDER BY t.exercice, t.numero`

// TitresPeriode gives, one by one, the titres that the balance of a period is made
// of.
func (s *Store) TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, titresPeriode, s.tenant, p.Du.String(), p.Au.String(), p.Connu.String())
	return lire(rows, err, "des titres", func(r *sql.Rows) error {
		var m comptable.Mouvements
		var tout sante.Montant
		t, err := lireTitre(r, &tout, &m.Emis, &m.Reduit, &m.Paye, &m.Perdu)
		if err != nil {
			return err
		}
		m.Ouverture = t.Reste - tout
		m.Cloture = m.Ouverture + m.Emis - m.Reduit - m.Paye - m.Perdu
		if m == (comptable.Mouvements{}) {
			return nil
		}
		return une(&comptable.TitrePeriode{Titre: *t, Mouvements: m})
	})
}

const mouvementsPeriode = `SELECT e.nature, e.signe, e.jour, e.amc, e.exercice, e.titre, e.ligne, e.autre, e.payeur, e.retour, e.annoncee, e.encaisse, e.montant,
	e.piece, e.rang, p.motif, p.score, p.agent, p.raison, p.instant, p.connu, p.contrepasse, CASE WHEN p.message = '' AND e.nature = 'EMISSION' THEN t.message ELSE p.message END, t.annee, t.facture,
	COALESCE(l.compte, ''), COALESCE(l.jour, ''), COALESCE(l.montant, 0), COALESCE(l.reference, ''), COALESCE(l.bout_en_bout, ''), COALESCE(l.libelle, ''),
	COALESCE(l.contrepartie, ''), COALESCE(l.releve, ''), COALESCE(l.place, 0),
	COALESCE(a.reference, ''), COALESCE(a.comptable, ''), COALESCE(a.total, 0), COALESCE(a.message, ''), COALESCE(a.feuille, '')
	FROM cpt_ecriture e JOIN cpt_piece p ON p.tenant = e.tenant AND p.numero = e.piece
	JOIN cpt_titre t ON t.tenant = e.tenant AND t.exercice = e.exercice AND t.numero = e.titre
	LEFT JOIN cpt_ligne l ON l.tenant = e.tenant AND l.id = e.ligne
	LEFT JOIN cpt_annonce a ON a.tenant = e.tenant AND a.payeur = e.payeur AND a.retour = e.retour
	WHERE e.tenant = $1 AND e.jour >= $2 AND e.jour <= $3 AND e.connu <= $4 AND e.titre > 0
	ORDER BY e.piece, e.rang`

// MouvementsPeriode gives, one by one, the entries on titres of a period, with
// their evidence.
func (s *Store) MouvementsPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.MouvementPeriode) error) error {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, mouvementsPeriode, s.tenant, p.Du.String(), p.Au.String(), p.Connu.String())
	return lire(rows, err, "des mouvements", func(r *sql.Rows) error {
		m, err := lireMouvement(r)
		if err != nil {
			return err
		}
		return une(m)
	})
}

func lireMouvement(r *sql.Rows) (*comptable.MouvementPeriode, error) {
	m, l, a := new(comptable.MouvementPeriode), new(comptable.LigneReleve), new(comptable.Annonce)
	var instant int64
	var connu, jour, comptabilise string
	e, err := lireEcriture(r, &m.Piece, &m.Rang, &m.Motif, &m.Score, &m.Agent, &m.Raison, &instant, &connu, &m.Contrepasse, &m.Preuve.Message, &m.Facture.Annee, &m.Facture.Numero,
		&l.Compte, &jour, &l.Montant, &l.Reference, &l.BoutEnBout, &l.Libelle, &l.Contrepartie, &l.Releve, &l.Place,
		&a.Reference, &comptabilise, &a.Total, &a.Preuve.Message, &a.Preuve.Feuille)
	if err != nil {
		return nil, err
	}
	m.Ecriture, m.Instant = e, time.UnixMilli(instant).UTC()
	if err := jours(map[*sante.Jour]string{&m.Connu: connu, &l.Jour: jour, &a.Comptable: comptabilise}); err != nil {
		return nil, err
	}
	if l.ID = e.Ligne; l.ID != "" {
		m.Ligne = l
	}
	if a.Cle = e.Annonce; !a.Cle.IsZero() {
		m.Annonce = a
	}
	return m, nil
}
