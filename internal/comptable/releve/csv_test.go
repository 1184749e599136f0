package releve_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/sante"
)

// lu is what a reader gave.
type lu struct {
	lignes []comptable.LigneReleve
	refus  []string
	fin    comptable.CodeRefus // of the whole file
}

func lire(t testing.TB, f comptable.Lecture, r io.Reader) (x lu) {
	t.Helper()
	err := f(r, func(l *comptable.LigneReleve) error {
		x.lignes = append(x.lignes, *l)
		return nil
	}, func(r *comptable.Refus) error {
		x.refus = append(x.refus, fmt.Sprintf("%d %s %s", r.Ligne, r.Code, r.Champ))
		return nil
	})
	if r := comptable.EstRefus(err); r != nil {
		x.fin = r.Code
	} else if err != nil {
		t.Fatalf("erreur sans code : %v", err)
	}
	return x
}

const entete = "Compte;Date;Date de valeur;Libellé;Référence;Référence de bout en bout;Débit;Crédit;Devise\n"

func ligne(j sante.Jour, s comptable.Sens, m sante.Montant, place int, changer func(l *comptable.LigneReleve)) comptable.LigneReleve {
	l := comptable.LigneReleve{Compte: "FR7610107001011234567890129", Jour: j, Sens: s, Montant: m, Place: place}
	changer(&l)
	return l
}

