package b2_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/sante"
)

var (
	maj   = flag.Bool("maj", false, "réécrire le fichier de référence")
	mars  = sante.JourDe(2026, time.March, 1)
	vides = cmpopts.EquateEmpty()
)

func fichier() b2.Fichier {
	return b2.Fichier{TypeEmetteur: "TE", Emetteur: "750000018", TypeDestinataire: "OC", Destinataire: "99000101",
		Application: "TR", Identification: "ECL001", Creation: mars}
}

func lot(n int) b2.Lot {
	return b2.Lot{Etablissement: "750000018", Organisme: "990", Numero: n, RaisonSociale: "HOPITAL FICTIF", Creation: mars}
}

// sejour is a stay with everything that a record exists for.
func sejour(n int) b2.Facture {
	return b2.Facture{
		NIR: "255087512345647", Rang: "1", Numero: fmt.Sprint(n), NatureOperation: "1", Entree: "26000417", Regime: "01", Caisse: "751",
		Centre: "0000", Piece: "1", NatureAssurance: "10", Exoneration: "0", Naissance: "550801", RangNaissance: "1",
		DateEntree: mars - 12, DateSortie: mars - 2, HeureSortie: "14", TypeContrat: "89", AMC: "99000101",
		Suite: &b2.Suite{ComplementTitre: "000417", NIRIndividuel: "255087512345647"},
		Prestations: []b2.Prestation{
			{ModeTraitement: "03", Discipline: "181", Debut: mars - 12, Fin: mars - 2, Code: "GHS", Quantite: 1, Coefficient: 100, CoefficientMCO: 10000,
				PrixUnitaire: 450000, Base: 450000, Taux: 80, MontantAMO: 360000, Depense: 450000, GHS: "1234", MontantAMC: 90000,
				Prescription: &b2.Prescription{Prescripteur: "751000015", Specialite: "01", Date: mars - 13},
				Articles:     []b2.Article{{Code: "3142290", Quantite: 1, PrixUnitaire: 120000, Montant: 120000}},
				Medicaments:  []b2.Medicament{{Code: "9261110", Coefficient: 10000, PrixAchat: 5000, Quantite: 2, Montant: 10000}}},
			{ModeTraitement: "03", Discipline: "181", Debut: mars - 12, Fin: mars - 2, Code: "FJ", Quantite: 11, PecFJ: "A",
				PrixUnitaire: 2300, Base: 25300, Depense: 25300, MontantAMC: 25300},
		},
		Actes: []b2.Acte{
			{ModeTraitement: "07", Executant: "751000015", Specialite: "04", Date: mars - 11, Code: "ATM", Quantite: 1, Coefficient: 100, Denombrement: 1,
				PrixUnitaire: 8000, Base: 8000, Taux: 70, MontantAMO: 5600, Honoraires: 9000, MontantAMC: 2400,
				CCAM: []b2.CCAM{{Code: "HHFA001", Activite: "1", Phase: "0", Modificateurs: "JK"}}},
			{ModeTraitement: "07", Date: mars - 2, Code: "PH8", Quantite: 1, Coefficient: 100, Base: 4000, Taux: 65, MontantAMO: 2600, Honoraires: 4000, MontantAMC: 1400,
				Medicaments: []b2.Medicament{{Code: "9261111", PrixAchat: 3500, Ecart: 500, Unitaire: 4000, Quantite: 1, Montant: 4000}}},
		},
	}
}

func externe(n int) b2.Facture {
	return b2.Facture{Numero: fmt.Sprint(n), NatureOperation: "1", NatureAssurance: "10", DateEntree: mars, AMC: "99000101",
		Actes: []b2.Acte{{Executant: "751000015", Date: mars, Code: "CS", Quantite: 1, Coefficient: 100, PrixUnitaire: 3000, Base: 3000, Taux: 70,
			MontantAMO: 2100, Honoraires: 3000, MontantAMC: 900}}}
}

type parLot struct {
	Lot      b2.Lot
	Factures []b2.Facture
}

func ecrire(w io.Writer, f b2.Fichier, lots []parLot) error {
	e, err := b2.Ecrire(w, f)
	if err != nil {
		return err
	}
	for _, l := range lots {
		if err := e.Lot(l.Lot); err != nil {
			return err
		}
		for i := range l.Factures {
			if err := e.Facture(&l.Factures[i]); err != nil {
				return err
			}
		}
	}
	return e.Fermer()
}

