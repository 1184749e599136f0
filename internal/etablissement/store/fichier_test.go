package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/sante"
)

// Two nodes read the same return file at once, and a third another file that says the
// same: each invoice is paid once, by one of them.
func TestFichierParPlusieursNoeuds(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		const n = 230 // more than a transaction takes
		ctx := context.Background()
		m, err := calcul.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		amc := et.Carte(t, "99000909")
		k := etablissement.Convention{ID: "GUE", NumeroAMC: amc.NumeroAMC, Debut: et.Jour(t, "2026-01-01"), Libelle: "Mutuelle du Gué", Voie: "v", Prioritaire: true,
			TypeContrat: calcul.ContratIndividuel, Garanties: []calcul.Garantie{{Code: "C", Famille: calcul.FamilleCONS, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}
		table := &etablissement.Conventions{Conventions: []etablissement.Convention{k},
			Voies: []etablissement.Voie{{Nom: "v", Transport: etablissement.TransportDepot, Forme: etablissement.FormeDRE, Adresse: "99000909"}}}
		noeud := func() *etablissement.Service {
			s := New(b, "750712184")
			return &etablissement.Service{Maison: et.Maison(t), Depot: s, Questions: s, Traces: s, Factures: s, Fichiers: s, Depart: &et.Departs{}, Moteur: m,
				Conventions: func() *etablissement.Conventions { return table }, Horloge: func() time.Time { return et.Midi }}
		}
		un := noeud()
		agent := etablissement.Ordre{Agent: "a"}
		var venues []string
		for i := range n {
			v, err := un.OuvrirVenue(ctx, et.ACE(t, fmt.Sprintf("N-%d", i)))
			if err == nil {
				v, err = un.AjouterCouverture(ctx, v.ID, agent, 1, amc)
			}
			p := etablissement.Place{Rang: 1}
			if err == nil {
				p.Venue = v.ID
				_, err = un.ParConvention(ctx, p, agent)
			}
			if err == nil {
				_, err = un.Calculer(ctx, p, agent, et.Consultation(t), "")
			}
			if err == nil {
				_, err = un.Facturer(ctx, p, agent, etablissement.Facturation{Numero: fmt.Sprintf("F%d", i)})
			}
			if err != nil {
				t.Fatal(err)
			}
			venues = append(venues, p.Venue)
		}
		if _, err := un.FormerLots(ctx); err != nil {
			t.Fatal(err)
		}
		fichier := func(nom string) []byte {
			var o bytes.Buffer
			w, err := noemie.Ecrire(&o, noemie.Entete{TypeEmetteur: "OC", Emetteur: "99000909", Reference: "578R", Fichier: nom, Creation: et.Jour(t, "2026-05-06")})
			for i := range n {
				f := &noemie.Facture{Numero: fmt.Sprintf("F%d", i), Montant: 795}
				f.Destinataire, f.Journee = "750712184", noemie.Journee{Date: et.Jour(t, "2026-05-06"), Virement: "VIR"}
				if err == nil {
					err = w.Facture(f)
				}
			}
			if err = errors.Join(err, w.Fermer()); err != nil {
				t.Fatal(err)
			}
			return o.Bytes()
		}
		var tous sync.WaitGroup
		for _, nom := range []string{"A", "A", "B"} {
			s, o := noeud(), fichier(nom)
			tous.Go(func() {
				for range 20 { // another read it meanwhile: it is read again
					_, err := s.LireRetours(ctx, bytes.NewReader(o), etablissement.Provenance{Nom: nom})
					if err == nil {
						return
					}
					if !errors.Is(err, etablissement.ErrDoublon) {
						t.Errorf("%s : %v", nom, err)
						return
					}
				}
				t.Errorf("%s n'est jamais lu", nom)
			})
		}
		tous.Wait()
		for _, id := range venues {
			v, err := un.Venue(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if cv := v.Couverture(1); cv.Etat != etablissement.Payee || cv.Facture.Paye != 795 {
				t.Errorf("%s, %s payés", cv.Etat, cv.Facture.Paye)
			}
			h, err := un.Moments(ctx, id)
			payes := 0
			for _, x := range h {
				if x.Evenement == etablissement.Payer {
					payes++
				}
			}
			if err != nil || payes != 1 {
				t.Errorf("payée %d fois, %v", payes, err)
			}
		}
		l, err := New(b, "750712184").ListerFichiers(ctx, "", 9)
		var charge int
		var total sante.Montant
		for _, f := range l {
			charge, total = charge+f.Chargees, total+f.Montant
		}
		if err != nil || len(l) != 2 || charge != n || total != n*795 {
			t.Errorf("%d fichiers, %d chargées, %s, %v", len(l), charge, total, err)
		}
	}, Migrations())
}
