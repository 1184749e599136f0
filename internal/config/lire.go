package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Duree is a duration written as 90s, 5m or 720h.
type Duree time.Duration

// UnmarshalText reads a duration.
func (d *Duree) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return errors.New("durée attendue, comme 90s, 5m ou 720h")
	}
	*d = Duree(v)
	return nil
}

// MarshalText writes a duration.
func (d Duree) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Duration is the duration.
func (d Duree) Duration() time.Duration { return time.Duration(d) }

// Erreur is what is wrong in a configuration file, and where.
type Erreur struct {
	Fichier string
	Ligne   int // 0 when the file as a whole is meant
	Cle     string
	Motif   string
}

// Error is file:line: key: reason.
func (e *Erreur) Error() string {
	s := e.Fichier
	if e.Ligne > 0 {
		s += ":" + strconv.Itoa(e.Ligne)
	}
	if e.Cle != "" {
		s += " : " + e.Cle
	}
	return s + " : " + e.Motif
}

// fichierMax bounds a configuration file.
const fichierMax = 4 << 20

// Fichier is a configuration that was read and where each of its keys stands.
type Fichier struct {
	Config
	Chemin string
	lignes map[string]int
	vides  []string // keys said empty or zero where that means nothing
}

// Lire reads a file, fills the defaults and checks all that can be checked
// without opening anything else. All errors are given at once.
func Lire(chemin string) (*Fichier, error) {
	b, err := lireFichier(chemin)
	if err != nil {
		return nil, err
	}
	f, err := decoder(chemin, b)
	if err != nil {
		return nil, err
	}
	return f, f.valider()
}

func decoder(chemin string, b []byte) (*Fichier, error) {
	f := &Fichier{Chemin: chemin, lignes: lignes(b)}
	if err := decoderTOML(chemin, b, f.lignes, &f.Config); err != nil {
		return nil, err
	}
	var dit map[string]any
	if err := toml.Unmarshal(b, &dit); err != nil {
		return nil, &Erreur{Fichier: chemin, Motif: err.Error()}
	}
	f.vides = completer(reflect.ValueOf(&f.Config).Elem(), dit, "")
	return f, nil
}

// Document is another TOML file that a configuration names, and where each of its
// keys stands.
type Document struct {
	Chemin string
	lignes map[string]int
}

// LireDocument reads a TOML file into a struct. Unknown keys and values of another
// kind are refused, with their line.
func LireDocument(chemin string, v any) (*Document, error) {
	b, err := lireFichier(chemin)
	if err != nil {
		return nil, err
	}
	d := &Document{chemin, lignes(b)}
	return d, decoderTOML(chemin, b, d.lignes, v)
}

// Erreur makes an error about a key of the document.
func (d *Document) Erreur(cle, motif string) *Erreur {
	return &Erreur{d.Chemin, ligneProche(d.lignes, cle), cle, motif}
}

func lireFichier(chemin string) ([]byte, error) {
	info, err := os.Stat(chemin)
	switch {
	case err != nil:
		return nil, &Erreur{Fichier: chemin, Motif: "fichier introuvable ou illisible"}
	case info.IsDir():
		return nil, &Erreur{Fichier: chemin, Motif: "est un répertoire, un fichier est attendu"}
	case info.Size() > fichierMax:
		return nil, &Erreur{Fichier: chemin, Motif: "fichier de plus de 4 Mio"}
	}
	b, err := os.ReadFile(chemin)
	if err != nil {
		return nil, &Erreur{Fichier: chemin, Motif: "fichier illisible"}
	}
	return b, nil
}

// decoderTOML decodes a text and tells the line of what it refuses.
func decoderTOML(chemin string, b []byte, lignes map[string]int, v any) error {
	d := toml.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var inconnus *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &inconnus):
		var tous []error
		for _, e := range inconnus.Errors {
			ligne, _ := e.Position()
			tous = append(tous, &Erreur{chemin, ligne, strings.Join(e.Key(), "."), "clé inconnue"})
		}
		return errors.Join(tous...)
	case errors.As(err, &decode):
		ligne, colonne := decode.Position()
		cle := cleDe(lignes, ligne)
		return &Erreur{chemin, ligne, cle, motifTOML(decode, colonne, docDe(reflect.TypeOf(v).Elem(), cle))}
	case err != nil:
		return double(chemin, lignes, err)
	}
	return nil
}

