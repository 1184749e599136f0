package front_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/internal/relais/courrier"
	"github.com/ecluse-sante/ecluse/internal/relais/front"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

const (
	structureES     = "1990000127"
	structureAMC    = "2999123458"
	structureRelais = "2999123466"
	structureSuite  = "2999123474"
	dossier         = "V0001"
)

var (
	hopital  = roc.Partie{Type: roc.ES, ID: "990000127"}
	mutuelle = roc.Partie{Type: roc.AMC, ID: "99000001"}
)

// banc is a hospital, a relay and an insurer: each with its certificates and its
// own gate, joined by TLS only.
type banc struct {
	*gatetest.Labo
	es, amc  *gatetest.Partie
	assureur *gatetest.Serveur
	relais   *noeud
	client   *roc.Client
	reg      *gatetest.Registre
	lent     atomic.Int64 // milliseconds that the insurer takes
	regles   atomic.Int64
	clair    bool // the directory publishes no key: bodies travel in clear
}

// noeud is a relay that listens.
type noeud struct {
	*gatetest.Partie
	*gatetest.Serveur
	r *relais.Relais
}

func nouveauBanc(t testing.TB, face sceau.Face, g relais.Reglages) *banc {
	t.Helper()
	x := &banc{Labo: gatetest.New(t)}
	x.es, x.amc = x.Partie(t, structureES, "CH DE TEST"), x.Partie(t, structureAMC, "MUTUELLE DE TEST")
	porte := gate.NewPorte("amc:99000001", mutuelle, roc.Test, x.amc.Cachet,
		gate.Offrir(roc.EchangeDEL, x.del, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{Engage: true}),
		gate.Offrir(roc.EchangeEtat, x.etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}))
	porte.Dechiffrer(x.amc.Conf.Cles)
	x.assureur = x.Servir(t, nil, gate.Limites{}, porte)
	x.assureur.Cercle.Admettre(structureES, hopital)
	x.assureur.Cercle.Porteur(structureRelais, structureES)
	x.client, x.reg = x.Client(t, x.es, hopital, face)
	x.client.Resolveur = x.resolveur()
	x.relais = x.noeud(t, "OCT-1", structureRelais, g)
	x.client.Relais = &roc.AccesRelais{Adresse: x.relais.Adresse, Structure: structureRelais}
	return x
}

// noeud starts a relay that asks the directory, or follows routes.
func (x *banc) noeud(t testing.TB, id, structure string, g relais.Reglages, routes ...relais.Route) *noeud {
	t.Helper()
	moi := roc.Partie{Type: roc.OCT, ID: id}
	n := &noeud{Partie: x.Partie(t, structure, "CONCENTRATEUR "+id)}
	c := &courrier.Courrier{Transport: func() *roc.Transport {
		return roc.NewTransport(func() *tls.Certificate { return n.Auth }, x.Magasin, x.Horloge)
	}}
	var err error
	n.r, err = relais.New(relais.Parametres{Moi: moi, Juge: x.Magasin, Courrier: c, Annuaire: x.resolveur(), Horloge: x.Horloge, Reglages: g}, routes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.r.Fermer)
	n.Serveur = x.Servir(t, nil, gate.Limites{}, gate.NewPorte("oct:"+id, moi, roc.Test, n.Cachet))
	n.Portail.Relais = front.Relayeur{Relais: n.r}
	n.Serveur.Cercle.Admettre(structureES, hopital)
	return n
}

func (x *banc) del(_ context.Context, q sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
	x.regles.Add(1)
	time.Sleep(time.Duration(x.lent.Load()) * time.Millisecond)
	return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, q.Message().Corps.IDSimulation), EtatEngagement: roc.EtatAnnule}, nil
}

func (x *banc) etat(context.Context, sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
	return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}, nil
}

func (x *banc) resolveur() *roc.Resolveur {
	return &roc.Resolveur{Horloge: x.Horloge, Demander: func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: numero(), Structure: structureAMC}
		cle := x.amc.Conf.Certificat
		if x.clair {
			cle = ""
		}
		for _, s := range []roc.Service{roc.DEL, roc.ETAT} {
			r.Points = append(r.Points, roc.Point{Service: s, Adresse: x.assureur.Adresse, OuvertureDebut: 1,
				CertificatEmpreinte: []string{x.assureur.Epingle}, CleConfidentialite: cle})
		}
		return r, nil
	}}
}

func numero() sante.NumeroAMC {
	n, err := sante.ParseNumeroAMC(mutuelle.ID)
	if err != nil {
		panic(err)
	}
	return n
}

func routage() roc.Routage {
	return roc.Routage{NumeroAMC: numero(), DateReference: sante.JourDe(2026, 3, 2), Domaine: roc.HospitalACE}
}

func (x *banc) demander(motif roc.MotifAnnulation) (*roc.Rendu[roc.ReponseDEL], error) {
	return x.client.DEL(context.Background(), dossier, routage(), &roc.DemandeDEL{IDSimulation: "SIMULATION-01", Motif: motif})
}

func code(err error) roc.Code {
	var r *roc.Refus
	switch {
	case errors.As(err, &r):
		return r.Code
	case errors.Is(err, roc.ErrSansReponse):
		return "sans réponse"
	case err != nil:
		return roc.Code(err.Error())
	}
	return roc.Accepte
}

// faux is a server with a good certificate whose answers the test decides.
func (x *banc) faux(t testing.TB, structure string, gerer http.HandlerFunc) (adresse, epingle string) {
	t.Helper()
	e, err := x.IGC.Emettre(context.Background(), igc.Demande{Profil: igc.ProfilServSSL, Par: "essai", DNS: []string{"localhost"}, IP: []net.IP{net.IPv4(127, 0, 0, 1)},
		Sujet: igc.Sujet{Organisation: "SERVEUR DE TEST", Structure: structure, CN: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	ecoute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: gerer, ErrorLog: slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelDebug), TLSConfig: &tls.Config{
		ClientAuth: tls.RequireAnyClientCert, Certificates: []tls.Certificate{{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle}}}}
	go srv.ServeTLS(ecoute, "", "")
	t.Cleanup(func() { srv.Close() })
	d := sha256.Sum256(e.Certificat.Raw)
	return "https://" + ecoute.Addr().String(), hex.EncodeToString(d[:])
}

// passer forwards a request as it is to a server, on the channel of a party.
func passer(h *http.Client, adresse string, r *http.Request, corps []byte) (statut int, reponse []byte, err error) {
	rep, err := h.Post(adresse+r.URL.Path, r.Header.Get("Content-Type"), bytes.NewReader(corps))
	if err != nil {
		return 0, nil, err
	}
	defer rep.Body.Close()
	reponse, err = io.ReadAll(rep.Body)
	return rep.StatusCode, reponse, err
}

func chaqueFace(t *testing.T, f func(t *testing.T, face sceau.Face)) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		t.Run(string(face), func(t *testing.T) { f(t, face) })
	}
}
