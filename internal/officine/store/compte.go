package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
)

// Comptes keeps where the professionals are paid. Accounts are sealed under a key that the
// base does not hold: who reads it learns none, who writes in it turns no transfer to an
// account that the professional never had.
type Comptes struct {
	s   *Store
	cle cipher.AEAD
}

var _ officine.Comptes = (*Comptes)(nil)

// NewComptes gives the accounts of a tenant, under a secret of 32 octets or more.
func NewComptes(s *Store, secret []byte) (*Comptes, error) {
	k, err := hkdf.Key(sha256.New, secret, nil, "ecluse officine comptes", 32)
	if err != nil {
		return nil, err
	}
	b, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	x, err := cipher.NewGCM(b)
	if err != nil {
		return nil, err
	}
	return &Comptes{s, x}, nil
}

// fermer seals an account for a use, which opens no other.
func (c *Comptes) fermer(usage, titulaire string, n sante.IBAN) []byte {
	nonce := make([]byte, c.cle.NonceSize(), 64)
	rand.Read(nonce)
	return c.cle.Seal(nonce, nonce, []byte(n.String()), c.lie(usage, titulaire))
}

func (c *Comptes) lie(usage, titulaire string) []byte {
	return []byte(c.s.tenant + "\x00" + usage + "\x00" + titulaire)
}

func (c *Comptes) ouvrir(usage, titulaire string, b []byte) (n sante.IBAN, err error) {
	if len(b) < c.cle.NonceSize() {
		return n, officine.ErrCompteIllisible
	}
	clair, err := c.cle.Open(nil, b[:c.cle.NonceSize()], b[c.cle.NonceSize():], c.lie(usage, titulaire))
	if err != nil {
		return n, officine.ErrCompteIllisible
	}
	return sante.ParseIBAN(string(clair))
}

// NoterCompte implements officine.Comptes.
func (c *Comptes) NoterCompte(ctx context.Context, x *officine.Compte) error {
	_, err := c.s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO officine_compte (tenant, ps, titulaire, compte, note, par) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, ps) DO UPDATE SET titulaire = $3, compte = $4, note = $5, par = $6`,
		c.s.tenant, x.PS.String(), x.Titulaire, c.fermer(x.PS.String(), x.Titulaire, x.IBAN), x.Note.UnixMilli(), x.Par)
	if err != nil {
		return fmt.Errorf("écrire un compte: %w", err)
	}
	return nil
}

// OublierCompte implements officine.Comptes.
func (c *Comptes) OublierCompte(ctx context.Context, ps sante.NumeroFacturation) error {
	r, err := c.s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM officine_compte WHERE tenant = $1 AND ps = $2`, c.s.tenant, ps.String())
	if err != nil {
		return fmt.Errorf("oublier un compte: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(officine.ErrSansCompte, err)
	}
	return nil
}

const comptes = `SELECT ps, titulaire, compte, note, par FROM officine_compte WHERE tenant = $1`

func (c *Comptes) lire(scan func(...any) error) (x officine.Compte, err error) {
	var ps string
	var ferme []byte
	var note int64
	if err := scan(&ps, &x.Titulaire, &ferme, &note, &x.Par); err != nil {
		return x, err
	}
	x.Note = time.UnixMilli(note).UTC()
	if x.PS, err = sante.ParseNumeroFacturation(ps); err != nil {
		return x, err
	}
	x.IBAN, err = c.ouvrir(ps, x.Titulaire, ferme)
	return x, err
}

// Compte implements officine.Comptes.
func (c *Comptes) Compte(ctx context.Context, ps sante.NumeroFacturation) (*officine.Compte, error) {
	x, err := c.lire(c.s.b.Lecteur(ctx).QueryRowContext(ctx, comptes+" AND ps = $2", c.s.tenant, ps.String()).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, officine.ErrSansCompte
	}
	if err != nil {
		return nil, fmt.Errorf("lire un compte: %w", err)
	}
	return &x, nil
}

