package noemie_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/sante"
)

var maj = flag.Bool("maj", false, "réécrire les fichiers de référence")

var (
	mars     = sante.JourDe(2026, time.March, 1)
	sansLieu = cmpopts.IgnoreFields(noemie.Facture{}, "Position")
	vides    = cmpopts.EquateEmpty()
)

func entete(reference string) noemie.Entete {
	return noemie.Entete{TypeEmetteur: "OC", Emetteur: "99000101", TypeDestinataire: "TE", Destinataire: "750000018",
		Application: "RT", Fichier: "ECL001", Creation: mars, Reference: reference, Flux: "T"}
}

func contexte(lot int) noemie.Contexte {
	return noemie.Contexte{Mandataire: "99000101", Destinataire: "750000018",
		Journee: noemie.Journee{Date: mars, Virement: "VIR 2026-03 ECLUSE", Payeur: "99000101"},
		Lot:     noemie.Lot{Date: mars, Numero: lot}}
}

// facture is an invoice of two lines, 45,50 € paid.
func facture(lot, n int) noemie.Facture {
	return noemie.Facture{
		Contexte: contexte(lot), Numero: fmt.Sprintf("F2026%06d", n), Organisme: "99000101",
		Origine: noemie.Origine{Forme: "D", Date: mars - 10, Lot: noemie.Lot{Date: mars - 9, Numero: 12}},
		Assure:  noemie.Personne{NIR: "255087512345647", NatureNom: "U", Nom: "FICTIVE", Prenom: "ALICE"},
		Malade:  noemie.Personne{Naissance: "550801", Rang: "1", Nom: "FICTIVE", Prenom: "ALICE"},
		Nature:  "10", Archivage: "2026030100000001",
		Lignes: []noemie.Ligne{
			{Numero: 1, Frais: true, Nature: "FJ", Debut: mars - 12, Fin: mars - 10, Quantite: 2, PrixUnitaire: 2300, Depense: 4600, Base: 4600, TauxAMC: 100, PartAMC: 4600 - 1000, BaseAMC: 4600},
			{Numero: 2, Nature: "CS", Debut: mars - 12, Quantite: 1, Coefficient: 100, PrixUnitaire: 3000, Depense: 3000, Base: 3000, Taux: 70, PartAMC: 950, Executant: "750000018"},
		},
		Rejets:  []noemie.Rejet{{Ligne: 1, Code: "P421", Libelle: "PLAFOND ATTEINT"}},
		Montant: 4550,
	}
}

func ecrire(t testing.TB, e noemie.Entete, l ...noemie.Facture) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := noemie.Ecrire(&b, e)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l {
		if err := w.Facture(&l[i]); err != nil {
			t.Fatalf("facture %d : %v", i, err)
		}
	}
	if err := w.Fermer(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lire reads a whole file: invoices, errors in order, account.
func lire(t testing.TB, r io.Reader, lim noemie.Limites) (l []noemie.Facture, errs []*noemie.Erreur, b noemie.Bilan) {
	t.Helper()
	x, err := noemie.Lire(r, lim)
	if err != nil {
		return nil, []*noemie.Erreur{err.(*noemie.Erreur)}, b
	}
	for {
		f, err := x.Suivante()
		if err == io.EOF {
			return l, errs, x.Bilan()
		}
		var e *noemie.Erreur
		if errors.As(err, &e) {
			if errs = append(errs, e); e.Motif.Fatal() {
				return l, errs, x.Bilan()
			}
			continue
		}
		l = append(l, *f.Copie())
	}
}

func TestAllerRetour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := entete(rapid.SampledFrom([]string{"578R", "908R", "572", "900"}).Draw(t, "référence"))
		l := rapid.SliceOfN(rapid.Custom(factureAuHasard), 0, 8).Draw(t, "factures")
		var b bytes.Buffer
		w, err := noemie.Ecrire(&b, e)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l {
			if err := w.Facture(&l[i]); err != nil {
				t.Fatalf("facture %d : %v", i, err)
			}
		}
		if err := w.Fermer(); err != nil {
			t.Fatal(err)
		}
		src := b.Bytes()
		if rapid.Bool().Draw(t, "à la ligne") {
			src = bytes.ReplaceAll(src, []byte("@"), []byte("@\r\n"))
		}
		x, err := noemie.Lire(iotest.OneByteReader(bytes.NewReader(src)), noemie.Limites{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e, x.Entete()); d != "" {
			t.Fatal(d)
		}
		var lues []noemie.Facture
		for {
			f, err := x.Suivante()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
			lues = append(lues, *f.Copie())
		}
		if d := cmp.Diff(l, lues, sansLieu, vides); d != "" {
			t.Fatalf("%s\n%s", d, src)
		}
		if !x.Bilan().Complet {
			t.Fatalf("bilan %+v", x.Bilan())
		}
	})
}

