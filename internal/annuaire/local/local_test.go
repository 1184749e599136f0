package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// One seed gives one directory, whichever file is made first; another seed, another one.
func TestDeterminisme(t *testing.T) {
	a, b, autre := faire(t, Reglage{Graine: 3, Professionnels: 2000}), faire(t, Reglage{Graine: 3, Professionnels: 2000}), faire(t, Reglage{Graine: 4, Professionnels: 2000})
	for _, d := range []int{0, 5} {
		un := map[rass.Fichier][32]byte{}
		for _, f := range rass.Fichiers {
			un[f] = sha256.Sum256(ecrit(t, a, f, d))
		}
		for _, f := range slices.Backward(rass.Fichiers[:]) {
			if sha256.Sum256(ecrit(t, b, f, d)) != un[f] {
				t.Errorf("%v, jour %d : deux annuaires d'une graine diffèrent", f, d)
			}
			if sha256.Sum256(ecrit(t, autre, f, d)) == un[f] {
				t.Errorf("%v, jour %d : deux graines font le même", f, d)
			}
		}
	}
}

// Numbers are those that no authority gives, with right keys, and nobody shares his.
func TestNumeros(t *testing.T) {
	vus := map[string]string{}
	for _, l := range essai()[rass.PersonneActivite] {
		id := l[rass.PAIdentifiant]
		switch l[rass.PATypeIdentifiant] {
		case "8":
			if _, err := sante.ParseRPPS(id); err != nil || !strings.HasPrefix(id, "999") {
				t.Errorf("RPPS %s : %v", id, err)
			}
		case "0":
			if len(id) != 9 || !strings.HasPrefix(id, "99") {
				t.Errorf("ADELI %s", id)
			}
		default:
			t.Errorf("type %q", l[rass.PATypeIdentifiant])
		}
		if l[rass.PAIDNat] != l[rass.PATypeIdentifiant]+id {
			t.Errorf("identification nationale %s", l[rass.PAIDNat])
		}
		traits := l[rass.PANom] + "|" + l[rass.PAPrenom] + "|" + l[rass.PACodeProfession]
		if qui := vus[id]; qui != "" && qui != traits {
			t.Errorf("%s est à deux personnes", id)
		}
		vus[id] = traits
	}
	if len(vus) != tailleEssai {
		t.Errorf("%d personnes", len(vus))
	}
	uniques := map[string]bool{}
	for _, l := range essai()[rass.Structures] {
		for _, c := range []struct {
			v, debut string
			parse    func(string) error
		}{
			{l[rass.STFINESS], "99", func(s string) error { _, err := sante.ParseFINESS(s); return err }},
			{l[rass.STFINESSJuridique], "99", func(s string) error { _, err := sante.ParseFINESS(s); return err }},
			{l[rass.STSIREN], "999", func(s string) error { _, err := sante.ParseSIREN(s); return err }},
			{l[rass.STSIRET], "999", func(s string) error { _, err := sante.ParseSIRET(s); return err }},
		} {
			if c.v != "" && (c.parse(c.v) != nil || !strings.HasPrefix(c.v, c.debut)) {
				t.Errorf("%s : %v", c.v, c.parse(c.v))
			}
		}
		for _, v := range []string{l[rass.STIDTechnique], l[rass.STIDNat]} {
			if v == "" || uniques[v] {
				t.Errorf("identifiant %q : vide, ou de deux structures", v)
			}
			uniques[v] = true
		}
	}
}

var (
	telephoneFictif = regexp.MustCompile(`^(019900|026191|035301|046571|053649|063998)\d{4}$`)
	courrielFictif  = regexp.MustCompile(`^[a-z0-9.-]+@[a-z0-9.-]+\.example$`)
)

