package charger

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

var midi = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fichiers are the lines of each file, without the header.
type fichiers map[rass.Fichier][]string

// monde makes fictitious files that agree with each other.
type monde struct {
	r *rand.Rand
	f fichiers
	w func(rass.Fichier, string) // when set, lines go there
}

func cleLuhn(s string) string {
	n := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		n += d
	}
	return s + string(rune('0'+(10-n%10)%10))
}

func finessDe(n int) string { return cleLuhn(fmt.Sprintf("99%06d", n)) }
func siretDe(n int) string  { return cleLuhn(fmt.Sprintf("99912345%05d", n)) }
func rppsDe(n int) string   { return cleLuhn(fmt.Sprintf("999%07d", n)) }

func (m *monde) poser(f rass.Fichier, colonnes map[rass.Colonne]string) {
	l := make([]string, f.Entete().Len())
	for c, s := range colonnes {
		l[c] = s
	}
	if m.w != nil {
		m.w(f, strings.Join(l, "|"))
		return
	}
	m.f[f] = append(m.f[f], strings.Join(l, "|"))
}

var (
	voies    = []string{"DES LILAS", "DU MOULIN", "VICTOR HUGO", "DE L'ÉCLUSE"}
	communes = [][3]string{{"41018", "BLOIS", "41000"}, {"45234", "ORLÉANS", "45000"}, {"37261", "TOURS", "37000"}}
	metiers  = [][2]string{{"10", "Médecin"}, {"21", "Pharmacien"}, {"60", "Infirmier"}}
	savoirs  = [][2]string{{"SM04", "Cardiologie et maladies vasculaires"}, {"SM26", "Qualifié en Médecine Générale"}, {"SM54", "Médecine générale"}}
)

type lieuDEssai struct{ finess, juridique, siret, technique, raison, commune, insee, cp, voie string }

func (m *monde) lieu(n int) lieuDEssai {
	c := communes[n%len(communes)]
	l := lieuDEssai{juridique: finessDe(900000 + n/3), raison: fmt.Sprintf("MAISON DE SANTE %d", n), commune: c[1], insee: c[0], cp: c[2], voie: voies[n%len(voies)]}
	switch n % 3 {
	case 0:
		l.finess = finessDe(n)
		l.technique = "F" + l.finess
	case 1:
		l.siret = siretDe(n % 100000)
		l.technique = "C" + l.siret
		l.juridique = ""
	case 2:
		l.technique = fmt.Sprintf("R1010%010d", n)
		l.juridique = ""
	}
	return l
}

func (l lieuDEssai) dans(c map[rass.Colonne]string, d rass.Colonne) {
	c[d+2], c[d+4], c[d+5], c[d+6] = "12", "R", "Rue", l.voie
	c[d+9], c[d+10], c[d+11], c[d+12], c[d+13] = l.cp, l.insee, l.commune, "99000", "France"
	c[d+14], c[d+18], c[d+19] = "0200000000", l.cp[:2], "Département "+l.cp[:2]
}

func nouveauMonde(graine uint64, praticiens int) fichiers {
	m := &monde{r: rand.New(rand.NewPCG(graine, 5)), f: fichiers{}}
	m.tout(praticiens)
	return m.f
}

func (m *monde) tout(praticiens int) {
	structures := max(6, praticiens/3)
	m.structures(structures)
	for i := range praticiens {
		m.personne(i, structures)
	}
	for i := range max(1, praticiens/50) {
		m.reseau(i, praticiens)
	}
}

