package roc_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// The examples speak over real TLS to a small insurer that also keeps the
// directory. What is here stands for the world around an integrator: the files
// that the authority gave him, and his partner. His own code is in the examples.

// exempleLabo is that world.
type exempleLabo struct {
	dir     string // confiance/, and the certificates and keys of the hospital
	adresse string
	juge    *certificat.Magasin
	cachet  *sceau.Cachet
	moteur  calcul.Moteur
	jour    sante.Jour
	annule  sync.Map
}

var laboDesExemples = sync.OnceValue(nouvelExempleLabo)

// TestMain removes what the examples wrote.
func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(filepath.Join(os.TempDir(), nomLabo))
	os.Exit(code)
}

var nomLabo = fmt.Sprintf("ecluse-exemples-%d", os.Getpid())

func nouvelExempleLabo() *exempleLabo {
	x := &exempleLabo{dir: filepath.Join(os.TempDir(), nomLabo), moteur: doit(calcul.New(nil)), jour: sante.JourA(time.Now(), sante.Paris())}
	ctx, depot := context.Background(), doit(igclocal.Ouvrir(filepath.Join(x.dir, "igc")))
	g := doit(igc.Creer(ctx, igc.Parametres{Base: "http://127.0.0.1:8000/igc"}, depot, depot, time.Now))
	for _, ac := range g.ACs() {
		doit(g.Publier(ctx, ac.Nom, time.Now()))
	}
	confiance := filepath.Join(x.dir, "confiance")
	if err := igclocal.Confiance(ctx, confiance, g); err != nil {
		panic(err)
	}
	x.juge = certificat.NouveauMagasin(certificat.Options{})
	doit(x.juge.ChargerRepertoire(confiance))
	hopital, mutuelle := igc.Sujet{Organisation: "HÔPITAL D'EXEMPLE", Structure: structureHopital, CN: "LABO HOPITAL"}, igc.Sujet{Organisation: "MUTUELLE D'EXEMPLE", Structure: structureMutuelle, CN: "LABO MUTUELLE"}
	x.ecrire("authentification", doit(g.Emettre(ctx, igc.Demande{Profil: igc.ProfilOrgAuth, Sujet: hopital, Par: "exemple"})))
	x.ecrire("cachet", doit(g.Emettre(ctx, igc.Demande{Profil: igc.ProfilOrgSign, Sujet: hopital, Par: "exemple"})))
	e := doit(g.Emettre(ctx, igc.Demande{Profil: igc.ProfilOrgSign, Sujet: mutuelle, Par: "exemple"}))
	x.cachet = doit(sceau.NewCachet(e.Certificat.Raw, e.Chaine[:1], e.Cle))
	mutuelle.CN = "localhost"
	x.servir(doit(g.Emettre(ctx, igc.Demande{Profil: igc.ProfilServSSL, Sujet: mutuelle, Par: "exemple", DNS: []string{"localhost"}, IP: []net.IP{net.IPv4(127, 0, 0, 1)}})))
	return x
}

// ecrire writes NOM.pem and NOM.cle, as ecluse igc emettre does.
func (x *exempleLabo) ecrire(nom string, e igc.Emission) {
	cle := doit(x509.MarshalPKCS8PrivateKey(e.Cle))
	cert := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificat.Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Chaine[0]})...)
	for fin, b := range map[string][]byte{".pem": cert, ".cle": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: cle})} {
		if err := os.WriteFile(filepath.Join(x.dir, nom+fin), b, 0o600); err != nil {
			panic(err)
		}
	}
}

func (x *exempleLabo) servir(e igc.Emission) {
	mux := http.NewServeMux()
	exposer(x, mux, roc.EchangeAnnuaire, x.annuaire)
	exposer(x, mux, roc.EchangeIDB, x.idb)
	exposer(x, mux, roc.EchangeSIM, x.sim)
	exposer(x, mux, roc.EchangeCLC, x.clc)
	exposer(x, mux, roc.EchangeDEL, x.del)
	exposer(x, mux, roc.EchangeEngagement, x.engagement)
	exposer(x, mux, roc.EchangeEtat, x.etat)
	ecoute := doit(net.Listen("tcp", "127.0.0.1:0"))
	x.adresse = "https://" + ecoute.Addr().String()
	cert := tls.Certificate{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle.(crypto.PrivateKey)}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert}}
	go s.ServeTLS(ecoute, "", "")
}

