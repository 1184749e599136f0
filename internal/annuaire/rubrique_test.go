package annuaire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"pgregory.net/rapid"
)

// changementPlein is a record of a nature with all its fields.
func changementPlein(n Nature) *Changement {
	c := new(Changement)
	reflect.ValueOf(c).Elem().Field(int(n) - 1).Set(pleine(n))
	return c
}

func certificatEssai(t testing.TB) (serie, valeur string) {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := &x509.Certificate{SerialNumber: big.NewInt(0xabc123), Subject: pkix.Name{CommonName: "essai"}, NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(1_800_000_000, 0)}
	der, err := x509.CreateCertificate(rand.Reader, m, m, &cle.PublicKey, cle)
	if err != nil {
		t.Fatal(err)
	}
	return "ABC123", base64.StdEncoding.EncodeToString(der)
}

// Each field of a record is of one group, or of its skeleton: groups put together make the
// whole record, and nothing else.
func TestGroupesCouvrent(t *testing.T) {
	for _, n := range Natures {
		c := changementPlein(n)
		got := squelette(c)
		for _, g := range Groupes {
			CopierGroupe(&got, c, g)
		}
		if want := squeletteDe(c); !reflect.DeepEqual(got.Cloner(), want) {
			t.Errorf("%s : un champ n'est d'aucun groupe\n%+v\n%+v", n, got, want)
		}
	}
}

// Each field that may be asked for reads what was written, and touches its own group alone.
func TestRubriques(t *testing.T) {
	d := donnees(t, nil)
	e := &ecriture{d.Listes, jourEssai}
	serie, certificat := certificatEssai(t)
	valeurs := []string{"y", "non", "oui", "2026-01-02", "7", "ORG", "O", "inactive", "L", "GENR01", "C", "S", "47.500000,-1.200000", "https://amc.invalid/v1", certificat}
	cles := []string{"", "p123", "a@essai.invalid", serie}
	for _, n := range Natures {
		for _, nom := range n.Rubriques() {
			r, err := n.Rubrique(nom)
			if err != nil {
				t.Fatal(err)
			}
			change := false
			for _, cle := range cles {
				for _, v := range valeurs {
					avant := changementPlein(n)
					c := avant.Cloner()
					if r.Cle && strings.Contains(nom, ".") {
						cle = "x" // an element that the full record has
					}
					vu := r.Lire(&c, cle)
					err := r.ecrire(&c, cle, v, e)
					if err != nil {
						if !errors.Is(err, ErrValeur) {
							t.Errorf("%s.%s = %q : %v", n, nom, v, err)
						}
						continue
					}
					if got := r.Lire(&c, cle); got != v {
						t.Errorf("%s.%s : lu %q, écrit %q", n, nom, got, v)
					}
					change = change || vu != v
					CopierGroupe(&c, avant, r.Groupe)
					if !reflect.DeepEqual(c, avant.Cloner()) {
						t.Errorf("%s.%s = %q écrit hors de son groupe %s", n, nom, v, r.Groupe)
					}
				}
			}
			if !change {
				t.Errorf("%s.%s : aucune valeur ne convient", n, nom)
			}
			if !n.Chemins().Voit(r.Chemin) {
				t.Errorf("%s.%s : chemin %s d'une autre nature", n, nom, r.Chemin)
			}
			if familles, delai := d.Proprietes.De(n, r.Groupe); len(familles) == 0 || delai == 0 {
				t.Errorf("%s.%s : groupe %s sans propriétaire", n, nom, r.Groupe)
			}
		}
	}
}

