package front_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// From the hospital to the insurer through a relay, encrypted end to end or not:
// the three keep the same digests, and the relay reads no encrypted body.
func TestAllerRetour(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		for _, chiffre := range []bool{true, false} {
			x := nouveauBanc(t, face, relais.Reglages{})
			x.clair = !chiffre
			r, err := x.demander(roc.Doublon)
			if err != nil {
				t.Fatal(err)
			}
			la, ici := x.assureur.Journal.Traces(), x.relais.Journal.Traces()
			if len(la) != 1 || len(ici) != 1 {
				t.Fatalf("%d traces chez l'assureur, %d au relais", len(la), len(ici))
			}
			if r.Repondant != structureAMC || !r.Relais || r.Chiffre != chiffre || r.Corps.EtatEngagement != roc.EtatAnnule {
				t.Errorf("rendu %+v", r)
			}
			for nom, tr := range map[string][2][32]byte{"assureur": {la[0].EmpreinteQ, la[0].EmpreinteR}, "relais": {ici[0].EmpreinteQ, ici[0].EmpreinteR}} {
				if tr[0] != r.EmpreinteQuestion || tr[1] != r.EmpreinteReponse {
					t.Errorf("%s : empreintes différentes de celles de l'hôpital", nom)
				}
			}
			if !ici[0].Relaye || ici[0].Chiffre != chiffre || ici[0].SceauReponse.Porteur.Structure() != structureAMC {
				t.Errorf("trace du relais %+v", ici[0])
			}
			if want := map[bool]roc.Code{true: "", false: roc.Accepte}[chiffre]; ici[0].Code != want {
				t.Errorf("code lu par le relais : %q, want %q", ici[0].Code, want)
			}
			lisible := bytes.Contains(ici[0].Question, []byte("DOUBLON")) || bytes.Contains(ici[0].Reponse, []byte("ANNULE"))
			if lisible == chiffre {
				t.Errorf("corps lisible au relais : %v", lisible)
			}
			if c := la[0].Chaine; len(c) != 1 || c[0].ID != "OCT-1" || c[0].Role != roc.OCT || la[0].Canal.Porteur.Structure() != structureRelais {
				t.Errorf("chaîne chez l'assureur %+v", c)
			}
			if c := x.reg.Arrivees[0].Relais; len(c) != 1 || c[0].ID != "OCT-1" {
				t.Errorf("chaîne de retour %+v", c)
			}
			if r.Feuille == "" || r.Feuille != feuilleDe(t, x.assureur) {
				t.Errorf("feuille %q, autre que celle de l'assureur", r.Feuille)
			}
		}
	})
}

// feuilleDe is the leaf that the fake journal gave for its only exchange.
func feuilleDe(t *testing.T, s *gatetest.Serveur) string {
	t.Helper()
	tr := s.Journal.Traces()[0]
	j := &gatetest.Journal{}
	f, err := j.Ecrire(context.Background(), &tr)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The relay's keys open nothing of an encrypted body.
func TestLeRelaisNeLitPas(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{})
	if _, err := x.demander(roc.Doublon); err != nil {
		t.Fatal(err)
	}
	tr := x.relais.Journal.Traces()[0]
	o := sceau.Ouvreur{Juge: x.Magasin}
	p, err := o.REST(tr.Question, x.Horloge())
	if err != nil {
		t.Fatal(err)
	}
	var m roc.Message[roc.DemandeDEL]
	if err := roc.EchangeDEL.Demande.DecodeJSON(p.Contenu(), &m); err != nil {
		t.Fatal(err)
	}
	if _, err := x.relais.Conf.Cles.Corps(m.CorpsChiffre, &m.Enveloppe); code(err) != roc.Illisible {
		t.Errorf("avec les clés du relais : %v", err)
	}
	if _, err := x.amc.Conf.Cles.Corps(m.CorpsChiffre, &m.Enveloppe); err != nil {
		t.Errorf("avec les clés de l'assureur : %v", err)
	}
}

// Two relays in a row: the chains say both, in the order crossed, and a refusal
// of the second comes back in the name of the first.
func TestDeuxRelais(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{})
		suite := x.noeud(t, "OCT-2", structureSuite, relais.Reglages{})
		suite.Cercle.Porteur(structureRelais, structureES)
		x.assureur.Cercle.Porteur(structureSuite, structureES)
		route := relais.Route{Destinataire: "9900????", Adresse: suite.Adresse, Empreintes: []string{suite.Epingle}, Relais: []string{structureSuite}}
		if err := x.relais.r.Router([]relais.Route{route}); err != nil {
			t.Fatal(err)
		}
		if _, err := x.demander(roc.Doublon); err != nil {
			t.Fatal(err)
		}
		aller, retour := x.assureur.Journal.Traces()[0].Chaine, x.reg.Arrivees[0].Relais
		if len(aller) != 2 || aller[0].ID != "OCT-1" || aller[1].ID != "OCT-2" {
			t.Errorf("aller %+v", aller)
		}
		if len(retour) != 2 || retour[0].ID != "OCT-2" || retour[1].ID != "OCT-1" {
			t.Errorf("retour %+v", retour)
		}
		if err := suite.r.Router([]relais.Route{{Destinataire: "9900????", Adresse: "https://127.0.0.1:1", Structures: []string{structureAMC}}}); err != nil {
			t.Fatal(err)
		}
		x.client.Delais.Essais = 1
		if _, err := x.demander(roc.Doublon); code(err) != roc.PanneRelais {
			t.Errorf("assureur injoignable du second relais : %v", err)
		}
		if tr := x.relais.Journal.Traces(); tr[len(tr)-1].Code != roc.PanneRelais || tr[len(tr)-1].Relaye {
			t.Errorf("trace du refus %+v", tr[len(tr)-1])
		}
	})
}