// lire gathers the invoices by batch; a batch without any is not seen.
func lire(r io.Reader) (f b2.Fichier, lots []parLot, err error) {
	l, err := b2.Lire(r)
	if err != nil {
		return f, nil, err
	}
	for {
		x, err := l.Suivante()
		if err == io.EOF {
			return l.Fichier(), lots, nil
		}
		if err != nil {
			return f, nil, err
		}
		if n := len(lots); n == 0 || lots[n-1].Lot != l.Lot() {
			lots = append(lots, parLot{Lot: l.Lot()})
		}
		lots[len(lots)-1].Factures = append(lots[len(lots)-1].Factures, *x)
	}
}

func exemple() []parLot {
	return []parLot{{lot(1), []b2.Facture{sejour(417), externe(418)}}, {lot(2), []b2.Facture{externe(419)}}}
}

func TestReference(t *testing.T) {
	var b bytes.Buffer
	if err := ecrire(&b, fichier(), exemple()); err != nil {
		t.Fatal(err)
	}
	if b.Len()%128 != 0 {
		t.Errorf("%d octets", b.Len())
	}
	var lisible bytes.Buffer
	for r := b.Bytes(); len(r) > 0; r = r[128:] {
		lisible.Write(r[:128])
		lisible.WriteByte('\n')
	}
	const chemin = "testdata/sejour-et-externes.b2"
	if *maj {
		if err := os.WriteFile(chemin, lisible.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), lisible.String()); d != "" {
		t.Error(d)
	}
	bilan, err := b2.Verifier(bytes.NewReader(want))
	if err != nil || bilan.Lots != 2 || bilan.Factures != 3 || bilan.Depense != 494300 || bilan.AMC != 120900 {
		t.Errorf("%+v %v", bilan, err)
	}
}

// The positions that two public sources state, counted from 1 as they do.
func TestPositions(t *testing.T) {
	var b bytes.Buffer
	if err := ecrire(&b, fichier(), exemple()); err != nil {
		t.Fatal(err)
	}
	lignes := map[string]string{}
	for r := b.Bytes(); len(r) > 0; r = r[128:] {
		cle := string(r[:1])
		if c := r[35]; c >= 'A' && c <= 'Z' {
			cle += string(c)
		} else if r[38] == 'S' {
			cle += "S"
		}
		if _, vu := lignes[cle]; !vu {
			lignes[cle] = string(r[:128])
		}
	}
	for _, c := range []struct {
		t          string
		debut, fin int
		want       string
	}{
		{"0", 62, 67, "CP  B2"}, {"0", 83, 85, "128"},
		{"2", 12, 26, "255087512345647"}, {"2", 27, 29, "001"}, {"2", 30, 38, "000000417"}, {"2", 40, 48, "26000417 "},
		{"2", 77, 79, "100"}, {"2", 96, 102, "5508011"}, {"2", 103, 114, "260217260227"}, {"2", 117, 128, "890099000101"},
		{"2S", 50, 64, "255087512345647"},
		{"3", 39, 43, "03181"}, {"3", 44, 49, "260217"}, {"3", 56, 60, "GHS  "}, {"3", 61, 63, "001"}, {"3", 65, 69, "00100"},
		{"3", 71, 75, "10000"}, {"3", 76, 82, "0450000"}, {"3", 83, 90, "00450000"}, {"3", 91, 93, "080"}, {"3", 94, 101, "00360000"},
		{"3", 102, 109, "00450000"}, {"3", 122, 128, "0090000"},
		{"3F", 43, 49, "3142290"}, {"3F", 70, 85, "0101200000120000"},
		{"3H", 49, 55, "9261110"}, {"3H", 57, 61, "10000"}, {"3H", 67, 73, "0005000"}, {"3H", 88, 97, "0020010000"},
		{"4", 68, 75, "04260218"}, {"4", 76, 80, "ATM  "}, {"4", 81, 90, "0100010001"}, {"4", 91, 97, "0008000"}, {"4", 98, 104, "0008000"},
		{"4", 105, 107, "070"}, {"4", 108, 114, "0005600"}, {"4", 115, 121, "0009000"}, {"4", 123, 128, "002400"},
		{"4M", 43, 49, "HHFA001"}, {"4M", 57, 60, "10JK"},
		{"5", 42, 57, "0047530000360000"}, {"5", 58, 73, "0001300000008200"}, {"5", 82, 97, "0011530000003800"}, {"5", 115, 122, "00475300"},
		{"6", 11, 13, "002"}, {"6", 52, 54, "001"},
	} {
		if got := lignes[c.t][c.debut-1 : c.fin]; got != c.want {
			t.Errorf("%s %d-%d : %q, attendu %q", c.t, c.debut, c.fin, got, c.want)
		}
	}
}

