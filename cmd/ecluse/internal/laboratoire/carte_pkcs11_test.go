//go:build pkcs11

package laboratoire

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/cle/cletest"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// compteuse counts the signatures that a key of the card makes.
type compteuse struct {
	crypto.Signer
	n atomic.Int64
}

func (k *compteuse) Sign(alea io.Reader, empreinte []byte, o crypto.SignerOpts) ([]byte, error) {
	k.n.Add(1)
	return k.Signer.Sign(alea, empreinte, o)
}

// carteEnJeton puts a card in the reader of a pharmacy: its two keys are made in the token
// and stay there, its certificates are issued on the requests that they sign. It gives the
// key by which the card opens connections.
func (x *poste) carteEnJeton() *compteuse {
	t, s := x.t, x.s
	t.Helper()
	adresse := cletest.Jeton(t, "carte-"+x.o.numero, map[string]string{"signature": "EC:prime256v1", "authentification": "EC:prime256v1"})
	lire := func(nom string, profil igc.Profil) (*tls.Certificate, crypto.Signer) {
		k, err := serveur.OuvrirCle(adresse(nom))
		if err != nil {
			t.Fatal(err)
		}
		csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, k)
		if err = errors.Join(err, k.(io.Closer).Close()); err != nil {
			t.Fatal(err)
		}
		prefixe, fiche := filepath.Join(s.dir, x.o.cle, "carte", nom), x.o.cle+"/"+nom
		delete(s.fiches, fiche) // the card revoked below is this one
		e, err := s.emettre(t.Context(), igc.Demande{Profil: profil, CSR: csr,
			Sujet: igc.Sujet{Titre: "Pharmacien", Nom: x.o.nom, Prenom: "Fictive", IdNatPS: "8" + x.o.rpps}}, fiche, prefixe)
		if err != nil || e.Cle != nil || e.Fiche.CleServeur {
			t.Fatalf("%s : la clé a été faite hors de la carte, ou %v", nom, err)
		}
		paire, cle, err := serveur.LireCle(s.parties[cleTiers].Fichier, config.Cle{Certificat: prefixe + ".pem", Cle: adresse(nom)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := cle.(io.Closer).Close(); err != nil {
				t.Error(err)
			}
		})
		return paire, cle
	}
	paire, cle := lire("signature", igc.ProfilPSSign)
	var err error
	if x.cachet, err = sceau.NewCachet(paire.Certificate[0], serveur.SansRacine(paire.Certificate[1:]), cle); err != nil {
		t.Fatal(err)
	}
	paire, cle = lire("authentification", igc.ProfilPSAuth)
	k := &compteuse{Signer: cle}
	x.auth = &tls.Certificate{Certificate: paire.Certificate, Leaf: paire.Leaf, PrivateKey: k}
	return k
}

// A card whose keys stay in a token plays the session of a pharmacy with the third party: a
// file opened, a quotation, an engagement, on both faces, directly and through a relay; one
// handshake for a day's work, counted by the card itself; and it is refused as soon as it
// is revoked, on the connection that lives.
func TestCarteEnJeton(t *testing.T) {
	s := laboratoireEntier(t)
	x := nouveauPoste(t, s, pharmaciesLabo()[0])
	ancienne := nouveauPoste(t, s, pharmaciesLabo()[0])
	k := x.carteEnJeton()
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for _, relais := range []string{"", monde.CleRelais} {
			c := x.client(face, relais)
			jeton, _ := x.droitsPour(monde.CleMoulin)
			d, err := x.ouvrir(c, jeton)
			if err != nil || !d.Corps.Accord() {
				t.Fatalf("%s, relais %q, dossier : %+v, %v", face, relais, corps(d), err)
			}
			for _, sens := range []tarif.Sens{tarif.Devis, tarif.Engagement} {
				q := x.preparer(d.Corps.NumeroDossier, sens)
				r, err := x.tarifer(c, q.Demande)
				if err != nil {
					t.Fatalf("%s, relais %q, %s : %v", face, relais, sens, err)
				}
				if prix, err := q.Lire(r.Corps); err != nil || prix.AMC <= 0 || prix.Numero.IsZero() != (sens == tarif.Devis) {
					t.Errorf("%s, relais %q, %s : %+v, %v", face, relais, sens, prix, err)
				}
			}
		}
	}
	avant := k.n.Load()
	if avant != 4 {
		t.Errorf("la carte a ouvert %d connexions en quatre séances", avant)
	}
	x.poignees.Store(0)
	c := x.client(sceau.REST, "")
	demander := x.journee(c, &compte{})
	t.Logf("la clé d'authentification de la carte a servi %d fois en une journée", k.n.Load()-avant)
	if n := k.n.Load() - avant; n != 1 {
		t.Errorf("la clé d'authentification de la carte a servi %d fois", n)
	}
	x.revoquer("signature")
	var r *roc.Refus
	if err := demander(); !errors.As(err, &r) || r.Code != roc.CertificatRefuse || !r.Distant || k.n.Load()-avant != 1 {
		t.Errorf("carte révoquée : %v", err)
	}
	// The other card of the same pharmacist is none of it.
	n, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ancienne.tarifer(ancienne.client(sceau.REST, ""), x.preparer(n, tarif.Devis).Demande); err != nil || r.Corps.CodeRetour != tarif.DossierInconnu {
		t.Errorf("l'autre carte : %+v, %v", corps(r), err)
	}
}
