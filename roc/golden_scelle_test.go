package roc_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// The keys of testdata/labo are published on purpose: they seal nothing but these
// examples, and no configuration trusts their authority.
const dossierLabo = "testdata/labo"

// faireLabo writes the authority and the keys of the examples, once.
func faireLabo(t *testing.T) {
	t.Helper()
	g := igctest.Nouvelle(t, func() time.Time { return instant.Add(-time.Hour) })
	for _, ac := range g.ACs() {
		if _, err := g.Publier(context.Background(), ac.Nom, instant.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := igclocal.Confiance(context.Background(), dossierLabo, g); err != nil {
		t.Fatal(err)
	}
	for nom, structure := range map[string]string{"hopital": "2999100506", "mutuelle": "2999100803"} {
		for fin, profil := range map[string]igc.Profil{"cachet": igc.ProfilOrgSign, "confidentialite": igc.ProfilOrgConf} {
			e := igctest.Emettre(t, g, profil, igc.Sujet{Departement: "Laboratoire (00)", Organisation: "STRUCTURE FICTIVE", Structure: structure, CN: "LABO EXEMPLE " + structure})
			cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificat.Raw})
			cert = append(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Chaine[0]})...)
			cle, err := x509.MarshalPKCS8PrivateKey(e.Cle)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Join(dossierLabo, nom+"-"+fin)
			avis := "CLÉ DE LABORATOIRE, PUBLIÉE : elle ne protège rien et ne doit servir qu'à ces exemples.\n"
			if err := errors.Join(os.WriteFile(base+".pem", cert, 0o644),
				os.WriteFile(base+".LABO.cle", append([]byte(avis), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: cle})...), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func cachetLabo(t *testing.T, nom string) *sceau.Cachet {
	t.Helper()
	chaine, reste := [][]byte(nil), lireFichier(t, filepath.Join(dossierLabo, nom+"-cachet.pem"))
	for {
		var b *pem.Block
		if b, reste = pem.Decode(reste); b == nil {
			break
		}
		chaine = append(chaine, b.Bytes)
	}
	b, _ := pem.Decode(lireFichier(t, filepath.Join(dossierLabo, nom+"-cachet.LABO.cle")))
	cle, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	c, err := sceau.NewCachet(chaine[0], chaine[1:], cle.(crypto.Signer))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func lireFichier(t *testing.T, chemin string) []byte {
	t.Helper()
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// scelle is a sealed example and what is sealed in it.
type scelle struct {
	nom     string // under testdata/scelle
	par     string // of testdata/labo
	face    sceau.Face
	contenu []byte // canonical
	chaine  []byte // relays crossed, outside the seal
}

// scelles are the sealed examples: one exchange on both faces, one that crossed a
// relay, one refusal.
func scelles(t *testing.T) (l []scelle) {
	t.Helper()
	relais := roc.Chaine{Maillons: []roc.Maillon{{Role: roc.OCT, ID: "OCTPASSEURS", Horodatage: instant.Add(12 * time.Millisecond)}}}
	for _, d := range situations(t) {
		par := "mutuelle"
		if strings.HasSuffix(d.Nom, ".question") {
			par = "hopital"
		}
		nom := strings.ReplaceAll(d.Nom, "/", "-")
		switch d.Nom {
		case "idb/ok-adulte.question", "idb/ok-adulte.reponse", "clc/ok-consultation.question", "clc/ok-consultation.reponse":
			l = append(l, scelle{nom + ".json", par, sceau.REST, d.JSON, nil}, scelle{nom + ".xml", par, sceau.SOAP, d.XML, nil})
		case "del/ok-annule.question":
			l = append(l, scelle{nom + ".un-relais.json", par, sceau.REST, d.JSON, roc.PlanChaine.AppendJSON(nil, &relais)},
				scelle{nom + ".un-relais.xml", par, sceau.SOAP, d.XML, roc.PlanChaine.AppendXML(nil, roc.NomChaine, &relais)})
		case "refus/S503":
			l = append(l, scelle{nom + ".json", par, sceau.REST, d.JSON, nil})
		}
	}
	return l
}

// TestScelles opens each sealed example with its authority, and finds in it the
// very message of the unsealed file. One byte changed is refused.
func TestScelles(t *testing.T) {
	if _, err := os.Stat(dossierLabo); roctest.Ecrire() && errors.Is(err, os.ErrNotExist) {
		faireLabo(t)
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	if r, err := m.ChargerRepertoire(dossierLabo); err != nil || len(r.Refus) > 0 {
		t.Fatalf("%v, %v", err, r)
	}
	for _, s := range scelles(t) {
		t.Run(s.nom, func(t *testing.T) {
			chemin := filepath.Join("testdata", "scelle", s.nom)
			brut, err := os.ReadFile(chemin)
			if p, e := ouvrir(m, s.face, brut); roctest.Ecrire() && (err != nil || e != nil || !bytes.Contains(p.Contenu(), s.contenu)) {
				brut = s.sceller(t)
				if err := errors.Join(os.MkdirAll(filepath.Dir(chemin), 0o755), os.WriteFile(chemin, brut, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			p, err := ouvrir(m, s.face, brut)
			if err != nil {
				t.Fatalf("%v ; pour sceller de nouveau : go test ./roc -run Scelles -update", err)
			}
			if !bytes.Contains(p.Contenu(), s.contenu) {
				t.Error("ce qui est scellé n'est plus le message d'exemple")
			}
			if got := p.Scelleur().Porteur.Organisation(); got != "STRUCTURE FICTIVE" {
				t.Errorf("scellé par %q", got)
			}
			if c, err := roc.LireChaine(p); err != nil || len(c.Maillons) != min(1, len(s.chaine)) {
				t.Errorf("relais %+v, %v", c, err)
			}
			altere := bytes.Replace(brut, []byte("V2026030042"), []byte("V2026030043"), 1)
			if _, err := ouvrir(m, s.face, altere); err == nil || !sceau.EstSceau(err) {
				t.Errorf("message altéré : %v, refus du sceau attendu", err)
			}
		})
	}
}

func ouvrir(m *certificat.Magasin, f sceau.Face, brut []byte) (*sceau.Piece, error) {
	o := sceau.Ouvreur{Juge: m, Baseline: true, Relais: roc.BlocChaine}
	if f == sceau.SOAP {
		return o.SOAP(brut, instant)
	}
	return o.REST(brut, instant)
}

func (s scelle) sceller(t *testing.T) []byte {
	t.Helper()
	c := cachetLabo(t, s.par)
	f := c.REST
	if s.face == sceau.SOAP {
		f = c.SOAP
	}
	r, err := f(s.contenu, s.chaine, instant)
	if err != nil {
		t.Fatal(err)
	}
	return r.Octets
}

// TestScelleLu reads a sealed answer as a client does: the digest it quotes is
// that of the sealed question beside it.
func TestScelleLu(t *testing.T) {
	m := certificat.NouveauMagasin(certificat.Options{})
	if _, err := m.ChargerRepertoire(dossierLabo); err != nil {
		t.Fatal(err)
	}
	for face, fin := range map[sceau.Face]string{sceau.REST: ".json", sceau.SOAP: ".xml"} {
		q, err := ouvrir(m, face, lireFichier(t, "testdata/scelle/clc-ok-consultation.question"+fin))
		if err != nil {
			t.Fatal(err)
		}
		r, err := ouvrir(m, face, lireFichier(t, "testdata/scelle/clc-ok-consultation.reponse"+fin))
		if err != nil {
			t.Fatal(err)
		}
		var lu roc.Message[roc.ReponseCalcul]
		if face == sceau.REST {
			err = roc.EchangeCLC.Reponse.DecodeJSON(r.Contenu(), &lu)
		} else {
			err = r.XML(func(l *xmlflux.Lecteur) error {
				return roc.EchangeCLC.Reponse.LireXML(l, roc.EchangeCLC.NomReponse, &lu)
			}, roc.EchangeCLC.NomReponse)
		}
		if err != nil || lu.Enveloppe.EmpreinteQuestion != sceau.EmpreinteTexte(q.Empreinte()) {
			t.Errorf("%s : empreinte %s, %v", face, lu.Enveloppe.EmpreinteQuestion, err)
		}
	}
}

// TestScelleChiffre opens the example whose body is encrypted for the insurer, as
// behind a relay, and finds the body of the question in clear. ref: DEC 12
func TestScelleChiffre(t *testing.T) {
	m := certificat.NouveauMagasin(certificat.Options{})
	if _, err := m.ChargerRepertoire(dossierLabo); err != nil {
		t.Fatal(err)
	}
	var clair roc.Message[roc.DemandeIDB]
	if err := roc.EchangeIDB.Demande.DecodeJSON(lireFichier(t, "testdata/idb/ok-adulte.question.json"), &clair); err != nil {
		t.Fatal(err)
	}
	attendu := roc.EchangeIDB.CorpsDemande.AppendJSON(nil, clair.Corps)
	const chemin = "testdata/scelle/idb-ok-adulte.question.corps-chiffre.json"
	if _, err := os.Stat(chemin); roctest.Ecrire() && errors.Is(err, os.ErrNotExist) {
		chiffrerExemple(t, chemin, clair, attendu)
	}
	p, err := ouvrir(m, sceau.REST, lireFichier(t, chemin))
	if err != nil {
		t.Fatal(err)
	}
	var lu roc.Message[roc.DemandeIDB]
	if err := roc.EchangeIDB.Demande.DecodeJSON(p.Contenu(), &lu); err != nil || lu.Corps != nil {
		t.Fatalf("corps en clair, ou %v", err)
	}
	der, cle := confidentialite(t, "mutuelle")
	corps, err := roc.Dechiffreur{roc.KidDe(der): cle}.Corps(lu.CorpsChiffre, &lu.Enveloppe)
	if err != nil || !bytes.Equal(corps, attendu) {
		t.Errorf("corps déchiffré %s, %v", corps, err)
	}
	autre, cleAutre := confidentialite(t, "hopital")
	if _, err := (roc.Dechiffreur{roc.KidDe(autre): cleAutre}).Corps(lu.CorpsChiffre, &lu.Enveloppe); codeDe(err) != roc.Illisible {
		t.Errorf("déchiffré avec une autre clé : %v", err)
	}
	faux := lu.Enveloppe
	faux.EmpreinteCorps = sceau.EmpreinteTexte([32]byte{1})
	if _, err := (roc.Dechiffreur{roc.KidDe(der): cle}).Corps(lu.CorpsChiffre, &faux); codeDe(err) != roc.SceauInvalide {
		t.Errorf("corps sous une autre enveloppe : %v", err)
	}
}

func chiffrerExemple(t *testing.T, chemin string, m roc.Message[roc.DemandeIDB], corps []byte) {
	t.Helper()
	der, _ := confidentialite(t, "mutuelle")
	conf, _, err := roc.ParseConfidentiel(base64.StdEncoding.EncodeToString(der))
	if err != nil {
		t.Fatal(err)
	}
	notre, _ := confidentialite(t, "hopital")
	m.Corps, m.Enveloppe.CleReponse = nil, base64.StdEncoding.EncodeToString(notre)
	if m.CorpsChiffre, m.Enveloppe.EmpreinteCorps, err = conf.Chiffrer(corps); err != nil {
		t.Fatal(err)
	}
	s, err := cachetLabo(t, "hopital").REST(roc.EchangeIDB.Demande.AppendJSON(nil, &m), nil, instant)
	if err := errors.Join(err, os.WriteFile(chemin, s.Octets, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func confidentialite(t *testing.T, nom string) (der []byte, cle *ecdh.PrivateKey) {
	t.Helper()
	cert, _ := pem.Decode(lireFichier(t, filepath.Join(dossierLabo, nom+"-confidentialite.pem")))
	b, _ := pem.Decode(lireFichier(t, filepath.Join(dossierLabo, nom+"-confidentialite.LABO.cle")))
	k, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	cle, err = k.(*ecdsa.PrivateKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return cert.Bytes, cle
}

// codeDe is the code of a refusal, "" for none, "?" for another error.
func codeDe(err error) roc.Code {
	var r *roc.Refus
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Code
	}
	return "?"
}
