// Package store keeps the accreditations issued, in SQLite or PostgreSQL. Every key
// begins with the tenant.
package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Registre is the accreditations of one issuer.
type Registre struct {
	base   *bdd.Base
	tenant string

	verrou sync.RWMutex
	connus map[[sha256.Size]byte][]byte // conditions that are durable
}

// New makes the register of a tenant.
func New(b *bdd.Base, tenant string) *Registre {
	return &Registre{base: b, tenant: tenant, connus: make(map[[sha256.Size]byte][]byte)}
}

// connusMax bounds the conditions kept in memory; beyond, all are dropped.
const connusMax = 4096

func (r *Registre) retenir(e [sha256.Size]byte, texte []byte) {
	r.verrou.Lock()
	defer r.verrou.Unlock()
	if len(r.connus) >= connusMax {
		clear(r.connus)
	}
	r.connus[e] = texte
}

func (r *Registre) connu(e [sha256.Size]byte) []byte {
	r.verrou.RLock()
	defer r.verrou.RUnlock()
	return r.connus[e]
}

// Garder leaves the accreditation to be written with the commit of the exchange. Its
// conditions, shared with others, are durable before.
func (r *Registre) Garder(ctx context.Context, e *accreditation.Emise) error {
	empreinte := sha256.Sum256(e.Conditions)
	if r.connu(empreinte) == nil {
		err := r.base.Inserer(ctx, bdd.Insertion{
			Debut: "INSERT INTO accreditation_conditions (tenant, empreinte, texte) VALUES", Fin: "ON CONFLICT DO NOTHING",
			Colonnes: 3, Valeurs: []any{r.tenant, hex.EncodeToString(empreinte[:]), e.Conditions},
		})
		if err != nil {
			return fmt.Errorf("garder des conditions: %w", err)
		}
		if !r.base.DansTransaction(ctx) {
			r.retenir(empreinte, e.Conditions)
		}
	}
	return r.base.Differer(ctx, bdd.Insertion{
		Debut: `INSERT INTO accreditation_emise (tenant, numero, beneficiaire, personne, categorie, convention, ps, conditions, debut, fin,
			emission, lien, effet, motif, publiee) VALUES`,
		Colonnes: 15,
		Valeurs: []any{r.tenant, e.Numero.String(), e.Beneficiaire, e.Personne.String(), string(e.Categorie), e.Convention, e.PS.String(),
			hex.EncodeToString(empreinte[:]), e.Debut.String(), e.Fin.String(), e.Emission.UnixMilli(), e.Lien, "", "", ""},
	})
}

const lire = `SELECT numero, beneficiaire, personne, categorie, convention, ps, conditions, debut, fin, emission, lien, effet, motif, publiee
	FROM accreditation_emise WHERE tenant = $1`

// Emise gives an accreditation by its number.
func (r *Registre) Emise(ctx context.Context, n droits.NumeroAccreditation) (*accreditation.Emise, error) {
	e, empreinte, err := lireEmise(r.base.Lecteur(ctx).QueryRowContext(ctx, lire+" AND numero = $2", r.tenant, n.String()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, accreditation.ErrInconnue
	}
	if err != nil {
		return nil, fmt.Errorf("lire une accréditation: %w", err)
	}
	e.Conditions, err = r.conditions(ctx, empreinte)
	return e, err
}

// Semblables gives those of the day that say the same as e.
func (r *Registre) Semblables(ctx context.Context, e *accreditation.Emise, depuis time.Time, max int) (l []*accreditation.Emise, err error) {
	empreinte := sha256.Sum256(e.Conditions)
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, lire+` AND beneficiaire = $2 AND emission >= $3 AND categorie = $4 AND convention = $5 AND conditions = $6
		AND debut = $7 AND fin = $8 AND lien = '' AND effet = '' ORDER BY emission, numero LIMIT $9`, r.tenant, e.Beneficiaire, depuis.UnixMilli(), string(e.Categorie),
		e.Convention, hex.EncodeToString(empreinte[:]), e.Debut.String(), e.Fin.String(), max)
	if err != nil {
		return nil, fmt.Errorf("accréditations du jour: %w", err)
	}
	err = parcourir(rows, func() error {
		x, _, err := lireEmise(rows)
		if err == nil {
			x.Conditions = e.Conditions
			l = append(l, x)
		}
		return err
	})
	return l, err
}