func factureAuHasard(t *rapid.T) noemie.Facture {
	mot := func(nom string, max int) string {
		return strings.Trim(rapid.StringMatching(fmt.Sprintf(`[A-Z0-9 .'=+/-]{0,%d}`, max)).Draw(t, nom), " ")
	}
	jour := func(nom string) sante.Jour {
		if rapid.Bool().Draw(t, nom+" dit") {
			return sante.JourDe(1980, 1, 1) + sante.Jour(rapid.IntRange(0, 36523).Draw(t, nom))
		}
		return 0
	}
	signe := sante.Montant(rapid.SampledFrom([]int64{1, -1}).Draw(t, "signe"))
	cents := func(nom string) sante.Montant { return signe * sante.Montant(rapid.IntRange(0, 99999999).Draw(t, nom)) }
	entier := func(nom string, max int) int { return rapid.IntRange(0, max).Draw(t, nom) }
	f := noemie.Facture{Contexte: contexte(entier("lot", 3)),
		Numero:    rapid.OneOf(rapid.StringMatching(`[1-9][0-9]{0,8}`), rapid.StringMatching(`[A-Z0-9][A-Z0-9/-]{0,14}`)).Draw(t, "numéro"),
		Organisme: mot("organisme", 10), Nature: mot("nature", 2), Titre: mot("titre", 20), Archivage: mot("archivage", 17),
		Assure: noemie.Personne{Nom: mot("nom", 25), Prenom: mot("prénom", 15), NIR: mot("nir", 15)},
		Malade: noemie.Personne{Nom: mot("malade", 25), Naissance: mot("naissance", 6)}}
	if rapid.Bool().Draw(t, "sans lot") {
		f.Lot = noemie.Lot{}
	}
	for range entier("lignes", 4) {
		l := noemie.Ligne{Numero: entier("n", 99), Nature: mot("prestation", 3), Debut: jour("début"), Fin: jour("fin"),
			Quantite: entier("quantité", 999), Coefficient: entier("coefficient", 99999), PrixUnitaire: sante.Montant(entier("prix", 99999999)),
			Depense: cents("dépense"), Base: cents("base"), Taux: entier("taux", 999), Rembourse: cents("remboursé"), PartAMC: cents("AMC"),
			PartLocale: cents("locale"), BaseAMC: cents("base AMC"), Qualificatif: mot("qualificatif", 2), Frais: rapid.Bool().Draw(t, "frais")}
		if !l.Frais && rapid.Bool().Draw(t, "exécuté") {
			l.Executant = rapid.SampledFrom([]string{"010000024", "2A0000014", "750000018", "10003456789"}).Draw(t, "exécutant")
			if rapid.Bool().Draw(t, "prescrit") {
				l.Prescripteur = "750000018"
			}
		}
		f.Lignes = append(f.Lignes, l)
	}
	for range entier("mouvements", 2) {
		f.Mouvements = append(f.Mouvements, noemie.Mouvement{Ligne: entier("n", 99), Reference: mot("dette", 10), Date: jour("date"),
			Nature: "IND", Operation: "RPR", Montant: cents("montant"), Solde: sante.Montant(entier("solde", 99999999))})
	}
	for range entier("rejets", 2) {
		r := noemie.Rejet{Ligne: entier("n", 99), Code: rapid.StringMatching(`[A-Z0-9]{1,4}`).Draw(t, "code"), Libelle: mot("libellé", 80)}
		if rapid.Bool().Draw(t, "détaillé") {
			r.Portee, r.Part, r.Date, r.Rang, r.Complement = "L", "C", jour("soins"), entier("rang", 99), mot("complément", 30)
		}
		f.Rejets = append(f.Rejets, r)
	}
	if total, ok := f.Total(); ok {
		f.Montant = total
	} else {
		f.Montant = cents("montant")
	}
	return f
}

