package droits_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// direFactures answers a batch as the test says.
func (g *guichet) direFactures(brut []byte) rendu {
	m := new(roc.Message[droits.DemandeFactures])
	brut, _, _ = bytes.Cut(brut, []byte(`,"scellement":`))
	if err := droits.EchangeFactures.Demande.DecodeJSON(brut, m); err != nil {
		return rendu{http.StatusBadRequest, []byte(err.Error()), "text/plain"}
	}
	g.mu.Lock()
	f := g.facturer
	g.mu.Unlock()
	r := f(m.Corps.Lot)
	if r == nil {
		return rendu{}
	}
	q := &question{g.v, sceau.REST, &roc.Message[droits.DemandeDroits]{Enveloppe: m.Enveloppe}, sha256.Sum256(brut)}
	return q.sceller(g.v.mutuelle, droits.EchangeFactures.Reponse.AppendJSON(nil, &roc.Message[droits.ReponseFactures]{Enveloppe: q.envelopper(), Corps: r}), http.StatusOK)
}

// accuser acknowledges a batch, each invoice in the state said.
func accuser(l *droits.LotOfficine, etats ...droits.EtatFacture) *droits.ReponseFactures {
	r := &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), NumeroLot: l.Numero}
	for i, e := range etats {
		code := visiodroits.Fournis
		if e == droits.FactureRefusee {
			code = visiodroits.AccreditationInconnue
		}
		r.Factures = append(r.Factures, droits.SuiviFacture{Numero: l.Factures[i].Numero, DateFacture: l.Factures[i].DateFacture, NumeroLot: l.Numero, Etat: e, Code: code, Libelle: code.Libelle()})
	}
	return r
}

