package laboratoire

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An insurer has its rights answered by an operator, under his key, and pays its invoices
// itself: what he gave in its name is paid, though its own register does not know it; once he
// answers no more, what he gave before still is; without his mandate, nothing is.
func TestNormaleDeLOperateur(t *testing.T) {
	q, ctx := nouveauQuartier(t), context.Background()
	q.repondre(monde.CleMoulin, cleHeberge, nil)
	q.eteindre(monde.CleOperateur) // who would publish under the same number
	mandater := func(f func(m *config.MandatDepannage)) {
		t.Helper()
		q.changer(monde.CleMoulin, func(c *config.Config) {
			d := &c.AMC[0].Droits
			d.Adresse, d.Empreintes = q.adresses["ouverte-"+cleHeberge], []string{q.empreinte[cleHeberge]}
			d.Mandats = []config.MandatDepannage{{Operateur: numeroOperateur, Structure: q.Monde.Operateur.IDNat, Debut: (q.jour() - 30).String(), Listes: []string{d.Adresse}}}
			f(&d.Mandats[0])
		})
	}
	mandater(func(m *config.MandatDepannage) { m.Normales = true })
	q.eteindre(monde.CleMoulin)
	q.oublier(monde.CleMoulin)
	q.rallumer(monde.CleMoulin)

	c := nouveauComptoir(t, q.Scene)
	c.options.Miroirs = append(c.options.Miroirs, q.adresses["ouverte-"+cleHeberge]+droits.Norme.Racine)
	p := c.poste(nil)
	if _, err := p.Actualiser(ctx); err != nil {
		t.Fatal(err)
	}
	x := q.comptable(monde.CleMoulin)
	var ventes []*droits.Vente
	var demandes []*droits.DemandeDroits
	c.o.assures(monde.CleMoulin, func(y *monde.Patient, k *monde.Couverture) {
		if len(ventes) == 3 {
			return
		}
		d := c.o.question(y, k)
		v := c.vendre(p, d, visiodroits.Fournis)
		if a := v.Accreditation.Accreditation(); a.Type != droits.Normale || a.Emetteur().String() != numeroOperateur || !v.TiersPayant {
			t.Fatalf("%+v", v)
		}
		demandes, ventes = append(demandes, d), append(ventes, v)
	})
	tranchee := func(nom, numero string, i int, want droits.EtatFacture, code visiodroits.Code) {
		t.Helper()
		x.envoyer(&droits.DemandeFactures{Lot: droits.NouveauLot(droits.NumeroFacture("L"+numero), q.jour(), *x.facturer(numero, demandes[i], ventes[i]))})
		q.attendre(nom, func() bool { return x.etat(droits.NumeroFacture(numero)).Etat != droits.FactureEnAttente })
		if e := x.etat(droits.NumeroFacture(numero)); e.Etat != want && (want != droits.FactureAcceptee || e.Etat != droits.FactureOrdonnee) || e.Code != code {
			t.Errorf("%s : %+v ; attendu %s %s", nom, e, want, code)
		}
	}
	tranchee("sous mandat", "N1", 0, droits.FactureAcceptee, visiodroits.Fournis)
	mandater(func(m *config.MandatDepannage) { m.Normales, m.Fin = true, q.jour().String() })
	tranchee("le dernier jour du mandat", "N2", 1, droits.FactureAcceptee, visiodroits.Fournis)
	mandater(func(*config.MandatDepannage) {})
	tranchee("sans mandat pour cela", "N3", 2, droits.FactureRefusee, visiodroits.AccreditationInconnue)
}
