package francais

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// Dire writes an error for a person, and what to do next when it is known.
func Dire(w io.Writer, err error) {
	dit, suite := traduireErreur(err)
	var c conseil
	if errors.As(err, &c) {
		suite = c.suite
	}
	fmt.Fprintln(w, "ecluse :", dit)
	if suite != "" {
		fmt.Fprintln(w, "  →", suite)
	}
}

// traduireErreur says an error in French, and what to do next when the error alone
// tells it.
func traduireErreur(err error) (dit, suite string) {
	texte := err.Error()
	if n, source := bdd.NatureDe(err); n != bdd.Autre {
		x := panneDeBase[n]
		texte, suite = strings.Replace(texte, source, x.dit, 1), x.suite
	}
	dit, autre := Nettoyer(texte)
	if suite == "" {
		suite = autre
	}
	return dit, suite
}

// Traduire says an error in French, without what to do next.
func Traduire(err error) string {
	dit, _ := traduireErreur(err)
	return dit
}

// panneDeBase says what happens to a database, and what to do.
var panneDeBase = map[bdd.Nature]struct{ dit, suite string }{
	bdd.PasUneBase:       {"ce fichier n'est pas une base SQLite", "la clé « base » de la configuration désigne-t-elle le bon fichier ?"},
	bdd.BaseAlteree:      {"le fichier de la base est abîmé", "arrêter le serveur et restaurer la dernière sauvegarde : ecluse restaurer"},
	bdd.BaseOccupee:      {"la base est verrouillée par un autre programme", "attendre qu'il finisse, ou l'arrêter, puis recommencer"},
	bdd.BasePleine:       {"plus de place pour la base", "faire de la place sur le disque de la base, puis recommencer"},
	bdd.BaseLectureSeule: {"la base ne peut être écrite", "donner à ce compte le droit d'écrire dans le fichier de la base et son répertoire"},
	bdd.BaseInouvrable:   {"le fichier de la base ne peut être ouvert", "voir son chemin (clé « base ») et les droits de son répertoire"},
	bdd.ValeurRefusee:    {"une valeur obligatoire manque ou contredit la base", "le fichier donné n'est sans doute pas celui qui est attendu"},
	bdd.BaseMuette:       {"le serveur PostgreSQL ne répond pas", "est-il démarré, et l'adresse de la clé « base » est-elle la bonne ?"},
	bdd.BaseFermee:       {"le serveur PostgreSQL refuse ce compte", "voir l'utilisateur de la clé « base », son mot de passe (fichier passfile) et pg_hba.conf"},
	bdd.BaseAbsente:      {"cette base n'existe pas sur le serveur PostgreSQL", "la créer (createdb), ou corriger la clé « base »"},
	bdd.BaseDebordee:     {"le serveur PostgreSQL n'accepte pas de connexion de plus, ou démarre", "attendre, ou augmenter max_connections"},
	bdd.BaseInterdite:    {"le compte PostgreSQL n'a pas le droit de faire cela", "lui donner les droits sur la base et son schéma (GRANT)"},
}

// tournure is an English wording of the system or of a library, ours, and what to
// do next.
type tournure struct {
	de         *regexp.Regexp
	a, conseil string
}

func anglais(de, a, conseil string) tournure { return tournure{regexp.MustCompile(de), a, conseil} }

// operation begins what the system says of a file.
const operation = `\b(?:open|stat|lstat|read|write|mkdir|remove|rename|unlink|unlinkat|readdirent|fdopendir|chmod|truncate|sync|fsync|link|close|copy_file_range) `

