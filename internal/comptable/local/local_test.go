package local_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	ct "github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/internal/comptable/local"
	"github.com/ecluse-sante/ecluse/internal/comptable/store"
)

type memoire map[string]*bytes.Buffer

type fermant struct{ *bytes.Buffer }

func (fermant) Close() error { return nil }

func (m memoire) ouvrir(nom string) (io.WriteCloser, error) {
	m[nom] = new(bytes.Buffer)
	return fermant{m[nom]}, nil
}

// livre is a book of two months, with a bit of everything.
func livre(t *testing.T, b *bdd.Base) *ct.Banc {
	s := ct.Nouveau(store.New(b, "es"), comptable.Parametres{})
	ctx, o := context.Background(), comptable.Ordre{Agent: "@Camille", Raison: "=HYPERLINK(\"x\")"}
	for i := range 12 {
		s.Titre(t, i%3, fmt.Sprintf("F%d", i), 1000)
	}
	s.Annoncer(t, 0, "R1", "VIR-1000", ct.Paye{Facture: "F0", Montant: 1000}, ct.Paye{Facture: "F3", Montant: 400})
	s.Recevoir(t, comptable.LigneReleve{Montant: 1400, BoutEnBout: "VIR-1000", Libelle: "+33 formule", Contrepartie: "-1+1"})
	s.Epuiser(t)
	s.Avancer(40)
	l := s.Recevoir(t, comptable.LigneReleve{Montant: 900})
	p, err := s.Imputer(ctx, o, l.ID, []comptable.Part{{Titre: s.Lu(t, "F1").Cle, Montant: 500}, {Titre: s.Lu(t, "F2").Cle, Montant: 100}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Contrepasser(ctx, o, p.Numero); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AdmettreEnNonValeur(ctx, o, s.Lu(t, "F4").Cle, 300); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reduire(ctx, comptable.ReductionTitre{Facture: ct.Facture("F5"), Cause: comptable.Rejet, Origine: "R9", Jour: s.Aujourdhui()}); err != nil {
		t.Fatal(err)
	}
	s.Avancer(40)
	s.Titre(t, 1, "F99", 5000)
	return s
}

// centimes reads an amount of the export.
func centimes(t *testing.T, s string) int {
	n, err := strconv.Atoi(strings.Replace(s, ",", "", 1))
	if err != nil || n < 0 {
		t.Fatalf("montant %q", s)
	}
	return n
}

func table(t *testing.T, b *bytes.Buffer) (l []map[string]string) {
	t.Helper()
	s, marque := strings.CutPrefix(b.String(), "\ufeff")
	r := csv.NewReader(strings.NewReader(s))
	r.Comma = ';'
	lignes, err := r.ReadAll()
	if err != nil || !marque {
		t.Fatalf("CSV : %v, %v", marque, err)
	}
	for _, x := range lignes[1:] {
		m := map[string]string{}
		for i, c := range x {
			if m[lignes[0][i]] = c; c != "" && strings.ContainsAny(c[:1], "=+-@") {
				t.Errorf("%s : cellule %q", lignes[0][i], c)
			}
		}
		l = append(l, m)
	}
	return l
}

// Each figure of the balance is the sum of its titres, and each figure of a titre
// that of its movements, read back from the files.
func TestExport(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		s := livre(t, b)
		x := local.Export{Service: s.Service, Source: s.Livres}
		j := ct.Jour1
		for nom, p := range map[string]comptable.Periode{
			"tout":                     {Du: j, Au: j + 100},
			"le premier mois":          {Du: j, Au: j + 20},
			"le second":                {Du: j + 21, Au: j + 60},
			"le second, avant le tri":  {Du: j + 21, Au: j + 60, Connu: j + 39},
			"le premier, connu alors":  {Du: j, Au: j + 20, Connu: j + 20},
			"avant tout":               {Du: j - 10, Au: j - 1},
			"après, sans le connaître": {Du: j + 30, Au: j + 100, Connu: j + 41},
		} {
			t.Run(nom, func(t *testing.T) {
				fichiers := memoire{}
				m, err := x.CSV(context.Background(), p, fichiers.ouvrir)
				if err != nil {
					t.Fatal(err)
				}
				if p.Connu == 0 {
					p.Connu = comptable.SansFin
				}
				relire(t, s, fichiers, p)
				for _, f := range m.Fichiers {
					if h := sha256.Sum256(fichiers[f.Nom].Bytes()); hex.EncodeToString(h[:]) != f.SHA256 {
						t.Errorf("%s : empreinte", f.Nom)
					}
				}
				enLignes(t, x, p, m)
			})
		}
	}, store.Migrations())
}