// Nothing leads to anybody: telephones are those of works of fiction, addresses end in
// .example, and no structure is named after its town.
func TestRienDeReel(t *testing.T) {
	n := 0
	verifier := func(tels []string, courriels ...string) {
		for _, s := range tels {
			if s != "" && !telephoneFictif.MatchString(s) {
				t.Errorf("téléphone %s", s)
			}
		}
		for _, s := range courriels {
			if s != "" && !courrielFictif.MatchString(s) {
				t.Errorf("adresse %s", s)
			}
			n += len(s)
		}
	}
	for _, l := range essai()[rass.PersonneActivite] {
		verifier(l[rass.PATelephone:rass.PACourriel], l[rass.PACourriel])
	}
	for _, l := range essai()[rass.ProSanteConnect] {
		verifier([]string{l[rass.PSCTelephone], l[rass.PSCStructureTelephone], l[rass.PSCStructureTelecopie]}, l[rass.PSCCourriel], l[rass.PSCStructureCourriel])
	}
	for _, l := range essai()[rass.MSSante] {
		verifier(nil, l[rass.MSAdresse])
	}
	for _, l := range essai()[rass.Structures] {
		verifier(l[rass.STTelephone:rass.STCourriel], l[rass.STCourriel])
		for _, s := range []string{l[rass.STRaisonSociale], l[rass.STEnseigne]} {
			if strings.HasSuffix(strings.ToUpper(s), " "+strings.ToUpper(l[rass.STCommune])) {
				t.Errorf("%s porte le nom de sa commune", s)
			}
		}
	}
	if n == 0 {
		t.Error("aucune adresse")
	}
}

// What a file refers to is in the others, and says the same.
func TestReferences(t *testing.T) {
	f := essai()
	structures, parFINESS, parNat, ej := map[string]ligne{}, map[string]ligne{}, map[string]ligne{}, map[string]bool{}
	for _, l := range f[rass.Structures] {
		structures[l[rass.STIDTechnique]], parFINESS[l[rass.STFINESS]], parNat[l[rass.STIDNat]] = l, l, l
		if l[rass.STNature] == "EJ" {
			ej[l[rass.STFINESSJuridique]] = true
		}
	}
	for _, l := range f[rass.Structures] {
		if l[rass.STFINESS] != "" && !ej[l[rass.STFINESSJuridique]] {
			t.Errorf("site %s sans entité juridique", l[rass.STFINESS])
		}
		if l[rass.STNature] == "EG" && (l[rass.STLatitude] == "" || l[rass.STSIREN] == "" != (l[rass.STIDTechnique][0] == 'R')) {
			t.Errorf("site %s : coordonnées ou SIREN", l[rass.STIDTechnique])
		}
	}
	praticiens := map[string]ligne{}
	for _, l := range f[rass.PersonneActivite] {
		praticiens[l[rass.PAIDNat]] = l
		if l[rass.PAIDTechnique] == "" {
			continue
		}
		s := structures[l[rass.PAIDTechnique]]
		if s == nil {
			t.Fatalf("structure %s inconnue", l[rass.PAIDTechnique])
		}
		if l[rass.PARaisonSociale] != s[rass.STRaisonSociale] || l[rass.PASIRET] != s[rass.STSIRET] || l[rass.PAFINESSJuridique] != s[rass.STFINESSJuridique] ||
			!slices.Equal(l[rass.PADestinataire:rass.PADepartement+1], s[rass.STDestinataire:rass.STDepartement+1]) {
			t.Errorf("structure %s : deux façons de la dire\n%v\n%v", l[rass.PAIDTechnique], l, s)
		}
	}
	noms := func(fichier rass.Fichier, id, nom rass.Colonne, autre ...rass.Colonne) {
		for _, l := range f[fichier] {
			if p := praticiens[l[id]]; p == nil || p[rass.PANom] != l[nom] || p[rass.PAPrenom] != l[nom+1] {
				t.Errorf("%v : %s inconnu, ou d'un autre nom", fichier, l[id])
			} else if len(autre) > 0 && p[autre[0]] != l[autre[1]] {
				t.Errorf("%v : %s : %s et %s", fichier, l[id], p[autre[0]], l[autre[1]])
			}
		}
	}
	noms(rass.SavoirFaire, rass.SFIDNat, rass.SFNom, rass.PACodeProfession, rass.SFCodeProfession)
	noms(rass.Diplomes, rass.DAIDNat, rass.DANom)
	noms(rass.Porteurs, rass.POIDNat, rass.PONom, rass.PACodeProfession, rass.POCodeProfession)
	noms(rass.ProSanteConnect, rass.PSCIDNat, rass.PSCNom, rass.PACodeProfession, rass.PSCCodeProfession)
	for _, l := range f[rass.MSSante] {
		if id := l[rass.MSIDNat]; (id == "") != (l[rass.MSTypeBAL] == "ORG") || id != "" && praticiens[id] == nil {
			t.Errorf("BAL de %s", id)
		}
		if s := l[rass.MSStructure]; s != "" && parNat[l[rass.MSTypeStructure]+s] == nil {
			t.Errorf("BAL de la structure %s", s)
		}
	}
	for _, l := range f[rass.Activites] {
		if parFINESS[l[rass.ACFINESS]] == nil {
			t.Errorf("activité de %s", l[rass.ACFINESS])
		}
	}
	for _, l := range f[rass.Equipements] {
		if s := parFINESS[l[rass.EQFINESS]]; s == nil || s[rass.STFINESSJuridique] != l[rass.EQFINESSJuridique] {
			t.Errorf("équipement de %s", l[rass.EQFINESS])
		}
	}
	reseaux := map[string]bool{}
	for _, l := range f[rass.Reseaux] {
		reseaux[l[rass.REIdentifiant]] = true
	}
	for _, l := range f[rass.Membres] {
		if !reseaux[l[rass.MEIdentifiant]] || praticiens[l[rass.MEIDNat]] == nil && parNat[l[rass.MEIDNat]] == nil {
			t.Errorf("membre %s de %s", l[rass.MEIDNat], l[rass.MEIdentifiant])
		}
	}
	for _, l := range f[rass.Certificats] {
		if praticiens[l[rass.CEIDNat]] == nil && parNat[l[rass.CEIDNat]] == nil {
			t.Errorf("certificat de %s", l[rass.CEIDNat])
		}
	}
	for _, fichier := range []rass.Fichier{rass.Activites, rass.Equipements, rass.Membres, rass.Certificats, rass.Porteurs, rass.MSSante} {
		if len(f[fichier]) == 0 {
			t.Errorf("%v est vide", fichier)
		}
	}
}