func (m *monde) structures(n int) {
	for i := 0; i < n; i += 3 {
		l := m.lieu(i)
		c := map[rass.Colonne]string{rass.STNature: "EG", rass.STIDTechnique: l.technique, rass.STIDNat: "1" + l.finess, rass.STFINESS: l.finess,
			rass.STFINESSJuridique: l.juridique, rass.STRaisonSociale: l.raison, rass.STCodeCategorie: "603", rass.STCategorie: "Maison de santé",
			rass.STCodeSecteur: "SA05", rass.STSecteur: "Centre de santé", rass.STLatitude: fmt.Sprintf("%d.%06d", 40+m.r.IntN(10), m.r.IntN(1e6)),
			rass.STLongitude: fmt.Sprintf("-%d.%06d", m.r.IntN(3), m.r.IntN(1e6)), rass.STOuverture: "01/04/2001", rass.STMaj: "01/11/2026", rass.STAutorite: "ARS"}
		l.dans(c, rass.STDestinataire)
		if i%30 == 27 {
			c[rass.STFermeture] = "01/01/2020"
		}
		m.poser(rass.Structures, c)
		e := map[rass.Colonne]string{rass.STNature: "EJ", rass.STIDTechnique: "F" + l.juridique, rass.STIDNat: "1" + l.juridique, rass.STFINESSJuridique: l.juridique,
			rass.STRaisonSociale: "ASSOCIATION " + l.raison, rass.STOuverture: "01/01/2000", rass.STMaj: "01/10/2026", rass.STAutorite: "ARS", rass.STCodeStatut: "60", rass.STStatut: "Association"}
		l.dans(e, rass.STDestinataire)
		m.poser(rass.Structures, e)
		if i%2 == 0 {
			m.poser(rass.Activites, map[rass.Colonne]string{rass.ACNumero: fmt.Sprintf("24-%05d", i), rass.ACFINESS: l.finess, rass.ACNature: "soins",
				rass.ACCodeActivite: "04", rass.ACActivite: "Psychiatrie", rass.ACCodeModalite: "09", rass.ACCodeForme: "01", rass.ACAutorisees: "30",
				rass.ACInstallees: "25", rass.ACOuverture: "01/01/2010", rass.ACMaj: "01/01/2026", rass.ACAutorite: "ARS"})
		}
		if i%9 == 0 {
			m.poser(rass.Equipements, map[rass.Colonne]string{rass.EQNumero: fmt.Sprintf("24-EML-%05d", i), rass.EQFINESS: l.finess, rass.EQFINESSJuridique: l.juridique,
				rass.EQCodeEquipement: "05602", rass.EQEquipement: "Scanner", rass.EQFabricant: "FABRICANT FICTIF", rass.EQStatut: "active", rass.EQOuverture: "05/05/2015", rass.EQAutorite: "ARS"})
		}
		m.poser(rass.MSSante, l.boite(map[rass.Colonne]string{rass.MSTypeBAL: "ORG", rass.MSAdresse: fmt.Sprintf("accueil.%d@maison.mssante.example", i),
			rass.MSService: "Accueil", rass.MSDematerialisation: "O"}))
		m.poser(rass.Certificats, map[rass.Colonne]string{rass.CETypePorteur: "STRUCTURE", rass.CEIDNat: "1" + l.finess, rass.CESerie: fmt.Sprintf("%08x", i),
			rass.CEEmetteur: "CN=AC FICTIVE,O=TEST,C=FR", rass.CESujet: "CN=serveur,O=TEST", rass.CEDomaine: "SERVEUR", rass.CEUsage: "TLS",
			rass.CEDebut: "01/01/2025", rass.CEFin: "01/01/2028", rass.CEDER: "AAEC"})
	}
}

func (l lieuDEssai) boite(c map[rass.Colonne]string) map[rass.Colonne]string {
	c[rass.MSTypeStructure], c[rass.MSStructure] = "", l.technique
	if l.finess != "" {
		c[rass.MSTypeStructure], c[rass.MSStructure] = "1", l.finess
	} else if l.siret != "" {
		c[rass.MSTypeStructure], c[rass.MSStructure] = "3", l.siret
	}
	c[rass.MSRaisonSociale] = l.raison
	c[rass.MSNumeroVoie], c[rass.MSTypeVoie], c[rass.MSLibelleVoie] = "12", "Rue", l.voie
	c[rass.MSAcheminement], c[rass.MSCodePostal], c[rass.MSDepartement], c[rass.MSPays] = l.cp+" "+l.commune, l.cp, "Département "+l.cp[:2], "France"
	return c
}

