package jcs_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// RFC 8785, appendix B.
var annexeB = []struct {
	bits    uint64
	attendu string // empty: no JSON form
}{
	{0x0000000000000000, "0"},
	{0x8000000000000000, "0"},
	{0x0000000000000001, "5e-324"},
	{0x8000000000000001, "-5e-324"},
	{0x7fefffffffffffff, "1.7976931348623157e+308"},
	{0xffefffffffffffff, "-1.7976931348623157e+308"},
	{0x4340000000000000, "9007199254740992"},
	{0xc340000000000000, "-9007199254740992"},
	{0x4430000000000000, "295147905179352830000"},
	{0x7fffffffffffffff, ""},
	{0x7ff0000000000000, ""},
	{0x44b52d02c7e14af5, "9.999999999999997e+22"},
	{0x44b52d02c7e14af6, "1e+23"},
	{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
	{0x444b1ae4d6e2ef4e, "999999999999999700000"},
	{0x444b1ae4d6e2ef4f, "999999999999999900000"},
	{0x444b1ae4d6e2ef50, "1e+21"},
	{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
	{0x3eb0c6f7a0b5ed8d, "0.000001"},
	{0x41b3de4355555553, "333333333.3333332"},
	{0x41b3de4355555554, "333333333.33333325"},
	{0x41b3de4355555555, "333333333.3333333"},
	{0x41b3de4355555556, "333333333.3333334"},
	{0x41b3de4355555557, "333333333.33333343"},
	{0xbecbf647612f3696, "-0.0000033333333333333333"},
	{0x43143ff3c1cb0959, "1424953923781206.2"},
}

func TestAnnexeB(t *testing.T) {
	for _, c := range annexeB {
		obtenu, err := jcs.AppendNombre(nil, math.Float64frombits(c.bits))
		if string(obtenu) != c.attendu || (err == nil) != (c.attendu != "") {
			t.Errorf("%016x: got %q, %v, want %q", c.bits, obtenu, err, c.attendu)
		}
		if c.attendu == "" {
			continue
		}
		// The same number by the reader, from a writing that is not canonical.
		brut := strconv.FormatFloat(math.Float64frombits(c.bits), 'e', 20, 64)
		if obtenu, err := jcs.Canoniser(nil, []byte(brut), jcs.Limites{}); err != nil || string(obtenu) != c.attendu {
			t.Errorf("%s: got %q, %v, want %q", brut, obtenu, err, c.attendu)
		}
	}
}

// outil finds an oracle, or skips: CI requires them all.
func outil(t *testing.T, nom string) string {
	t.Helper()
	chemin, err := exec.LookPath(nom)
	if err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatalf("%s absent", nom)
		}
		t.Skipf("%s absent", nom)
	}
	return chemin
}

// ECMAScript itself is the definition of the form of numbers: node reads the
// writings, and its bits, and must write what we write.
func TestNombresNode(t *testing.T) {
	node := outil(t, "node")
	alea := rand.New(rand.NewPCG(8785, 1))
	var entrees, notres []string
	ajouter := func(brut string) {
		sortie, err := jcs.Canoniser(nil, []byte(brut), jcs.Limites{})
		if err != nil {
			return // out of range
		}
		entrees, notres = append(entrees, brut), append(notres, string(sortie))
	}
	for range 20000 {
		f := math.Float64frombits(alea.Uint64())
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			ajouter(strconv.FormatFloat(f, 'e', 17, 64))
		}
		ajouter(decimalAuHasard(alea))
	}
	script := `const l=require('fs').readFileSync(0,'utf8').trim().split('\n');
process.stdout.write(l.map(x=>JSON.stringify(JSON.parse(x))).join('\n'))`
	cmd := exec.Command(node, "-e", script)
	cmd.Stdin = strings.NewReader(strings.Join(entrees, "\n"))
	var erreurs bytes.Buffer
	cmd.Stderr = &erreurs
	sortie, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v %s", err, erreurs.String())
	}
	lignes := strings.Split(string(sortie), "\n")
	if len(lignes) != len(notres) {
		t.Fatalf("node: %d lignes, want %d", len(lignes), len(notres))
	}
	for i := range lignes {
		if lignes[i] != notres[i] {
			t.Errorf("%s: got %s, node %s", entrees[i], notres[i], lignes[i])
		}
	}
}

// decimalAuHasard writes a decimal of 1 to 17 digits, around the bounds of the
// short form and of the exponent.
func decimalAuHasard(alea *rand.Rand) string {
	chiffres := strconv.FormatUint(alea.Uint64N(uint64(math.Pow10(1+alea.IntN(17)))), 10)
	switch alea.IntN(4) {
	case 0:
		return chiffres
	case 1:
		return "-0." + strings.Repeat("0", alea.IntN(9)) + chiffres
	case 2:
		return chiffres + "." + strconv.Itoa(alea.IntN(1000))
	}
	return chiffres + "e" + strconv.Itoa(alea.IntN(60)-30)
}

func FuzzNombre(f *testing.F) {
	for _, c := range annexeB {
		f.Add(c.bits)
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		sortie, err := jcs.AppendNombre(nil, v)
		if err != nil {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				t.Fatal(err)
			}
			return
		}
		relu, err := strconv.ParseFloat(string(sortie), 64)
		if err != nil || relu != v {
			t.Fatalf("%x: %s se relit %v, %v", binary.BigEndian.AppendUint64(nil, bits), sortie, relu, err)
		}
		if ok, err := jcs.EstCanonique(sortie, jcs.Limites{}); !ok || err != nil {
			t.Fatalf("%s: EstCanonique %v, %v", sortie, ok, err)
		}
	})
}
