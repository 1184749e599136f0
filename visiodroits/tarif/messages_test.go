package tarif_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

var jour = sante.JourDe(2026, 11, 23)

// cleTiers makes a key of a third party, to encrypt and to decrypt.
func cleTiers(t testing.TB, nom string) (tarif.Destinataire, tarif.Trousseau) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	accord, err := k.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256([]byte(nom))
	kid := hex.EncodeToString(d[:])
	return tarif.Destinataire{Cle: &k.PublicKey, Kid: kid}, tarif.Trousseau{kid: accord}
}

func produit(t testing.TB, s string) tarif.CodeProduit {
	t.Helper()
	c, err := tarif.ParseCodeProduit(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tire gives what a draw gives, or fails.
func tire[V any](t testing.TB) func(v V, err error) V {
	return func(v V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// verres are two lines of glasses.
func verres(t testing.TB) []tarif.Ligne {
	t.Helper()
	return []tarif.Ligne{
		{Rang: 1, Famille: calcul.FamilleDMI, CodePrestation: "VER", CodeProduit: produit(t, "9900022"), Quantite: 2,
			PrixUnitaire: 10050, MontantDepense: 20100, BaseAMO: 1000, TauxAMO: sante.Pourcent(60), MontantAMO: 600},
		{Rang: 2, Famille: calcul.FamilleMED, CodePrestation: "PHN", CodeProduit: produit(t, "3400930000007"), Quantite: 1,
			PrixUnitaire: 1290, MontantDepense: 1290},
	}
}