func TestBoucle(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{})
		x.client.Delais.Essais = 1
		suite := x.noeud(t, "OCT-2", structureSuite, relais.Reglages{}, relais.Route{Destinataire: "????????",
			Adresse: x.relais.Adresse, Empreintes: []string{x.relais.Epingle}, Relais: []string{structureRelais}})
		suite.Cercle.Porteur(structureRelais, structureES)
		x.relais.Cercle.Porteur(structureSuite, structureES)
		if err := x.relais.r.Router([]relais.Route{{Destinataire: "????????", Adresse: suite.Adresse, Relais: []string{structureSuite}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := x.demander(roc.Doublon); code(err) != roc.PanneRelais {
			t.Fatalf("got %v", err)
		}
		if n := len(x.assureur.Journal.Traces()); n != 0 {
			t.Errorf("%d messages chez l'assureur", n)
		}
		if a, b := len(x.relais.Journal.Traces()), len(suite.Journal.Traces()); a != 2 || b != 1 {
			t.Errorf("%d passages par le premier, %d par le second", a, b)
		}
	})
}

// A message that says it crossed five relays goes no further.
func TestTropDeRelais(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{})
		x.client.Delais.Essais = 1
		vers := x.relais.Adresse
		h := x.HTTP(x.relais.Partie)
		adresse, _ := x.faux(t, structureRelais, func(w http.ResponseWriter, r *http.Request) {
			corps, _ := io.ReadAll(r.Body)
			statut, rep, err := passer(h, vers, r, avecChaine(t, x, face, corps, roc.ChaineMax))
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.WriteHeader(statut)
			w.Write(rep)
		})
		x.relais.Cercle.Porteur(structureRelais, structureES)
		x.client.Relais.Adresse = adresse
		if _, err := x.demander(roc.Doublon); code(err) != roc.PanneRelais {
			t.Errorf("got %v", err)
		}
		if n := len(x.assureur.Journal.Traces()); n != 0 {
			t.Errorf("%d messages chez l'assureur", n)
		}
	})
}

func avecChaine(t *testing.T, x *banc, face sceau.Face, octets []byte, n int) []byte {
	o := sceau.Ouvreur{Juge: x.Magasin, Relais: roc.BlocChaine}
	ouvrir, ecrire := o.REST, func(c *roc.Chaine) []byte { return roc.PlanChaine.AppendJSON(nil, c) }
	if face == sceau.SOAP {
		ouvrir, ecrire = o.SOAP, func(c *roc.Chaine) []byte { return roc.PlanChaine.AppendXML(nil, roc.NomChaine, c) }
	}
	p, err := ouvrir(octets, x.Horloge())
	if err != nil {
		t.Error(err)
		return nil
	}
	var c roc.Chaine
	for range n {
		c.Maillons = append(c.Maillons, roc.Maillon{Role: roc.OCT, ID: "AUTRE", Horodatage: x.Horloge()})
	}
	octets, err = p.Enchainer(nil, ecrire(&c))
	if err != nil {
		t.Error(err)
	}
	return octets
}

// The insurer refuses what a relay that it did not admit for this hospital
// carries: its refusal comes back as it is, in its name.
func TestRelaisNonAdmis(t *testing.T) {
	chaqueFace(t, func(t *testing.T, face sceau.Face) {
		x := nouveauBanc(t, face, relais.Reglages{})
		autre := x.noeud(t, "OCT-3", structureSuite, relais.Reglages{})
		x.client.Relais = &roc.AccesRelais{Adresse: autre.Adresse, Structure: structureSuite}
		if _, err := x.demander(roc.Doublon); code(err) != roc.HorsCercle {
			t.Errorf("got %v", err)
		}
		tr := autre.Journal.Traces()
		if len(tr) != 1 || !tr[0].Relaye || tr[0].Code != roc.HorsCercle || tr[0].SceauReponse.Porteur.Structure() != structureAMC {
			t.Errorf("traces du relais %+v", tr)
		}
	})
}

