package tarif_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

var _ = flag.Bool("update", false, "write the golden messages of testdata again")

// The golden messages of pricing, for those who do not write Go: all parties and the key
// are fictitious. What is encrypted never encrypts twice the same, and is kept in
// testdata/chiffre, to be opened with the key of clesDorees.
const dossierDore, dossierChiffre = "testdata/messages", "testdata/chiffre"

var jourDore = sante.JourDe(2026, 11, 22)

// clesDorees are the keys of the third party: a known number, that protects nothing.
func clesDorees(t *testing.T) (tarif.Destinataire, tarif.Trousseau) {
	t.Helper()
	k := tire[*ecdsa.PrivateKey](t)(ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{2}, 32)))
	kid := string(tire[visiodroits.JWK](t)(visiodroits.JWKDe(&k.PublicKey)).Empreinte())
	accord, err := k.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return tarif.Destinataire{Cle: &k.PublicKey, Kid: kid}, tarif.Trousseau{kid: accord}
}

// signataire is an issuer of tokens.
type signataire struct {
	kid string
	cle *ecdsa.PrivateKey
}

// emetteurDore signs the golden token: another known number, that protects nothing.
func emetteurDore(t testing.TB) signataire {
	t.Helper()
	k := tire[*ecdsa.PrivateKey](t)(ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{3}, 32)))
	return signataire{string(tire[visiodroits.JWK](t)(visiodroits.JWKDe(&k.PublicKey)).Empreinte()), k}
}

// publiee is the list of keys of that issuer, for the insurer of the golden token.
func (s signataire) publiee(t *testing.T) func(sante.NumeroAMC, string) (*ecdsa.PublicKey, error) {
	return func(amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error) {
		if amc != jetonDore(t).AMC || kid != s.kid {
			return nil, tarif.ErrJeton
		}
		return &s.cle.PublicKey, nil
	}
}

