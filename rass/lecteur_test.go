package rass_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ecluse-sante/ecluse/rass"
)

func TestEntetes(t *testing.T) {
	for _, c := range []struct {
		f         rass.Fichier
		n         int
		fin       rass.Colonne
		au        rass.Colonne
		nom       string
		officiel  bool
		optionnel rass.Colonne
	}{
		{rass.PersonneActivite, 56, rass.PANombre, rass.PACodePostal, "Code postal (coord. structure)", true, rass.PATelephone},
		{rass.SavoirFaire, 13, rass.SFNombre, rass.SFCodeSavoirFaire, "Code savoir-faire", true, rass.SFNom},
		{rass.Diplomes, 13, rass.DANombre, rass.DADiscipline, "Libellé discipline autorisation", true, rass.DANom},
		{rass.MSSante, 31, rass.MSNombre, rass.MSAcheminement, "L6LIGNEACHEMINEMENT structure BAL", true, rass.MSService},
		{rass.ProSanteConnect, 50, rass.PSCNombre, rass.PSCNaissance, "Date de naissance", false, rass.PSCCodeGenre},
		{rass.Structures, 47, rass.STNombre, rass.STLatitude, "Latitude", false, rass.STLicence},
		{rass.Activites, 17, rass.ACNombre, rass.ACInstallees, "Capacité installée", false, rass.ACForme},
		{rass.Equipements, 13, rass.EQNombre, rass.EQSerie, "Numéro de série", false, rass.EQSerie},
		{rass.Porteurs, 13, rass.PONombre, rass.POOpposition, "Date d'opposition", false, rass.PONom},
		{rass.Certificats, 11, rass.CENombre, rass.CEDER, "Certificat", false, rass.CERevocation},
		{rass.Reseaux, 32, rass.RENombre, rass.RENom, "Nom du réseau", false, rass.REMaj},
		{rass.Membres, 7, rass.MENombre, rass.MESortie, "Date de sortie", false, rass.MERole},
	} {
		h := c.f.Entete()
		if h.Len() != c.n || int(c.fin) != c.n {
			t.Errorf("%v : %d colonnes et %d constantes, attendu %d", c.f, h.Len(), c.fin, c.n)
		}
		if h.Nom(c.au) != c.nom || h.Nom(c.fin) != "" || c.f.Officiel() != c.officiel {
			t.Errorf("%v : colonne %d : %q, officiel %v", c.f, c.au, h.Nom(c.au), c.f.Officiel())
		}
		if h.Obligatoire(c.optionnel) || !h.Obligatoire(0) {
			t.Errorf("%v : colonnes obligatoires mal lues", c.f)
		}
	}
}