// Dossiers counts those of a person with a file that were given since an instant.
func (r *Registre) Dossiers(ctx context.Context, beneficiaire string, depuis time.Time) (n int, err error) {
	err = r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM accreditation_emise WHERE tenant = $1 AND beneficiaire = $2 AND emission >= $3 AND lien <> ''",
		r.tenant, beneficiaire, depuis.UnixMilli()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("compter les dossiers du jour: %w", err)
	}
	return n, nil
}

// conditions are never written in.
func (r *Registre) conditions(ctx context.Context, empreinte string) ([]byte, error) {
	b, err := hex.DecodeString(empreinte)
	if err != nil || len(b) != sha256.Size {
		return nil, fmt.Errorf("conditions d'une accréditation: empreinte de %d octets", len(b))
	}
	e := [sha256.Size]byte(b)
	if t := r.connu(e); t != nil {
		return t, nil
	}
	var t []byte
	err = r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT texte FROM accreditation_conditions WHERE tenant = $1 AND empreinte = $2", r.tenant, empreinte).Scan(&t)
	if err != nil {
		return nil, fmt.Errorf("lire des conditions: %w", err)
	}
	r.retenir(e, t)
	return t, nil
}

type ligne interface{ Scan(...any) error }

func lireEmise(l ligne) (*accreditation.Emise, string, error) {
	e := new(accreditation.Emise)
	var numero, personne, ps, conditions, debut, fin, effet, motif, publiee string
	var emission int64
	err := l.Scan(&numero, &e.Beneficiaire, &personne, &e.Categorie, &e.Convention, &ps, &conditions, &debut, &fin, &emission, &e.Lien, &effet, &motif, &publiee)
	if err != nil {
		return nil, "", err
	}
	e.Emission = time.UnixMilli(emission).UTC()
	for _, x := range []struct {
		vers  interface{ UnmarshalText([]byte) error }
		texte string
	}{{&e.Numero, numero}, {&e.Personne, personne}, {&e.PS, ps}, {&e.Debut, debut}, {&e.Fin, fin}} {
		if err := x.vers.UnmarshalText([]byte(x.texte)); err != nil {
			return nil, "", fmt.Errorf("relire une accréditation: %w", err)
		}
	}
	if effet != "" {
		e.Revocation = &accreditation.Revocation{Motif: droits.MotifRevocation(motif)}
		if e.Revocation.Effet, err = sante.ParseJour(effet); err != nil {
			return nil, "", fmt.Errorf("relire une révocation: %w", err)
		}
		if publiee != "" {
			if e.Revocation.Publiee, err = sante.ParseJour(publiee); err != nil {
				return nil, "", fmt.Errorf("relire une révocation: %w", err)
			}
		}
	}
	return e, conditions, nil
}

// Emetteurs gives the numbers under which accreditations of this insurer were ever given.
func (r *Registre) Emetteurs(ctx context.Context) (l []sante.NumeroAMC, err error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT tenant FROM accreditation_mandant WHERE mandant = $1 ORDER BY tenant", r.tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les émetteurs: %w", err)
	}
	err = parcourir(rows, func() error {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		_, numero, _ := strings.Cut(s, "-")
		n, err := sante.ParseNumeroAMC(numero)
		l = append(l, n)
		return err
	})
	return l, err
}

// DerniereFin is the last day of the rights given, or forged, under a number; 0 when none was.
func (r *Registre) DerniereFin(ctx context.Context, emetteur sante.NumeroAMC) (sante.Jour, error) {
	var derniere string
	for _, table := range tablesRevoquees {
		var s string
		err := r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT COALESCE(MAX(fin), '') FROM "+table+" WHERE tenant = $1 AND substr(numero, 2, 10) = $2",
			r.tenant, emetteur.Sur10()).Scan(&s)
		if err != nil {
			return 0, fmt.Errorf("lire la fin des derniers droits: %w", err)
		}
		derniere = max(derniere, s)
	}
	if derniere == "" {
		return 0, nil
	}
	return sante.ParseJour(derniere)
}