func TestAllerRetour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lots []parLot
		for n := range rapid.IntRange(0, 3).Draw(t, "lots") {
			lots = append(lots, parLot{lot(n + 1), rapid.SliceOfN(rapid.Custom(factureAuHasard), 1, 4).Draw(t, "factures")})
		}
		var b bytes.Buffer
		if err := ecrire(&b, fichier(), lots); err != nil {
			t.Fatal(err)
		}
		f, lus, err := lire(iotest.HalfReader(bytes.NewReader(b.Bytes())))
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if d := cmp.Diff(fichier(), f) + cmp.Diff(lots, lus, vides); d != "" {
			t.Fatal(d)
		}
	})
}

func factureAuHasard(t *rapid.T) b2.Facture {
	mot := func(nom string, max int) string {
		return strings.Trim(rapid.StringMatching(fmt.Sprintf(`[A-RT-Z0-9 ./+=-]{0,%d}`, max)).Draw(t, nom), " ")
	}
	cents := func(nom string, max int) sante.Montant { return sante.Montant(rapid.IntRange(0, max).Draw(t, nom)) }
	entier := func(nom string, max int) int { return rapid.IntRange(0, max).Draw(t, nom) }
	jour := func(nom string) sante.Jour { return mars - sante.Jour(rapid.IntRange(0, 5000).Draw(t, nom)) }
	medicaments := func(coefficient int) (l []b2.Medicament) {
		for range entier("médicaments", 2) {
			l = append(l, b2.Medicament{Code: "926111" + fmt.Sprint(entier("ucd", 9)), Coefficient: entier("fraction", coefficient), PrixAchat: cents("achat", 9999999),
				Ecart: cents("écart", 9999999), Unitaire: cents("unitaire", 9999999), Quantite: entier("quantité", 999), Montant: cents("montant", 9999999)})
		}
		return l
	}
	f := b2.Facture{Numero: fmt.Sprint(1 + entier("numéro", 999999998)), NIR: mot("nir", 15), Rang: rapid.SampledFrom([]string{"", "1", "12"}).Draw(t, "rang"),
		NatureOperation: mot("opération", 1), Entree: mot("entrée", 9), Accident: mot("accident", 9), DateEntree: jour("entrée le"), DateSortie: jour("sortie le"),
		AMC: rapid.SampledFrom([]string{"", "99000101", "0099000101"[2:], "1234567890"}).Draw(t, "amc")}
	if rapid.Bool().Draw(t, "suite") {
		f.Suite = &b2.Suite{ComplementTitre: mot("titre", 6)}
	}
	for range entier("prestations", 3) {
		p := b2.Prestation{ModeTraitement: mot("mode", 2), Debut: jour("début"), Fin: jour("fin"), Code: "C" + mot("code", 4), Quantite: entier("quantité", 999), Coefficient: entier("coefficient", 99999),
			PrixUnitaire: cents("prix", 9999999), Base: cents("base", 9999999), Taux: entier("taux", 999), Depense: cents("dépense", 9999999), MontantAMC: cents("amc", 9999999)}
		p.MontantAMO = cents("amo", int(p.Depense))
		if rapid.Bool().Draw(t, "prescrite") {
			p.Prescription = &b2.Prescription{Prescripteur: "751000015", Date: jour("prescrit le"), Lieu: "2A0000014"}
		}
		for range entier("articles", 2) {
			p.Articles = append(p.Articles, b2.Article{Code: "L" + mot("lpp", 12), SIRET: mot("siret", 14), Quantite: entier("quantité", 99), Montant: cents("montant", 9999999)})
		}
		p.Medicaments = medicaments(99999)
		f.Prestations = append(f.Prestations, p)
	}
	for range entier("actes", 3) {
		a := b2.Acte{ModeTraitement: mot("mode", 2), Executant: "010000024", Date: jour("date"), Code: "A" + mot("acte", 4), Quantite: entier("quantité", 99), Coefficient: entier("coefficient", 999999),
			Base: cents("base", 9999999), Honoraires: cents("honoraires", 9999999), MontantAMC: cents("amc", 999999)}
		a.MontantAMO = cents("amo", int(a.Honoraires))
		for range entier("ccam", 2) {
			a.CCAM = append(a.CCAM, b2.CCAM{Code: "HHFA001", Modificateurs: mot("modificateurs", 4), Seance: jour("séance"), Dents: mot("dents", 32)})
		}
		a.Medicaments = medicaments(0)
		f.Actes = append(f.Actes, a)
	}
	return f
}