func TestReglageRefuse(t *testing.T) {
	for cas, r := range map[string]Reglage{
		"personne":            {},
		"trop":                {Professionnels: ProfessionnelsMax + 1},
		"situations":          {Professionnels: 1, Situations: 9},
		"moins d'une":         {Professionnels: 1, Situations: 0.5},
		"part":                {Professionnels: 1, Part: 2},
		"département inconnu": {Professionnels: 1, Departements: []string{"99"}},
	} {
		if _, err := New(r); !errors.Is(err, ErrReglage) {
			t.Errorf("%s : %v", cas, err)
		}
	}
	n := faire(t, Reglage{Professionnels: 1})
	for _, d := range []int{-1, JoursMax + 1} {
		if _, err := n.Journee(d); !errors.Is(err, ErrJour) {
			t.Errorf("jour %d : %v", d, err)
		}
	}
	j, _ := n.Journee(0)
	if _, err := j.EcrireDifferences(t.Context(), io.Discard, rass.SavoirFaire); !errors.Is(err, ErrJour) {
		t.Errorf("veille du premier jour : %v", err)
	}
	if _, err := j.Ecrire(t.Context(), io.Discard, 0); !errors.Is(err, ErrReglage) {
		t.Errorf("fichier inconnu : %v", err)
	}
	ctx, cesser := context.WithCancel(t.Context())
	cesser()
	if _, err := j.Ecrire(ctx, io.Discard, rass.SavoirFaire); !errors.Is(err, context.Canceled) {
		t.Errorf("contexte fini : %v", err)
	}
}

// The smallest directories are whole, too.
func TestPetits(t *testing.T) {
	for _, nb := range []int{1, 2, 7, 60, 500} {
		n := faire(t, Reglage{Graine: 2, Professionnels: nb, Departements: []string{"41"}})
		for _, f := range rass.Fichiers {
			for _, d := range []int{0, 3} {
				l := lus(t, ecrit(t, n, f, d), f)
				if f == rass.PersonneActivite && d == 0 && len(l) < nb {
					t.Errorf("%d professionnels, %d lignes", nb, len(l))
				}
				for _, x := range l {
					if f == rass.Structures && x[rass.STCodeDepartement] != "41" {
						t.Errorf("structure dans le %s", x[rass.STCodeDepartement])
					}
				}
			}
		}
	}
}