// double tells a key or a table said twice, with the line of the last when its name
// alone tells it.
func double(chemin string, lignes map[string]int, err error) error {
	m := doubleTOML.FindStringSubmatch(err.Error())
	if m == nil {
		return autreTable(chemin, lignes, err)
	}
	e := &Erreur{chemin, 0, m[1], "dit deux fois : clé ou table déjà écrite plus haut"}
	for cle, l := range lignes {
		if cle == m[1] || strings.HasSuffix(cle, "."+m[1]) {
			if e.Ligne > 0 { // several keys of that name: which one is not known
				e.Ligne = 0
				break
			}
			e.Ligne = l
		}
	}
	return e
}

// autreTable tells a table written as a list of tables, or the reverse.
func autreTable(chemin string, lignes map[string]int, err error) error {
	e := &Erreur{Fichier: chemin, Motif: "table d'une autre forme attendue, [table] ou [[table]] : voir ecluse config describe"}
	m := champTOML.FindStringSubmatch(err.Error())
	if m == nil {
		return e
	}
	for cle, l := range lignes {
		if nom := rangDeTable.ReplaceAllString(cle, ""); strings.EqualFold(nom, m[1]) && (e.Ligne == 0 || l < e.Ligne) {
			e.Cle, e.Ligne = nom, l
		}
	}
	return e
}

// Patterns of what the library says: of a value of another kind than the field, of
// a key said twice, of a value that its type refuses.
var (
	genreTOML  = regexp.MustCompile(`^cannot (?:decode|store) TOML \w+ in(?:to)? struct field \S+ of type (\S+)$`)
	champTOML  = regexp.MustCompile(`struct field (?:\S+\.)?(\w+) of type`)
	doubleTOML = regexp.MustCompile(`(?:key|table) (\S+) (?:is already|already|that has already)`)
)

func motifTOML(e *toml.DecodeError, colonne int, doc string) string {
	dit := strings.TrimPrefix(e.Error(), "toml: ")
	if m := genreTOML.FindStringSubmatch(dit); m != nil {
		return genreAttendu(m[1], doc)
	}
	for _, x := range syntaxes {
		if strings.Contains(dit, x.de) {
			return fmt.Sprintf("syntaxe refusée, colonne %d : %s", colonne, x.a)
		}
	}
	if sante := motifDeValeur.FindString(dit); sante != "" {
		return sante
	}
	if doc != "" {
		return "valeur refusée ; " + doc
	}
	return fmt.Sprintf("valeur ou syntaxe refusée, colonne %d", colonne)
}

// motifDeValeur is what our own types say of a value, in French.
var motifDeValeur = regexp.MustCompile(`[\pL ']*attendue?\b.*`)

func genreAttendu(genre, doc string) string {
	switch genre {
	case "bool", "*bool":
		return "true ou false attendu, sans guillemets"
	case "int":
		return "nombre entier attendu, sans guillemets"
	case "string":
		return "texte attendu, entre guillemets"
	case "[]string":
		return `liste de textes attendue, comme ["un", "deux"]`
	}
	if doc != "" {
		return "valeur d'un autre genre attendue ; " + doc
	}
	return "valeur d'un autre genre attendue : voir ecluse config describe"
}

// syntaxes says in French what the library says of a text that is not TOML.
var syntaxes = []struct{ de, a string }{
	{"basic strings cannot have new lines", "il manque le guillemet qui ferme le texte"},
	{"literal strings cannot have new lines", "il manque l'apostrophe qui ferme le texte"},
	{"unterminated", "il manque le guillemet qui ferme le texte"},
	{"expected value", "il manque la valeur après ="},
	{"expected = after a key", "il manque = après la clé"},
	{"expected character =", "il manque = après la clé"},
	{"expected character ]", "il manque un crochet ]"},
	{"expected character", "un signe manque"},
	{"array is incomplete", "il manque le crochet qui ferme la liste"},
	{"array elements", "il manque une virgule dans la liste"},
	{"array cannot start", "une virgule est de trop dans la liste"},
	{"inline table is incomplete", "il manque l'accolade qui ferme la table"},
	{"expected newline", "un seul « clé = valeur » par ligne"},
	{"start of key", "une clé ne contient que des lettres sans accent, des chiffres, - et _"},
	{"expected key", "une clé est attendue"},
	{"escape", "la barre oblique inverse s'écrit \\\\ dans un texte entre guillemets"},
	{"escaped", "la barre oblique inverse s'écrit \\\\ dans un texte entre guillemets"},
	{"UTF-8", "le fichier n'est pas en UTF-8"},
	{"expected 'true'", "true, false, un nombre ou un texte entre guillemets attendu"},
	{"expected 'false'", "true, false, un nombre ou un texte entre guillemets attendu"},
	{"expected 'inf'", "true, false, un nombre ou un texte entre guillemets attendu"},
	{"expected 'nan'", "true, false, un nombre ou un texte entre guillemets attendu"},
	{"incomplete number", "un nombre, ou un texte entre guillemets, attendu"},
	{"scanning for a number", "un nombre, ou un texte entre guillemets, attendu"},
	{"number", "nombre mal écrit"}, {"float", "nombre mal écrit"}, {"digit", "nombre mal écrit"},
	{"date", "date mal écrite, comme 2026-03-01"}, {"time", "heure mal écrite, comme 08:00:00"}, {"hour", "heure mal écrite"}, {"minute", "heure mal écrite"}, {"seconds", "heure mal écrite"},
	{"invalid character", "signe inattendu"},
}

