//go:build linux

package epreuves

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// demandeur asks questions with the keys of a hospital, from the test itself: for
// what a well-behaved hospital would never do.
type demandeur struct {
	*roc.Client
	lieu    *monde.Etablissement
	magasin *certificat.Magasin
	auth    *tls.Certificate
	amc     sante.NumeroAMC
}

// demandeur takes the keys of a hospital, to speak to one server of an insurer.
func (l *labo) demandeur(hopital string, serveur *partie, amc *monde.AMC) *demandeur {
	l.t.Helper()
	lieu := l.monde.Etablissement(hopital)
	p := l.parties[enUn] // one process for all, in some laboratories
	if p == nil {
		p = l.partie(hopital)
	}
	id := p.identite(lieu.Finess.String())
	m := l.magasin(p)
	cachet := lireCachet(l.t, p, id.Cachet)
	auth := lirePaire(l.t, p, id.Authentification)
	h := func() time.Time { return l.maintenant() }
	tr := roc.NewTransport(func() *tls.Certificate { return auth }, m, h)
	l.t.Cleanup(tr.Fermer)
	d := &demandeur{lieu: lieu, magasin: m, auth: auth, amc: amc.Numero}
	d.Client = &roc.Client{Moi: roc.Partie{Type: roc.ES, ID: lieu.Finess.String(), FinessGeo: lieu.FinessGeo}, Environnement: roc.Test,
		Cachet: func() *sceau.Cachet { return cachet }, Juge: m, Transport: tr, Registre: &carnet{}, Horloge: h,
		Delais: roc.Delais{Essais: 1}}
	d.Resolveur = &roc.Resolveur{Horloge: h, Demander: func(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		return pointsDe(serveur, amc), nil
	}}
	return d
}

// identite finds the keys of a hospital in the configuration of a process.
func (p *partie) identite(finess string) *config.Identite {
	p.l.t.Helper()
	for i := range p.f.Etablissements {
		if e := &p.f.Etablissements[i]; e.Finess == finess {
			return &e.Identite
		}
	}
	p.l.t.Fatalf("établissement %s absent de %s", finess, p.nom)
	return nil
}

// pointsDe is what the directory would say of an insurer behind one server.
func pointsDe(serveur *partie, amc *monde.AMC) *roc.ReponseAnnuaire {
	r := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: amc.Numero, Structure: amc.IDNat}
	for _, s := range []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.ENG, roc.ETAT} {
		r.Points = append(r.Points, roc.Point{Service: s, Adresse: "https://" + serveur.f.Ecoute.Adresse, OuvertureDebut: 1,
			CertificatEmpreinte: []string{serveur.epingle()}})
	}
	return r
}

// epingle is the fingerprint of the certificate of a server.
func (p *partie) epingle() string {
	p.l.t.Helper()
	l := lirePEM(p.l.t, p.f.Resoudre(p.f.Ecoute.Certificat))
	d := sha256.Sum256(l[0])
	return hex.EncodeToString(d[:])
}

func (l *labo) magasin(p *partie) *certificat.Magasin {
	l.t.Helper()
	m := certificat.NouveauMagasin(certificat.Options{})
	if _, err := m.ChargerRepertoire(filepath.Join(p.dir, "confiance")); err != nil {
		l.t.Fatal(err)
	}
	return m
}

func lirePEM(t *testing.T, chemin string) (l [][]byte) {
	t.Helper()
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	for bloc, reste := pem.Decode(b); bloc != nil; bloc, reste = pem.Decode(reste) {
		l = append(l, bloc.Bytes)
	}
	return l
}

func lirePaire(t *testing.T, p *partie, c config.Cle) *tls.Certificate {
	t.Helper()
	k, err := cle.Ouvrir("fichier:" + p.f.Resoudre(c.Cle))
	if err != nil {
		t.Fatal(err)
	}
	chaine := lirePEM(t, p.f.Resoudre(c.Certificat))
	feuille, err := x509.ParseCertificate(chaine[0])
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: chaine, PrivateKey: k, Leaf: feuille}
}

func lireCachet(t *testing.T, p *partie, c config.Cle) *sceau.Cachet {
	t.Helper()
	k, err := cle.Ouvrir("fichier:" + p.f.Resoudre(c.Cle))
	if err != nil {
		t.Fatal(err)
	}
	chaine := lirePEM(t, p.f.Resoudre(c.Certificat))
	s, err := sceau.NewCachet(chaine[0], chaine[1:], k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// http is a bare client that shows the certificate of the hospital.
func (d *demandeur) http() *http.Client {
	tr := roc.NewTransport(func() *tls.Certificate { return d.auth }, d.magasin, d.Horloge)
	return &http.Client{Transport: tr, Timeout: 40 * time.Second}
}

// tls is the configuration of a raw connection of the hospital; the server is
// whom it is: only its behaviour is on trial.
func (d *demandeur) tls(protocoles ...string) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{*d.auth}, InsecureSkipVerify: true, NextProtos: protocoles}
}

// carnet keeps what was sent, in memory.
type carnet struct {
	mu      sync.Mutex
	departs []roc.Depart
}

// Question is roc.Registre.
func (c *carnet) Question(_ context.Context, d *roc.Depart) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.departs) < 10_000 {
		c.departs = append(c.departs, *d)
	}
	return nil
}

// Reponse is roc.Registre.
func (c *carnet) Reponse(context.Context, *roc.Arrivee) error { return nil }

// codeDe is the code of a refusal, "" for no answer at all, 000 for none.
func codeDe(err error) roc.Code {
	var r *roc.Refus
	switch {
	case err == nil:
		return roc.Accepte
	case errors.As(err, &r):
		return r.Code
	}
	return ""
}

// routage finds an insurer without its directory.
func (d *demandeur) routage() roc.Routage {
	return roc.Routage{NumeroAMC: d.amc, DateReference: sante.JourA(d.Horloge(), sante.Paris()), Domaine: roc.HospitalACE}
}

// etat asks the signed state of the insurer: the lightest sealed exchange.
func (d *demandeur) etat(ctx context.Context) error {
	_, err := d.Etat(ctx, "-", d.routage(), &roc.DemandeEtat{})
	return err
}
