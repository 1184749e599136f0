package droits

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func numeroAuSort(t *rapid.T) (NumeroAccreditation, sante.NumeroAMC, TypeAccreditation) {
	a, err := sante.ParseNumeroAMC(rapid.StringMatching(`[0-9]{8,10}`).Draw(t, "émetteur"))
	if err != nil {
		t.Fatal(err)
	}
	g := rapid.SampledFrom([]TypeAccreditation{Normale, Depannage}).Draw(t, "type")
	n, err := TirerNumeroAccreditation(a, g, bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 800, 800).Draw(t, "aléa")))
	if err != nil {
		t.Skip("aléa épuisé : toutes les clés tirées étaient hors de l'alphabet")
	}
	return n, a, g
}

// A number that was drawn is well formed, read again, of its issuer and its type.
func TestNumeroAccreditationTire(t *testing.T) {
	forme := regexp.MustCompile("^" + NumeroAccreditation{}.Motif() + "$")
	rapid.Check(t, func(t *rapid.T) {
		n, a, g := numeroAuSort(t)
		lu, err := ParseNumeroAccreditation(n.String())
		if err != nil || lu != n || !forme.MatchString(n.String()) || lu.Type() != g || !MemeEmetteur(lu.Emetteur(), a) {
			t.Fatalf("%s : %v, %s, %s", n, err, lu.Type(), lu.Emetteur())
		}
	})
}

// Any one character changed, and two neighbours exchanged, are refused.
func TestNumeroAccreditationUneErreur(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, _, _ := numeroAuSort(t)
		b := []byte(n.String())
		i, c := rapid.IntRange(0, 24).Draw(t, "rang"), rapid.SampledFrom([]byte(alphabet)).Draw(t, "caractère")
		if rapid.Bool().Draw(t, "voisins") && i < 24 {
			b[i], b[i+1] = b[i+1], b[i]
		} else {
			b[i] = c
		}
		if string(b) == n.String() {
			t.Skip("rien n'a changé")
		}
		if _, err := ParseNumeroAccreditation(string(b)); !errors.Is(err, ErrNumeroAccreditation) {
			t.Fatalf("%s passe", b)
		}
	})
}

func TestNumeroAccreditationRefuse(t *testing.T) {
	bon := tirer(t, uneAMC, Normale).String()
	x := bon[:11] + "X" + bon[12:24]
	for nom, s := range map[string]string{
		"vide": "", "trop court": bon[:24], "trop long": bon + "0", "minuscules": strings.ToLower(bon), "numéro d'engagement": "E00990001017Q2MZ4WX8T3C5",
		"autre type, clé exacte": x + string(sante.CleMod37(x)), "étoile": bon[:24] + "*", "lettre dans l'émetteur": bon[:5] + "A" + bon[6:],
	} {
		if _, err := ParseNumeroAccreditation(s); !errors.Is(err, ErrNumeroAccreditation) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if _, err := TirerNumeroAccreditation(sante.NumeroAMC{}, Normale, nil); !errors.Is(err, ErrNumeroAccreditation) {
		t.Errorf("sans émetteur : %v", err)
	}
	if _, err := TirerNumeroAccreditation(amc(t, uneAMC), "AUTRE", nil); !errors.Is(err, ErrNumeroAccreditation) {
		t.Errorf("sans type : %v", err)
	}
	if z := (NumeroAccreditation{}); !z.IsZero() || z.Type() != "" || !z.Emetteur().IsZero() {
		t.Error("le numéro nul dit quelque chose")
	}
}

// A person does not show in a log.
func TestPersonneMasquee(t *testing.T) {
	var b bytes.Buffer
	p := personne(t, "ADHERENT-1", "19850101", 1)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("essai", "personne", p, "adhérent", p.NumeroAdherent)
	if strings.Contains(b.String(), "ADHERENT-1") || strings.Contains(b.String(), "19850101") || !strings.Contains(b.String(), "masqué") {
		t.Error(b.String())
	}
}

func FuzzNumeroAccreditation(f *testing.F) {
	f.Add(tirer(f, uneAMC, Depannage).String())
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseNumeroAccreditation(s); err == nil && (n.String() != s || n.Type() == "" || n.Emetteur().IsZero()) {
			t.Errorf("%q lu %q", s, n)
		}
	})
}