// Values that no directory holds are refused.
func TestRubriquesRefus(t *testing.T) {
	e := &ecriture{donnees(t, nil).Listes, jourEssai}
	nir := "1 85 05 78 006 084 " // a social security number, with the key below
	_, certificat := certificatEssai(t)
	for _, c := range []struct {
		n           Nature
		nom, cle, v string
		want        error
	}{
		{Praticiens, "nom", "", "A|B", ErrValeur},
		{Praticiens, "nom", "", "A\nB", ErrValeur},
		{Praticiens, "nom", "", " A", ErrValeur},
		{Praticiens, "nom", "", strings.Repeat("é", 256), ErrValeur},
		{Praticiens, "nom", "", "\xff", ErrValeur},
		{Praticiens, "contact.destinataire", "", nir + sante.CleNIR("1850578006084"), sante.ErrTexteNIR},
		{Praticiens, "categorie", "", "Z", ErrValeur},
		{Praticiens, "categorie", "", "F", ErrValeur}, // known, and no longer in force
		{Praticiens, "actif", "", "peut-être", ErrValeur},
		{Praticiens, "au", "", "2026-02-30", ErrValeur},
		{Praticiens, "bal", "sans-arobase", "PER", ErrValeur},
		{Praticiens, "bal", "a@essai.invalid", "XXX", ErrValeur},
		{Praticiens, "bal.rang", "absente@essai.invalid", "1", ErrElement},
		{Praticiens, "certificat", "FFFF", certificat, ErrValeur},
		{Praticiens, "certificat", "ABC123", "AAAA", ErrValeur},
		{Praticiens, "certificat", "ABC123", strings.Repeat("A", certificatMax+1), ErrValeur},
		{Structures, "position", "", "NaN,0", ErrValeur},
		{Structures, "position", "", "91,0", ErrValeur},
		{Acces, "service", "IDB", "http://amc.invalid", ErrValeur},
		{Acces, "service", "IDB", "https://qui:secret@amc.invalid", ErrValeur},
		{Structures, "membre", "z1", "CHEF", ErrValeur},
		{Activites, "installees", "", "-1", ErrValeur},
	} {
		r, err := c.n.Rubrique(c.nom)
		if err != nil {
			t.Fatal(err)
		}
		x := changementPlein(c.n)
		if err := r.ecrire(x, c.cle, c.v, e); !errors.Is(err, c.want) {
			t.Errorf("%s = %q : %v", c.nom, c.v, err)
		}
	}
	if _, err := Situations.Rubrique("nom"); !errors.Is(err, ErrRubrique) {
		t.Error(err)
	}
	c := changementPlein(Praticiens)
	r, _ := Praticiens.Rubrique("bal")
	if err := r.ecrire(c, "X", "", e); err != nil || len(c.Praticien.BAL) != 1 {
		t.Errorf("boîte retirée : %d, %v", len(c.Praticien.BAL), err)
	}
}

// Whatever is written, a record stays readable by the extraction files, or is unchanged.
func TestRubriquesPropriete(t *testing.T) {
	e := &ecriture{donnees(t, nil).Listes, jourEssai}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(Natures[:]).Draw(t, "nature")
		r, _ := n.Rubrique(rapid.SampledFrom(n.Rubriques()).Draw(t, "rubrique"))
		cle, v := "", rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9.,|@-]{0,12}`)).Draw(t, "valeur")
		if r.Cle {
			cle = rapid.SampledFrom([]string{"x", "p1", "a@b.invalid", "\n", "a|b"}).Draw(t, "clé")
		}
		c := changementPlein(n)
		if err := r.ecrire(c, cle, v, e); err == nil && strings.ContainsAny(cle+r.Lire(c, cle), "|\n\r") && r.Lire(c, cle) != "" {
			t.Fatalf("%s[%q] = %q", r.Nom, cle, v)
		}
	})
}

// A clone shares nothing.
func TestCloner(t *testing.T) {
	for _, n := range Natures {
		c := changementPlein(n)
		d := c.Cloner()
		remplirAutre(reflect.ValueOf(c).Elem().Field(int(n) - 1).Elem())
		if w := changementPlein(n); !reflect.DeepEqual(d, *w) {
			t.Errorf("%s : le clone a changé", n)
		}
	}
}

func remplirAutre(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			remplirAutre(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			remplirAutre(v.Index(i))
		}
	default:
		v.SetZero()
	}
}