func TestRefus(t *testing.T) {
	for _, c := range []struct {
		nom   string
		abime func(f *b2.Facture)
		motif b2.Motif
		enr   string
		champ string
		lon   int
	}{
		{"numéro de dix chiffres", func(f *b2.Facture) { f.Numero = "2026000417" }, b2.MotifDebordement, "2", "numéro de facture", 10},
		{"numéro avec une lettre", func(f *b2.Facture) { f.Numero = "F417" }, b2.MotifChiffres, "2", "numéro de facture", 4},
		{"sans numéro", func(f *b2.Facture) { f.Numero = "" }, b2.MotifManque, "2", "numéro de facture", 0},
		{"zéro en tête", func(f *b2.Facture) { f.Numero = "0417" }, b2.MotifZeros, "2", "numéro de facture", 4},
		{"montant AMC d'un acte", func(f *b2.Facture) { f.Actes[0].MontantAMC = 1000000 }, b2.MotifDebordement, "4", "montant AMC", 7},
		{"montant négatif", func(f *b2.Facture) { f.Prestations[0].Depense = -1 }, b2.MotifSigne, "3", "dépense", 0},
		{"alphabet étranger", func(f *b2.Facture) { f.Prestations[0].Articles[0].Code = "Ж" }, b2.MotifCaractere, "3F", "code LPP", 2},
		{"médicament trop cher", func(f *b2.Facture) { f.Actes[1].Medicaments[0].Montant = 10000000 }, b2.MotifDebordement, "4H", "montant facturé", 8},
		{"code UCD trop long", func(f *b2.Facture) { f.Prestations[0].Medicaments[0].Code = "92611101" }, b2.MotifDebordement, "3H", "code UCD", 8},
		{"code qui ferait un 2S", func(f *b2.Facture) { f.NatureOperation = "S" }, b2.MotifChiffres, "2", "nature d'opération", 1},
		{"séquence pleine", func(f *b2.Facture) { f.Actes[0].CCAM = make([]b2.CCAM, 100) }, b2.MotifManque, "4M", "code CCAM", 0},
		{"total trop grand", func(f *b2.Facture) {
			p := f.Prestations[1]
			p.Depense, p.Base = 99999999, 99999999
			f.Prestations = append(f.Prestations, p)
		}, b2.MotifDebordement, "5", "base des prestations", 9},
	} {
		t.Run(c.nom, func(t *testing.T) {
			var b bytes.Buffer
			e, err := b2.Ecrire(&b, fichier())
			if err != nil {
				t.Fatal(err)
			}
			bonne, mauvaise := externe(1), sejour(2)
			c.abime(&mauvaise)
			if err := errors.Join(e.Lot(lot(1)), e.Facture(&bonne)); err != nil {
				t.Fatal(err)
			}
			var x *b2.Erreur
			if err := e.Facture(&mauvaise); !errors.As(err, &x) || x.Motif != c.motif || x.Enregistrement != c.enr || x.Champ != c.champ || x.Longueur != c.lon {
				t.Fatalf("erreur %v", err)
			}
			if err := errors.Join(e.Facture(&bonne), e.Fermer()); err != nil {
				t.Fatal(err)
			}
			if bilan, err := b2.Verifier(&b); err != nil || bilan.Factures != 2 {
				t.Errorf("une facture refusée laisse une trace : %+v %v", bilan, err)
			}
			if err := e.Lot(lot(2)); !errors.As(err, &x) || x.Motif != b2.MotifFerme {
				t.Errorf("écrire après la fin : %v", err)
			}
		})
	}
}

func TestLotPlein(t *testing.T) {
	var b bytes.Buffer
	e, err := b2.Ecrire(&b, fichier())
	if err != nil {
		t.Fatal(err)
	}
	var x *b2.Erreur
	f := externe(1)
	if err := e.Facture(&f); !errors.As(err, &x) || x.Motif != b2.MotifLot {
		t.Fatalf("sans lot : %v", err)
	}
	if err := e.Lot(lot(1)); err != nil {
		t.Fatal(err)
	}
	for n := range 999 {
		f := externe(n + 1)
		if err := e.Facture(&f); err != nil {
			t.Fatal(n, err)
		}
	}
	if err := e.Facture(&f); !errors.As(err, &x) || x.Motif != b2.MotifDebordement || x.Champ != "nombre de factures" {
		t.Fatalf("mille factures dans un lot : %v", err)
	}
	if err := errors.Join(e.Lot(lot(2)), e.Facture(&f), e.Fermer()); err != nil {
		t.Fatal(err)
	}
	if bilan, err := b2.Verifier(&b); err != nil || bilan.Factures != 1000 {
		t.Errorf("%+v %v", bilan, err)
	}
}

