package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// DuBeneficiaire gives the numbers of a person that are not revoked.
func (r *Registre) DuBeneficiaire(ctx context.Context, beneficiaire string, fin sante.Jour) (l []droits.NumeroAccreditation, err error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, `SELECT numero FROM accreditation_emise
		WHERE tenant = $1 AND beneficiaire = $2 AND fin >= $3 AND effet = '' ORDER BY fin, numero`, r.tenant, beneficiaire, fin.String())
	if err != nil {
		return nil, fmt.Errorf("accréditations d'un bénéficiaire: %w", err)
	}
	err = parcourir(rows, func() error {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		n, err := droits.ParseNumeroAccreditation(s)
		l = append(l, n)
		return err
	})
	return l, err
}

func parcourir(rows *sql.Rows, une func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(); err != nil {
			return fmt.Errorf("relire une accréditation: %w", err)
		}
	}
	return rows.Err()
}

// Revoquer ends an accreditation, once.
func (r *Registre) Revoquer(ctx context.Context, n droits.NumeroAccreditation, x accreditation.Revocation) (bool, error) {
	res, err := r.base.Ecrivain(ctx).ExecContext(ctx, "UPDATE accreditation_emise SET effet = $3, motif = $4 WHERE tenant = $1 AND numero = $2 AND effet = ''",
		r.tenant, n.String(), x.Effet.String(), string(x.Motif))
	if err != nil {
		return false, fmt.Errorf("révoquer: %w", err)
	}
	k, err := res.RowsAffected()
	return k == 1, err
}

