package igctest

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

var instant = time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)

// juger gives the verdict of a fresh store on a variant: 0 when accepted.
func juger(t *testing.T, v Variante) certificat.Motif {
	t.Helper()
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites(v.Racines, v.Intermediaires); err != nil {
		t.Fatalf("magasin : %v", err)
	}
	for _, l := range v.Listes {
		m.AjouterCRL(l) // a refused list is part of the case
	}
	verdict, err := m.Juger(v.Feuille, v.Chaine, v.Usage, v.A)
	encore, err2 := m.Juger(v.Feuille, v.Chaine, v.Usage, v.A)
	if fmt.Sprint(err) != fmt.Sprint(err2) || (err == nil) != encore.Connu {
		t.Errorf("deux jugements de suite diffèrent : %v puis %v (connu : %v)", err, err2, encore.Connu)
	}
	if err == nil {
		if verdict.Porteur == nil || verdict.Liste == nil {
			t.Error("accepté sans porteur ou sans liste")
		}
		return 0
	}
	var r *certificat.Refus
	if !errors.As(err, &r) {
		t.Fatalf("refus sans motif : %v", err)
	}
	if r.Phrase() == "" || r.QuiAgit() == "" {
		t.Errorf("refus sans phrase ou sans acteur : %+v", r)
	}
	return r.Motif
}

// TestVariantes lists every good and bad certificate with the verdict expected.
func TestVariantes(t *testing.T) {
	for _, v := range catalogue(t) {
		t.Run(v.Nom, func(t *testing.T) {
			if got := juger(t, v); got != v.Motif {
				t.Errorf("got %v, want %v", got, v.Motif)
			}
		})
	}
}

var tous = sync.OnceValues(func() ([]Variante, error) { return Variantes(instant) })

func catalogue(t *testing.T) []Variante {
	t.Helper()
	l, err := tous()
	if err != nil {
		t.Fatal(err)
	}
	if len(l) < 70 {
		t.Fatalf("catalogue de %d cas seulement", len(l))
	}
	return l
}

var purposes = map[certificat.Usage]string{
	certificat.UsageTLSClient: "sslclient", certificat.UsageTLSServeur: "sslserver", certificat.UsageSMIME: "smimesign"}

// TestOpenSSL compares our verdict with openssl verify -crl_check_all on the whole
// catalogue. We may be stricter, for the reason each case gives; never laxer.
// ref: PKI §11
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("openssl absent")
		}
		t.Skip("openssl absent")
	}
	for _, v := range catalogue(t) {
		t.Run(v.Nom, func(t *testing.T) {
			t.Parallel()
			accepte, sortie := openssl(t, v)
			if accord := accepte == (v.Motif == 0); accord == (v.Ecart == "") {
				return
			}
			if v.Ecart != "" {
				t.Fatalf("openssl est d'accord : l'écart « %s » n'a plus lieu d'être\n%s", v.Ecart, sortie)
			}
			t.Errorf("openssl accepte : %v, notre motif : %v, et aucune raison écrite\n%s", accepte, v.Motif, sortie)
		})
	}
}

// TestEcarts keeps the list of what we accept against openssl at the one case
// that RFC 5280 decides.
func TestEcarts(t *testing.T) {
	var larges []string
	for _, v := range catalogue(t) {
		if v.Ecart != "" && v.Motif == 0 {
			larges = append(larges, v.Nom)
		}
	}
	if len(larges) != 1 {
		t.Errorf("acceptés contre openssl : %q, un seul cas attendu", larges)
	}
}

func openssl(t *testing.T, v Variante) (bool, string) {
	dir := t.TempDir()
	ecrire := func(nom, genre string, ders ...[]byte) string {
		var b bytes.Buffer
		for _, d := range ders {
			pem.Encode(&b, &pem.Block{Type: genre, Bytes: d})
		}
		chemin := filepath.Join(dir, nom)
		if err := os.WriteFile(chemin, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return chemin
	}
	args := []string{"verify", "-attime", fmt.Sprint(v.A.Unix()), "-auth_level", "2", "-crl_check_all", "-use_deltas", "-extended_crl",
		"-CAfile", ecrire("racines.pem", "CERTIFICATE", v.Racines...), "-CRLfile", ecrire("listes.pem", "X509 CRL", v.Listes...)}
	if autres := append(append([][]byte{}, v.Intermediaires...), v.Chaine...); len(autres) > 0 {
		args = append(args, "-untrusted", ecrire("autres.pem", "CERTIFICATE", autres...))
	}
	if p, ok := purposes[v.Usage]; ok {
		args = append(args, "-purpose", p)
	}
	args = append(args, ecrire("feuille.pem", "CERTIFICATE", v.Feuille))
	b, err := exec.Command("openssl", args...).CombinedOutput()
	return err == nil, strings.ReplaceAll(string(b), dir+"/", "")
}