// One byte changed in one invoice refuses that one at most: the others are read
// as they were written, and what was read whole still adds up.
func TestUnOctetAltere(t *testing.T) {
	l := []noemie.Facture{facture(1, 1), facture(1, 2), facture(2, 3), facture(2, 4)}
	sain := ecrire(t, entete("578R"), l...)
	debut := bytes.Index(sain, []byte("10205F2026000002"))
	fin := debut + bytes.Index(sain[debut:], []byte("@99005")) + 43
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(sain)
		i := rapid.IntRange(debut, fin).Draw(t, "octet")
		b[i] = rapid.Byte().Draw(t, "valeur")
		x, err := noemie.Lire(bytes.NewReader(b), noemie.Limites{})
		if err != nil {
			t.Fatal(err)
		}
		lues := map[string]noemie.Facture{}
		for {
			f, err := x.Suivante()
			if err == io.EOF {
				break
			}
			var e *noemie.Erreur
			if errors.As(err, &e) {
				if e.Motif.Fatal() && e.Motif != noemie.MotifApresFin {
					t.Fatalf("octet %d = %q : %v", i, b[i], err)
				}
				if e.Motif.Fatal() {
					return // the byte made an end entity: nothing after it is read, and it is said
				}
				if e.Ligne == 0 || e.Numero == 0 {
					t.Fatalf("erreur sans place : %v", err)
				}
				continue
			}
			lues[f.Numero] = *f.Copie()
		}
		for _, j := range []int{0, 2, 3} {
			f, ok := lues[l[j].Numero]
			if d := cmp.Diff(l[j], f, sansLieu, vides); !ok || d != "" {
				t.Fatalf("octet %d = %q : la facture %s n'est pas rendue : %s", i, b[i], l[j].Numero, d)
			}
		}
	})
}

func TestErreurs(t *testing.T) {
	sain := string(ecrire(t, entete("578R"), facture(1, 1), facture(1, 2), facture(2, 3)))
	remplacer := func(a, b string) string {
		if !strings.Contains(sain, a) {
			t.Fatalf("%q absent", a)
		}
		return strings.Replace(sain, a, b, 1)
	}
	for _, c := range []struct {
		nom, src string
		motif    noemie.Motif
		champ    string
		lues     int
	}{
		{"vide", "", noemie.MotifVide, "", 0},
		{"gzip", "\x1f\x8b\x08\x00", noemie.MotifCompresse, "gzip", 0},
		{"zip", "PK\x03\x04....", noemie.MotifCompresse, "zip", 0},
		{"UTF-16 avec marque", "\xff\xfe0\x000\x000\x00", noemie.MotifEncodage, "UTF-16", 0},
		{"UTF-16 sans marque", "0\x000\x000\x00O\x00", noemie.MotifEncodage, "UTF-16", 0},
		{"marque UTF-8", "\xef\xbb\xbf" + sain, noemie.MotifEncodage, "UTF-8 avec marque d'ordre", 0},
		{"EBCDIC", "\xf0\xf0\xf0\xd6\xc3", noemie.MotifEncodage, "EBCDIC", 0},
		{"PDF", "%PDF-1.7", noemie.MotifFormat, "PDF", 0},
		{"autre chose", "bonjour", noemie.MotifFormat, "", 0},
		{"en-tête seul", sain[:129], noemie.MotifTronque, "", 0},
		{"octets nuls", "000" + strings.Repeat("\x00", 200), noemie.MotifCaractere, "", 0},
		{"sans 999", sain[:strings.LastIndex(sain, "999")], noemie.MotifTronque, "", 3},
		{"tronqué au milieu", sain[:strings.Index(sain, "F2026000003")], noemie.MotifTronque, "", 2},
		{"après 999", sain + "10005000000001@", noemie.MotifApresFin, "", 3},
		{"entité sans fin", sain[:200] + strings.Repeat("A", 5000), noemie.MotifLongueur, "", 0},
		{"montant illisible", remplacer("00000950", "0000O950"), noemie.MotifChiffres, "part AMC", 2},
		{"date impossible", remplacer("012260220D", "012260230D"), noemie.MotifDate, "date du lot d'origine", 2},
		{"total de facture", remplacer("00000004550P", "00000004551P"), noemie.MotifMontant, "total", 2},
		{"compte de facture", remplacer("0000000200000004550P", "0000000300000004550P"), noemie.MotifCompte, "nombre", 2},
		{"total de lot", remplacer("00000009100P", "00000009101P"), noemie.MotifMontant, "total", 3},
		{"lot illisible", remplacer("08004260301002", "0800426XX01002"), noemie.MotifChiffres, "date du lot", 2},
		{"facture non fermée", remplacer("@99005", "@99107"), noemie.MotifControleAbsent, "", 2},
		{"détail sans facture", remplacer("08004260301002@", "08004260301002@1500610@"), noemie.MotifOrdre, "", 2 + 1},
		{"un second en-tête", remplacer("08004260301002@", "00004260301002@"), noemie.MotifOrdre, "", 2 + 1},
	} {
		t.Run(c.nom, func(t *testing.T) {
			l, errs, b := lire(t, strings.NewReader(c.src), noemie.Limites{})
			if len(errs) == 0 || errs[0].Motif != c.motif || errs[0].Champ != c.champ {
				t.Fatalf("erreurs %v, attendu %v (%s)", errs, c.motif, c.champ)
			}
			if len(l) != c.lues {
				t.Errorf("%d factures lues, attendu %d ; erreurs %v", len(l), c.lues, errs)
			}
			if b.Complet {
				t.Error("un fichier fautif est dit complet")
			}
			if m := errs[0].Error(); strings.Contains(m, "FICTIVE") || strings.Contains(m, "F2026") {
				t.Errorf("l'erreur cite le fichier : %s", m)
			}
		})
	}
}