// personne makes one professional: every fifth has two places, every tenth two
// professions, every seventh no activity.
func (m *monde) personne(i, structures int) {
	rpps := rppsDe(i)
	base := map[rass.Colonne]string{0: "8", 1: rpps, 2: "8" + rpps}
	nom, prenom := fmt.Sprintf("FICTIF%d", i%97), []string{"Zoé", "Léon", "Anaïs"}[i%3]
	professions := 1
	if i%10 == 9 {
		professions = 2
	}
	for k := range professions {
		metier := metiers[(i+k)%len(metiers)]
		lieux := 1
		if i%5 == 4 {
			lieux = 2
		}
		if i%7 == 6 {
			lieux = 0
		}
		ligne := func() map[rass.Colonne]string {
			c := map[rass.Colonne]string{rass.PANom: nom, rass.PAPrenom: prenom, rass.PACodeCivilite: "M", rass.PACivilite: "Monsieur",
				rass.PACodeProfession: metier[0], rass.PAProfession: metier[1], rass.PACodeCategorie: "C", rass.PACategorie: "Civil", rass.PAAutorite: "CNOM/CNOM/CNOM"}
			for x, s := range base {
				c[x] = s
			}
			return c
		}
		if lieux == 0 {
			m.poser(rass.PersonneActivite, ligne())
		}
		for j := range lieux {
			l := m.lieu((i*7 + j*11 + k) % structures)
			c := ligne()
			c[rass.PACodeMode], c[rass.PAMode] = "S", "Salarié"
			c[rass.PACodeTypeSavoirFaire], c[rass.PATypeSavoirFaire] = "S", "Spécialité ordinale"
			sf := savoirs[i%3]
			c[rass.PACodeSavoirFaire], c[rass.PASavoirFaire] = sf[0], sf[1]
			c[rass.PASIRET], c[rass.PAFINESS], c[rass.PAFINESSJuridique], c[rass.PAIDTechnique] = l.siret, l.finess, l.juridique, l.technique
			c[rass.PARaisonSociale], c[rass.PACodeSecteur], c[rass.PASecteur] = l.raison, "SA05", "Centre de santé"
			c[rass.PACodeRole], c[rass.PARole], c[rass.PACodeGenre], c[rass.PAGenre] = "FON-01", "Titulaire de cabinet", "GENR01", "Activité standard"
			l.dans(c, rass.PADestinataire)
			m.poser(rass.PersonneActivite, c)
			if i%4 == 0 && j == 0 && k == 0 {
				b := l.boite(map[rass.Colonne]string{rass.MSTypeBAL: "PER", rass.MSAdresse: fmt.Sprintf("p%d@medecin.mssante.example", i), rass.MSTypeIdentifiant: "8",
					rass.MSIdentifiant: rpps, rass.MSIDNat: "8" + rpps, rass.MSNom: nom, rass.MSPrenom: prenom, rass.MSCodeCategorie: "C", rass.MSCategorie: "Civil",
					rass.MSCodeProfession: metier[0], rass.MSProfession: metier[1], rass.MSCodeSavoirFaire: sf[0], rass.MSSavoirFaire: sf[1], rass.MSDematerialisation: "N"})
				m.poser(rass.MSSante, b)
			}
		}
		if i%2 == 0 {
			sf := savoirs[(i+1)%3]
			m.poser(rass.SavoirFaire, map[rass.Colonne]string{0: "8", 1: rpps, 2: "8" + rpps, rass.SFNom: nom, rass.SFPrenom: prenom, rass.SFCodeProfession: metier[0],
				rass.SFProfession: metier[1], rass.SFCodeCategorie: "C", rass.SFCategorie: "Civil", rass.SFCodeTypeSavoirFaire: "S", rass.SFTypeSavoirFaire: "Spécialité ordinale",
				rass.SFCodeSavoirFaire: sf[0], rass.SFSavoirFaire: sf[1]})
		}
		if i%3 == 0 && k == 0 {
			m.poser(rass.Porteurs, map[rass.Colonne]string{0: "8", 1: rpps, 2: "8" + rpps, rass.PONom: nom, rass.POPrenom: prenom, rass.POCodeProfession: metier[0],
				rass.POCodeTypeCarte: "CPS", rass.POTypeCarte: "Carte CPS", rass.PONumero: fmt.Sprintf("80250%09d", i), rass.PODebut: "01/01/2025", rass.POFin: "01/01/2028"})
		}
	}
	for d := range i % 3 {
		m.poser(rass.Diplomes, map[rass.Colonne]string{0: "8", 1: rpps, 2: "8" + rpps, rass.DANom: nom, rass.DAPrenom: prenom, rass.DACodeTypeDiplome: "DE",
			rass.DATypeDiplome: "Diplôme d'État", rass.DACodeDiplome: fmt.Sprintf("DE%02d", d), rass.DADiplome: "Docteur"})
	}
	if i%8 == 7 { // a mailbox of his own, without a structure
		metier := metiers[i%len(metiers)]
		m.poser(rass.MSSante, map[rass.Colonne]string{rass.MSTypeBAL: "PER", rass.MSAdresse: fmt.Sprintf("q%d@pro.mssante.example", i), rass.MSTypeIdentifiant: "8",
			rass.MSIdentifiant: rpps, rass.MSIDNat: "8" + rpps, rass.MSNom: nom, rass.MSPrenom: prenom, rass.MSCodeCategorie: "C", rass.MSCategorie: "Civil",
			rass.MSCodeProfession: metier[0], rass.MSProfession: metier[1], rass.MSDematerialisation: "N"})
	}
}