func TestDossier(t *testing.T) {
	n := faire(t, Reglage{Graine: 2, Professionnels: 300, Part: 0.2})
	dir := t.TempDir()
	for d, delta := range map[int]bool{0: false, 1: true} {
		j, err := n.Journee(d)
		if err != nil {
			t.Fatal(err)
		}
		l, err := j.EcrireDossier(t.Context(), dir, delta)
		if err != nil || len(l) != len(rass.Fichiers) {
			t.Fatal(err)
		}
		for _, x := range l {
			nom, err := rass.ParseNom(filepath.Base(x.Chemin), n.Instant(0).Location())
			if err != nil || nom.Fichier != x.Fichier || nom.Delta != delta || !nom.Instant.Equal(n.Instant(d)) {
				t.Errorf("%s : %v", x.Chemin, err)
			}
			b, err := os.ReadFile(x.Chemin)
			if err != nil || int64(len(lus(t, b, x.Fichier)))+1 != x.Lignes {
				t.Errorf("%s : %v", x.Chemin, err)
			}
		}
	}
	if l, _ := filepath.Glob(filepath.Join(dir, ".annuaire-*")); len(l) > 0 {
		t.Errorf("restent %v", l)
	}
	j, _ := n.Journee(0)
	if _, err := j.EcrireDossier(t.Context(), filepath.Join(dir, "absent"), false); err == nil {
		t.Error("dossier absent accepté")
	}
}

// The white list holds the domains that are used, and each once.
func TestDomainesBlancs(t *testing.T) {
	n := faire(t, Reglage{Graine: 7, Professionnels: tailleEssai})
	blancs := map[string]bool{}
	for _, d := range n.Domaines() {
		if blancs[d] {
			t.Errorf("%s est deux fois", d)
		}
		blancs[d] = true
	}
	var b bytes.Buffer
	if err := n.EcrireDomaines(&b); err != nil || strings.Count(b.String(), "\n") != len(blancs)+2 || !strings.Contains(b.String(), "\npro.mssante.example;;;") {
		t.Errorf("liste : %v, %q", err, b.String())
	}
	servis := map[string]bool{}
	for _, l := range essai()[rass.MSSante] {
		_, d, _ := strings.Cut(l[rass.MSAdresse], "@")
		if servis[d] = true; !blancs[d] {
			t.Errorf("%s n'est pas dans la liste", d)
		}
	}
	if len(servis)*10 < len(blancs)*9 {
		t.Errorf("%d domaines servent, %d sont dits : %v", len(servis), len(blancs), slices.Sorted(maps.Keys(servis)))
	}
}

// The archive is one that readers of the national one open.
func TestArchive(t *testing.T) {
	n := faire(t, Reglage{Graine: 2, Professionnels: 200})
	j, _ := n.Journee(2)
	var b bytes.Buffer
	nom, err := j.EcrireArchive(t.Context(), &b)
	if err != nil || nom != "PS_LibreAcces_202611040300.zip" {
		t.Fatalf("%s, %v", nom, err)
	}
	a, err := rass.OuvrirArchive(bytes.NewReader(b.Bytes()), int64(b.Len()), 0, n.Instant(0).Location())
	if err != nil || len(a.Entrees()) != 3 {
		t.Fatal(err)
	}
	for _, e := range a.Entrees() {
		r, err := a.Ouvrir(e.Fichier)
		if err != nil {
			t.Fatal(err)
		}
		lu, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(lu, ecrit(t, n, e.Fichier, 2)) || !e.Instant.Equal(n.Instant(2)) {
			t.Errorf("%v : %v", e.Fichier, err)
		}
	}
	if _, err := j.EcrireArchive(t.Context(), plein{}); err == nil {
		t.Error("disque plein sans erreur")
	}
}

type plein struct{}

func (plein) Write([]byte) (int, error) { return 0, errors.New("disque plein") }