// sansFin is an endless source of one byte, and counts what was asked of it.
type sansFin struct {
	octet byte
	debut string
	lus   int
}

func (s *sansFin) Read(b []byte) (int, error) {
	n := copy(b, s.debut)
	s.debut = s.debut[n:]
	for i := n; i < len(b); i++ {
		b[i] = s.octet
	}
	s.lus += len(b)
	return len(b), nil
}

// Two gigabytes of anything are refused after a few hundred kilobytes.
func TestSansBorne(t *testing.T) {
	tete := string(ecrire(t, entete("578R"))[:129])
	for _, c := range []struct {
		nom, debut string
		octet      byte
		motif      noemie.Motif
		max        int
	}{
		{"des zéros", "", 0, noemie.MotifFormat, 1 << 19},
		{"des chiffres", "", '0', noemie.MotifManque, 1 << 19},
		{"des arobases", tete, '@', noemie.MotifErreurs, 1 << 19},
		{"un en-tête puis des lettres", tete, 'A', noemie.MotifLongueur, 1 << 19},
		{"des espaces après la fin", tete + "999", ' ', noemie.MotifApresFin, 1 << 20},
	} {
		t.Run(c.nom, func(t *testing.T) {
			s := &sansFin{octet: c.octet, debut: c.debut}
			_, errs, _ := lire(t, s, noemie.Limites{})
			if len(errs) == 0 || errs[len(errs)-1].Motif != c.motif {
				t.Fatalf("erreurs %v, attendu %v", errs[max(0, len(errs)-2):], c.motif)
			}
			if s.lus > c.max {
				t.Errorf("%d octets lus avant le refus", s.lus)
			}
		})
	}
}

func TestSourceEnPanne(t *testing.T) {
	panne := errors.New("disque")
	b := ecrire(t, entete("578R"), facture(1, 1), facture(1, 2))
	r := io.MultiReader(bytes.NewReader(b[:bytes.LastIndex(b, []byte("2120602"))]), iotest.ErrReader(panne))
	_, errs, _ := lire(t, r, noemie.Limites{})
	if e := errs[len(errs)-1]; e.Motif != noemie.MotifLecture || !errors.Is(e, panne) || !e.Refusee {
		t.Fatalf("erreur %v", e)
	}
}

