package igc

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// ErrDemande: the request is refused.
var ErrDemande = errors.New("igc: demande refusée")

// Demande asks for one certificate.
type Demande struct {
	Profil Profil
	Gamme  certificat.Gamme // not said: ÉLÉMENTAIRE
	Sujet  Sujet
	DNS    []string
	IP     []net.IP
	Mail   []string

	// CSR is a PKCS#10, DER: its signature proves possession of the key, its
	// subject is not read. Without it the key is made here and the fiche says so.
	CSR  []byte
	Algo Algorithme // of a key made here; "" is EC-P256

	Debut time.Time     // zero is now
	Duree time.Duration // zero is three years, or what is left to the authority
	Par   string        // who asks; kept in the registry

	remplace string
}

// Emission is an issued certificate.
type Emission struct {
	Certificat *x509.Certificate
	Chaine     [][]byte      // DER: issuing authority, then its root
	Cle        crypto.Signer // only when it was made here
	Fiche      Fiche
}

// Emettre issues one certificate.
func (g *IGC) Emettre(ctx context.Context, d Demande) (Emission, error) {
	l, err := g.EmettreLot(ctx, []Demande{d})
	if err != nil {
		return Emission{}, err
	}
	return l[0], nil
}

// EmettreLot issues many, on all processors, written down in one stroke: all are
// issued or none is.
func (g *IGC) EmettreLot(ctx context.Context, ds []Demande) ([]Emission, error) {
	l, erreurs := make([]Emission, len(ds)), make([]error, len(ds))
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	var attente sync.WaitGroup
	for i := range ds {
		places <- struct{}{}
		attente.Add(1)
		go func() {
			defer func() { <-places; attente.Done() }()
			if erreurs[i] = ctx.Err(); erreurs[i] == nil {
				l[i], erreurs[i] = g.preparer(ctx, ds[i])
			}
		}()
	}
	attente.Wait()
	for i, err := range erreurs {
		if err != nil {
			return nil, fmt.Errorf("igc: demande %d : %w", i+1, err)
		}
	}
	fiches := make([]Fiche, len(l))
	for i := range l {
		fiches[i] = l[i].Fiche
	}
	if err := g.registre.Ecrire(ctx, fiches); err != nil {
		return nil, fmt.Errorf("igc: certificats signés mais non inscrits, donc non remis : %w", err)
	}
	return l, nil
}

// preparer does everything but write the fiche down.
func (g *IGC) preparer(ctx context.Context, d Demande) (Emission, error) {
	gab, ok := gabarits[d.Profil]
	if !ok || gab.nature == "" {
		return Emission{}, fmt.Errorf("%w: profil %q inconnu", ErrDemande, d.Profil)
	}
	if d.Par == "" {
		return Emission{}, fmt.Errorf("%w: le demandeur n'est pas dit", ErrDemande)
	}
	if d.Gamme == 0 {
		d.Gamme = certificat.GammeElementaire
	}
	if err := d.Sujet.verifier(gab.personne); err != nil {
		return Emission{}, err
	}
	ac, err := g.active(gab.nature, d.Gamme)
	if err != nil {
		return Emission{}, err
	}
	return g.preparerChez(ctx, d, gab, ac)
}

// preparerChez is preparer for an authority chosen already.
func (g *IGC) preparerChez(ctx context.Context, d Demande, gab gabarit, ac *AC) (Emission, error) {
	cle, prive, empreinte, err := d.cle()
	if err != nil {
		return Emission{}, err
	}
	if prive == nil { // a key made a moment ago is in nobody's hands
		if err := g.refuserCompromise(ctx, cle); err != nil {
			return Emission{}, err
		}
	}
	t, err := g.modele(d, gab, ac, cle)
	if err != nil {
		return Emission{}, err
	}
	return g.signerFeuille(d, ac, t, cle, prive, empreinte)
}