func relire(t *testing.T, s *ct.Banc, f memoire, p comptable.Periode) {
	figures := []string{"ouverture", "emis", "reduit", "paye", "perdu", "cloture"}
	titres, balances := map[string]int{}, map[string]int{}
	parTitre := map[string]int{}
	for _, x := range table(t, f["titres.csv"]) {
		for _, k := range figures {
			titres[x["amc"]+k] += centimes(t, x[k])
			parTitre[x["titre"]+k] += centimes(t, x[k])
		}
	}
	for _, x := range table(t, f["mouvements.csv"]) {
		k := map[string]string{"EMISSION": "emis", "REDUCTION": "reduit", "PAIEMENT": "paye", "NON_VALEUR": "perdu"}[x["nature"]]
		m := centimes(t, x["montant"])
		if x["contre_passation"] == "oui" {
			m = -m
		}
		if parTitre[x["titre"]+k] -= m; x["nature"] == "PAIEMENT" && (x["ligne"] == "" || x["releve"] == "" || x["motif"] == "") {
			t.Errorf("paiement sans preuve : %v", x)
		}
		if x["retour"] == "R1" && (x["message_annonce"] != "msg-R1" || x["feuille_annonce"] != "feuille-R1" || x["libelle_banque"] != "'+33 formule" || x["score"] != "100") {
			t.Errorf("chaîne de preuves : %v", x)
		}
		if x["motif"] == "MANUEL" && (x["agent"] != "'@Camille" || !strings.HasPrefix(x["raison"], "'=")) {
			t.Errorf("agent : %v", x)
		}
	}
	for k, n := range parTitre {
		if n != 0 && !strings.HasSuffix(k, "ouverture") && !strings.HasSuffix(k, "cloture") {
			t.Errorf("titre %s : %d d'écart avec ses mouvements", k, n)
		}
	}
	for _, x := range table(t, f["balance.csv"]) {
		for _, k := range figures {
			balances[x["amc"]+k] += centimes(t, x[k])
		}
	}
	for k := range titres {
		if titres[k] != balances[k] {
			t.Errorf("%s : titres %d, balance %d", k, titres[k], balances[k])
		}
	}
	voulue, err := s.Balance(context.Background(), p.Au, p.Connu)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range voulue.Debiteurs {
		if balances[d.AMC.String()+"cloture"] != int(d.Reste) {
			t.Errorf("%s : clôture %d, balance %s", d.AMC, balances[d.AMC.String()+"cloture"], d.Reste)
		}
	}
}

// enLignes reads the same figures from the JSON lines.
func enLignes(t *testing.T, x local.Export, p comptable.Periode, m *local.Manifeste) {
	f := memoire{}
	y, err := x.JSONL(context.Background(), p, f.ouvrir)
	if err != nil || y.Total != m.Total {
		t.Fatalf("%+v, %v", y, err)
	}
	var cloture int64
	genres := map[string]int{}
	for d := json.NewDecoder(f["export.jsonl"]); ; {
		var r struct {
			Genre   string
			Cloture int64
		}
		if err := d.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if genres[r.Genre]++; r.Genre == "titre" {
			cloture += r.Cloture
		}
	}
	for i, g := range []string{"balance", "titre", "mouvement"} {
		if genres[g] != m.Fichiers[i].Lignes {
			t.Errorf("%s : %d, %d en CSV", g, genres[g], m.Fichiers[i].Lignes)
		}
	}
	if cloture != int64(m.Total.Cloture) {
		t.Errorf("clôture %d, %s", cloture, m.Total.Cloture)
	}
}

type faux struct{ ct.Livres }

func (f faux) TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error {
	premier := true
	return f.Livres.TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		if premier {
			premier = false
			return nil
		}
		return une(t)
	})
}

// An export from which one titre is missing is refused.
func TestExportFaux(t *testing.T) {
	s := livre(t, bddtest.Ouvrir(t, store.Migrations()))
	_, err := local.Export{Service: s.Service, Source: faux{s.Livres}}.CSV(context.Background(), comptable.Periode{Du: ct.Jour1, Au: ct.Jour1 + 100}, memoire{}.ouvrir)
	if err == nil || !strings.Contains(err.Error(), local.ErrTotaux.Error()) {
		t.Errorf("export faux : %v", err)
	}
}