func TestLecture(t *testing.T) {
	h := entete(rass.SavoirFaire)
	noms, champs := strings.Split(h, "|"), strings.Split(ligneSF, "|")
	n, v := slices.Clone(noms), slices.Clone(champs)
	slices.Reverse(n)
	slices.Reverse(v)
	renverse := strings.Join(n, "|") + "\n" + strings.Join(v, "|") + "\n"
	sans := func(i int) string {
		a, b := slices.Delete(slices.Clone(noms), i, i+1), slices.Delete(slices.Clone(champs), i, i+1)
		return strings.Join(a, "|") + "\n" + strings.Join(b, "|") + "\n"
	}
	long := strings.Repeat("é", 40_000)
	for _, c := range []struct {
		cas, src  string
		lignes    int
		motif     rass.Motif
		anomalies []rass.Motif
	}{
		{"une ligne", h + "\n" + ligneSF + "\n", 1, 0, nil},
		{"fins de ligne de Windows", h + "\r\n" + ligneSF + "\r\n", 1, 0, nil},
		{"marque d'ordre des octets", "\ufeff" + h + "\n" + ligneSF + "\n", 1, 0, nil},
		{"barre finale partout", h + "|\n" + ligneSF + "|\n", 1, 0, nil},
		{"barre finale sur les lignes seules", h + "\n" + ligneSF + "|\n", 1, 0, nil},
		{"colonnes retournées", renverse, 1, 0, nil},
		{"apostrophes, casse et blancs", strings.ToUpper(strings.ReplaceAll(h, "d'", "  d’")) + "\n" + ligneSF + "\n", 1, 0, nil},
		{"colonne de trop", h + "|Signe du zodiaque\n" + ligneSF + "|Bélier\n", 1, 0, []rass.Motif{rass.MotifInconnue}},
		{"colonne facultative absente", sans(int(rass.SFProfession)), 1, 0, nil},
		{"colonne obligatoire absente", sans(int(rass.SFCodeSavoirFaire)), 0, rass.MotifManque, nil},
		{"colonne en double", h + "|Identifiant PP\n", 0, rass.MotifDouble, nil},
		{"pas d'en-tête", ligneSF + "\n", 0, rass.MotifEntete, nil},
		{"première ligne vide", "\n" + h + "\n", 0, rass.MotifEntete, nil},
		{"fichier vide", "", 0, rass.MotifVide, nil},
		{"en-tête seul", h + "\n", 0, 0, nil},
		{"UTF-16", "\xff\xfe8\x00|\x00", 0, rass.MotifEncodage, nil},
		{"ISO-8859-1", strings.ReplaceAll(h, "é", "\xe9") + "\n", 0, rass.MotifEncodage, nil},
		{"un octet faux dans un nom", h + "\n" + strings.Replace(ligneSF, "Ë", "\xcb", 1) + "\n", 1, 0, []rass.Motif{rass.MotifUTF8}},
		{"ligne vide", h + "\n\n" + ligneSF + "\n", 1, 0, []rass.Motif{rass.MotifLigneVide}},
		{"trop peu de champs", h + "\n8|99900112204\n" + ligneSF + "\n", 1, 0, []rass.Motif{rass.MotifChamps}},
		{"trop de champs", h + "\n" + ligneSF + "|a|b\n" + ligneSF + "\n", 1, 0, []rass.Motif{rass.MotifChamps}},
		{"un champ de trop qui dit quelque chose", h + "\n" + ligneSF + "|a\n", 0, 0, []rass.Motif{rass.MotifChamps}},
		{"ligne trop longue", h + "\n" + long + "\n" + ligneSF + "\n", 1, 0, []rass.Motif{rass.MotifLongue}},
		{"dernière ligne sans fin, entière", h + "\n" + ligneSF, 1, 0, []rass.Motif{rass.MotifSansFin}},
		{"coupé au milieu d'une ligne", h + "\n" + ligneSF + "\n" + ligneSF[:50], 1, rass.MotifCoupe, nil},
		{"coupé avant la barre finale des autres lignes", h + "|\n" + ligneSF + "|\n" + ligneSF, 1, rass.MotifCoupe, nil},
		{"coupé dans une ligne trop longue", h + "\n" + long, 0, rass.MotifCoupe, []rass.Motif{rass.MotifLongue}},
		{"différences", "Opération|" + h + "\nR|" + ligneSF + "\nA|" + ligneSF + "\n", 2, 0, nil},
		{"opération inconnue", "Opération|" + h + "\nZ|" + ligneSF + "\nAA|" + ligneSF + "\n|" + ligneSF + "\n", 0, 0,
			[]rass.Motif{rass.MotifOperation, rass.MotifOperation, rass.MotifOperation}},
	} {
		for _, x := range []lu{
			lire(rass.Reglage{}, strings.NewReader(c.src), rass.SavoirFaire),
			lire(rass.Reglage{}, iotest.OneByteReader(strings.NewReader(c.src)), rass.SavoirFaire),
			lire(rass.Reglage{}, iotest.DataErrReader(strings.NewReader(c.src)), rass.SavoirFaire),
		} {
			var dits []rass.Motif
			for _, a := range x.anomalies {
				dits = append(dits, a.Motif)
			}
			if motif(x.err) != c.motif || len(x.lignes) != c.lignes || !slices.Equal(dits, c.anomalies) {
				t.Errorf("%s : %d lignes, %v, %v", c.cas, len(x.lignes), x.err, x.anomalies)
			}
			for _, l := range x.lignes {
				if l[rass.SFCodeSavoirFaire] != "SM04" || l[rass.SFIdentifiant] != "99900112204" || !strings.HasPrefix(l[rass.SFPrenom], "MA") {
					t.Errorf("%s : %q", c.cas, l)
				}
			}
		}
	}
}

// What is told says where, and nothing of a person.
func TestAnomaliesSansContenu(t *testing.T) {
	h := entete(rass.SavoirFaire)
	x := lire(rass.Reglage{}, strings.NewReader(h+"|Taille\n"+ligneSF+"\n\n"+ligneSF+"|1\n"), rass.SavoirFaire)
	want := []rass.Anomalie{
		{Motif: rass.MotifInconnue, Ligne: 1, Colonne: "Taille"},
		{Motif: rass.MotifChamps, Ligne: 2, Attendus: 14, Lus: 13},
		{Motif: rass.MotifLigneVide, Ligne: 3},
	}
	if !reflect.DeepEqual(x.anomalies, want) || !slices.Equal(x.numeros, []int64{4}) {
		t.Errorf("%v, %v", x.anomalies, x.numeros)
	}
	_, err := rass.NewLecteur(strings.NewReader(strings.Replace(h, "Code savoir-faire", "GUÉNNEC", 1)+"\n"), rass.SavoirFaire)
	want2 := "rass: RASS-04 il manque une colonne obligatoire (ligne 1) : « Code savoir-faire »"
	if err == nil || err.Error() != want2 {
		t.Errorf("%v", err)
	}
	if _, err := rass.NewLecteur(strings.NewReader(ligneSF+"\n"), rass.SavoirFaire); err == nil || strings.Contains(err.Error(), "GUÉNNEC") {
		t.Errorf("%v", err)
	}
}

