package ldap

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Gardien counts a reader against the quota of his family, and traces him when his view
// asks for it. It serves one session.
type Gardien struct {
	Lecteur *annuaire.Lecteur
	Vision  *annuaire.Vision
	Traceur annuaire.Traceur
	Horloge func() time.Time

	lues []annuaire.FicheLue // records that the search under way gave
}

// Entrer counts a search. The text of a refusal says how long to wait.
func (g *Gardien) Entrer(ctx context.Context) error {
	r := g.Lecteur.Entrer(g.Horloge())
	attente := max(1, int((r.Attente+time.Second-1)/time.Second))
	switch {
	case r.Refuse && r.Code == annuaire.QuotaLargeur:
		return refuser(LimiteAdmin, fmt.Sprintf("Trop de fiches différentes en une heure : attendre %d s, prendre l'extraction ($export), ou demander un quota à l'exploitant de l'annuaire.", attente))
	case r.Refuse:
		return refuser(Occupe, fmt.Sprintf("Trop de demandes : attendre %d s.", attente))
	case r.Delai <= 0:
		return nil
	}
	t := time.NewTimer(r.Delai)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return ctx.Err()
	}
}

// Lire counts a record that was given.
func (g *Gardien) Lire(id string) {
	g.Lecteur.Lire(id)
	if n := natureDe(id); n != 0 && g.Retenue() {
		g.lues = append(g.lues, annuaire.FicheLue{Nature: n, ID: strings.Clone(id)}) // id lies in the image
	}
}

// Retenue tells whether the view is traced.
func (g *Gardien) Retenue() bool { return g.Vision.Regard().Tracee }

// Sortir keeps the trace of a search, with the records that it gave. ref: RASS §8
func (g *Gardien) Sortir(ctx context.Context, objet string) error {
	l := g.lues
	g.lues = nil
	c, tracee, err := g.Vision.Consultation("ldap", objet, len(l), l, g.Horloge())
	if err != nil || !tracee {
		return err
	}
	return g.Traceur.Tracer(ctx, c)
}

// modeles has an ID of each nature: all of one nature begin with the same letter.
var modeles = func() (l [annuaire.NombreNatures]string) {
	for _, n := range annuaire.Natures {
		l[n] = annuaire.NouvelID(n, "")
	}
	return l
}()

// natureDe is the nature of a record by its ID, 0 for what is no ID.
func natureDe(id string) annuaire.Nature {
	for _, n := range annuaire.Natures {
		if len(id) == len(modeles[n]) && id[0] == modeles[n][0] {
			return n
		}
	}
	return 0
}

// objetDe says what was asked, without its values: one record, or the shape of the
// filter.
func objetDe(l *lieu, f *Filtre) string {
	if l.genre != lieuFiche {
		return string(f.forme(nil, 0))
	}
	id, _, _ := nomDeFiche(l)
	if n := natureDe(string(id)); n != 0 {
		return n.String() + "/" + string(id)
	}
	return "fiche inconnue"
}

// formeMax bounds what is said of a filter.
const formeMax = 180

// forme writes a filter with its attributes and without its values.
func (f *Filtre) forme(b []byte, i int32) []byte {
	if len(b) > formeMax {
		return b
	}
	n := &f.noeuds[i]
	b = append(b, '(')
	switch n.test {
	case testEt, testOu, testNon:
		b = append(b, "&|!"[n.test])
		for j := n.fils; j >= 0; j = f.noeuds[j].suivant {
			b = f.forme(b, j)
		}
	case testIndefini:
		b = append(b, '?')
	default:
		b = append(b, definitions[n.attr].nom...)
		b = append(b, [...]string{testEgal: "=?", testPartie: "=?*", testMin: ">=?", testMax: "<=?", testPresent: "=*", testApproche: "~=?"}[n.test]...)
	}
	return append(b, ')')
}