// A partner that never answers costs the relay's patience, not more, and the
// hospital hears T011; a slow one within it is waited for.
func TestPartenaireLent(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{Ordinaire: 400 * time.Millisecond})
	x.client.Delais.Essais = 1
	x.lent.Store(150)
	if _, err := x.demander(roc.Doublon); err != nil {
		t.Fatalf("lent : %v", err)
	}
	x.lent.Store(900)
	debut := time.Now()
	if _, err := x.demander(roc.Doublon); code(err) != roc.DelaiInterne {
		t.Errorf("trop lent : %v", err)
	}
	if d := time.Since(debut); d > 800*time.Millisecond {
		t.Errorf("réponse après %v", d)
	}
}

// A server that accepts connections and says nothing, not even in TLS.
func TestPartenaireMuet(t *testing.T) {
	x := nouveauBanc(t, sceau.SOAP, relais.Reglages{Ordinaire: 300 * time.Millisecond})
	x.client.Delais.Essais = 1
	muet, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer muet.Close()
	if err := x.relais.r.Router([]relais.Route{{Destinataire: mutuelle.ID, Adresse: "https://" + muet.Addr().String(), Structures: []string{structureAMC}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.demander(roc.Doublon); code(err) != roc.DelaiInterne {
		t.Errorf("got %v", err)
	}
}

// The insurer goes down: its messages are refused at once after a few failures;
// it comes back: they pass again.
func TestPanneEtRetour(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{Echecs: 2, Repos: time.Hour})
	x.client.Delais.Essais = 1
	vers := x.assureur.Adresse
	h := x.HTTP(x.relais.Partie)
	var recus atomic.Int64
	var panne atomic.Bool
	panne.Store(true)
	adresse, epingle := x.faux(t, structureAMC, func(w http.ResponseWriter, r *http.Request) {
		recus.Add(1)
		if panne.Load() {
			http.Error(w, "en panne", http.StatusBadGateway)
			return
		}
		corps, _ := io.ReadAll(r.Body)
		statut, rep, err := passer(h, vers, r, corps)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.WriteHeader(statut)
		w.Write(rep)
	})
	if err := x.relais.r.Router([]relais.Route{{Destinataire: mutuelle.ID, Adresse: adresse, Empreintes: []string{epingle}, Structures: []string{structureAMC}}}); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if _, err := x.demander(roc.Doublon); code(err) != roc.PanneRelais {
			t.Fatalf("%d : %v", i, err)
		}
	}
	if n := recus.Load(); n != 2 {
		t.Errorf("%d messages reçus pendant la panne", n)
	}
	panne.Store(false)
	x.Avancer(2 * time.Hour)
	for range 2 {
		if _, err := x.demander(roc.Doublon); err != nil {
			t.Fatalf("après le retour : %v", err)
		}
	}
}

// A server that shows another certificate than the announced one gets nothing.
func TestAutreCertificat(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{})
	x.client.Delais.Essais = 1
	var recu atomic.Bool
	adresse, _ := x.faux(t, structureAMC, func(http.ResponseWriter, *http.Request) { recu.Store(true) })
	route := relais.Route{Destinataire: mutuelle.ID, Adresse: adresse, Empreintes: []string{x.assureur.Epingle}, Structures: []string{structureAMC}}
	if err := x.relais.r.Router([]relais.Route{route}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.demander(roc.Doublon); code(err) != roc.PanneRelais || recu.Load() {
		t.Errorf("got %v, message reçu : %v", err, recu.Load())
	}
}

// The result of a question whose answer was lost is the same through the relay
// and without it.
func TestRepetition(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{})
	id := roc.Suivi{IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID()}
	for _, avec := range []*roc.AccesRelais{x.client.Relais, x.client.Relais, nil} {
		x.client.Relais = avec
		_, err := roc.Reprendre[roc.DemandeDEL, roc.ReponseDEL](context.Background(), x.client, roc.EchangeDEL, routage(), dossier,
			&roc.DemandeDEL{IDSimulation: "SIMULATION-01", Motif: roc.Doublon}, id)
		if err != nil {
			t.Fatalf("relais %v : %v", avec != nil, err)
		}
	}
	if n := x.regles.Load(); n != 1 {
		t.Errorf("règle appelée %d fois", n)
	}
}

// Many questions at once over the same few connections: each gets its answer.
func TestEnMemeTemps(t *testing.T) {
	x := nouveauBanc(t, sceau.REST, relais.Reglages{Places: 4, Attente: 5 * time.Second})
	var tous sync.WaitGroup
	for i := range 60 {
		tous.Go(func() {
			id := fmt.Sprintf("SIMULATION-%02d", i)
			r, err := x.client.DEL(context.Background(), dossier, routage(), &roc.DemandeDEL{IDSimulation: id, Motif: roc.Doublon})
			if err != nil || r.Corps.Precision != id {
				t.Errorf("%s : %+v, %v", id, r, err)
			}
		})
	}
	tous.Wait()
	if n := x.regles.Load(); n != 60 {
		t.Errorf("règle appelée %d fois", n)
	}
}
