package roc_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

const (
	structureHopital  = "2999100506"
	structureMutuelle = "2999100803"
	structureRelais   = "2999100308"
	structureTiers    = "2999100407"
)

// guichet is an insurer made of a TLS port and of what a test answers: it can
// lie, be slow, or hang up. Certificates, TLS and seals are real.
type guichet struct {
	*gatetest.Labo
	tb                testing.TB
	hopital, mutuelle *gatetest.Partie
	relais, tiers     *gatetest.Partie
	adresse, epingle  string
	serveur           igc.Fiche
	client            *roc.Client
	registre          *gatetest.Registre

	mu       sync.Mutex
	recus    []recu
	repondre func(n int, q recu) reponse // n from 1
}

// recu is a question as the guichet read it.
type recu struct {
	enveloppe roc.Enveloppe
	empreinte [32]byte
	a         time.Time
	message   roc.Message[roc.DemandeEtat]
}

// reponse is what the guichet sends back; no code hangs up.
type reponse struct {
	code  int
	corps []byte
	genre string
	tard  time.Duration
}

func nouveauGuichet(t *testing.T) *guichet {
	t.Helper()
	g := &guichet{Labo: gatetest.New(t)}
	g.hopital, g.mutuelle = g.Partie(t, structureHopital, "HÔPITAL D'ESSAI"), g.Partie(t, structureMutuelle, "MUTUELLE D'ESSAI")
	g.relais, g.tiers = g.Partie(t, structureRelais, "RELAIS D'ESSAI"), g.Partie(t, structureTiers, "TIERS D'ESSAI")
	return g.autre(t)
}

// autre is another insurer of the same laboratory, with the same certificates of
// structures: making a laboratory is slow.
func (g *guichet) autre(t *testing.T) *guichet {
	t.Helper()
	x := &guichet{Labo: g.Labo, tb: t, hopital: g.hopital, mutuelle: g.mutuelle, relais: g.relais, tiers: g.tiers}
	x.ecouter(t)
	x.client, x.registre = x.Client(t, x.hopital, lHopital, sceau.REST)
	x.client.Confidentialite = nil
	x.client.Resolveur = &roc.Resolveur{Horloge: x.Horloge, Demander: func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		return x.annuaire(), nil
	}}
	return x
}

func (g *guichet) annuaire() *roc.ReponseAnnuaire {
	return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: amc("99000101"), Structure: structureMutuelle,
		Points: []roc.Point{{Service: roc.ETAT, Adresse: g.adresse, OuvertureDebut: 1, CertificatEmpreinte: []string{g.epingle}, CleConfidentialite: g.mutuelle.Conf.Certificat}}}
}

// ecouter opens a port of the loopback with a laboratory certificate.
func (g *guichet) ecouter(t *testing.T) {
	t.Helper()
	e, err := g.IGC.Emettre(context.Background(), igc.Demande{Profil: igc.ProfilServSSL, Par: "essai", DNS: []string{"localhost"}, IP: []net.IP{net.IPv4(127, 0, 0, 1)},
		Sujet: igc.Sujet{Organisation: "SERVEUR D'ESSAI", Structure: structureMutuelle, CN: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	ecoute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert := tls.Certificate{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle}
	s := &http.Server{Handler: http.HandlerFunc(g.servir), ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert}}
	go s.ServeTLS(ecoute, "", "")
	t.Cleanup(func() { s.Close() })
	d := sha256.Sum256(e.Certificat.Raw)
	g.adresse, g.epingle, g.serveur = "https://"+ecoute.Addr().String(), hex.EncodeToString(d[:]), e.Fiche
}

func (g *guichet) servir(w http.ResponseWriter, r *http.Request) {
	brut, _ := io.ReadAll(r.Body)
	q := recu{a: time.Now()}
	o := sceau.Ouvreur{Juge: g.Magasin, Relais: roc.BlocChaine}
	if p, err := o.REST(brut, g.Horloge()); err == nil {
		q.empreinte = p.Empreinte()
		if roc.EchangeEtat.Demande.DecodeJSON(p.Contenu(), &q.message) == nil {
			q.enveloppe = q.message.Enveloppe
		}
	}
	g.mu.Lock()
	g.recus = append(g.recus, q)
	n, f := len(g.recus), g.repondre
	g.mu.Unlock()
	rep := f(n, q)
	select {
	case <-time.After(rep.tard):
	case <-r.Context().Done():
	}
	if rep.code == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", rep.genre)
	w.WriteHeader(rep.code)
	w.Write(rep.corps)
}

// bonne is the honest answer to a question, that changer may spoil before the
// seal of c.
func (g *guichet) bonne(q recu, c *sceau.Cachet, changer func(*roc.Message[roc.ReponseEtat])) reponse {
	m := &roc.Message[roc.ReponseEtat]{Enveloppe: g.enveloppeDe(q), Corps: &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}}
	if changer != nil {
		changer(m)
	}
	return g.sceller(c, roc.EchangeEtat.Reponse.AppendJSON(nil, m), http.StatusOK)
}

func (g *guichet) refus(q recu, c *sceau.Cachet, code roc.Code, apres int) reponse {
	m := &roc.Message[roc.CorpsRefus]{Enveloppe: g.enveloppeDe(q), Corps: &roc.CorpsRefus{Retour: roc.RetourDe(code, ""), ReprendreApres: apres, NumeroDemande: "N1"}}
	return g.sceller(c, roc.PlanRefus.AppendJSON(nil, m), http.StatusServiceUnavailable)
}

func (g *guichet) enveloppeDe(q recu) roc.Enveloppe {
	e := q.enveloppe
	e.Sens, e.IDMessage, e.Horodatage = roc.Reponse, roc.NouvelUUID(), g.Horloge()
	e.Emetteur, e.Destinataire = q.enveloppe.Destinataire, q.enveloppe.Emetteur
	e.EmpreinteQuestion = sceau.EmpreinteTexte(q.empreinte)
	return e
}

func (g *guichet) sceller(c *sceau.Cachet, json []byte, code int) reponse {
	s, err := c.REST(json, nil, g.Horloge())
	if err != nil {
		g.tb.Error(err)
	}
	return reponse{code: code, corps: s.Octets, genre: "application/json"}
}

// demander asks the state of the insurer.
func (g *guichet) demander(ctx context.Context) (*roc.Rendu[roc.ReponseEtat], error) {
	return g.client.Etat(ctx, "V1", roc.Routage{NumeroAMC: amc("99000101"), DateReference: sante.JourA(g.Horloge(), sante.Paris()), Domaine: roc.HospitalACE}, &roc.DemandeEtat{})
}

func (g *guichet) questions() []recu {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]recu(nil), g.recus...)
}

// sur sets how the guichet answers.
func (g *guichet) sur(f func(n int, q recu) reponse) { g.repondre = f }