func TestCSV(t *testing.T) {
	mai := sante.JourDe(2026, 5, 4)
	const iban = "FR76 1010 7001 0112 3456 7890 129"
	rien := func(*comptable.LigneReleve) {}
	for nom, c := range map[string]struct {
		f      releve.CSV
		texte  string
		lignes []comptable.LigneReleve
		refus  []string
		fin    comptable.CodeRefus
	}{
		"colonnes usuelles": {texte: "\ufeffBanque fictive\nRelevé de mai;;;\n" + entete +
			iban + ";04/05/2026;2026-05-05;VIR MUTUELLE;BQ1;VIR-1;;1 234,56;EUR\n\n" + iban + ";2026-05-04;;\"FRAIS; \"\"BANCAIRES\"\"\";BQ2;;-10,5;;\n",
			lignes: []comptable.LigneReleve{
				ligne(mai, comptable.Credit, 123456, 4, func(l *comptable.LigneReleve) {
					l.Valeur, l.Libelle, l.Reference, l.BoutEnBout = mai+1, "VIR MUTUELLE", "BQ1", "VIR-1"
				}),
				ligne(mai, comptable.Debit, 1050, 6, func(l *comptable.LigneReleve) { l.Libelle, l.Reference = `FRAIS; "BANCAIRES"`, "BQ2" })}},
		"virgules, montant signé, champ sur deux lignes": {f: releve.CSV{Compte: iban}, texte: "date,libelle,montant\r\n2026-05-04,\"VIR\nMUTUELLE\",12.30\r\n04.05.2026,X,-5\r\n",
			lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 1230, 2, func(l *comptable.LigneReleve) { l.Libelle = "VIR MUTUELLE" }),
				ligne(mai, comptable.Debit, 500, 4, func(l *comptable.LigneReleve) { l.Libelle = "X" })}},
		"colonne de sens": {f: releve.CSV{Compte: iban}, texte: "Date;Sens;Montant\n04/05/2026;C;1.234,00\n04/05/2026;D;7\n04/05/2026;X;7\n",
			lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 123400, 2, rien), ligne(mai, comptable.Debit, 700, 3, rien)}, refus: []string{"4 SENS sens"}},
		"colonnes choisies": {f: releve.CSV{Compte: iban, Colonnes: releve.Colonnes{Jour: []string{"JJ"}, Montant: []string{"SOMME"}, Remise: []string{"Réf"}}},
			texte: "jj\tsomme\tRÉF\n04-05-2026\t1,00\tVIR 7\n", lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 100, 2, func(l *comptable.LigneReleve) { l.Remises = []string{"VIR 7"} })}},
		"Windows-1252": {f: releve.CSV{Compte: iban}, texte: "Date;Libell\xe9;D\xe9bit;Cr\xe9dit\n04/05/2026;\x80 \xe9t\xe9 \x9c;;1,00\n",
			lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 100, 2, func(l *comptable.LigneReleve) { l.Libelle = "€ été œ" })}},
		"deux encodages dans un fichier": {f: releve.CSV{Compte: iban}, texte: "Date;Libellé;Montant\n04/05/2026;\xe9;1\n04/05/2026;b;2\n",
			lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 200, 3, func(l *comptable.LigneReleve) { l.Libelle = "b" })}, refus: []string{"2 ENCODAGE "}},
		"octet qui n'est rien": {f: releve.CSV{Compte: iban}, texte: "Date;Libelle;Montant\n04/05/2026;\x81;1\n", refus: []string{"2 ENCODAGE "}},
		"lignes refusées, les autres lues": {texte: entete + iban + ";31/02/2026;;a;;;;1;\n" + iban + ";04/05/26;;a;;;;1;\n" + iban + ";04/05/2026;;a;;;1;1;\n" + iban + ";04/05/2026;;a;;;;1,234;\n" +
			iban + ";04/05/2026;;a;;;;=1+1;\n" + iban + ";04/05/2026;;a;;;;0;\n" + iban + ";04/05/2026;;a;;;;1;USD\n;04/05/2026;;a;;;;1;\n" + iban + ";04/05/2026;;a;;;;1;EUR;de trop\n" +
			iban + ";04/05/2026;;a;" + strings.Repeat("r", 71) + ";;;1;\nFR%;04/05/2026;;a;;;;1;\n" + iban + ";04/05/2026;mai;a;;;;1;\n" + iban + ";04/05/2026;;=cmd|x;;;;1;\n",
			refus: []string{"2 DATE date", "3 DATE date", "4 SENS débit, crédit", "5 MONTANT crédit", "6 MONTANT crédit", "7 MONTANT montant", "8 DEVISE devise", "9 COMPTE compte", "10 NOMBRE_COLONNES ",
				"11 TEXTE_TROP_LONG référence", "12 COMPTE compte", "13 DATE date de valeur"},
			lignes: []comptable.LigneReleve{ligne(mai, comptable.Credit, 100, 14, func(l *comptable.LigneReleve) { l.Libelle = "=cmd|x" })}},
		"coupé dans un champ":    {f: releve.CSV{Compte: iban}, texte: "Date;Libelle;Montant\n04/05/2026;\"abc", fin: comptable.FichierTronque},
		"coupé dans une ligne":   {f: releve.CSV{Compte: iban}, texte: "Date;Libelle;Montant\n04/05/2026;ab", fin: comptable.FichierTronque},
		"sans en-tête":           {texte: "a;b\n1;2\n", fin: comptable.ColonneAbsente},
		"sans compte":            {texte: "Date;Montant\n04/05/2026;1\n", fin: comptable.ColonneAbsente},
		"vide":                   {fin: comptable.FichierVide},
		"archive":                {texte: "PK\x03\x04\x14\x00\x00\x00", fin: comptable.FichierCompresse},
		"gzip":                   {texte: "\x1f\x8b\x08\x00", fin: comptable.FichierCompresse},
		"PDF":                    {texte: "%PDF-1.7", fin: comptable.FichierCompresse},
		"UTF-16":                 {texte: "\xff\xfeD\x00a\x00", fin: comptable.Encodage},
		"ligne sans fin":         {texte: strings.Repeat("x", 1<<20), fin: comptable.LigneTropLongue},
		"guillemet jamais fermé": {f: releve.CSV{Compte: iban}, texte: "Date;Libelle;Montant\n04/05/2026;\"abc\n" + strings.Repeat("04/05/2026;x;1\n", 10_000), fin: comptable.LigneTropLongue},
	} {
		t.Run(nom, func(t *testing.T) {
			x := lire(t, c.f.Lire, strings.NewReader(c.texte))
			if diff := cmp.Diff(c.lignes, x.lignes); diff != "" {
				t.Errorf("lignes : %s", diff)
			}
			if diff := cmp.Diff(c.refus, x.refus); diff != "" || x.fin != c.fin {
				t.Errorf("refus : %s, %q, attendu %q", diff, x.fin, c.fin)
			}
		})
	}
}