func TestRefusEnEcriture(t *testing.T) {
	for _, c := range []struct {
		nom   string
		abime func(*noemie.Facture)
		motif noemie.Motif
		champ string
	}{
		{"libellé trop long", func(f *noemie.Facture) { f.Rejets[0].Libelle = strings.Repeat("A", 81) }, noemie.MotifDebordement, "libellé du rejet"},
		{"séparateur dans un texte", func(f *noemie.Facture) { f.Assure.Nom = "A@B" }, noemie.MotifCaractere, "nom de l'assuré"},
		{"alphabet étranger", func(f *noemie.Facture) { f.Malade.Nom = "ЖУК" }, noemie.MotifCaractere, "nom du malade"},
		{"montant trop grand", func(f *noemie.Facture) { f.Lignes[0].Depense = 100_000_000 }, noemie.MotifDebordement, "dépense"},
		{"signes mêlés", func(f *noemie.Facture) { f.Lignes[0].Depense = -1 }, noemie.MotifSigne, "base de remboursement"},
		{"total faux", func(f *noemie.Facture) { f.Montant++ }, noemie.MotifMontant, "total"},
		{"sans numéro", func(f *noemie.Facture) { f.Numero = "" }, noemie.MotifManque, "numéro de facture"},
		{"date d'un autre siècle", func(f *noemie.Facture) { f.Lignes[0].Debut = sante.JourDe(1979, 12, 31) }, noemie.MotifDate, "début des soins"},
		{"lot à quatre chiffres", func(f *noemie.Facture) { f.Lot.Numero = 1000 }, noemie.MotifDebordement, "numéro de lot"},
		{"rejet court qui perdrait sa part", func(f *noemie.Facture) { f.Rejets[0].Part = "C" }, noemie.MotifManque, "portée du rejet"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			var b bytes.Buffer
			w, err := noemie.Ecrire(&b, entete("578R"))
			if err != nil {
				t.Fatal(err)
			}
			bonne, mauvaise := facture(1, 1), facture(2, 2)
			c.abime(&mauvaise)
			var e *noemie.Erreur
			if err := w.Facture(&bonne); err != nil {
				t.Fatal(err)
			}
			if err := w.Facture(&mauvaise); !errors.As(err, &e) || e.Motif != c.motif || e.Champ != c.champ {
				t.Fatalf("erreur %v", err)
			}
			encore := facture(1, 3)
			if err := errors.Join(w.Facture(&encore), w.Fermer()); err != nil {
				t.Fatal(err)
			}
			l, errs, bilan := lire(t, &b, noemie.Limites{})
			if d := cmp.Diff([]noemie.Facture{bonne, encore}, l, sansLieu, vides); d != "" || len(errs) > 0 || !bilan.Complet {
				t.Errorf("une facture refusée laisse une trace : %v %s", errs, d)
			}
			if err := w.Facture(&bonne); !errors.As(err, &e) || e.Motif != noemie.MotifFerme {
				t.Errorf("écrire après la fin : %v", err)
			}
		})
	}
}

func TestAccents(t *testing.T) {
	f := facture(1, 1)
	f.Malade.Nom, f.Rejets[0].Libelle = " d’Été-Œuvrard ", "dépassé «œil»"
	l, errs, _ := lire(t, bytes.NewReader(ecrire(t, entete("908R"), f)), noemie.Limites{})
	if len(errs) > 0 || l[0].Malade.Nom != "D'ETE-OEUVRARD" || l[0].Rejets[0].Libelle != `DEPASSE "OEIL"` {
		t.Fatalf("%v %+v", errs, l)
	}
}

func TestFormules(t *testing.T) {
	f := facture(1, 1)
	if f.Formules() != nil {
		t.Errorf("formules %v", f.Formules())
	}
	f.Malade.Nom, f.Rejets[0].Libelle, f.Lignes[1].Nature = "=CMD|' /C CALC'!A0", "+1", "-CS"
	want := []string{"nom (malade)", "nature (ligne 2)", "libellé (rejet 1)"}
	if got := f.Formules(); !slices.Equal(got, want) {
		t.Errorf("formules %v, attendu %v", got, want)
	}
}

// The fields of an entity neither overlap nor go beyond the longest entity.
func TestTable(t *testing.T) {
	parType := map[string][]bool{}
	for _, z := range noemie.Champs() {
		if z.Debut < 3 || z.Longueur < 1 || z.Fin() > noemie.LongueurDefaut || z.Nom == "" || z.Source == "" {
			t.Errorf("%s %s : place %d longueur %d source %q", z.Type, z.Nom, z.Debut, z.Longueur, z.Source)
		}
		pris := parType[z.Type]
		for len(pris) < z.Fin() {
			pris = append(pris, false)
		}
		for i := z.Debut; i < z.Fin(); i++ {
			if pris[i] {
				t.Errorf("%s %s : l'octet %d est déjà pris", z.Type, z.Nom, i)
			}
			pris[i] = true
		}
		parType[z.Type] = pris
	}
}

