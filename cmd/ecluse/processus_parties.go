package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	annuairestore "github.com/ecluse-sante/ecluse/internal/annuaireamc/store"
	cerclestore "github.com/ecluse-sante/ecluse/internal/cercle/store"
	cptstore "github.com/ecluse-sante/ecluse/internal/comptable/store"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	igcstore "github.com/ecluse-sante/ecluse/internal/igc/store"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	tarifstore "github.com/ecluse-sante/ecluse/internal/tarif/store"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	vigiestore "github.com/ecluse-sante/ecluse/internal/vigie/store"
)

// migrations is the house's one list.
func migrations() (bdd.Liste, error) {
	return bdd.Assembler(gatestore.Migrations, journalstore.Migrations(), cerclestore.Migrations(), vigiestore.Migrations(),
		annuairestore.Migrations, amcstore.Migrations, etabstore.Migrations(), igcstore.Migrations(),
		achstore.Migrations(), liqstore.Migrations(), cptstore.Migrations(), accrstore.Migrations, tarifstore.Migrations, tiersstore.Migrations, offstore.Migrations)
}

// lireCle reads a certificate, its chain and its key, and checks that they go
// together.
func (p *processus) lireCle(c config.Cle) (*tls.Certificate, crypto.Signer, error) {
	chaine, err := lirePEM(p.f.Resoudre(c.Certificat))
	if err != nil {
		return nil, nil, err
	}
	adresse := c.Cle
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = p.f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
	}
	k, err := ouvrirCle(adresse)
	if err != nil {
		return nil, nil, err
	}
	feuille, err := x509.ParseCertificate(chaine[0])
	if err != nil {
		return nil, nil, fmt.Errorf("%s : %w", c.Certificat, err)
	}
	if !cle.Meme(feuille.PublicKey, k.Public()) {
		return nil, nil, fmt.Errorf("%s : la clé n'est pas celle du certificat", c.Certificat)
	}
	p.lus.noter(c.Certificat, feuille)
	return &tls.Certificate{Certificate: chaine, PrivateKey: k, Leaf: feuille}, k, nil
}

// ouvrirCle opens a key named by a path or by a pkcs11: address.
func ouvrirCle(adresse string) (crypto.Signer, error) {
	if strings.HasPrefix(adresse, "pkcs11:") {
		return cle.Ouvrir(adresse)
	}
	chemin, err := filepath.Abs(strings.TrimPrefix(adresse, "fichier:"))
	if err != nil {
		return nil, err
	}
	return cle.Ouvrir("fichier:" + chemin)
}

func lirePEM(chemin string) ([][]byte, error) {
	b, err := os.ReadFile(chemin)
	if err != nil {
		return nil, err
	}
	var l [][]byte
	for {
		var bloc *pem.Block
		if bloc, b = pem.Decode(b); bloc == nil {
			break
		}
		if bloc.Type == "CERTIFICATE" {
			l = append(l, bloc.Bytes)
		}
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("%s : aucun certificat PEM", chemin)
	}
	return l, nil
}

// cachet prepares what a party seals with.
func (p *processus) cachet(id *config.Identite) (*sceau.Cachet, error) {
	c, k, err := p.lireCle(id.Cachet)
	if err != nil {
		return nil, fmt.Errorf("cachet : %w", err)
	}
	return sceau.NewCachet(c.Certificate[0], sansRacine(c.Certificate[1:]), k)
}

// sansRacine leaves out a self-signed certificate at the end of a chain.
func sansRacine(chaine [][]byte) [][]byte {
	if n := len(chaine); n > 0 {
		if c, err := x509.ParseCertificate(chaine[n-1]); err == nil && string(c.RawIssuer) == string(c.RawSubject) {
			return chaine[:n-1]
		}
	}
	return chaine
}