func (g *IGC) signerFeuille(d Demande, ac *AC, t *x509.Certificate, cle crypto.PublicKey, prive crypto.Signer, empreinte string) (Emission, error) {
	repetition, err := g.repeter(t, ac, cle)
	if err != nil {
		return Emission{}, err
	}
	if e := Controler(repetition, d.Profil); len(e) > 0 {
		return Emission{}, fmt.Errorf("%w: %s", ErrDemande, e[0])
	}
	der, err := x509.CreateCertificate(rand.Reader, t, ac.Certificat, cle, ac.Cle)
	if err != nil {
		return Emission{}, fmt.Errorf("igc: signature par %s : %w", ac.Nom, err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return Emission{}, fmt.Errorf("igc: relecture : %w", err)
	}
	if !bytes.Equal(c.RawTBSCertificate, repetition.RawTBSCertificate) {
		return Emission{}, errors.New("igc: le certificat signé n'est pas celui qui avait été contrôlé")
	}
	return g.emission(d, ac, c, prive, empreinte), nil
}

func (g *IGC) emission(d Demande, ac *AC, c *x509.Certificate, prive crypto.Signer, empreinte string) Emission {
	nom, _ := certificat.ParseDN(c.RawSubject) // written by us a line above
	f := Fiche{AC: ac.Nom, Serie: c.SerialNumber.Text(16), Profil: d.Profil, Sujet: nom.String(),
		Structure: d.Sujet.Structure, EmpreinteDemande: empreinte, EmpreinteCert: sha(c.Raw),
		EmpreinteCle: sha(c.RawSubjectPublicKeyInfo), CleServeur: prive != nil, Par: d.Par, Remplace: d.remplace,
		EmisLe: g.horloge().UTC().Truncate(time.Millisecond), Debut: c.NotBefore, Fin: c.NotAfter, DER: c.Raw, Etat: EtatValide}
	chaine := [][]byte{ac.Certificat.Raw}
	if r, err := g.ac(ac.Parent); err == nil {
		chaine = append(chaine, r.Certificat.Raw)
	}
	return Emission{Certificat: c, Chaine: chaine, Cle: prive, Fiche: f}
}

// cle gives the public key to certify, from the PKCS#10 or made here.
// ref: PKI §10 (no server-side keys, except in a laboratory and flagged)
func (d Demande) cle() (crypto.PublicKey, crypto.Signer, string, error) {
	if len(d.CSR) == 0 {
		k, err := GenererCle(d.Algo)
		if err != nil {
			return nil, nil, "", err
		}
		spki, err := x509.MarshalPKIXPublicKey(k.Public())
		if err != nil {
			return nil, nil, "", fmt.Errorf("igc: %w", err)
		}
		return k.Public(), k, sha(spki), nil
	}
	if len(d.CSR) > 32<<10 {
		return nil, nil, "", fmt.Errorf("%w: PKCS#10 de plus de 32 Kio", ErrDemande)
	}
	r, err := x509.ParseCertificateRequest(d.CSR)
	if err != nil {
		return nil, nil, "", fmt.Errorf("%w: PKCS#10 illisible", ErrDemande)
	}
	if err := r.CheckSignature(); err != nil {
		return nil, nil, "", fmt.Errorf("%w: PKCS#10 dont la signature est fausse", ErrDemande)
	}
	return r.PublicKey, nil, sha(d.CSR), nil
}

// refuserCompromise refuses to certify again a key declared compromised.
func (g *IGC) refuserCompromise(ctx context.Context, cle crypto.PublicKey) error {
	spki, err := x509.MarshalPKIXPublicKey(cle)
	if err != nil {
		return fmt.Errorf("%w: type de clé non admis", ErrDemande)
	}
	oui, err := g.registre.CleCompromise(ctx, sha(spki))
	if err != nil {
		return err
	}
	if oui {
		return fmt.Errorf("%w: cette clé a été déclarée compromise", ErrDemande)
	}
	return nil
}

// GenererCle makes a private key.
func GenererCle(a Algorithme) (crypto.Signer, error) {
	switch a {
	case "", EC256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EC384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("igc: type de clé %q inconnu", a)
}

// Renouveler issues again for the holder of a certificate: same profile, same
// name, new key. The former is not revoked: both serve while the holder changes
// over.
func (g *IGC) Renouveler(ctx context.Context, ac, serie string, csr []byte, par string) (Emission, error) {
	f, err := g.registre.Fiche(ctx, ac, serie)
	if err != nil {
		return Emission{}, err
	}
	if f.Etat != EtatValide {
		return Emission{}, fmt.Errorf("%w: on ne renouvelle pas un certificat %s", ErrEtat, f.Etat)
	}
	c, err := x509.ParseCertificate(f.DER)
	if err != nil {
		return Emission{}, fmt.Errorf("igc: certificat du registre : %w", err)
	}
	a, err := g.ac(ac)
	if err != nil {
		return Emission{}, err
	}
	id, err := certificat.LireIdentite(c)
	if err != nil {
		return Emission{}, err
	}
	return g.Emettre(ctx, Demande{Profil: f.Profil, Gamme: a.Gamme, CSR: csr, Par: par, remplace: serie,
		DNS: c.DNSNames, IP: c.IPAddresses, Mail: c.EmailAddresses, Algo: algoDe(c.PublicKey),
		Sujet: Sujet{Departement: id.Departement, Organisation: id.Organisation, Structure: id.Structure, CN: id.CN,
			Titre: id.Titre, Nom: id.Nom, Prenom: id.Prenom, IdNatPS: id.IdNatPS}})
}

func algoDe(k crypto.PublicKey) Algorithme {
	switch k := k.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() > 2048 {
			return RSA3072
		}
		return RSA2048
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P384() {
			return EC384
		}
	}
	return EC256
}

func marshalRDN(r pkix.RDNSequence) ([]byte, error) {
	der, err := asn1.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("igc: nom : %w", err)
	}
	return der, nil
}

// extensionFraiche writes FreshestCRL. ref: RFC 5280 §4.2.1.15
func extensionFraiche(adresse string) (pkix.Extension, error) {
	type point struct {
		Nom struct {
			Complet []asn1.RawValue `asn1:"tag:0"`
		} `asn1:"tag:0"`
	}
	var p point
	p.Nom.Complet = []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(adresse)}}
	der, err := asn1.Marshal([]point{p})
	if err != nil {
		return pkix.Extension{}, fmt.Errorf("igc: FreshestCRL : %w", err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 46}, Value: der}, nil
}

func sha(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func idCle(spki []byte) []byte {
	s := sha256.Sum256(spki)
	return s[:20]
}

func nomsTries(m map[string]*AC) []string { return slices.Sorted(maps.Keys(m)) }