// sansFin gives the same text for ever.
type sansFin struct {
	texte string
	n     int
	lu    int
}

func (s *sansFin) Read(b []byte) (int, error) {
	n := copy(b, s.texte[s.n:])
	s.n = (s.n + n) % len(s.texte)
	if s.lu += n; s.lu > 8<<20 {
		return 0, errors.New("lu bien au-delà de la borne")
	}
	return n, nil
}

// Garbage without end is refused early, whatever the reader.
func TestOrdures(t *testing.T) {
	for nom, texte := range map[string]string{"zéros": "\x00\x00\x00\x00\x00\x00\x00\x00", "lettres": "abcdefgh", "balises": "<a>", "texte": "<a>xxxxxxxxxxxxxxxxxxxxxxxx", "lignes": "a;b;c\n"} {
		for format, f := range map[string]comptable.Lecture{"csv": releve.CSV{}.Lire, "camt": releve.Camt{}.Lire} {
			if x := lire(t, f, &sansFin{texte: texte}); x.fin == "" {
				t.Errorf("%s en %s : lu", nom, format)
			}
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(entete + "FR76;04/05/2026;;a;b;c;;1,00;EUR\n"))
	f.Add([]byte("date,libelle,montant\n2026-05-04,\"a\nb\",-12.3\n"))
	f.Add([]byte("Date;Libell\xe9;Montant\n04/05/2026;\x80;1 234,50 €\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := lire(t, releve.CSV{Compte: "FR76"}.Lire, strings.NewReader(string(b)))
		saines(t, x)
		if y := lire(t, releve.CSV{Compte: "FR76"}.Lire, &unParUn{strings.NewReader(string(b))}); cmp.Diff(x.lignes, y.lignes) != "" || x.fin != y.fin {
			t.Error("la lecture dépend de la taille des morceaux")
		}
	})
}

// saines checks what no file may make a reader give.
func saines(t *testing.T, x lu) {
	t.Helper()
	for _, l := range x.lignes {
		if l.Montant <= 0 || l.Montant > sante.MontantMax || l.Jour <= 0 || l.Sens != comptable.Credit && l.Sens != comptable.Debit || l.Compte == "" || l.Place < 1 {
			t.Errorf("ligne %+v", l)
		}
		for _, s := range append([]string{l.Libelle, l.Reference, l.BoutEnBout, l.Contrepartie}, l.Remises...) {
			if len(s) > 2000 || strings.ToValidUTF8(s, "") != s || strings.ContainsAny(s, "\x00\n\r") {
				t.Errorf("texte %q", s)
			}
		}
	}
}

type unParUn struct{ r io.Reader }

func (u *unParUn) Read(b []byte) (int, error) {
	if len(b) > 1 {
		b = b[:1]
	}
	return u.r.Read(b)
}

func BenchmarkCSV(b *testing.B) {
	texte := entete + strings.Repeat("FR7610107001011234567890129;04/05/2026;05/05/2026;VIR SEPA MUTUELLE FICTIVE REF 123;BQ000001;VIR-2026-0042;;1234,56;EUR\n", 10_000)
	b.SetBytes(int64(len(texte)))
	b.ReportAllocs()
	for b.Loop() {
		if x := releve.CSV.Lire(releve.CSV{}, strings.NewReader(texte), func(*comptable.LigneReleve) error { return nil }, func(r *comptable.Refus) error { return r }); x != nil {
			b.Fatal(x)
		}
	}
}