// confidentialite reads the keys to which bodies may be encrypted, current first.
func (p *processus) confidentialite(id *config.Identite) (*roc.Confidentialite, error) {
	conf := &roc.Confidentialite{Cles: roc.Dechiffreur{}}
	for _, c := range []config.Cle{id.Confidentialite, id.ConfSuivante} {
		if c == (config.Cle{}) {
			continue
		}
		paire, k, err := p.lireCle(c)
		if err != nil {
			return nil, fmt.Errorf("confidentialité : %w", err)
		}
		accord, err := accordDe(k)
		if err != nil {
			return nil, err
		}
		conf.Cles[roc.KidDe(paire.Certificate[0])] = accord
		if conf.Certificat == "" {
			conf.Certificat = base64.StdEncoding.EncodeToString(paire.Certificate[0])
		}
	}
	if conf.Certificat == "" {
		return nil, nil
	}
	return conf, nil
}

func accordDe(k crypto.Signer) (jades.Accord, error) {
	switch v := k.(type) {
	case *ecdsa.PrivateKey:
		return v.ECDH()
	case jades.Accord:
		return v, nil
	}
	return nil, errors.New("clé de confidentialité : P-256 attendue")
}

// porte makes the door of a party and gives it its journal.
func (p *processus) porte(ctx context.Context, tenant string, moi roc.Partie, id *config.Identite, services ...*gate.Service) (*gate.Porte, error) {
	c, err := p.cachet(id)
	if err != nil {
		return nil, err
	}
	if err := p.ouvrirJournal(ctx, tenant); err != nil {
		return nil, err
	}
	porte := gate.NewPorte(tenant, moi, roc.Environnement(p.f.Environnement), c, services...)
	porte.Baseline = exigence(p.f.Confiance.Proprietes)
	conf, err := p.confidentialite(id)
	if err != nil {
		return nil, err
	}
	if conf != nil {
		porte.Dechiffrer(conf.Cles)
	}
	p.suivreCachet(id, porte.Resceller)
	p.journaux.cachets.par[tenant] = porte.Cachet
	return porte, nil
}

// exigence tells from whom baseline properties are required: the structures of a
// list, everybody with "*". ref: DEC 10
func exigence(structures []string) func(structure string) bool {
	tous := slices.Contains(structures, "*")
	return func(s string) bool { return tous || slices.Contains(structures, s) }
}

// suivreCachet reads a seal again when its file changes: a renewal needs no
// restart.
func (p *processus) suivreCachet(id *config.Identite, changer func(*sceau.Cachet)) {
	p.suivre(id.Cachet.Certificat, func() error {
		c, err := p.cachet(id)
		if err == nil {
			changer(c)
		}
		return err
	})
}

// paire reads a TLS certificate and its key, again when the file changes.
func (p *processus) paire(c config.Cle) (func() *tls.Certificate, error) {
	x, _, err := p.lireCle(c)
	if err != nil {
		return nil, err
	}
	a := &actuel[*tls.Certificate]{}
	a.poser(x)
	p.suivre(c.Certificat, func() error {
		x, _, err := p.lireCle(c)
		if err == nil {
			a.poser(x)
		}
		return err
	})
	return a.lire, nil
}

// suivre calls relire when a file of the configuration changes. What cannot be
// read is told, and the former stays.
func (p *processus) suivre(fichier string, relire func() error) {
	chemin := p.f.Resoudre(fichier)
	vu := modifie(chemin)
	p.tache(10*time.Second, func(context.Context) {
		m := modifie(chemin)
		if m == vu {
			return
		}
		vu = m
		if err := relire(); err != nil {
			p.log.Error("nouveau certificat refusé, l'ancien reste", "fichier", chemin, "erreur", err)
			return
		}
		p.log.Info("certificat renouvelé", "fichier", chemin)
	})
}

func modifie(chemin string) int64 {
	i, err := os.Stat(chemin)
	if err != nil {
		return 0
	}
	return i.ModTime().UnixNano()
}

func hotes(adresses []string) []string {
	var l []string
	for _, a := range adresses {
		if u, err := url.Parse(a); err == nil {
			l = append(l, u.Host)
		}
	}
	return l
}

// fichierSur makes a file name of a tenant.
func fichierSur(tenant string) string {
	return filepath.Base(strings.NewReplacer(":", "-", "/", "-").Replace(tenant))
}
