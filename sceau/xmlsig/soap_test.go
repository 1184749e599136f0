package xmlsig_test

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

func TestAllerRetour(t *testing.T) {
	cas := []struct {
		nom        string
		signataire xmlsig.Signataire
		algorithme xmlsig.Algorithme
	}{
		{"P-256", p256(), xmlsig.ECDSASHA256},
		{"P-384", p384(), xmlsig.ECDSASHA384},
		{"P-384 et SHA-256", avec(p384(), xmlsig.ECDSASHA256), xmlsig.ECDSASHA256},
		{"RSA", rsa2048(), xmlsig.RSASHA256},
		{"RSA SHA-384", avec(rsa2048(), xmlsig.RSASHA384), xmlsig.RSASHA384},
		{"RSA SHA-512", avec(rsa2048(), xmlsig.RSASHA512), xmlsig.RSASHA512},
		{"RSA-PSS", avec(rsa2048(), xmlsig.RSAPSSSHA256), xmlsig.RSAPSSSHA256},
	}
	for _, c := range cas {
		for _, niveau := range []xmlsig.Niveau{xmlsig.SansXAdES, xmlsig.XAdESB} {
			t.Run(c.nom, func(t *testing.T) {
				msg := contenu(600)
				b := sceller(t, xmlsig.SOAPASigner{Contenu: msg, Niveau: niveau}, c.signataire)
				r, err := xmlsig.VerifierSOAP(b, xmlsig.Options{ExigerXAdES: niveau == xmlsig.XAdESB})
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Contains(r.Corps, msg) || !bytes.Contains(b, r.Corps) {
					t.Errorf("le corps rendu n'est pas celui qui a été écrit : %s", r.Corps)
				}
				if !bytes.Equal(r.Certificat, c.signataire.Certificat) || r.Algorithme != c.algorithme {
					t.Errorf("certificat ou algorithme : %v", r.Algorithme)
				}
			})
		}
	}
}

func TestResultat(t *testing.T) {
	s := p256()
	s.Chaine = [][]byte{autre().Certificat}
	b := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB, EnTetes: []byte(`<c:chaine xmlns:c="urn:c" b="2" a="1"/>`)}, s)
	nom := xmlsig.Nom{Espace: "urn:c", Local: "chaine"}
	r, err := xmlsig.VerifierSOAP(b, xmlsig.Options{EnTetes: []xmlsig.Nom{{Espace: "urn:c", Local: "absent"}, nom}})
	if err != nil {
		t.Fatal(err)
	}
	veut := &xmlsig.Horodatage{Cree: instant, Expire: instant.Add(5 * time.Minute), Scelle: true}
	if d := cmp.Diff(veut, r.Horodatage); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(&xmlsig.Proprietes{Instant: instant.Truncate(time.Second), Certificat: true, TypeMIME: "text/xml"}, r.Proprietes); d != "" {
		t.Error(d)
	}
	if len(r.Autres) != 1 || !bytes.Equal(r.Autres[0], s.Chaine[0]) {
		t.Error("la chaîne n'est pas rendue")
	}
	var elements []string
	for _, ref := range r.References {
		elements = append(elements, ref.Element)
		if !ref.OK || !bytes.Equal(ref.Attendue, ref.Calculee) || len(ref.Attendue) != 32 || ref.Hachage != crypto.SHA256 {
			t.Errorf("%+v", ref)
		}
		if d := cmp.Diff([]string{xmlsig.TransformationExclusive}, ref.Transformations); d != "" {
			t.Error(d)
		}
	}
	if d := cmp.Diff([]string{"Body", "Timestamp", "SignedProperties"}, elements); d != "" {
		t.Error(d)
	}
	e, vu := r.EnTete("urn:c", "chaine")
	if !vu || e.Scelle || string(e.Canonique) != `<c:chaine xmlns:c="urn:c" a="1" b="2"></c:chaine>` || string(b[e.Debut:e.Fin]) != `<c:chaine xmlns:c="urn:c" b="2" a="1"/>` {
		t.Errorf("en-tête : %+v", e)
	}
}

// A relay adds itself, then changes what it added: the seal holds.
func TestInsererEnTete(t *testing.T) {
	nom := xmlsig.Nom{Espace: "urn:c", Local: "chaine"}
	o := xmlsig.Options{EnTetes: []xmlsig.Nom{nom}}
	b := sceller(t, xmlsig.SOAPASigner{}, p256())
	for _, bloc := range []string{`<chaine xmlns="urn:c">1</chaine>`, `<chaine xmlns="urn:c"><r/>2</chaine>`} {
		r, err := xmlsig.VerifierSOAP(b, o)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = xmlsig.InsererEnTete(nil, b, r, nom, []byte(bloc)); err != nil {
			t.Fatal(err)
		}
		if r, err = xmlsig.VerifierSOAP(b, o); err != nil {
			t.Fatal(err)
		}
		if e, _ := r.EnTete("urn:c", "chaine"); string(b[e.Debut:e.Fin]) != bloc {
			t.Errorf("%s, veut %s", b[e.Debut:e.Fin], bloc)
		}
	}
}