// exposer opens a question, has it answered and seals the answer.
func exposer[Q, R any](x *exempleLabo, mux *http.ServeMux, e *roc.Echange[Q, R], f func(*Q) *R) {
	mux.HandleFunc("POST "+e.Service.Chemin(), func(w http.ResponseWriter, r *http.Request) {
		brut, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		p, err := (&sceau.Ouvreur{Juge: x.juge}).REST(brut, time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		o, err := sceau.Open(p, func(p *sceau.Piece, m *roc.Message[Q]) error { return e.Demande.DecodeJSON(p.Contenu(), m) })
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		q := o.Message()
		rep := roc.Message[R]{Enveloppe: roctest.Repondre(q.Enveloppe, q.Enveloppe.IDMessage.String()), Corps: f(q.Corps)}
		rep.Enveloppe.EmpreinteQuestion, rep.Enveloppe.Horodatage = sceau.EmpreinteTexte(p.Empreinte()), time.Now()
		s, err := x.cachet.REST(e.Reponse.AppendJSON(nil, &rep), nil, time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(s.Octets)
	})
}

func (x *exempleLabo) annuaire(d *roc.DemandeAnnuaire) *roc.ReponseAnnuaire {
	r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: d.NumeroAMC, Structure: structureMutuelle}
	for _, s := range []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.ENG, roc.ETAT} {
		r.Points = append(r.Points, roc.Point{Service: s, Adresse: x.adresse, OuvertureDebut: x.jour - 30})
	}
	return r
}

func (x *exempleLabo) etat(*roc.DemandeEtat) *roc.ReponseEtat {
	r := &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel}
	for _, s := range []roc.Service{roc.IDB, roc.CLC} {
		r.Services = append(r.Services, roc.EtatService{Service: s, Etat: roc.Operationnel})
	}
	return r
}

func (x *exempleLabo) idb(*roc.DemandeIDB) *roc.ReponseIDB {
	r := droits()
	r.DroitsDebut, r.DroitsFin, r.Formules = x.jour-30, x.jour+30, contrat().Garanties
	return r
}

func (x *exempleLabo) sim(d *roc.DemandeCalcul) *roc.ReponseCalcul {
	r := doit(roc.Estimer(x.moteur, contrat(), d, nil))
	r.Caractere, r.IDSimulation, r.DateFinIndicative = roc.Indicatif, "SHX2V9QKT4MB", x.jour+30
	return r
}

func (x *exempleLabo) clc(d *roc.DemandeCalcul) *roc.ReponseCalcul {
	r, _, err := roc.Repartir(x.moteur, contrat(), d, nil)
	if err != nil {
		return &roc.ReponseCalcul{Retour: roc.RetourDe(roc.TotalFaux, err.Error()), Caractere: roc.Engagement, Garantie: roc.GarantieAucune}
	}
	r.Caractere, r.NumeroEngagement, r.EngagementDebut, r.EngagementFin = roc.Engagement, doit(roc.TirerNumeroEngagement(d.Carte.NumeroAMC, nil)), x.jour, x.jour+90
	return r
}

func (x *exempleLabo) del(d *roc.DemandeDEL) *roc.ReponseDEL {
	etat := roc.EtatAnnule
	if _, deja := x.annule.LoadOrStore(d.NumeroEngagement, true); deja {
		etat = roc.EtatDejaAnnule
	}
	return &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: etat, DateAnnulation: x.jour}
}

func (x *exempleLabo) engagement(d *roc.DemandeEngagement) *roc.ReponseEngagement {
	etat := roc.EngagementEnCours
	if _, annule := x.annule.Load(d.NumeroEngagement); annule {
		etat = roc.EtatAnnule
	}
	return &roc.ReponseEngagement{Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: etat}
}