// docDe is what the field of a key is for, as its tag tells it; "" when it does not.
func docDe(t reflect.Type, cle string) string {
	doc := ""
	for nom := range strings.SplitSeq(rangDeTable.ReplaceAllString(cle, ""), ".") {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return ""
		}
		i := slices.IndexFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Tag.Get("toml") == nom })
		if i < 0 {
			return ""
		}
		f := reflect.VisibleFields(t)[i]
		doc, t = cmp.Or(f.Tag.Get("doc"), f.Tag.Get("comment")), f.Type
	}
	return doc
}

var rangDeTable = regexp.MustCompile(`\[\d+\]`)

// cleDe is the key that stands on a line, "" when none does.
func cleDe(lignes map[string]int, ligne int) string {
	for cle, l := range lignes {
		if l == ligne && cle != "" {
			return cle
		}
	}
	return ""
}

// lignes tells on which line each key stands: "amc[1].identite.structure".
func lignes(b []byte) map[string]int {
	m := make(map[string]int)
	var p unstable.Parser
	p.Reset(b)
	prefixe, rangs := "", map[string]int{}
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefixe = chemin(e, "", rangs)
			if e.Kind == unstable.ArrayTable {
				rangs[prefixe]++
				prefixe += "[" + strconv.Itoa(rangs[prefixe]) + "]"
			}
			m[prefixe] = ligneDe(&p, e)
		case unstable.KeyValue:
			m[chemin(e, prefixe, rangs)] = ligneDe(&p, e)
		}
	}
	return m
}

// chemin names a key, with the rank of the tables of arrays that it is in.
func chemin(e *unstable.Node, prefixe string, rangs map[string]int) string {
	it := e.Key()
	for it.Next() {
		if n := rangs[prefixe]; n > 0 && !strings.HasSuffix(prefixe, "]") {
			prefixe += "[" + strconv.Itoa(n) + "]"
		}
		if prefixe != "" {
			prefixe += "."
		}
		prefixe += string(it.Node().Data)
	}
	return prefixe
}

func ligneDe(p *unstable.Parser, e *unstable.Node) int {
	it := e.Key()
	if !it.Next() {
		return 0
	}
	return p.Shape(it.Node().Raw).Start.Line
}

// Erreur makes an error about a key.
func (f *Fichier) Erreur(cle, motif string) *Erreur {
	return &Erreur{f.Chemin, ligneProche(f.lignes, cle), cle, motif}
}

// ligneProche is the line of a key, or of the nearest table that holds it.
func ligneProche(lignes map[string]int, cle string) int {
	l := lignes[cle]
	for c := cle; l == 0 && c != ""; {
		i := strings.LastIndexAny(c, ".[")
		if i < 0 {
			break
		}
		c = c[:i]
		l = lignes[c]
	}
	return l
}

// Resoudre makes a path of the file absolute.
func (f *Fichier) Resoudre(chemin string) string {
	if chemin == "" || filepath.IsAbs(chemin) {
		return chemin
	}
	return filepath.Join(filepath.Dir(f.Chemin), chemin)
}

// AdresseBase is the address of the database, its path made absolute.
func (f *Fichier) AdresseBase() string {
	if c, ok := strings.CutPrefix(f.Base, "sqlite:"); ok {
		return "sqlite:" + f.Resoudre(c)
	}
	return f.Base
}

// PorteOuverte is the address of the open door, as professionals see it.
func (f *Fichier) PorteOuverte() string {
	return cmp.Or(f.Ecoute.Publiee, "https://"+f.Ecoute.Ouverte)
}

// AdressePublique is the base address that partners see.
func (f *Fichier) AdressePublique() string {
	if f.Ecoute.Publique != "" {
		return strings.TrimSuffix(f.Ecoute.Publique, "/")
	}
	return fmt.Sprintf("https://%s", f.Ecoute.Adresse)
}