// A batch waits in the file until it is answered: through a silence, another process, a link
// cut further on and an answer that is not its own. It leaves the same each time, and what is
// refused of it counts once.
func TestLotGarde(t *testing.T) {
	v, ctx := nouvelleVille(t), context.Background()
	fao := v.entree(func(e *visiodroits.EntreeService) { e.Service = visiodroits.FAO })
	o := v.options(v.classeur(v.listes(1, v.entree(), fao)...))
	chemin := filepath.Join(t.TempDir(), "officine.ecluse")
	ouvrir := func() *droits.Poste {
		o.Magasin = obtenirT[*droits.Magasin](t)(droits.OuvrirMagasin(chemin, droits.OptionsMagasin{Cle: make([]byte, 32)}))
		return v.poste(o)
	}
	o.Cachet = func() *sceau.Cachet { return v.intrus.Cachet }
	p := ouvrir()
	_, carte := v.patient(1)
	facture := func(numero droits.NumeroFacture) droits.FactureOfficine {
		f := *factureExemple(t)
		f.Numero, f.NumeroAMC = numero, carte.NumeroAMC
		return f
	}
	jour := sante.JourA(v.Horloge(), sante.Paris())
	lot := droits.NouveauLot("L1", jour, facture("F1"), facture("F2"))
	verifier := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	gardes := func(want string) {
		t.Helper()
		var l []string
		for _, g := range obtenirT[[]*droits.LotGarde](t)(p.LotsGardes()) {
			l = append(l, string(g.Lot.Numero))
		}
		if got := strings.Join(l, " "); got != want {
			t.Fatalf("lots gardés %q au lieu de %q", got, want)
		}
	}
	var mu sync.Mutex
	var recus [][]byte
	repondre := func(f func(*droits.LotOfficine) *droits.ReponseFactures) {
		v.service.mu.Lock()
		defer v.service.mu.Unlock()
		v.service.facturer = func(l *droits.LotOfficine) *droits.ReponseFactures {
			mu.Lock()
			recus = append(recus, droits.EchangeFactures.CorpsDemande.AppendJSON(nil, &droits.DemandeFactures{Lot: l}))
			mu.Unlock()
			return f(l)
		}
	}

	faux := *lot
	faux.Total++
	for _, l := range []*droits.LotOfficine{nil, &faux, droits.NouveauLot("l1", jour, facture("F1"))} {
		if err := p.GarderLot(carte, l); err == nil {
			t.Errorf("lot gardé : %+v", l)
		}
	}
	verifier(p.GarderLot(carte, lot))
	verifier(p.GarderLot(carte, lot)) // the same again
	if err := p.GarderLot(carte, droits.NouveauLot("L1", jour, facture("F3"))); !errors.Is(err, droits.ErrLotAttend) {
		t.Errorf("autre lot de ce numéro : %v", err)
	}
	if err := p.GarderLot(droits.Carte{NumeroAMC: numeroAMC(t, autreNo)}, lot); !errors.Is(err, droits.ErrLotAttend) {
		t.Errorf("même lot pour une autre AMC : %v", err)
	}
	gardes("L1")

	repondre(func(*droits.LotOfficine) *droits.ReponseFactures { return nil })
	if _, err := p.EnvoyerLot(ctx, "L1"); !errors.Is(err, roc.ErrSansReponse) {
		t.Errorf("sans réponse : %v", err)
	}
	verifier(o.Magasin.Fermer())
	p = ouvrir() // another process
	_, err := o.Magasin.Purger(jour + 1000)
	verifier(err)
	gardes("L1")
	repondre(func(*droits.LotOfficine) *droits.ReponseFactures {
		return &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.OperateurInjoignable, "")}
	})
	var refuse *droits.LotRefuse
	if _, err := p.EnvoyerLot(ctx, "L1"); !errors.As(err, &refuse) || refuse.Retour.CodeRetour != visiodroits.OperateurInjoignable {
		t.Errorf("lien coupé plus loin : %v", err)
	}
	for _, f := range []func(*droits.LotOfficine) *droits.ReponseFactures{
		func(l *droits.LotOfficine) *droits.ReponseFactures { return accuser(l, droits.FactureAcceptee) },
		func(l *droits.LotOfficine) *droits.ReponseFactures {
			r := accuser(l, droits.FactureAcceptee, droits.FactureAcceptee)
			r.NumeroLot = "L2"
			return r
		},
		func(l *droits.LotOfficine) *droits.ReponseFactures {
			return accuser(droits.NouveauLot("L1", jour, facture("F1"), facture("F3")), droits.FactureAcceptee, droits.FactureAcceptee)
		},
	} {
		repondre(f)
		if _, err := p.EnvoyerLot(ctx, "L1"); !errors.Is(err, droits.ErrAccuse) {
			t.Errorf("accusé d'un autre lot : %v", err)
		}
	}
	gardes("L1")

	var ensemble sync.WaitGroup // two at the same time: one of them is answered, or both
	entrees := make(chan struct{}, 2)
	repondre(func(l *droits.LotOfficine) *droits.ReponseFactures {
		entrees <- struct{}{}
		for fin := time.Now().Add(5 * time.Second); len(entrees) < 2 && time.Now().Before(fin); time.Sleep(time.Millisecond) {
		}
		return accuser(l, droits.FactureEnAttente, droits.FactureRefusee)
	})
	for range 2 {
		ensemble.Add(1)
		go func() {
			defer ensemble.Done()
			if r, err := p.EnvoyerLot(ctx, "L1"); err != nil || r.Factures[0].Etat != droits.FactureEnAttente {
				t.Errorf("%+v, %v", r, err)
			}
		}()
	}
	ensemble.Wait()
	gardes("")
	if len(recus) != 7 || len(slices.CompactFunc(recus, bytes.Equal)) != 1 {
		t.Errorf("%d lots reçus, tous les mêmes ?", len(recus))
	}
	rejets := func(want int64) {
		t.Helper()
		if s := obtenirT[*visiodroits.Statistiques](t)(p.Statistiques(jour)).Sommer(nil); s.RejetsAccredites != want {
			t.Errorf("%d rejets au lieu de %d", s.RejetsAccredites, want)
		}
	}
	rejets(1)

	// Refused whole: it waits no more, and the error has what to bill otherwise.
	verifier(p.GarderLot(carte, lot))
	repondre(func(*droits.LotOfficine) *droits.ReponseFactures {
		return &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.FactureEnDouble, "un autre lot a déjà été reçu sous ce numéro")}
	})
	_, err = p.EnvoyerLot(ctx, "L1")
	if !errors.As(err, &refuse) || len(refuse.Lot.Factures) != 2 || refuse.Carte != carte ||
		err.Error() != "lot L1 refusé en entier : F709 Facture en double : un autre lot a déjà été reçu sous ce numéro (agit : l'officine)" {
		t.Errorf("lot refusé : %v", err)
	}
	gardes("")
	rejets(3)
	if _, err := p.EnvoyerLot(ctx, "L1"); !errors.Is(err, droits.ErrSansLot) {
		t.Errorf("lot qui n'attend plus : %v", err)
	}
	verifier(p.GarderLot(carte, lot))
	verifier(p.AbandonnerLot("L1"))
	gardes("")

	// The answer to a batch that was let go of does not take out the one that took its number.
	verifier(p.GarderLot(carte, lot))
	autre := droits.NouveauLot("L1", jour, lot.Factures[0])
	repondre(func(*droits.LotOfficine) *droits.ReponseFactures {
		if err := errors.Join(p.AbandonnerLot("L1"), p.GarderLot(carte, autre)); err != nil {
			t.Error(err)
		}
		return &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.FactureEnDouble, "")}
	})
	if _, err := p.EnvoyerLot(ctx, "L1"); !errors.As(err, &refuse) {
		t.Errorf("lot remplacé : %v", err)
	}
	if g, err := p.LotsGardes(); err != nil || len(g) != 1 || len(g[0].Lot.Factures) != 1 {
		t.Errorf("lot qui n'était pas parti : %+v, %v", g, err)
	}
}