// tournures are tried one after another, each wherever it is found.
var tournures = []tournure{
	anglais(operation+`(\S[^:\n]*): no such file or directory`, "$1 : fichier introuvable", ""),
	anglais(operation+`(\S[^:\n]*): permission denied`, "$1 : accès refusé", ""),
	anglais(operation+`(\S[^:\n]*): file exists`, "$1 : existe déjà", ""),
	anglais(operation+`(\S[^:\n]*): is a directory`, "$1 : est un répertoire, un fichier est attendu", ""),
	anglais(operation+`(\S[^:\n]*): not a directory`, "$1 : un fichier est là où un répertoire est attendu", ""),
	anglais(operation+`(\S[^:\n]*): directory not empty`, "$1 : le répertoire n'est pas vide", ""),
	anglais(operation+`(\S[^:\n]*): no space left on device`, "$1 : plus de place sur le disque", "faire de la place, puis recommencer"),
	anglais(operation+`(\S[^:\n]*): read-only file system`, "$1 : disque en lecture seule", ""),
	anglais(operation+`(\S[^:\n]*): too many open files`, "$1 : trop de fichiers ouverts", "augmenter la limite (ulimit -n)"),
	anglais(operation+`(\S[^:\n]*): broken pipe`, "$1 : plus personne ne lit la sortie", ""),
	anglais(operation+`(\S[^:\n]*): `, "$1 : ", ""),
	anglais(`listen \w+ (\S+): bind: address already in use`, "$1 : cette adresse est déjà prise",
		"un autre serveur tourne sans doute : l'arrêter, ou changer la clé « adresse » de cette écoute dans la configuration"),
	anglais(`listen \w+ (\S+): bind: permission denied`, "$1 : ce compte n'a pas le droit d'écouter là", "prendre un port au-dessus de 1023, ou donner ce droit au programme"),
	anglais(`listen \w+ (\S+): bind: cannot assign requested address`, "$1 : cette adresse n'est pas celle de la machine", "corriger la clé « adresse » dans la configuration"),
	anglais(`listen \w+: lookup (\S+?)(?: on \S+)?: .*`, "$1 : nom d'hôte inconnu", "corriger la clé « adresse » dans la configuration"),
	anglais(`listen \w+: address (\S+): (?:invalid port|unknown port)`, "$1 : numéro de port refusé", ""),
	anglais(`dial \w+ (\S+): (?:connect|connectex): connection refused`, "$1 : personne ne répond à cette adresse", ""),
	anglais(`dial \w+: lookup (\S+?)(?: on \S+)?: .*`, "$1 : nom d'hôte inconnu", ""),
	anglais(`dial \w+ (\S+): i/o timeout`, "$1 : pas de réponse à temps", ""),
	anglais(`context deadline exceeded`, "pas de réponse à temps", ""),
	anglais(`context canceled`, "interrompu", ""),
	anglais(`: gzip: invalid header`, "", "donner un fichier écrit par « ecluse sauvegarde »"),
	anglais(`gzip: invalid (?:header|checksum)`, "fichier compressé abîmé", ""),
	anglais(`note has no verifiable signatures`, "il n'est pas signé par la clé donnée", "la clé publique est-elle celle de cette partie ? Sinon, ce journal n'est pas le sien, ou il a été récrit"),
	anglais(`invalid signature for key \S+`, "sa signature est fausse", "ce journal a été récrit, ou la clé n'est pas la sienne"),
	anglais(`: malformed (?:verifier id|note|key)`, "", ""),
	anglais(`malformed (?:verifier id|note|key)`, "illisible", ""),
	anglais(`: (?:unknown verifier algorithm|invalid verifier hash)`, "", ""),
	anglais(`json: unknown field "([^"]*)"`, "champ inconnu : « $1 »", ""),
	anglais(`json: cannot unmarshal \S+(?: \S+)? into Go struct field [\w.]*?\.?(\w+) of type \S+`, "« $1 » : valeur d'un autre genre que celui attendu", ""),
	anglais(`json: cannot unmarshal \S+(?: \S+)? into Go value of type \S+`, "valeur JSON d'un autre genre que celui attendu", ""),
	anglais(`(?:json: )?unexpected end of JSON input`, "JSON interrompu", ""),
	anglais(`invalid character .+? (?:looking for|after|in) [^;\n]*`, "JSON illisible", ""),
	anglais(`contenu abîmé: .*`, "contenu abîmé", "reprendre une copie intacte de ce fichier"),
	anglais(`unexpected EOF`, "fichier interrompu", ""),
	anglais(`\bEOF\b`, "fichier interrompu", ""),
	anglais(`zip: not a valid zip file`, "ce n'est pas un conteneur ASiC-E (ZIP)", "donner un fichier .asice écrit par « ecluse journal preuve »"),
	anglais(`zip: `, "", ""),
	anglais(`tls: private key does not match public key`, "la clé n'est pas celle du certificat", ""),
	anglais(`x509: certificate has expired or is not yet valid: .*`, "certificat hors de sa période de validité", ""),
	anglais(`x509: certificate signed by unknown authority`, "certificat d'une autorité inconnue", ""),
	anglais(`(?:x509|asn1): [^;\n]*`, "certificat ou clé illisible", ""),
	anglais(`bufio\.Scanner: token too long`, "ligne trop longue", ""),
	anglais(`invalid argument`, "valeur refusée par le système", ""),
}

// prefixes are the names of the packages, which errors carry for who maintains them.
var prefixes = regexp.MustCompile(`(^|[\s(«])(?:igc|bdd|officine|tiers|tarif|accreditation|droits|visiodroits|virement|jcs|trame|cercle|front|preuve|journal|sceau|jades|certificat|annuaire|acheminement|liquidation|etablissement|relais|vigie|monde|roc|cle|idb|sim|clc|del|gate|merkle|https|pupitre|xmlsig|xmlflux|amc|comptable): `)

// deuxPoints is a colon written as in English.
var deuxPoints = regexp.MustCompile(`([^\s:]): `)

// Nettoyer says in French what a text still has of English, without the names of
// the packages, and what to do next when it is known.
func Nettoyer(s string) (dit, suite string) {
	for _, t := range tournures {
		if !t.de.MatchString(s) {
			continue
		}
		s = t.de.ReplaceAllString(s, t.a)
		if suite == "" {
			suite = t.conseil
		}
	}
	for avant := ""; avant != s; {
		avant, s = s, prefixes.ReplaceAllString(s, "$1")
	}
	return deuxPoints.ReplaceAllString(s, "$1 : "), suite
}