func TestFichiersFautifs(t *testing.T) {
	var b bytes.Buffer
	if err := ecrire(&b, fichier(), exemple()); err != nil {
		t.Fatal(err)
	}
	sain := b.String()
	enr := func(n int) string { return sain[128*(n-1) : 128*n] } // 1: 000, 2: 1, 3: 2, 4: 2S, 5: 3, 6: 3S, 7: 3F…
	sauf := func(n int) string { return strings.Replace(sain, enr(n), "", 1) }
	change := func(n, debut int, v string) string {
		i := 128*(n-1) + debut - 1
		return sain[:i] + v + sain[i+len(v):]
	}
	for _, c := range []struct {
		nom, src string
		motif    b2.Motif
		enr      string
		champ    string
	}{
		{"vide", "", b2.MotifFormat, "", ""},
		{"gzip", "\x1f\x8b\x08", b2.MotifCompresse, "", ""},
		{"zip", "PK\x03\x04" + sain, b2.MotifCompresse, "", ""},
		{"tronqué", sain[:700], b2.MotifTronque, "", ""},
		{"sans 999", sain[:len(sain)-128], b2.MotifTronque, "", ""},
		{"après 999", sain + "reste", b2.MotifApresFin, "999", ""},
		{"127 caractères", sain[:255] + "\n" + sain[256:], b2.MotifTaille, "", ""},
		{"décalé d'un", sain[:300] + sain[301:], b2.MotifDate, "2", "date d'entrée"},
		{"type inconnu", change(5, 36, "Z"), b2.MotifType, "", ""},
		{"octet nul", change(3, 50, "\x00"), b2.MotifCaractere, "", ""},
		{"sans lot", sauf(2), b2.MotifSequence, "2", ""},
		{"3F sans 3", sauf(5), b2.MotifSequence, "3S", ""},
		{"autre facture", change(5, 30, "000000999"), b2.MotifSequence, "3", "numéro de facture"},
		{"montant non numérique", change(5, 102, "0045O000"), b2.MotifChiffres, "3", "dépense"},
		{"montant changé", change(5, 102, "00450001"), b2.MotifMontant, "5", "total des prestations"},
		{"ligne retirée", sauf(9), b2.MotifCompte, "5", "nombre de lignes"},
		{"date impossible", change(5, 44, "260230"), b2.MotifDate, "3", "début"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			_, err := b2.Verifier(strings.NewReader(c.src))
			var x *b2.Erreur
			if !errors.As(err, &x) || x.Motif != c.motif || x.Enregistrement != c.enr || x.Champ != c.champ {
				t.Fatalf("erreur %v, attendu %v (%s %s)", err, c.motif, c.enr, c.champ)
			}
		})
	}
}

func TestTable(t *testing.T) {
	pris := map[string]string{}
	for _, z := range b2.Champs() {
		if z.Fin() > 128 || z.Debut < 1 || z.Longueur < 1 || z.Source == "" {
			t.Errorf("%s %s : place %d longueur %d", z.Type, z.Nom, z.Debut, z.Longueur)
		}
		for i := z.Debut; i < z.Fin(); i++ {
			cle := fmt.Sprint(z.Type, " ", i)
			if pris[cle] != "" {
				t.Errorf("%s : l'octet %d est à %s et à %s", z.Type, i, pris[cle], z.Nom)
			}
			pris[cle] = z.Nom
		}
	}
}

// What is read can be written, and is then read the same.
func FuzzLire(f *testing.F) {
	var b bytes.Buffer
	if err := ecrire(&b, fichier(), exemple()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:640])
	f.Fuzz(func(t *testing.T, src []byte) {
		fi, lots, err := lire(bytes.NewReader(src))
		var x *b2.Erreur
		if err != nil && (!errors.As(err, &x) || x.Motif == 0) {
			t.Fatalf("erreur sans motif : %v", err)
		}
		if err != nil {
			return
		}
		var b bytes.Buffer
		if ecrire(&b, fi, lots) != nil {
			return // lower case letters and the like are read, and folded when written
		}
		if _, err := b2.Verifier(&b); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkEcrire(b *testing.B) {
	e, err := b2.Ecrire(io.Discard, fichier())
	if err != nil {
		b.Fatal(err)
	}
	f := externe(1)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%900 == 0 {
			if err := e.Lot(lot(1 + n/900%999)); err != nil {
				b.Fatal(err)
			}
		}
		if err := e.Facture(&f); err != nil {
			b.Fatal(err)
		}
	}
}
