package charger

import (
	"context"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// export writes one file of what stands. The lines come in the order of the image: a
// file that was read comes back the same once both are sorted. ref: RASS §14
type export struct {
	v *image.Vue
	e *rass.Ecrivain
	l [][]byte
	p annuaire.Praticien
	s annuaire.Situation
	t annuaire.Structure
	n int64
}

// Exporter writes a file of the records in force, in this form, and tells how many lines
// it has beside the header. It holds what the whole directory holds: who gives it away
// answers for who may read it.
func Exporter(ctx context.Context, v *image.Vue, f rass.Fichier, forme rass.Forme, w io.Writer) (int64, error) {
	x := &export{v: v, e: rass.NewEcrivain(w, f, forme), l: make([][]byte, f.Entete().Len())}
	ecrire, ok := map[rass.Fichier]func(context.Context) error{
		rass.PersonneActivite: x.activites, rass.SavoirFaire: x.savoirs, rass.Diplomes: x.diplomes, rass.MSSante: x.boites,
		rass.Structures: x.structures, rass.Reseaux: x.reseaux, rass.Membres: x.membres, rass.Activites: x.soins,
		rass.Equipements: x.equipements, rass.Porteurs: x.cartes, rass.Certificats: x.certificats,
	}[f]
	if !ok {
		return 0, fmt.Errorf("exporter %v: ce fichier n'est pas de ceux qui s'exportent", f)
	}
	if err := ecrire(ctx); err != nil {
		return x.n, fmt.Errorf("exporter %v: %w", f, err)
	}
	if err := x.e.Close(); err != nil {
		return x.n, fmt.Errorf("exporter %v: %w", f, err)
	}
	return x.n, nil
}

// mettre sets a column; a value that a file cannot carry loses what it cannot.
func (x *export) mettre(c rass.Colonne, s string) {
	if s == "" {
		x.l[c] = x.l[c][:0]
		return
	}
	b := append(x.l[c][:0], s...)
	for i, o := range b {
		if o == '|' || o == '\n' || o == '\r' {
			b[i] = ' '
		}
	}
	x.l[c] = b
}

func (x *export) code(c rass.Colonne, k annuaire.Code) {
	x.mettre(c, k.Code)
	x.mettre(c+1, k.Libelle)
}

// jour writes a day as the files of the national directory write days.
func (x *export) jour(c rass.Colonne, j sante.Jour) { x.mettre(c, j.Francais()) }

func (x *export) poser() error {
	x.n++
	err := x.e.Ecrire(x.l)
	for i := range x.l {
		x.l[i] = x.l[i][:0]
	}
	return err
}

// adresse sets the columns that all files write in one order.
func (x *export) adresse(c rass.Colonne, a *annuaire.Coordonnees) {
	for i, s := range [...]string{a.Destinataire, a.PointGeographique, a.NumeroVoie, a.Indice, a.TypeVoie.Code, a.TypeVoie.Libelle,
		a.LibelleVoie, a.Mention, a.BureauCedex, a.CodePostal, a.Commune.Code, a.Commune.Libelle, a.Pays.Code, a.Pays.Libelle,
		a.Telephone, a.Telephone2, a.Telecopie, a.Courriel, a.Departement.Code, a.Departement.Libelle} {
		x.mettre(c+rass.Colonne(i), s)
	}
}

// parcourir reads the records of a nature that are in force.
func parcourir(ctx context.Context, v *image.Vue, n annuaire.Nature, f func(image.Ref) error) error {
	for r := range v.Parcourir(n) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) praticiens(ctx context.Context, f func(image.Ref) error) error {
	return parcourir(ctx, x.v, annuaire.Praticiens, func(r image.Ref) error {
		x.v.Praticien(r, &x.p)
		if !x.p.Actif {
			return nil
		}
		return f(r)
	})
}

// dite tells whether a file of structures, or of what they have, says a record: those
// that are closed are said with the day.
func dite(e *annuaire.Entete) bool { return e.Actif || e.Au != 0 }

func (x *export) chaqueStructure(ctx context.Context, f func() error) error {
	return parcourir(ctx, x.v, annuaire.Structures, func(r image.Ref) error {
		x.v.Structure(r, &x.t)
		if !dite(&x.t.Entete) {
			return nil
		}
		return f()
	})
}

// structure reads a structure into x.t, empty when there is none.
func (x *export) structure(id string) {
	if r, ok := x.v.ParID(annuaire.Structures, id); ok && id != "" {
		x.v.Structure(r, &x.t)
		return
	}
	x.t = annuaire.Structure{}
}
