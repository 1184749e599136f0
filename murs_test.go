package ecluse_test

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ecluse-sante/ecluse"

// etagere are the public packages: what an integrator may import.
var etagere = []string{"sante", "sceau", "certificat", "trame", "calcul", "roc", "preuve", "noemie", "b2", "visiodroits", "rass", "fhir"}

// outils are not rooms: what several rooms need and that has one subject.
var outils = []string{"internal/bdd", "internal/cle", "internal/config"}

// adaptateurs speak to the outside for their room, beside front: they may know
// HTTP.
var adaptateurs = map[string]string{
	"internal/annuaire/national":  "l'annuaire national se suit par HTTP : fichiers d'extraction, interface FHIR (RASS §§5, 7)",
	"internal/amc/distant":        "le système d'information de l'AMC se joint par HTTP (DEC 25)",
	"internal/relais/courrier":    "un relais envoie les messages plus loin par HTTP",
	"internal/acheminement/https": "la file livre et reçoit par HTTP, en plusieurs fois au besoin",
}

// tiers says behind which packages each library sits.
var tiers = map[string]struct {
	chez []string
	pour string
}{
	"github.com/ThalesGroup/crypto11":    {[]string{"internal/cle"}, "clés dans un module PKCS#11"},
	"github.com/go-jose/go-jose/v4":      {[]string{"sceau/jades"}, "JWE"},
	"github.com/go-pdf/fpdf":             {[]string{"internal/etablissement/front"}, "reçu en PDF"},
	"github.com/jackc/pgx/v5":            {[]string{"internal/bdd"}, "PostgreSQL"},
	"modernc.org/sqlite":                 {[]string{"internal/bdd"}, "SQLite"},
	"github.com/pelletier/go-toml/v2":    {[]string{"internal/config"}, "fichiers de configuration"},
	"github.com/xuri/excelize/v2":        {[]string{"internal/etablissement/export"}, "classeurs XLSX"},
	"github.com/urfave/cli/v3":           {[]string{"cmd/ecluse"}, "ligne de commande"},
	"golang.org/x/crypto":                {[]string{"certificat", "sceau", "internal/igc"}, "ASN.1 et OCSP"},
	"golang.org/x/mod":                   {[]string{"preuve", "internal/journal", "internal/pupitre"}, "journal par tuiles et notes signées"},
	"golang.org/x/net":                   {[]string{"cmd/ecluse/internal/serveur"}, "connexions bornées de la porte ouverte"},
	"golang.org/x/sync":                  {[]string{"internal/accreditation/front", "cmd/ecluse/internal/serveur"}, "une lecture pour tous ceux qui demandent la même liste"},
	"golang.org/x/text":                  {[]string{"sante"}, "normalisation des noms"},
	"github.com/go-asn1-ber/asn1-ber":    {[]string{"test"}, "oracle du BER que nous écrivons"},
	"github.com/go-ldap/ldap/v3":         {[]string{"test"}, "client LDAP indépendant"},
	"github.com/google/go-cmp":           {[]string{"test"}, "comparaisons des tests"},
	"pgregory.net/rapid":                 {[]string{"test"}, "propriétés des tests"},
	"github.com/transparency-dev/merkle": {[]string{"test"}, "oracle des tests du journal"},
}

// passages are the imports that cross a wall on purpose, with the reason.
var passages = map[[2]string]string{
	{"internal/gate/gatetest", "internal/igc"}:         "le banc de la porte fait de vrais certificats",
	{"internal/gate/gatetest", "internal/igc/igctest"}: "le banc de la porte fait de vrais certificats",
}

// programme are the packages of the program, and what each may know of the others: the server
// does not know who plays with it, nor words for people any room. Only the commands know all.
var programme = map[string][]string{
	"cmd/ecluse":                      {"cmd/ecluse/internal/francais", "cmd/ecluse/internal/serveur", "cmd/ecluse/internal/laboratoire", "cmd/ecluse/internal/charge"},
	"cmd/ecluse/internal/charge":      {"cmd/ecluse/internal/serveur", "cmd/ecluse/internal/laboratoire"},
	"cmd/ecluse/internal/laboratoire": {"cmd/ecluse/internal/francais", "cmd/ecluse/internal/serveur"},
	"cmd/ecluse/internal/serveur":     {"cmd/ecluse/internal/francais"},
	"cmd/ecluse/internal/francais":    nil,
}