func (m *monde) reseau(i, praticiens int) {
	id := fmt.Sprintf("RES-%04d", i)
	c := map[rass.Colonne]string{rass.REIdentifiant: id, rass.RENom: fmt.Sprintf("RÉSEAU FICTIF %d", i), rass.RECodeType: "R1", rass.REType: "Réseau de santé",
		rass.REOuverture: "01/01/2012", rass.REMaj: "01/01/2026", rass.REAutorite: "ARS"}
	m.lieu(3*i).dans(c, rass.REDestinataire)
	m.poser(rass.Reseaux, c)
	m.poser(rass.Membres, map[rass.Colonne]string{rass.MEIdentifiant: id, rass.METypeMembre: "PP", rass.MEIDNat: "8" + rppsDe(i%praticiens), rass.MECodeRole: "COORD", rass.MEEntree: "01/01/2020"})
	m.poser(rass.Membres, map[rass.Colonne]string{rass.MEIdentifiant: id, rass.METypeMembre: "STRUCTURE", rass.MEIDNat: "1" + m.lieu(0).finess, rass.MECodeRole: "MEMBRE", rass.MEEntree: "01/01/2020"})
}

// contenu is a file with its header.
func (f fichiers) contenu(k rass.Fichier) string {
	var b strings.Builder
	e := k.Entete()
	for c := range e.Len() {
		if c > 0 {
			b.WriteByte('|')
		}
		b.WriteString(e.Nom(rass.Colonne(c)))
	}
	b.WriteByte('\n')
	for _, l := range f[k] {
		b.WriteString(l + "\n")
	}
	return b.String()
}

func (f fichiers) flux() []Flux {
	var l []Flux
	for _, k := range rass.Fichiers {
		if _, ok := f[k]; ok {
			l = append(l, fluxTexte(k, f.contenu(k)))
		}
	}
	return l
}

func fluxTexte(k rass.Fichier, s string) Flux {
	return Flux{Fichier: k, Instant: midi.Add(-time.Hour), Ouvrir: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}

func (f fichiers) copie() fichiers {
	c := fichiers{}
	for k, l := range f {
		c[k] = slices.Clone(l)
	}
	return c
}

// banc is a directory being served.
type banc struct {
	t *testing.T
	d *image.Depot
	o Options
}

func nouveauBanc(t *testing.T) *banc {
	t.Helper()
	d, err := image.Ouvrir(t.TempDir(), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &banc{t, d, Options{Repertoire: filepath.Join(t.TempDir(), "travail"), Maintenant: midi, Donnees: donnees}}
}

func (b *banc) charger(l []Flux) *Rapport {
	b.t.Helper()
	r, err := Charger(context.Background(), l, b.d, b.o)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// etat is the text of all that stands, to be compared. Without dates of changes.
func (b *banc) etat() map[string]string {
	b.t.Helper()
	v := b.d.Vue()
	defer v.Rendre()
	m := map[string]string{}
	for _, n := range annuaire.Natures {
		for r := range v.Parcourir(n) {
			k := v.Lire(r)
			_, e := k.Entete()
			e.Maj, e.Version = 0, 0
			m[e.ID] = string(image.Encoder(nil, &k))
		}
	}
	return m
}

func memes(t *testing.T, a, b map[string]string) {
	t.Helper()
	for id, x := range a {
		if y, ok := b[id]; !ok || x != y {
			t.Fatalf("la fiche %s diffère (présente %v) :\n%q\n%q", id, ok, x, y)
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%d fiches d'un côté, %d de l'autre", len(a), len(b))
	}
}

func trier(s string) string {
	l := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	slices.Sort(l[1:])
	return strings.Join(l, "\n")
}
