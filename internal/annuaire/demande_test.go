package annuaire

import (
	"errors"
	"testing"
	"time"
)

// A mailbox of the red list that a reader does not see is not there for him: what he is
// answered is the same whether it exists or not. Its operator sees it.
func TestDemandeListeRouge(t *testing.T) {
	d := donnees(t, nil)
	le := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	avec := func(rouges ...string) *Changement {
		p := &Praticien{Entete: Entete{ID: NouvelID(Praticiens, "1"), Actif: true, Version: 1}, TypeID: "8", Numero: "99900112204", IDNat: "899900112204", Nom: "ESSAI"}
		for _, a := range rouges {
			p.BAL = append(p.BAL, BAL{Adresse: a, Type: BALPersonnelle, ListeRouge: true, Service: "tenu secret"})
		}
		return &Changement{Praticien: p}
	}
	const boite = "p@essai.mssante.example"
	demander := func(a *Acteur, c *Changement, rubrique, nouveau string) (*Demande, error) {
		q := &Demande{Nature: Praticiens, ID: c.Praticien.ID, Preuve: "acte 1", Modifications: []Modification{{Rubrique: rubrique, Cle: boite, Nouveau: nouveau}}}
		return q, d.Droits().Deposer(q, a, vision(t, d, a), c, le)
	}
	editeur := &Acteur{ID: "e", Famille: "editeur"}
	for _, x := range []struct{ rubrique, nouveau string }{{"bal.service", "Accueil"}, {"bal", "PER"}, {"bal.rang", "1"}} {
		q, err := demander(editeur, avec(), x.rubrique, x.nouveau)
		r, errRouge := demander(editeur, avec(boite), x.rubrique, x.nouveau)
		if (err == nil) != (errRouge == nil) || err != nil && err.Error() != errRouge.Error() || q.Modifications[0].Ancien != r.Modifications[0].Ancien {
			t.Errorf("%s : sans la boîte %v (%q), avec elle %v (%q)", x.rubrique, err, q.Modifications[0].Ancien, errRouge, r.Modifications[0].Ancien)
		}
	}
	operateur := &Acteur{ID: "o", Famille: "operateur-mssante", Domaines: []string{"essai.mssante.example"}}
	if q, err := demander(operateur, avec(boite), "bal.service", "Accueil"); err != nil || q.Modifications[0].Ancien != "tenu secret" {
		t.Errorf("l'opérateur : %v, %q", err, q.Modifications[0].Ancien)
	}
	if _, err := demander(operateur, avec(), "bal.service", "Accueil"); !errors.Is(err, ErrElement) {
		t.Errorf("l'opérateur, sans la boîte : %v", err)
	}
}
