// Package gatetest puts a whole gate on a loopback port for tests: real TLS, real
// seals, real certificates of a laboratory authority; the circle, the watch and
// the journal are small fakes that remember.
package gatetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Labo is a laboratory: an authority and a clock that tests move.
type Labo struct {
	IGC     *igc.IGC
	Magasin *certificat.Magasin

	mu      sync.Mutex
	decalee time.Duration
}

// New makes a laboratory.
func New(t testing.TB) *Labo {
	t.Helper()
	l := &Labo{}
	l.IGC = igctest.Nouvelle(t, l.Horloge)
	l.Magasin = igctest.Magasin(t, l.IGC, l.Horloge(), certificat.Options{})
	return l
}

// Horloge tells the time of the laboratory.
func (l *Labo) Horloge() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.decalee)
}

// Avancer moves the clock.
func (l *Labo) Avancer(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.decalee += d
}

// Partie holds the certificates of a structure.
type Partie struct {
	Structure string
	Cachet    *sceau.Cachet
	Auth      *tls.Certificate
	AuthSerie igc.Fiche
	CachetF   igc.Fiche
	CachetE   igc.Emission // with the key of the seal: to seal as ordinary clients do
	Conf      roc.Confidentialite
}

// Partie issues the certificates of a structure.
func (l *Labo) Partie(t testing.TB, structure, nom string) *Partie {
	t.Helper()
	s := igc.Sujet{Organisation: nom, Structure: structure, CN: "LABO " + structure}
	sign := igctest.Emettre(t, l.IGC, igc.ProfilOrgSign, s)
	auth := igctest.Emettre(t, l.IGC, igc.ProfilOrgAuth, s)
	conf := igctest.Emettre(t, l.IGC, igc.ProfilOrgConf, s)
	c, err := sceau.NewCachet(sign.Certificat.Raw, sign.Chaine[:1], sign.Cle)
	if err != nil {
		t.Fatal(err)
	}
	return &Partie{Structure: structure, Cachet: c, AuthSerie: auth.Fiche, CachetF: sign.Fiche, CachetE: sign,
		Auth: &tls.Certificate{Certificate: [][]byte{auth.Certificat.Raw, auth.Chaine[0]}, PrivateKey: auth.Cle},
		Conf: confidentialite(t, conf)}
}

// Carte issues the two certificates of the card of a pharmacist: signature, in the place
// of the seal, and authentication. Structure is the IdNat_PS of the holder.
func (l *Labo) Carte(t testing.TB, rpps string) *Partie {
	t.Helper()
	s := igc.Sujet{Titre: "Pharmacien", Nom: "DESSAI", Prenom: "Fictive", IdNatPS: "8" + rpps}
	sign, auth := igctest.Emettre(t, l.IGC, igc.ProfilPSSign, s), igctest.Emettre(t, l.IGC, igc.ProfilPSAuth, s)
	c, err := sceau.NewCachet(sign.Certificat.Raw, sign.Chaine[:1], sign.Cle)
	if err != nil {
		t.Fatal(err)
	}
	return &Partie{Structure: s.IdNatPS, Cachet: c, AuthSerie: auth.Fiche, CachetF: sign.Fiche, CachetE: sign,
		Auth: &tls.Certificate{Certificate: [][]byte{auth.Certificat.Raw, auth.Chaine[0]}, PrivateKey: auth.Cle}}
}

func confidentialite(t testing.TB, e igc.Emission) roc.Confidentialite {
	t.Helper()
	cle, ok := e.Cle.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatal("clé de confidentialité qui n'est pas elliptique")
	}
	accord, err := cle.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return roc.Confidentialite{Certificat: base64.StdEncoding.EncodeToString(e.Certificat.Raw),
		Cles: roc.Dechiffreur{roc.KidDe(e.Certificat.Raw): accord}}
}

// Serveur is a gate that listens.
type Serveur struct {
	Portail *gate.Portail
	Base    *bdd.Base
	Cercle  *Cercle
	Vigie   *Vigie
	Journal *Journal
	Adresse string // https base
	Epingle string // SHA-256 of the server's certificate
}