// cableur is the only package where the doors of the rooms are opened; the laboratory has a
// door of its own, its desk.
const cableur = "cmd/ecluse/internal/serveur"

// separes are two sides that never meet in one package but the program, even through
// others: what carries the identity of a patient, and what carries the detail of the
// products dispensed. They share a file number and nothing else. The package
// visiodroits itself knows neither and serves both. ref: house-style §4, DEC 32
var separes = struct{ identite, detail []string }{
	identite: []string{"visiodroits/droits", "internal/accreditation", "internal/officine"},
	detail:   []string{"visiodroits/tarif", "internal/tarif", "internal/tiers"},
}

// importations are the imports of each package outside of its tests, by file.
func importations(t *testing.T) map[string]map[string]string {
	t.Helper()
	m := map[string]map[string]string{}
	arbre(t, func(chemin string) {
		if !strings.HasSuffix(chemin, ".go") || strings.HasSuffix(chemin, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), chemin, nil, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s : %v", chemin, err)
			return
		}
		p := path.Dir(chemin)
		if m[p] == nil {
			m[p] = map[string]string{}
		}
		for _, i := range f.Imports {
			x, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			m[p][strings.TrimPrefix(x, module+"/")] = chemin
		}
	})
	return m
}

func sous(p, prefixe string) bool { return p == prefixe || strings.HasPrefix(p, prefixe+"/") }

func parmi(p string, l []string) bool {
	return slices.ContainsFunc(l, func(x string) bool { return sous(p, x) })
}

// banc tells whether a package is only for tests.
func banc(p string) bool { return strings.HasSuffix(path.Base(p), "test") }

// piece is the room of a package, "" for what is none.
func piece(p string) string {
	l := strings.Split(p, "/")
	if l[0] != "internal" || len(l) < 2 || parmi(p, outils) {
		return ""
	}
	return "internal/" + l[1]
}

// mur says why a package may not import another, "" when it may.
func mur(p, x string) string {
	if passages[[2]string{p, x}] != "" {
		return ""
	}
	if strings.Contains(strings.Split(x, "/")[0], ".") {
		return murTiers(p, x)
	}
	regles := piece(p) != "" && p == piece(p) && p != "internal/gate"
	switch chez := piece(x); {
	case parmi(p, etagere) && (sous(x, "internal") || sous(x, "cmd")):
		return "l'étagère n'importe que la bibliothèque standard et l'étagère : un intégrateur l'emporte seule"
	case parmi(p, etagere) && x == "database/sql":
		return "l'étagère ne garde rien : elle demande à son appelant par une interface"
	case regles && (x == "net/http" || x == "database/sql"):
		return "les règles d'une pièce ne connaissent ni HTTP ni SQL : mettre la porte dans front/, les tables dans store/"
	case regles && parmi(x, outils) || regles && strings.HasPrefix(x, p+"/"):
		return "les règles d'une pièce n'importent que l'étagère ; ce qu'elles demandent se dit dans ports.go"
	case path.Base(p) == "front" && x == "database/sql" || path.Base(p) == "front" && sous(x, "internal/bdd"):
		return "une porte ne connaît pas SQL : elle appelle une règle"
	case path.Base(p) == "store" && (x == "net/http" || chez == "internal/gate" && piece(p) != "internal/gate"):
		return "un magasin ne connaît que sa pièce et l'aide aux bases"
	case x == "net/http" && piece(p) != "" && p != "internal/gate" && path.Base(p) != "front" && !banc(p) && adaptateurs[p] == "":
		return "seuls front/, la porte et les adaptateurs déclarés connaissent HTTP"
	case x == "database/sql" && piece(p) != "" && path.Base(p) != "store" && !banc(p):
		return "seul store/ connaît SQL"
	case chez != "" && piece(p) != "" && chez != piece(p) && !(path.Base(p) == "front" && x == "internal/gate"):
		return "une pièce n'en importe pas une autre : elles se rencontrent dans cmd, par des interfaces"
	case chez != "" && piece(p) == "" && !sous(p, "cmd"):
		return "seul cmd connaît plusieurs pièces"
	case sous(p, "cmd") && !slices.Contains(slices.Collect(maps.Keys(programme)), p):
		return "les paquets du programme sont ceux de la table programme : l'y ajouter, avec ce qu'il connaît des autres"
	case p == "cmd/ecluse/internal/francais" && chez != "":
		return "les mots pour les personnes ne connaissent aucune pièce"
	case sous(p, "cmd/ecluse") && path.Base(x) == "front" && p != cableur && !(p == "cmd/ecluse/internal/laboratoire" && x == "internal/pupitre/front"):
		return "seul serveur ouvre les portes des pièces ; une commande et le laboratoire passent par lui"
	case banc(x) && !banc(p):
		return "un banc de test n'entre pas dans le programme"
	case sous(x, "cmd") && !slices.Contains(programme[p], x):
		return "cmd n'est importé par personne ; entre ses paquets, seulement dans le sens de la table"
	}
	return ""
}

