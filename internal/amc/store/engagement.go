package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Engagements keeps the guarantees of payment.
type Engagements struct{ table }

// efface is the state of an engagement past its term: only its number remains.
const efface = "EFFACE"

const colonnesEngagement = `numero, genre, finess, dossier, periode_debut, periode_fin, etat, debut, fin,
	total, idb, beneficiaire, version, lignes, annule_le, instant, patient, calcul, montant_max`

const insererEngagement = "INSERT INTO amc_engagement (tenant, " + colonnesEngagement + ") VALUES"

// Dossier locks a dossier and gives its engagements, the first first.
func (s *Engagements) Dossier(ctx context.Context, finess sante.FINESS, dossier string) ([]amc.EngagementGarde, error) {
	// The same statement makes the row and locks it, on both engines.
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO amc_dossier (tenant, finess, dossier, passages) VALUES ($1, $2, $3, 1)
		ON CONFLICT (tenant, finess, dossier) DO UPDATE SET passages = amc_dossier.passages + 1`, s.tenant, finess.String(), dossier)
	if err != nil {
		return nil, fmt.Errorf("verrouiller un dossier: %w", err)
	}
	return s.lister(ctx, "SELECT "+colonnesEngagement+` FROM amc_engagement
		WHERE tenant = $1 AND finess = $2 AND dossier = $3 ORDER BY instant, numero`+s.base.Verrou(), s.tenant, finess.String(), dossier)
}

// DuDossier gives the engagements of a dossier, not locked, the first first.
func (s *Engagements) DuDossier(ctx context.Context, finess sante.FINESS, dossier string) ([]amc.EngagementGarde, error) {
	return s.lister(ctx, "SELECT "+colonnesEngagement+` FROM amc_engagement
		WHERE tenant = $1 AND finess = $2 AND dossier = $3 ORDER BY instant, numero`, s.tenant, finess.String(), dossier)
}

// Echus gives engagements not invoiced in time, locked.
func (s *Engagements) Echus(ctx context.Context, avant sante.Jour, max int) ([]amc.EngagementGarde, error) {
	return s.lister(ctx, "SELECT "+colonnesEngagement+` FROM amc_engagement
		WHERE tenant = $1 AND etat = 'ENGAGE' AND fin < $2 ORDER BY fin LIMIT $3`+s.base.Verrou(), s.tenant, avant.String(), max)
}

func (s *Engagements) lister(ctx context.Context, requete string, args ...any) ([]amc.EngagementGarde, error) {
	rows, err := s.base.Ecrivain(ctx).QueryContext(ctx, requete, args...)
	if err != nil {
		return nil, fmt.Errorf("lire des engagements: %w", err)
	}
	var l []amc.EngagementGarde
	err = lireTout(rows, func(r scanner) error {
		e, err := lireEngagement(r)
		if err == nil {
			l = append(l, *e)
		}
		return err
	})
	return l, err
}

// Engagement gives an engagement by its number, locked in a transaction.
func (s *Engagements) Engagement(ctx context.Context, n roc.NumeroEngagement) (*amc.EngagementGarde, error) {
	requete := "SELECT " + colonnesEngagement + " FROM amc_engagement WHERE tenant = $1 AND numero = $2 AND etat <> '" + efface + "'"
	if s.base.DansTransaction(ctx) {
		requete += s.base.Verrou()
	}
	e, err := lireEngagement(s.base.Lecteur(ctx).QueryRowContext(ctx, requete, s.tenant, n.String()))
	if aucun(err) {
		return nil, amc.ErrEngagementInconnu
	}
	return e, err
}

// Ouvrir writes an engagement at once.
func (s *Engagements) Ouvrir(ctx context.Context, e *amc.EngagementGarde) error {
	r, err := s.base.Ecrivain(ctx).ExecContext(ctx, insererEngagement+
		" ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT (tenant, numero) DO NOTHING", s.valeurs(e)...)
	if err != nil {
		return fmt.Errorf("écrire un engagement: %w", err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return fmt.Errorf("écrire un engagement: %w", err)
	}
	if n == 0 {
		return amc.ErrNumeroPris
	}
	return nil
}

func (s *Engagements) valeurs(e *amc.EngagementGarde) []any {
	lignes := planLignes.AppendJSON(nil, &lignesGardees{e.Lignes})
	return []any{s.tenant, e.Numero.String(), string(e.Genre), e.Finess.String(), e.Dossier, e.PeriodeDebut.String(), fin(e.PeriodeFin),
		string(e.Etat), e.Debut.String(), e.Fin.String(), int64(e.Total), e.IDB, e.Beneficiaire, e.Version, string(lignes),
		e.AnnuleLe.String(), e.Instant.UnixMilli(), e.Patient, e.Calcul, montant(e.Max)}
}

// lignesGardees are the lines of an engagement as their column holds them; an
// engagement without lines, or blanked, holds an empty array there.
type lignesGardees struct {
	Lignes []roc.LigneRepondue `fil:"lignes,opt,n=0..200"`
}

var planLignes = trame.Pour[lignesGardees](roc.Espace)

func relireLignes(colonne []byte) ([]roc.LigneRepondue, error) {
	if len(colonne) > 0 && colonne[0] == '[' { // as they were written at first
		var l []roc.LigneRepondue
		return l, json.Unmarshal(colonne, &l)
	}
	l := new(lignesGardees)
	err := planLignes.DecodeJSON(colonne, l)
	return l.Lignes, err
}

func lireEngagement(r scanner) (*amc.EngagementGarde, error) {
	e := new(amc.EngagementGarde)
	var numero, finess, periodeDebut, periodeFin, debut, dernier, lignes, annule string
	var total, instant int64
	var max sql.NullInt64
	err := r.Scan(&numero, &e.Genre, &finess, &e.Dossier, &periodeDebut, &periodeFin, &e.Etat, &debut, &dernier,
		&total, &e.IDB, &e.Beneficiaire, &e.Version, &lignes, &annule, &instant, &e.Patient, &e.Calcul, &max)
	if err != nil {
		return nil, err
	}
	if e.Numero, err = roc.ParseNumeroEngagement(numero); err != nil {
		return nil, fmt.Errorf("relire un engagement: %w", err)
	}
	if e.Finess, err = sante.ParseFINESS(finess); err != nil {
		return nil, fmt.Errorf("relire un engagement: %w", err)
	}
	if e.Lignes, err = relireLignes([]byte(lignes)); err != nil {
		return nil, fmt.Errorf("relire un engagement: %w", err)
	}
	e.PeriodeDebut, e.PeriodeFin, e.Debut, e.Fin = jour(periodeDebut), jour(periodeFin), jour(debut), jour(dernier)
	if max.Valid {
		m := sante.Montant(max.Int64)
		e.Max = &m
	}
	e.Total, e.AnnuleLe, e.Instant = sante.Montant(total), jour(annule), time.UnixMilli(instant).UTC()
	return e, nil
}

// montant is an amount that may not be said.
func montant(m *sante.Montant) sql.NullInt64 {
	if m == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: int64(*m), Valid: true}
}

// Passer changes the state of an engagement.
func (s *Engagements) Passer(ctx context.Context, n roc.NumeroEngagement, etat amc.EtatGarde, le sante.Jour) error {
	r, err := s.base.Ecrivain(ctx).ExecContext(ctx,
		"UPDATE amc_engagement SET etat = $3, annule_le = $4 WHERE tenant = $1 AND numero = $2 AND etat <> '"+efface+"'",
		s.tenant, n.String(), string(etat), le.String())
	if err != nil {
		return fmt.Errorf("changer l'état d'un engagement: %w", err)
	}
	if touches, err := r.RowsAffected(); err != nil || touches == 0 {
		return amc.ErrEngagementInconnu
	}
	return nil
}

// Effacer blanks the engagements made before an instant, at most max of them, and
// tells how many. Their numbers remain, so that none serves again.
// ref: DEC 18, DEC 22, ROC §16.4
func (s *Engagements) Effacer(ctx context.Context, avant time.Time, max int) (int64, error) {
	return s.purger(ctx, `UPDATE amc_engagement SET etat = '`+efface+`', finess = '', dossier = '', periode_debut = '', periode_fin = '',
		debut = '', fin = '', total = 0, idb = '', beneficiaire = '', version = '', lignes = '[]', annule_le = '',
		patient = '', calcul = '', montant_max = NULL
		WHERE tenant = $1 AND numero IN
		(SELECT numero FROM amc_engagement WHERE tenant = $1 AND etat <> '`+efface+`' AND instant < $2 ORDER BY instant LIMIT $3)`, avant, max)
}

// lotEngagements bounds the numbers of a statement.
const lotEngagements = 100

// Prendre gives engagements by their numbers, locked until the end of the
// transaction; one that is unknown is left out.
func (s *Engagements) Prendre(ctx context.Context, l []roc.NumeroEngagement) (pris []amc.EngagementGarde, err error) {
	for lot := range slices.Chunk(l, lotEngagements) {
		m, err := s.lister(ctx, "SELECT "+colonnesEngagement+" FROM "+s.base.Parmi("amc_engagement", "numero",
			"x.tenant = $1 AND x.etat <> '"+efface+"'", 2, len(lot), s.base.Verrou()), s.numeros(lot)...)
		if err != nil {
			return nil, err
		}
		pris = append(pris, m...)
	}
	return pris, nil
}

// Resserrer narrows the days of care of the guarantee of a local calculation, which
// the transaction has locked, to those invoiced. ref: DEC 24
func (s *Engagements) Resserrer(ctx context.Context, n roc.NumeroEngagement, debut, fin sante.Jour) error {
	r, err := s.base.Ecrivain(ctx).ExecContext(ctx, `UPDATE amc_engagement SET periode_debut = $3, periode_fin = $4
		WHERE tenant = $1 AND numero = $2 AND genre = 'LOCALE' AND periode_debut <= $3 AND periode_fin >= $4`, s.tenant, n.String(), debut.String(), fin.String())
	if err != nil {
		return fmt.Errorf("resserrer un engagement: %w", err)
	}
	if touches, err := r.RowsAffected(); err != nil || touches != 1 {
		return errors.Join(amc.ErrEngagementInconnu, err)
	}
	return nil
}

// PasserTous changes the state of engagements that the transaction has locked, all or
// none; ErrPassage when one of them is in no state from which it may come to that one.
func (s *Engagements) PasserTous(ctx context.Context, etat amc.EtatGarde, l []roc.NumeroEngagement) error {
	avant := amc.AvantFacturation(etat)
	if len(avant) == 0 {
		return fmt.Errorf("%w : %s", amc.ErrPassage, etat)
	}
	for lot := range slices.Chunk(l, lotEngagements) {
		args := []any{string(etat), s.tenant}
		for _, x := range avant {
			args = append(args, string(x))
		}
		for _, n := range lot {
			args = append(args, n.String())
		}
		r, err := s.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE amc_engagement SET etat = $1 WHERE tenant = $2 AND etat IN ("+
			s.base.Parametres(3, len(avant))+") AND numero IN ("+s.base.Parametres(3+len(avant), len(lot))+")", args...)
		if err != nil {
			return fmt.Errorf("changer l'état d'engagements: %w", err)
		}
		if touches, err := r.RowsAffected(); err != nil || touches != int64(len(lot)) {
			return errors.Join(fmt.Errorf("%w : vers %s", amc.ErrPassage, etat), err)
		}
	}
	return nil
}

func (s *Engagements) numeros(l []roc.NumeroEngagement) []any {
	args := make([]any, 1, len(l)+2)
	args[0] = s.tenant
	for _, n := range l {
		args = append(args, n.String())
	}
	return args
}