// garde gives what was encrypted once, and encrypts it when it is not there and files are
// written again.
func garde(t *testing.T, nom string, chiffrer func(tarif.Destinataire) (tarif.Chiffre, error)) tarif.Chiffre {
	t.Helper()
	chemin := filepath.Join(dossierChiffre, nom+".jwe")
	b, err := os.ReadFile(chemin)
	if errors.Is(err, fs.ErrNotExist) && roctest.Ecrire() {
		d, _ := clesDorees(t)
		b = []byte(tire[tarif.Chiffre](t)(chiffrer(d)) + "\n")
		err = errors.Join(os.MkdirAll(dossierChiffre, 0o755), os.WriteFile(chemin, b, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	return tarif.Chiffre(bytes.TrimSpace(b))
}

func alea() io.Reader { return bytes.NewReader(bytes.Repeat([]byte{0x5a, 0x3c, 0x96, 0xc3}, 64)) }

func jetonDore(t *testing.T) tarif.Jeton {
	return tarif.Jeton{AMC: tire[sante.NumeroAMC](t)(sante.ParseNumeroAMC("99000101")), Grille: tire[tarif.IDGrille](t)(tarif.ParseIDGrille("CONFORT")), Effectif: 4210,
		Lien: tire[tarif.Lien](t)(tarif.TirerLien(alea())), Debut: jourDore - 21, Fin: jourDore + 39, Expiration: jourDore + 7, Nonce: tire[tarif.Reference](t)(tarif.TirerReference(alea()))}
}

// partsDorees are the shares of the golden delivery.
func partsDorees(t *testing.T) []tarif.LigneTarifee {
	l := verres(t)
	return []tarif.LigneTarifee{
		{Rang: 1, MontantAMC: 150_00, Regle: "F03", Motif: "300 % de la base de remboursement, moins la part de l'assurance obligatoire"},
		{Rang: 2, MontantAMC: l[1].MontantDepense - l[1].MontantAMO, Regle: "F05", Motif: "Frais réels : rien ne reste au patient"},
	}
}

func enveloppeDoree(de, a roc.Partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: tarif.Norme.Profil, IDDossierES: "-", Horodatage: time.Date(2026, 11, 22, 10, 30, 15, 0, time.UTC), Environnement: roc.Test, Emetteur: de, Destinataire: a}
}

func situationsDorees(t *testing.T) (l []roctest.Dore) {
	officine, tiers := roc.Partie{Type: roc.PS, ID: "752000012"}, roc.Partie{Type: roc.Tiers, ID: "99009901"}
	amc, prix := roc.Partie{Type: roc.AMC, ID: "99000101"}, roc.Partie{Type: roc.Tiers, ID: "TARIF"}
	dossier := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(alea()))
	numero := tire[tarif.NumeroTarification](t)(tarif.ParseNumeroTarification("T19B8XGVKAWW6R1Q67GA7N25SAXW"))
	jeton := garde(t, "jeton", func(d tarif.Destinataire) (tarif.Chiffre, error) {
		return jetonDore(t).Sceller(d, emetteurDore(t).kid, emetteurDore(t).cle)
	})
	delivrance := map[tarif.Sens]tarif.Chiffre{}
	for _, s := range []tarif.Sens{tarif.Devis, tarif.Engagement} {
		delivrance[s] = garde(t, "delivrance-"+string(s), func(d tarif.Destinataire) (tarif.Chiffre, error) {
			q, err := tarif.Poste{Tiers: d}.Preparer(dossier, jourDore, s, verres(t))
			if err != nil {
				return "", err
			}
			return q.Demande.Lignes, nil
		})
	}
	for nom, r := range map[string]*tarif.ReponseDossier{
		"dos-000-dossier":          {Retour: tarif.RetourDe(tarif.Accepte, ""), NumeroDossier: dossier, Expiration: jourDore + 30},
		"dos-300-trop-peu":         {Retour: tarif.RetourDe(tarif.SansDossier, "")},
		"dos-T630-jeton-illisible": {Retour: tarif.RetourDe(tarif.Indechiffrable, "")},
		"dos-T631-jeton-refuse":    {Retour: tarif.RetourDe(tarif.JetonRefuse, "")},
	} {
		l = append(l, roctest.Paire(nom, tarif.EchangeDossier, enveloppeDoree(officine, tiers), &tarif.DemandeDossier{Jeton: jeton}, r)...)
	}
	parts := partsDorees(t)
	p := tire[tarif.Partage](t)(tarif.Partager(verres(t), parts))
	accepter := func(n tarif.NumeroTarification) *tarif.ReponseTarification {
		return &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Accepte, ""), Lignes: parts, TotalAMC: &p.AMC, TotalPatient: &p.Patient, NumeroTarification: n,
			Validite: time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)}
	}
	for nom, x := range map[string]struct {
		sens tarif.Sens
		r    *tarif.ReponseTarification
	}{
		"tar-000-devis": {tarif.Devis, accepter(tarif.NumeroTarification{})}, "tar-000-engagement": {tarif.Engagement, accepter(numero)},
		"tar-201-indisponible":     {tarif.Devis, &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Indisponible, "")}},
		"tar-T611-dossier-inconnu": {tarif.Devis, &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.DossierInconnu, "")}},
		"tar-T620-identite":        {tarif.Devis, &tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.IdentiteEnTrop, "")}},
	} {
		l = append(l, roctest.Paire(nom, tarif.EchangeTarification, enveloppeDoree(officine, tiers),
			&tarif.DemandeTarification{NumeroDossier: dossier, DateDelivrance: jourDore, Sens: x.sens, Lignes: delivrance[x.sens]}, x.r)...)
	}
	l = append(l, roctest.Paire("gri-000", tarif.EchangeGrille, enveloppeDoree(tiers, prix), &tarif.DemandeGrille{Reference: jetonDore(t).Nonce, Grille: jetonDore(t).Grille, Jour: jourDore,
		Categorie: "PHAR", Pseudonyme: tire[tarif.Pseudonyme](t)(tarif.TirerPseudonyme(alea())), Lignes: verres(t)},
		&tarif.ReponseGrille{Retour: tarif.RetourDe(tarif.Accepte, ""), Reference: jetonDore(t).Nonce, Lignes: parts})...)
	for nom, avis := range map[string]tarif.Avis{"ctl-oui": tarif.Oui, "ctl-non": tarif.Non} {
		l = append(l, roctest.Paire(nom, tarif.EchangeControle, enveloppeDoree(amc, tiers), &tarif.DemandeControle{NumeroTarification: numero, Lien: jetonDore(t).Lien,
			Facture: tire[tarif.EmpreinteFacture](t)(tarif.ParseEmpreinteFacture("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")), Montants: tarif.ParFamille(verres(t), parts)},
			&tarif.ReponseControle{Retour: tarif.RetourDe(tarif.Accepte, ""), Conforme: avis})...)
	}
	return l
}

// TestGolden compares every message with what the code writes, on both faces; what is
// encrypted in them opens with the known key.
func TestGolden(t *testing.T) {
	roctest.Verifier(t, dossierDore, situationsDorees(t))
	_, cles := clesDorees(t)
	j, err := cles.OuvrirJeton(garde(t, "jeton", nil), emetteurDore(t).publiee(t))
	if err != nil || *j != jetonDore(t) {
		t.Errorf("jeton : %+v, %v", j, err)
	}
	for _, s := range []tarif.Sens{tarif.Devis, tarif.Engagement} {
		b, err := cles.Dechiffrer(garde(t, "delivrance-"+string(s), nil))
		if err != nil || !bytes.Contains(b, []byte(verres(t)[0].CodeProduit.String())) || !bytes.Contains(b, []byte(`"sens":"`+string(s)+`"`)) {
			t.Errorf("délivrance : %s, %v", b, err)
		}
		roctest.Comparer(t, filepath.Join(dossierChiffre, "delivrance-"+string(s)+".clair.json"), append(b, '\n'))
	}
}

// TestGoldenXSD has every XML message judged by xmllint with the published schema.
func TestGoldenXSD(t *testing.T) {
	messages, err := filepath.Glob(filepath.Join(dossierDore, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	roctest.XSD(t, tarif.Publication.XSD(), 22, messages...)
}
