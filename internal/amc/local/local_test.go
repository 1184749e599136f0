package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/local"
	"github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

func fichierJSON(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, c := range amctest.Contrats() {
		if err := e.Encode(map[string]any{"contrat": c}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range amctest.Personnes() {
		if err := e.Encode(map[string]any{"beneficiaire": p}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// The portfolio of the tests goes in by JSON, comes out, and goes in again on
// another tenant: the same to the byte, and the second import changes nothing.
func TestJSON(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		fichier := fichierJSON(t)
		total := len(amctest.Contrats()) + len(amctest.Personnes())
		importer := func(tenant string, fichier []byte) local.Rapport {
			i := local.Importeur{Tables: store.New(b, tenant).Portefeuille, Lot: 7, Refus: func(r local.Refus) { t.Errorf("refus: %+v", r) }}
			r, err := i.JSON(ctx, bytes.NewReader(fichier))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if diff := cmp.Diff(local.Rapport{Lignes: total, Contrats: len(amctest.Contrats()), Personnes: len(amctest.Personnes())}, importer("un", fichier)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(local.Rapport{Lignes: total, Inchangees: total}, importer("un", fichier)); diff != "" {
			t.Errorf("second import: %s", diff)
		}
		exporter := func(tenant string) []byte {
			var w bytes.Buffer
			if n, err := local.Exporter(ctx, &w, store.New(b, tenant).Portefeuille); err != nil || n != total {
				t.Fatalf("%d lignes, %v", n, err)
			}
			return w.Bytes()
		}
		premier := exporter("un")
		importer("deux", premier)
		if !bytes.Equal(premier, exporter("deux")) {
			t.Error("l'export d'un import d'un export diffère")
		}
		amctest.Portefeuille(t, func(t *testing.T) (amc.Portefeuille, amc.Contrats) {
			s := store.New(b, "deux")
			return s.Portefeuille, s.Contrats
		})
	}, store.Migrations)
}

const entete = "reference;numeroAdherent;nir;nomNaissance;prenom;dateNaissance;rangGemellaire;contrat;debut;fin\n"

func importerCSV(t testing.TB, b *bdd.Base, fichier string) (local.Rapport, []local.Refus, error) {
	t.Helper()
	p := store.New(b, "csv").Portefeuille
	for _, c := range amctest.Contrats() {
		if _, err := p.EcrireContrat(context.Background(), &c); err != nil {
			t.Fatal(err)
		}
	}
	var refus []local.Refus
	i := local.Importeur{Tables: p, Lot: 2, Refus: func(r local.Refus) { refus = append(refus, r) }}
	r, err := i.CSV(context.Background(), strings.NewReader(fichier))
	return r, refus, err
}

func TestCSV(t *testing.T) {
	nir := amctest.NIR(40).String()
	fichier := "\ufeff" + entete +
		"P1;A1;" + nir + ";\"DE LA FICTION; DUE\";Camille;19721901;1;ESSENTIEL;2025-01-01;2025-12-31\n" +
		"P1;A1;" + nir + ";\"DE LA FICTION; DUE\";Camille;19721901;1;CONFORT;2026-01-01;\n" +
		"\n" +
		"P2;A2;;FICTIF;Noa;20000229;;ESSENTIEL;2025-01-01;\n" +
		"P3;A3;" + nir[:14] + "0;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 6: NIR
		"P4;A4;;FICTIF;Noa;2000-02-29;1;ESSENTIEL;2025-01-01;\n" + // 7: birth
		"P5;A5;;FICTIF;Noa;20000229;1;INVENTE;2025-01-01;\n" + // 8: contract
		"P6;A6;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;2025-06-30\n" + // 9, 10: overlap
		"P6;A6;;FICTIF;Noa;20000229;1;CONFORT;2025-06-30;\n" +
		"P7;A7;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-13-01;\n" + // 11 and 12: a bad row condemns the good one
		"P7;A7;;FICTIF;Noa;20000229;1;CONFORT;2026-01-01;\n" +
		"P8;A8;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;2025-12-31\n" + // 13, 14: two names
		"P8;A8;;FACTICE;Noa;20000229;1;CONFORT;2026-01-01;\n" +
		"P2;A2;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 15: again
		"P9;A9;;FICTIF;Noa\n" + // 16: columns
		"P9;A9;;\"FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 17: quote
		"P9;A9;;FICT\xe9F;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 18: Latin-1
		";A9;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 19
		"P10;;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n" + // 20
		"P11;A11;;FICTIF;Noa;20000229;x;ESSENTIEL;2025-01-01;\n" + // 21
		"P12;A12;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;" // no line break at the end
	b := bddtest.Ouvrir(t, store.Migrations)
	r, refus, err := importerCSV(t, b, fichier)
	if err != nil {
		t.Fatal(err)
	}
	var ou []string
	for _, x := range refus {
		ou = append(ou, fmt.Sprint(x.Ligne, " ", x.Champ))
	}
	slices.Sort(ou)
	veut := []string{"10 adhesions", "11 debut", "12 reference", "13 reference", "14 reference", "15 reference", "16 ligne", "17 ligne", "18 ligne",
		"19 reference", "20 numeroAdherent", "21 rangGemellaire", "6 nir", "7 dateNaissance", "8 contrat", "9 adhesions"}
	if diff := cmp.Diff(veut, ou); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(local.Rapport{Lignes: 20, Personnes: 3, Refusees: 16}, r); diff != "" {
		t.Error(diff)
	}
	for _, x := range refus {
		if strings.Contains(x.Raison, "FICT") || strings.Contains(x.Raison, nir[:8]) {
			t.Errorf("ligne %d: la raison dit la valeur", x.Ligne)
		}
	}
	l, err := store.New(b, "csv").Portefeuille.Beneficiaires(context.Background(), "", 10)
	if err != nil || len(l) != 3 || l[0].NomNaissance != "DE LA FICTION; DUE" || len(l[0].Adhesions) != 2 || l[2].RangGemellaire != 1 {
		t.Errorf("%v, %d personnes", err, len(l))
	}
	if r, _, err := importerCSV(t, b, fichier); err != nil || r.Personnes != 0 || r.Inchangees != 3 {
		t.Errorf("second import: %+v, %v", r, err)
	}
}

func TestEnteteRefuse(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations)
	for nom, fichier := range map[string]string{
		"vide": "", "colonne inconnue": "reference;numeroAdherent;nomNaissance;prenom;dateNaissance;contrat;debut;adresse\n",
		"colonne absente": "reference;prenom\n", "colonne deux fois": "reference;reference\n", "virgules": strings.ReplaceAll(entete, ";", ","),
	} {
		if _, _, err := importerCSV(t, b, fichier); !errors.Is(err, local.ErrEntete) {
			t.Errorf("%s: %v", nom, err)
		}
	}
	if _, _, err := importerCSV(t, b, entete+strings.Repeat("x", 200<<10)); !errors.Is(err, local.ErrLigne) {
		t.Errorf("ligne démesurée: %v", err)
	}
}

// What is wrong with a first line is told by its kind.
func TestEnteteExpliquee(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations)
	for entete, veut := range map[string]string{
		"reference;adresse\n":   "colonne inconnue : « adresse »",
		"reference;reference\n": "colonne dite deux fois : reference",
		"reference,prenom\n":    "séparées par « ; »",
		"reference;garanties\n": "les contrats s'importent en JSON",
		"reference;prenom\n":    "colonne absente : numeroAdherent",
	} {
		if _, _, err := importerCSV(t, b, entete); !errors.Is(err, local.ErrEntete) || !strings.Contains(err.Error(), veut) {
			t.Errorf("%q : %v", entete, err)
		}
	}
}

func TestJSONRefuse(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations)
	base := `"reference":"P1","numeroAdherent":"A1","nomNaissance":"FICTIF","prenom":"Noa","dateNaissance":"20000229","rangGemellaire":1`
	contrat := `"numero":"C","debut":"2025-01-01","type":"INDIV","responsable":false,"modeCalcul":"CLC","perimetre":[{"domaine":"ACE","couvert":true}]`
	for nom, c := range map[string]struct{ ligne, champ string }{
		"pas du JSON":         {`{`, "ligne"},
		"ni l'un ni l'autre":  {`{}`, "ligne"},
		"les deux":            {`{"contrat":{},"beneficiaire":{}}`, "ligne"},
		"champ inconnu":       {`{"beneficiaire":{` + base + `,"adresse":"x"}}`, "beneficiaire"},
		"sans adhésion":       {`{"beneficiaire":{` + base + `}}`, "adhesions"},
		"contrat inconnu":     {`{"beneficiaire":{` + base + `,"adhesions":[{"contrat":"X","debut":"2025-01-01"}]}}`, "contrat"},
		"adhérent trop long":  {`{"beneficiaire":{` + strings.Replace(base, "A1", strings.Repeat("A", 21), 1) + `}}`, "beneficiaire"},
		"contrat sans gage":   {`{"contrat":{` + contrat + `,"garanties":[]}}`, "garanties"},
		"formule sans param.": {`{"contrat":{` + contrat + `,"garanties":[{"code":"G","famille":"CONS","formule":{"numero":"F03"}}]}}`, "garanties"},
		"compteur en local": {`{"contrat":{` + strings.Replace(contrat, `"CLC"`, `"LOCAL"`, 1) +
			`,"garanties":[{"code":"G","famille":"CONS","formule":{"numero":"F08","m":"10.00","n":2,"fenetre":"ANNEE"}}]}}`, "modeCalcul"},
		"CP hors périmètre": {`{"contrat":{` + contrat + `,"garanties":[{"code":"G","famille":"CP","formule":{"numero":"F05"}}]}}`, "perimetre"},
	} {
		var refus []local.Refus
		i := local.Importeur{Tables: store.New(b, "json").Portefeuille, Refus: func(r local.Refus) { refus = append(refus, r) }}
		if _, err := i.JSON(context.Background(), strings.NewReader("\n"+c.ligne+"\n")); err != nil || len(refus) != 1 || refus[0].Champ != c.champ || refus[0].Ligne != 2 {
			t.Errorf("%s: %+v, %v", nom, refus, err)
		}
	}
}

// Whatever the file, an import ends, and takes only persons that can be kept.
func FuzzImport(f *testing.F) {
	f.Add([]byte(entete + "P1;A1;;FICTIF;Noa;20000229;1;ESSENTIEL;2025-01-01;\n"))
	f.Add(fichierJSON(f))
	f.Fuzz(func(t *testing.T, fichier []byte) {
		for _, lire := range []func(*local.Importeur) (local.Rapport, error){
			func(i *local.Importeur) (local.Rapport, error) {
				return i.CSV(context.Background(), bytes.NewReader(fichier))
			},
			func(i *local.Importeur) (local.Rapport, error) {
				return i.JSON(context.Background(), bytes.NewReader(fichier))
			},
		} {
			tables := &temoin{t: t}
			refus := 0
			r, err := lire(&local.Importeur{Tables: tables, Refus: func(local.Refus) { refus++ }})
			if err == nil && (r.Refusees != refus || r.Personnes != tables.personnes) {
				t.Errorf("rapport: %+v, %d refus, %d personnes", r, refus, tables.personnes)
			}
		}
	})
}

// temoin checks what it is given, and keeps nothing.
type temoin struct {
	t         *testing.T
	personnes int
}

func (*temoin) EcrireContrat(context.Context, *amc.Contrat) (bool, error) { return true, nil }
func (*temoin) ContratConnu(_ context.Context, numero string) (bool, error) {
	return len(numero)%2 == 1, nil
}
func (x *temoin) EcrireBeneficiaires(_ context.Context, lot []amc.Beneficiaire) (int, error) {
	for _, b := range lot {
		if err := b.Verifier(); err != nil {
			x.t.Error(err)
		}
	}
	x.personnes += len(lot)
	return len(lot), nil
}