// RevoquerInconnue has the lists tell a number that is not of the register.
func (r *Registre) RevoquerInconnue(ctx context.Context, n droits.NumeroAccreditation, fin sante.Jour, x accreditation.Revocation) (bool, error) {
	res, err := r.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO accreditation_inconnue (tenant, numero, fin, effet, motif, publiee)
		VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT (tenant, numero) DO NOTHING`, r.tenant, n.String(), fin.String(), x.Effet.String(), string(x.Motif))
	if err != nil {
		return false, fmt.Errorf("révoquer un numéro inconnu: %w", err)
	}
	k, err := res.RowsAffected()
	return k == 1, err
}

// tablesRevoquees are where what the lists tell is: accreditations that were given, and
// numbers that were not.
var tablesRevoquees = []string{"accreditation_emise", "accreditation_inconnue"}

// emises chooses the accreditations of an issuer: those of its insurers that bear its number,
// for an insurer may have changed of issuer. The first two arguments are siennes.
const emises = "tenant IN (SELECT mandant FROM accreditation_mandant WHERE tenant = $1) AND substr(numero, 2, 10) = $2"

func (r *Parutions) siennes(suite ...any) []any {
	return append([]any{r.tenant, r.emetteur.Sur10()}, suite...)
}

// Attente counts the revocations that no list tells.
func (r *Parutions) Attente(ctx context.Context) (n int, err error) {
	for _, table := range tablesRevoquees {
		var k int
		if err := r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table+" WHERE "+emises+" AND effet <> '' AND publiee = ''", r.siennes()...).Scan(&k); err != nil {
			return 0, fmt.Errorf("révocations en attente: %w", err)
		}
		n += k
	}
	return n, nil
}

// Parution gives the number and the instant of the last list.
func (r *Parutions) Parution(ctx context.Context) (numero int64, emission time.Time, err error) {
	var ms int64
	err = r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT numero, emission FROM accreditation_lar WHERE tenant = $1 ORDER BY numero DESC LIMIT 1", r.tenant).
		Scan(&numero, &ms)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("lire la dernière parution: %w", err)
	}
	return numero, time.UnixMilli(ms).UTC(), nil
}

// Derniere gives the last list published.
func (r *Parutions) Derniere(ctx context.Context) (complete []byte, numero int64, err error) {
	err = r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT complete, numero FROM accreditation_lar WHERE tenant = $1 ORDER BY numero DESC LIMIT 1", r.tenant).
		Scan(&complete, &numero)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("lire la dernière liste: %w", err)
	}
	return complete, numero, nil
}

var (
	octetsDe = map[accreditation.Forme]string{
		accreditation.Entiere: "SELECT complete FROM accreditation_lar WHERE tenant = $1 AND numero = $2",
		accreditation.Delta:   "SELECT delta FROM accreditation_lar WHERE tenant = $1 AND numero = $2",
	}
	tailleDe = map[accreditation.Forme]string{
		accreditation.Entiere: "SELECT LENGTH(complete) FROM accreditation_lar WHERE tenant = $1 AND numero = $2",
		accreditation.Delta:   "SELECT LENGTH(delta) FROM accreditation_lar WHERE tenant = $1 AND numero = $2",
	}
)

// Octets gives a list published, in one form.
func (r *Parutions) Octets(ctx context.Context, numero int64, f accreditation.Forme) (b []byte, err error) {
	err = r.liste(ctx, octetsDe[f], numero, &b)
	return b, err
}

// Taille is how many bytes Octets gives; the list is not read.
func (r *Parutions) Taille(ctx context.Context, numero int64, f accreditation.Forme) (n int, err error) {
	err = r.liste(ctx, tailleDe[f], numero, &n)
	return n, err
}

func (r *Parutions) liste(ctx context.Context, texte string, numero int64, vers any) error {
	err := r.base.Lecteur(ctx).QueryRowContext(ctx, texte, r.tenant, numero).Scan(vers)
	if errors.Is(err, sql.ErrNoRows) {
		return accreditation.ErrInconnue
	}
	if err != nil {
		return fmt.Errorf("lire une liste: %w", err)
	}
	return nil
}

// Revoquees gives the revocations that a list of a day must tell. ref: VISIO §7 rule 6
func (r *Parutions) Revoquees(ctx context.Context, jour sante.Jour, donner func(droits.EntreeLAR) error) error {
	for _, table := range tablesRevoquees {
		if err := r.revoquees(ctx, table, jour, donner); err != nil {
			return err
		}
	}
	return nil
}

func (r *Parutions) revoquees(ctx context.Context, table string, jour sante.Jour, donner func(droits.EntreeLAR) error) error {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT numero, effet, publiee, motif, fin FROM "+table+" WHERE "+emises+" AND effet <> ''", r.siennes()...)
	if err != nil {
		return fmt.Errorf("lire les révocations: %w", err)
	}
	return parcourir(rows, func() error {
		var numero, effet, publiee, fin string
		var x droits.EntreeLAR
		if err := rows.Scan(&numero, &effet, &publiee, &x.Motif, &fin); err != nil {
			return err
		}
		if err := x.Numero.UnmarshalText([]byte(numero)); err != nil {
			return err
		}
		for _, j := range []struct {
			vers  *sante.Jour
			texte string
		}{{&x.Effet, effet}, {&x.Publication, publiee}, {&x.DroitsFin, fin}} {
			if j.texte == "" {
				continue
			}
			if *j.vers, err = sante.ParseJour(j.texte); err != nil {
				return err
			}
		}
		if x.Abandonnable(jour) {
			return nil
		}
		return donner(x)
	})
}

// listesGardees is how many lists are kept, for those who follow changes.
const listesGardees = 72

// errRetiree: a revocation was taken back while the list that tells it was made.
var errRetiree = errors.New("révocation retirée pendant que la liste se faisait : la liste est refaite")

// Publier keeps a list and marks what it is the first to tell.
func (r *Parutions) Publier(ctx context.Context, p *accreditation.Publication) error {
	delta := p.Delta
	if delta == nil {
		delta = []byte{}
	}
	return r.base.EnTransaction(ctx, func(ctx context.Context) error {
		tx := r.base.Ecrivain(ctx)
		res, err := tx.ExecContext(ctx, "INSERT INTO accreditation_lar (tenant, numero, emission, complete, delta) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			r.tenant, p.Numero, p.Emission.UnixMilli(), p.Complete, delta)
		if err != nil {
			return fmt.Errorf("garder une liste: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, accreditation.ErrPubliee)
		}
		for _, n := range p.Nouvelles {
			var faites int64
			for _, table := range tablesRevoquees {
				res, err := tx.ExecContext(ctx, "UPDATE "+table+" SET publiee = $4 WHERE "+emises+" AND numero = $3 AND effet <> ''", r.siennes(n.String(), p.Jour.String())...)
				if err != nil {
					return fmt.Errorf("marquer une révocation: %w", err)
				}
				k, err := res.RowsAffected()
				if err != nil {
					return fmt.Errorf("marquer une révocation: %w", err)
				}
				if faites += k; faites > 0 {
					break
				}
			}
			if faites != 1 { // taken back meanwhile: the next list is made without it
				return errRetiree
			}
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM accreditation_lar WHERE tenant = $1 AND numero <= $2", r.tenant, p.Numero-listesGardees)
		return err
	})
}
