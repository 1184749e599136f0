package serveur

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

	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// LireCle reads a certificate that a configuration names, its chain and its key, and checks
// that they go together.
func LireCle(f *config.Fichier, c config.Cle) (*tls.Certificate, crypto.Signer, error) {
	chaine, err := LirePEM(f.Resoudre(c.Certificat))
	if err != nil {
		return nil, nil, err
	}
	adresse := c.Cle
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
	}
	k, err := OuvrirCle(adresse)
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
	return &tls.Certificate{Certificate: chaine, PrivateKey: k, Leaf: feuille}, k, nil
}

// lireCle is LireCle; the dates of the certificate are then watched.
func (p *Processus) lireCle(c config.Cle) (*tls.Certificate, crypto.Signer, error) {
	x, k, err := LireCle(p.Fichier, c)
	if err == nil {
		p.lus.noter(c.Certificat, x.Leaf)
	}
	return x, k, err
}

// lecteurCles reads the certificates of a configuration.
type lecteurCles func(config.Cle) (*tls.Certificate, crypto.Signer, error)

func clesDu(f *config.Fichier) lecteurCles {
	return func(c config.Cle) (*tls.Certificate, crypto.Signer, error) { return LireCle(f, c) }
}

// OuvrirCle opens a key named by a path or by a pkcs11: address.
func OuvrirCle(adresse string) (crypto.Signer, error) {
	if strings.HasPrefix(adresse, "pkcs11:") {
		return cle.Ouvrir(adresse)
	}
	chemin, err := filepath.Abs(strings.TrimPrefix(adresse, "fichier:"))
	if err != nil {
		return nil, err
	}
	return cle.Ouvrir("fichier:" + chemin)
}

// LirePEM reads the blocks of a PEM file of certificates.
func LirePEM(chemin string) ([][]byte, error) {
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

// LireCachet prepares what a party of a configuration seals with.
func LireCachet(f *config.Fichier, id *config.Identite) (*sceau.Cachet, error) {
	return clesDu(f).cachet(id)
}

func (p *Processus) cachet(id *config.Identite) (*sceau.Cachet, error) {
	return lecteurCles(p.lireCle).cachet(id)
}

func (lire lecteurCles) cachet(id *config.Identite) (*sceau.Cachet, error) {
	c, k, err := lire(id.Cachet)
	if err != nil {
		return nil, fmt.Errorf("cachet : %w", err)
	}
	return sceau.NewCachet(c.Certificate[0], SansRacine(c.Certificate[1:]), k)
}

// SansRacine leaves out a self-signed certificate at the end of a chain.
func SansRacine(chaine [][]byte) [][]byte {
	if n := len(chaine); n > 0 {
		if c, err := x509.ParseCertificate(chaine[n-1]); err == nil && string(c.RawIssuer) == string(c.RawSubject) {
			return chaine[:n-1]
		}
	}
	return chaine
}

// LireConfidentialite reads the keys to which bodies may be encrypted, current first.
func LireConfidentialite(f *config.Fichier, id *config.Identite) (*roc.Confidentialite, error) {
	return clesDu(f).confidentialite(id)
}

func (p *Processus) confidentialite(id *config.Identite) (*roc.Confidentialite, error) {
	return lecteurCles(p.lireCle).confidentialite(id)
}

func (lire lecteurCles) confidentialite(id *config.Identite) (*roc.Confidentialite, error) {
	conf := &roc.Confidentialite{Cles: roc.Dechiffreur{}}
	for _, c := range []config.Cle{id.Confidentialite, id.ConfSuivante} {
		if c == (config.Cle{}) {
			continue
		}
		paire, k, err := lire(c)
		if err != nil {
			return nil, fmt.Errorf("confidentialité : %w", err)
		}
		accord, err := AccordDe(k)
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

// AccordDe is the key agreement that a key makes, in a file or in a token.
func AccordDe(k crypto.Signer) (jades.Accord, error) {
	switch v := k.(type) {
	case *ecdsa.PrivateKey:
		return v.ECDH()
	case jades.Accord:
		return v, nil
	}
	return nil, errors.New("clé de confidentialité : P-256 attendue")
}

// porte makes the door of a party and gives it its journal.
func (p *Processus) porte(ctx context.Context, tenant string, moi roc.Partie, id *config.Identite, services ...*gate.Service) (*gate.Porte, error) {
	c, err := p.cachet(id)
	if err != nil {
		return nil, err
	}
	if err := p.ouvrirJournal(ctx, tenant); err != nil {
		return nil, err
	}
	porte := gate.NewPorte(tenant, moi, roc.Environnement(p.Fichier.Environnement), c, services...)
	porte.Baseline = exigence(p.Fichier.Confiance.Proprietes)
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
func (p *Processus) suivreCachet(id *config.Identite, changer func(*sceau.Cachet)) {
	p.suivre(id.Cachet.Certificat, func() error {
		c, err := p.cachet(id)
		if err == nil {
			changer(c)
		}
		return err
	})
}

// paire reads a TLS certificate and its key, again when the file changes.
func (p *Processus) paire(c config.Cle) (func() *tls.Certificate, error) {
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
func (p *Processus) suivre(fichier string, relire func() error) {
	chemin := p.Fichier.Resoudre(fichier)
	vu := modifie(chemin)
	p.tache(10*time.Second, func(context.Context) {
		m := modifie(chemin)
		if m == vu {
			return
		}
		vu = m
		if err := relire(); err != nil {
			p.Log.Error("nouveau certificat refusé, l'ancien reste", "fichier", chemin, "erreur", err)
			return
		}
		p.Log.Info("certificat renouvelé", "fichier", chemin)
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

// FichierSur makes a file name of a tenant.
func FichierSur(tenant string) string {
	return filepath.Base(strings.NewReplacer(":", "-", "/", "-").Replace(tenant))
}