// A failure of the source is told, with the place; a part of a line is not given.
func TestLectureInterrompue(t *testing.T) {
	panne := errors.New("prise débranchée")
	src := io.MultiReader(strings.NewReader(entete(rass.SavoirFaire)+"\n"+ligneSF+"\n"+ligneSF), iotest.ErrReader(panne))
	x := lire(rass.Reglage{}, src, rass.SavoirFaire)
	if len(x.lignes) != 1 || motif(x.err) != rass.MotifLecture || !errors.Is(x.err, panne) {
		t.Errorf("%d lignes, %v", len(x.lignes), x.err)
	}
	x = lire(rass.Reglage{}, iotest.ErrReader(panne), rass.SavoirFaire)
	if motif(x.err) != rass.MotifLecture || !errors.Is(x.err, panne) {
		t.Errorf("%v", x.err)
	}
}

// infini gives n bytes without a line end.
type infini struct{ n int64 }

func (i *infini) Read(b []byte) (int, error) {
	if i.n <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), i.n)
	for j := range b[:n] {
		b[j] = 'x'
	}
	i.n -= n
	return int(n), nil
}

// A line of a gigabyte is gone over in constant memory, and told by its number.
func TestLigneEnorme(t *testing.T) {
	var taille int64 = 1 << 30
	if testing.Short() {
		taille = 1 << 26
	}
	src := io.MultiReader(strings.NewReader(entete(rass.SavoirFaire)+"\n"+ligneSF+"\n"), &infini{taille}, strings.NewReader("\n"+ligneSF+"\n"))
	var avant, apres runtime.MemStats
	runtime.ReadMemStats(&avant)
	x := lire(rass.Reglage{}, src, rass.SavoirFaire)
	runtime.ReadMemStats(&apres)
	if x.err != nil || !slices.Equal(x.numeros, []int64{2, 4}) || len(x.anomalies) != 1 || x.anomalies[0].Ligne != 3 {
		t.Errorf("%v : lignes %v, %v", x.err, x.numeros, x.anomalies)
	}
	if n := apres.TotalAlloc - avant.TotalAlloc; n > 4<<20 {
		t.Errorf("%d octets alloués", n)
	}
}

// The longest line is the one permitted, whatever ends it.
func TestLongueurPermise(t *testing.T) {
	h := entete(rass.SavoirFaire)
	for _, fin := range []string{"\n", "\r\n"} {
		for n, motifs := range map[int]int{300: 0, 301: 1} {
			l := ligneSF + strings.Repeat("x", n-len(ligneSF))
			x := lire(rass.Reglage{LigneMax: 300}, strings.NewReader(h+fin+l+fin), rass.SavoirFaire)
			if x.err != nil || len(x.anomalies) != motifs || len(x.lignes) != 1-motifs {
				t.Errorf("%d octets, %q : %v, %v", n, fin, x.err, x.anomalies)
			}
		}
	}
}

// Header data of an operator are read as those of the program.
func TestEnteteDonnee(t *testing.T) {
	e, err := rass.LireEntete(strings.NewReader("colonne;obligatoire;autre nom\nClé;oui;Cle\nValeur;non;\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	l, err := rass.Reglage{Entete: &e}.Lecteur(strings.NewReader("valeur|CLE\n2|1\n"), rass.Membres)
	if err != nil || !l.Next() || string(l.Ligne().Champ(0)) != "1" || string(l.Ligne().Champ(1)) != "2" || l.Ligne().Champ(2) != nil {
		t.Fatalf("%v", err)
	}
	w := e.Ecrivain(&b, rass.Forme{})
	if err := errors.Join(ecrire(w, 0, []string{"1", "2"}), w.Close()); err != nil || b.String() != "Clé|Valeur\n1|2\n" {
		t.Errorf("%v %q", err, b.String())
	}
	for cas, s := range map[string]string{
		"vide":             "",
		"sans colonne":     "colonne;obligatoire;autre nom\n",
		"ni oui ni non":    "c;o;a\nClé;peut-être;\n",
		"deux fois":        "c;o;a\nClé;oui;\nCLÉ;non;\n",
		"barre":            "c;o;a\nC|lé;oui;\n",
		"nom vide":         "c;o;a\n ;oui;\n",
		"deux champs":      "c;o\nClé;oui\n",
		"trop":             "c;o;a\n" + strings.Repeat("x;oui;\n", 300),
		"nom de la maison": "c;o;a\nOpération;oui;\n",
	} {
		if _, err := rass.LireEntete(strings.NewReader(s)); err == nil {
			t.Errorf("%s : accepté", cas)
		}
	}
}