func TestCleDonnee(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{}, p256())
	inconnu := errors.New("certificat inconnu")
	cas := []struct {
		nom  string
		cle  func([]byte) (crypto.PublicKey, error)
		veut error
	}{
		{"la bonne", func([]byte) (crypto.PublicKey, error) { return p256().Cle.Public(), nil }, nil},
		{"une autre", func([]byte) (crypto.PublicKey, error) { return autre().Cle.Public(), nil }, xmlsig.MotifSignature},
		{"d'une autre famille", func([]byte) (crypto.PublicKey, error) { return rsa2048().Cle.Public(), nil }, xmlsig.MotifCle},
		{"d'une autre courbe", func([]byte) (crypto.PublicKey, error) { return p384().Cle.Public(), nil }, xmlsig.MotifSignature},
		{"aucune", func([]byte) (crypto.PublicKey, error) { return nil, nil }, xmlsig.MotifCle},
		{"refusée par l'appelant", func([]byte) (crypto.PublicKey, error) { return nil, inconnu }, inconnu},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			r, err := xmlsig.VerifierSOAP(b, xmlsig.Options{Cle: c.cle})
			if !errors.Is(err, c.veut) {
				t.Errorf("%v, veut %v", err, c.veut)
			}
			if (r.Corps != nil) != (err == nil) {
				t.Error("un corps est rendu sans être vérifié")
			}
		})
	}
}

func TestSignataireRefuse(t *testing.T) {
	cas := []struct {
		nom   string
		s     xmlsig.Signataire
		motif xmlsig.Motif
	}{
		{"sans clé", xmlsig.Signataire{Certificat: p256().Certificat}, xmlsig.MotifCle},
		{"sans certificat", xmlsig.Signataire{Cle: p256().Cle}, xmlsig.MotifCle},
		{"algorithme d'une autre clé", avec(p256(), xmlsig.RSASHA256), xmlsig.MotifCle},
		{"RSA trop courte", rsaDe(1024)(), xmlsig.MotifCle},
		{"algorithme inconnu", avec(p256(), 99), xmlsig.MotifAlgorithme},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			avant := []byte("intact")
			apres, err := xmlsig.SignerSOAP(avant, xmlsig.SOAPASigner{Contenu: contenu(10)}, c.s, instant)
			if !errors.Is(err, c.motif) || string(apres) != "intact" {
				t.Errorf("%v, veut %q ; %s", err, string(c.motif), apres)
			}
		})
	}
}

// cleFactice is a hardware key on a bad day.
type cleFactice struct {
	crypto.Signer
	valeur []byte
	err    error
}

func (c cleFactice) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return c.valeur, c.err
}

func TestCleEnPanne(t *testing.T) {
	panne := errors.New("module absent")
	for nom, cle := range map[string]cleFactice{
		"en erreur":        {err: panne},
		"rien":             {},
		"pas de l'ASN.1":   {valeur: []byte("signature")},
		"nombre trop long": {valeur: append([]byte{0x30, 0x26, 2, 33, 1}, append(make([]byte, 32), 2, 1, 1)...)},
	} {
		cle.Signer = p256().Cle
		_, err := xmlsig.SignerSOAP(nil, xmlsig.SOAPASigner{Contenu: contenu(10)}, xmlsig.Signataire{Certificat: p256().Certificat, Cle: cle}, instant)
		if !errors.Is(err, xmlsig.MotifCle) || (cle.err != nil && !errors.Is(err, panne)) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// States are reused from one opening to the next: results must not mix, nor
// change after being returned.
func TestOuverturesSimultanees(t *testing.T) {
	var groupe sync.WaitGroup
	for i := range 8 {
		groupe.Go(func() {
			s := []xmlsig.Signataire{p256(), autre(), rsa2048()}[i%3]
			msg := contenu(300 + 200*i)
			b := sceller(t, xmlsig.SOAPASigner{Contenu: msg, Niveau: xmlsig.Niveau(i % 2)}, s)
			var premier *xmlsig.Resultat
			for range 20 {
				r, err := xmlsig.VerifierSOAP(b, xmlsig.Options{})
				if err != nil || !bytes.Contains(r.Corps, msg) || !bytes.Equal(r.Certificat, s.Certificat) {
					t.Errorf("%d : %v", i, err)
					return
				}
				if premier == nil {
					premier = r
				}
				xmlsig.VerifierSOAP(b[:len(b)/2], xmlsig.Options{})
			}
			dernier, _ := xmlsig.VerifierSOAP(b, xmlsig.Options{})
			if d := cmp.Diff(premier, dernier); d != "" {
				t.Errorf("%d : %s", i, d)
			}
		})
	}
	groupe.Wait()
}