func TestReferences(t *testing.T) {
	paiement := []noemie.Facture{facture(1, 1), facture(1, 2)}
	court := facture(2, 3)
	court.Numero, court.Origine, court.Rejets = "417", noemie.Origine{}, nil
	court.Lignes[0].PartAMC, court.Lignes[1].PartAMC, court.Montant = -3600, -950, -4550
	for i := range court.Lignes {
		l := &court.Lignes[i]
		l.Depense, l.Base, l.BaseAMC = -l.Depense, -l.Base, -l.BaseAMC
	}
	court.Mouvements = []noemie.Mouvement{{Reference: "DETTE1", Date: mars, Nature: "IND", Operation: "RPR", Montant: -1000, Solde: 500}}
	court.Montant -= 1000
	rejet := facture(1, 9)
	rejet.Lignes, rejet.Journee = nil, noemie.Journee{Date: mars}
	rejet.Rejets = []noemie.Rejet{{Code: "F601", Libelle: "MONTANT DIFFERENT DE L'ENGAGEMENT", Portee: "F", Part: "C"}}
	for _, c := range []struct {
		nom string
		src []byte
	}{
		{"paiement-578R.noemie", ecrire(t, entete("578R"), append(paiement, court)...)},
		{"rejet-908R.noemie", ecrire(t, entete("908R"), rejet)},
	} {
		t.Run(c.nom, func(t *testing.T) {
			lisible := bytes.ReplaceAll(c.src, []byte("@"), []byte("@\n"))
			chemin := "testdata/" + c.nom
			if *maj {
				if err := os.WriteFile(chemin, lisible, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(chemin)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(lisible)); d != "" {
				t.Error(d)
			}
			if _, errs, b := lire(t, bytes.NewReader(want), noemie.Limites{}); len(errs) > 0 || !b.Complet {
				t.Errorf("%v %+v", errs, b)
			}
		})
	}
}

// enBlocs puts a file in blocks of 128 bytes, with something between them.
func enBlocs(src []byte, entre string) []byte {
	fin := bytes.LastIndex(src, []byte("@999")) + 1
	var b bytes.Buffer
	b.Write(src[:128])
	b.WriteString(entre)
	for r := src[129:fin]; len(r) > 0; b.WriteString(entre) {
		n := min(127, len(r))
		marque := byte('0')
		if n == len(r) {
			marque = '1'
		}
		b.WriteByte(marque)
		b.Write(r[:n])
		b.WriteString(strings.Repeat(" ", 127-n))
		r = r[n:]
	}
	b.Write(src[fin : fin+128])
	return b.Bytes()
}

func TestBlocs(t *testing.T) {
	l := []noemie.Facture{facture(1, 1), facture(1, 2), facture(2, 3)}
	sansMandataire := slices.Clone(l)
	for i := range sansMandataire {
		sansMandataire[i].Mandataire, sansMandataire[i].Destinataire, sansMandataire[i].Journee = "", "", noemie.Journee{}
	}
	sansRien := []noemie.Facture{facture(0, 1)}
	sansRien[0].Contexte = noemie.Contexte{}
	for nom, l := range map[string][]noemie.Facture{"tout": l, "lot d'abord": sansMandataire, "facture d'abord": sansRien} {
		src := ecrire(t, entete("578R"), l...)
		for _, entre := range []string{"", "\r\n"} {
			blocs := enBlocs(src, entre)
			lues, errs, b := lire(t, iotest.HalfReader(bytes.NewReader(blocs)), noemie.Limites{})
			if d := cmp.Diff(l, lues, sansLieu, vides); d != "" || len(errs) > 0 || !b.Complet {
				t.Errorf("%s %q : %v %s", nom, entre, errs, d)
			}
			if _, errs, b := lire(t, bytes.NewReader(blocs[:len(blocs)/2]), noemie.Limites{}); len(errs) == 0 || b.Complet {
				t.Errorf("%s %q : coupé au milieu, rien n'est dit", nom, entre)
			}
		}
	}
}

// A header of 128 bytes may be followed at once by the first entity.
func TestEnTeteSansSeparateur(t *testing.T) {
	src := ecrire(t, entete("578R"), facture(1, 1))
	colle := append(bytes.Clone(src[:128]), src[129:]...)
	colle = bytes.TrimRight(colle, "@")
	if l, errs, b := lire(t, bytes.NewReader(colle), noemie.Limites{}); len(l) != 1 || len(errs) > 0 || !b.Complet {
		t.Errorf("%d factures, %v", len(l), errs)
	}
}