// Servir puts parties on a loopback port.
func (l *Labo) Servir(t testing.TB, b *bdd.Base, lim gate.Limites, portes ...*gate.Porte) *Serveur {
	t.Helper()
	s := l.serveur(t, b, lim, portes)
	s.ecouter(t, l, lim, s.Portail.TLS, roc.ROC)
	return s
}

// ServirOuvert puts parties on a loopback port where nobody is asked for a
// certificate, with the doors of these profiles.
func (l *Labo) ServirOuvert(t testing.TB, b *bdd.Base, normes []*roc.Norme, portes ...*gate.Porte) *Serveur {
	t.Helper()
	s := l.serveur(t, b, gate.Limites{}, portes)
	s.ecouter(t, l, gate.Limites{}, s.Portail.TLSOuvert, normes...)
	return s
}

func (l *Labo) serveur(t testing.TB, b *bdd.Base, lim gate.Limites, portes []*gate.Porte) *Serveur {
	t.Helper()
	if b == nil {
		b = bddtest.Ouvrir(t, store.Migrations)
	}
	s := &Serveur{Base: b, Cercle: &Cercle{}, Vigie: &Vigie{}, Journal: &Journal{}}
	s.Portail = &gate.Portail{
		Ouvreur: sceau.Ouvreur{Juge: l.Magasin, Relais: roc.BlocChaine, Limite: lim.Message}, Juge: l.Magasin,
		Cercle: s.Cercle, Vigie: s.Vigie, Memoire: store.New(b), Journal: s.Journal, Base: store.Transactions{Base: b},
		Horloge: l.Horloge, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, p := range portes {
		s.Portail.Ouvrir(p)
	}
	return s
}

type reglageTLS = func(func() *tls.Certificate, *x509.CertPool) *tls.Config

func (s *Serveur) ecouter(t testing.TB, l *Labo, lim gate.Limites, r reglageTLS, normes ...*roc.Norme) {
	t.Helper()
	mux := http.NewServeMux()
	for _, n := range normes {
		var pub gate.Publication
		if n == roc.ROC {
			pub = roc.Publication
		}
		s.Portail.Routes(mux, n, lim, pub)
	}
	var cert []byte
	s.Adresse, cert = l.ecouter(t, s.Portail, lim, mux, r)
	d := sha256.Sum256(cert)
	s.Epingle = hex.EncodeToString(d[:])
}

// Ecouter serves other pages on another loopback port, by the rules of a gate for
// channels.
func (l *Labo) Ecouter(t testing.TB, p *gate.Portail, h http.Handler) (adresse string) {
	t.Helper()
	adresse, _ = l.ecouter(t, p, gate.Limites{}, h, p.TLS)
	return adresse
}

func (l *Labo) ecouter(t testing.TB, p *gate.Portail, lim gate.Limites, h http.Handler, r reglageTLS) (adresse string, certificat []byte) {
	t.Helper()
	e, err := l.IGC.Emettre(context.Background(), igc.Demande{Profil: igc.ProfilServSSL, Par: "essai", DNS: []string{"localhost"}, IP: []net.IP{net.IPv4(127, 0, 0, 1)},
		Sujet: igc.Sujet{Organisation: "SERVEUR DE TEST", Structure: "2999123458", CN: "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	cert := &tls.Certificate{Certificate: [][]byte{e.Certificat.Raw, e.Chaine[0]}, PrivateKey: e.Cle}
	ecoute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := p.Serveur(lim, h, r(func() *tls.Certificate { return cert }, l.Magasin.Pool()))
	srv.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelDebug)
	go srv.ServeTLS(ecoute, "", "")
	t.Cleanup(func() { srv.Close() })
	return "https://" + ecoute.Addr().String(), e.Certificat.Raw
}

// Client makes the client of a hospital.
func (l *Labo) Client(t testing.TB, p *Partie, moi roc.Partie, face sceau.Face) (*roc.Client, *Registre) {
	t.Helper()
	reg := &Registre{}
	tr := roc.NewTransport(func() *tls.Certificate { return p.Auth }, l.Magasin, l.Horloge)
	t.Cleanup(tr.Fermer)
	return &roc.Client{Moi: moi, Environnement: roc.Test, Cachet: func() *sceau.Cachet { return p.Cachet }, Juge: l.Magasin,
		Transport: tr, Registre: reg, Horloge: l.Horloge, Face: face, Confidentialite: &p.Conf}, reg
}

// HTTP is a bare client that shows a party's certificate.
func (l *Labo) HTTP(p *Partie) *http.Client {
	return &http.Client{Transport: roc.NewTransport(func() *tls.Certificate { return p.Auth }, l.Magasin, l.Horloge), Timeout: 10 * time.Second}
}

// Cercle admits what tests say.
type Cercle struct {
	mu      sync.Mutex
	scelle  map[string]roc.Partie
	portent map[[2]string]bool
}

// Admettre says who a structure is.
func (c *Cercle) Admettre(structure string, p roc.Partie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scelle == nil {
		c.scelle, c.portent = map[string]roc.Partie{}, map[[2]string]bool{}
	}
	c.scelle[structure] = p
}

// Porteur says that a relay may carry for a structure.
func (c *Cercle) Porteur(relais, structure string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.portent[[2]string{relais, structure}] = true
}

// Scelle is gate.Cercle.
func (c *Cercle) Scelle(_, structure string, p roc.Partie, _ time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	connu, ok := c.scelle[structure]
	switch {
	case !ok:
		return roc.Refuser(roc.HorsCercle, "")
	case connu.Type != p.Type || connu.ID != p.ID:
		return roc.Refuser(roc.AutreIdentifiant, "")
	}
	return nil
}

// Porte is gate.Cercle.
func (c *Cercle) Porte(_, canal, scelleur string, _ roc.Partie, _ time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if canal == scelleur || c.portent[[2]string{canal, scelleur}] {
		return nil
	}
	return roc.Refuser(roc.HorsCercle, "canal non admis")
}

// Relaie is gate.Cercle.
func (c *Cercle) Relaie(_, canal string, p roc.Partie, _ time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for structure, connu := range c.scelle {
		if connu.Type == p.Type && connu.ID == p.ID && c.portent[[2]string{canal, structure}] {
			return true
		}
	}
	return false
}

// Vigie lets everything in and counts.
type Vigie struct {
	mu         sync.Mutex
	Signaux    []roc.Code
	Details    []string // of the signals
	Demandeurs []string // counted, in order
	Refuser    error    // given by Demander when not nil
	Plein      error    // given by Entrer when not nil
	Complet    error    // given by EntrerAnonyme when not nil
}

// Entrer is gate.Vigie.
func (v *Vigie) Entrer(context.Context, string) (func(), error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return func() {}, v.Plein
}

// EntrerAnonyme is gate.Vigie.
func (v *Vigie) EntrerAnonyme(context.Context, string) (func(), error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return func() {}, v.Complet
}

// Demander is gate.Vigie.
func (v *Vigie) Demander(_ context.Context, _, qui string, _ roc.Service) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Demandeurs = append(v.Demandeurs, qui)
	return v.Refuser
}

// Signaler is gate.Vigie.
func (v *Vigie) Signaler(_ context.Context, _, _ string, c roc.Code, detail string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Signaux, v.Details = append(v.Signaux, c), append(v.Details, detail)
}

// Journal remembers the leaves.
type Journal struct {
	mu     sync.Mutex
	traces []gate.Trace
	Panne  error // given by Ecrire when not nil
}

// Preparer is gate.Journal.
func (j *Journal) Preparer(context.Context, string, ...certificat.Verdict) error { return nil }

// Ecrire is gate.Journal.
func (j *Journal) Ecrire(_ context.Context, t *gate.Trace) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.Panne != nil {
		return "", j.Panne
	}
	j.traces = append(j.traces, *t)
	d := sha256.Sum256(t.Reponse)
	return base64.StdEncoding.EncodeToString(d[:]), nil
}

// Traces gives what was written.
func (j *Journal) Traces() []gate.Trace {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]gate.Trace(nil), j.traces...)
}

// Registre remembers what a client wrote.
type Registre struct {
	mu       sync.Mutex
	Departs  []roc.Depart
	Arrivees []roc.Arrivee
}

// Question is roc.Registre.
func (r *Registre) Question(_ context.Context, d *roc.Depart) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Departs = append(r.Departs, *d)
	return nil
}

// Reponse is roc.Registre.
func (r *Registre) Reponse(_ context.Context, a *roc.Arrivee) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Arrivees = append(r.Arrivees, *a)
	return nil
}