func murTiers(p, x string) string {
	for bibliotheque, r := range tiers {
		switch {
		case !sous(x, bibliotheque):
		case slices.ContainsFunc(r.chez, func(c string) bool { return p == c || c != "cmd/ecluse" && sous(p, c) }) || banc(p) && (slices.Contains(r.chez, "test") || parmi(piece(p), r.chez) || sous(p, "internal/bdd")):
			return ""
		default:
			return "cette bibliothèque (" + r.pour + ") reste derrière " + strings.Join(r.chez, ", ")
		}
	}
	return "bibliothèque inconnue : l'ajouter à docs/dependances.md et à la table de murs_test.go, avec son usage"
}

// No import crosses a wall, and the refusal says why. ref: house-style §3, §18
func TestMurs(t *testing.T) {
	tous := importations(t)
	if len(tous) < 30 {
		t.Fatalf("%d paquets lus : le garde ne voit pas la maison", len(tous))
	}
	for _, p := range slices.Sorted(maps.Keys(tous)) {
		l := tous[p]
		for _, x := range slices.Sorted(maps.Keys(l)) {
			if raison := mur(p, x); raison != "" {
				t.Errorf("%s : %s importe %s\n\t%s", l[x], p, x, raison)
			}
		}
		if l["net/http"] != "" && l["database/sql"] != "" && !sous(p, "cmd") {
			t.Errorf("%s connaît à la fois HTTP et SQL : séparer la porte et le magasin", p)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(tous)) {
		if raison := reunit(tous, p); raison != "" && (!sous(p, "cmd") || p == "cmd/ecluse/internal/francais") {
			t.Errorf("%s %s", p, raison)
		}
	}
}

// reunit says why a package joins the two sides, "" when it does not.
func reunit(tous map[string]map[string]string, p string) string {
	for _, a := range separes.identite {
		for _, b := range separes.detail {
			if atteint(tous, p, a, map[string]bool{}) && atteint(tous, p, b, map[string]bool{}) {
				return "réunit " + a + " et " + b + " : l'identité du patient et ce qui lui est délivré ne se rejoignent nulle part"
			}
		}
	}
	return ""
}

// atteint tells whether a package imports a side, even through others.
func atteint(tous map[string]map[string]string, p, cote string, vus map[string]bool) bool {
	if sous(p, cote) {
		return true
	}
	if vus[p] {
		return false
	}
	vus[p] = true
	for x := range tous[p] {
		if atteint(tous, x, cote, vus) {
			return true
		}
	}
	return false
}

// The guard refuses what it says it refuses.
func TestMursRefuse(t *testing.T) {
	for _, c := range []struct {
		cas, p, x string
		passe     bool
	}{
		{"l'étagère et l'étagère", "roc", "sceau", true},
		{"l'étagère et une pièce", "roc", "internal/amc", false},
		{"les règles et HTTP", "internal/amc", "net/http", false},
		{"les règles et SQL", "internal/amc", "database/sql", false},
		{"les règles et l'aide aux bases", "internal/amc", "internal/bdd", false},
		{"les règles et leur magasin", "internal/amc", "internal/amc/store", false},
		{"une pièce et une autre", "internal/amc/store", "internal/cercle", false},
		{"une porte et la porte commune", "internal/amc/front", "internal/gate", true},
		{"une porte et SQL", "internal/amc/front", "database/sql", false},
		{"un magasin et l'aide aux bases", "internal/amc/store", "internal/bdd", true},
		{"un magasin et HTTP", "internal/amc/store", "net/http", false},
		{"un adaptateur et HTTP", "internal/amc/distant", "net/http", true},
		{"un autre paquet et HTTP", "internal/amc/local", "net/http", false},
		{"un outil et une pièce", "internal/bdd", "internal/amc", false},
		{"cmd et des pièces", "cmd/ecluse", "internal/amc", true},
		{"un banc dans le programme", "cmd/ecluse", "internal/amc/amctest", false},
		{"le serveur et une porte", "cmd/ecluse/internal/serveur", "internal/amc/front", true},
		{"une commande et une porte", "cmd/ecluse", "internal/amc/front", false},
		{"le laboratoire et son bureau", "cmd/ecluse/internal/laboratoire", "internal/pupitre/front", true},
		{"le laboratoire et une autre porte", "cmd/ecluse/internal/laboratoire", "internal/amc/front", false},
		{"le laboratoire et le serveur", "cmd/ecluse/internal/laboratoire", "cmd/ecluse/internal/serveur", true},
		{"le serveur et le laboratoire", "cmd/ecluse/internal/serveur", "cmd/ecluse/internal/laboratoire", false},
		{"les mots et une pièce", "cmd/ecluse/internal/francais", "internal/amc", false},
		{"les mots et l'aide aux bases", "cmd/ecluse/internal/francais", "internal/bdd", true},
		{"une pièce et le programme", "internal/amc/front", "cmd/ecluse/internal/francais", false},
		{"un paquet du programme hors de la table", "cmd/ecluse/internal/divers", "internal/amc", false},
		{"une commande et la ligne de commande", "cmd/ecluse", "github.com/urfave/cli/v3", true},
		{"le serveur et la ligne de commande", "cmd/ecluse/internal/serveur", "github.com/urfave/cli/v3", false},
		{"une bibliothèque à sa place", "sceau/jades", "github.com/go-jose/go-jose/v4", true},
		{"une bibliothèque ailleurs", "roc", "github.com/go-jose/go-jose/v4", false},
		{"une bibliothèque inconnue", "roc", "example.org/inconnue", false},
	} {
		if raison := mur(c.p, c.x); (raison == "") != c.passe {
			t.Errorf("%s : %s importe %s : %q", c.cas, c.p, c.x, raison)
		}
	}
	tous := map[string]map[string]string{
		"x": {"a": ""}, "a": {"internal/officine": "", "b": ""}, "b": {"internal/tarif/front": ""},
		"client": {"visiodroits/droits": "", "visiodroits": ""}, "autre": {"visiodroits/tarif": "", "visiodroits": "", "c": ""}, "c": {"visiodroits": ""},
		"internal/accreditation": {"d": ""}, "d": {"visiodroits/tarif": ""}, "cmd/ecluse": {"internal/accreditation": "", "internal/tiers": ""},
	}
	for _, c := range []struct {
		cas, p string
		joint  bool
	}{
		{"les deux côtés, à travers d'autres", "x", true}, {"un côté qui atteint l'autre", "internal/accreditation", true}, {"cmd, que TestMurs laisse passer", "cmd/ecluse", true},
		{"l'identité et ce qui est commun", "client", false}, {"le détail et ce qui est commun", "autre", false}, {"ce qui est commun", "c", false},
	} {
		if raison := reunit(tous, c.p); (raison != "") != c.joint {
			t.Errorf("%s : %s : %q", c.cas, c.p, raison)
		}
	}
}