// Comptes implements officine.Comptes.
func (c *Comptes) Comptes(ctx context.Context) (l []officine.Compte, err error) {
	rows, err := c.s.b.Lecteur(ctx).QueryContext(ctx, comptes+" ORDER BY ps", c.s.tenant)
	if err != nil {
		return nil, fmt.Errorf("lire des comptes: %w", err)
	}
	err = parcourir(rows, func() error {
		x, err := c.lire(rows.Scan)
		l = append(l, x)
		return err
	})
	return l, err
}

// Remettre implements officine.Comptes.
func (c *Comptes) Remettre(ctx context.Context, r *officine.Remise) error {
	e := c.s.b.Ecrivain(ctx)
	if _, err := e.ExecContext(ctx, `INSERT INTO officine_remise (tenant, jour, rang, faite, execution, nombre, total, payeur, compte) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.s.tenant, r.Reglement.String(), r.Rang, r.Faite.UnixMilli(), r.Execution.String(), r.Nombre, int64(r.Total), r.Payeur.Nom, r.Payeur.IBAN.String()); err != nil {
		return fmt.Errorf("écrire une remise: %w", err)
	}
	for i := range r.Virements {
		v := &r.Virements[i]
		if _, err := e.ExecContext(ctx, `INSERT INTO officine_virement (tenant, jour, ps, rang, titulaire, compte) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.s.tenant, r.Reglement.String(), v.PS.String(), r.Rang, v.Titulaire, c.fermer(v.Reference, v.Titulaire, v.IBAN)); err != nil {
			return fmt.Errorf("écrire un virement: %w", err)
		}
	}
	return nil
}

// Redater implements officine.Comptes.
func (c *Comptes) Redater(ctx context.Context, r *officine.Remise) error {
	_, err := c.s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_remise SET execution = $4 WHERE tenant = $1 AND jour = $2 AND rang = $3`,
		c.s.tenant, r.Reglement.String(), r.Rang, r.Execution.String())
	if err != nil {
		return fmt.Errorf("redater une remise: %w", err)
	}
	return nil
}

// Remise implements officine.Comptes.
func (c *Comptes) Remise(ctx context.Context, jour sante.Jour, rang int) (*officine.Remise, error) {
	r := &officine.Remise{Reglement: jour, Rang: rang}
	var faite, total int64
	var execution, compte string
	lecteur := c.s.b.Lecteur(ctx)
	err := lecteur.QueryRowContext(ctx, `SELECT faite, execution, nombre, total, payeur, compte FROM officine_remise WHERE tenant = $1 AND jour = $2 AND rang = $3`,
		c.s.tenant, jour.String(), rang).Scan(&faite, &execution, &r.Nombre, &total, &r.Payeur.Nom, &compte)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, officine.ErrRienARemettre
	}
	if err != nil {
		return nil, fmt.Errorf("lire une remise: %w", err)
	}
	r.Faite, r.Total = time.UnixMilli(faite).UTC(), sante.Montant(total)
	if r.Execution, err = lireJour(execution); err != nil {
		return nil, err
	}
	if r.Payeur.IBAN, err = sante.ParseIBAN(compte); err != nil {
		return nil, fmt.Errorf("lire le compte d'une remise: %w", err)
	}
	rows, err := lecteur.QueryContext(ctx, `SELECT v.ps, o.reference, v.titulaire, v.compte, o.montant, o.nombre FROM officine_virement v
		JOIN officine_ordre o ON o.tenant = v.tenant AND o.jour = v.jour AND o.ps = v.ps WHERE v.tenant = $1 AND v.jour = $2 AND v.rang = $3 ORDER BY v.ps`,
		c.s.tenant, jour.String(), rang)
	if err != nil {
		return nil, fmt.Errorf("lire des virements: %w", err)
	}
	err = parcourir(rows, func() error {
		v, ps, montant, ferme := officine.Virement{}, "", int64(0), []byte(nil)
		if err := rows.Scan(&ps, &v.Reference, &v.Titulaire, &ferme, &montant, &v.Factures); err != nil {
			return err
		}
		v.Montant = sante.Montant(montant)
		if v.PS, err = sante.ParseNumeroFacturation(ps); err != nil {
			return err
		}
		v.IBAN, err = c.ouvrir(v.Reference, v.Titulaire, ferme)
		r.Virements = append(r.Virements, v)
		return err
	})
	return r, err
}
