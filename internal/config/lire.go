package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
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
	info, err := os.Stat(chemin)
	if err != nil {
		return nil, &Erreur{Fichier: chemin, Motif: "fichier introuvable ou illisible"}
	}
	if info.Size() > fichierMax {
		return nil, &Erreur{Fichier: chemin, Motif: "fichier de plus de 4 Mio"}
	}
	b, err := os.ReadFile(chemin)
	if err != nil {
		return nil, &Erreur{Fichier: chemin, Motif: "fichier illisible"}
	}
	f, err := decoder(chemin, b)
	if err != nil {
		return nil, err
	}
	return f, f.valider()
}

func decoder(chemin string, b []byte) (*Fichier, error) {
	f := &Fichier{Chemin: chemin, lignes: lignes(b)}
	d := toml.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(&f.Config)
	var inconnus *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &inconnus):
		var tous []error
		for _, e := range inconnus.Errors {
			ligne, _ := e.Position()
			tous = append(tous, &Erreur{chemin, ligne, strings.Join(e.Key(), "."), "clé inconnue"})
		}
		return nil, errors.Join(tous...)
	case errors.As(err, &decode):
		ligne, _ := decode.Position()
		return nil, &Erreur{chemin, ligne, f.cleDe(ligne), motifTOML(decode)}
	case err != nil:
		return nil, &Erreur{Fichier: chemin, Motif: err.Error()}
	}
	var dit map[string]any
	if err := toml.Unmarshal(b, &dit); err != nil {
		return nil, &Erreur{Fichier: chemin, Motif: err.Error()}
	}
	f.vides = completer(reflect.ValueOf(&f.Config).Elem(), dit, "")
	return f, nil
}

// genreTOML is what the library says of a value of another kind than the field.
var genreTOML = regexp.MustCompile(`^cannot decode TOML \w+ into struct field \S+ of type (\S+)$`)

func motifTOML(e *toml.DecodeError) string {
	dit := strings.TrimPrefix(e.Error(), "toml: ")
	m := genreTOML.FindStringSubmatch(dit)
	if m == nil {
		return "valeur ou syntaxe refusée (" + dit + ")"
	}
	switch m[1] {
	case "bool":
		return "true ou false attendu, sans guillemets"
	case "int":
		return "nombre entier attendu, sans guillemets"
	case "string":
		return "texte attendu, entre guillemets"
	case "[]string":
		return `liste de textes attendue, comme ["un", "deux"]`
	}
	return "valeur d'un autre genre attendue : voir ecluse config describe"
}

// cleDe is the key that stands on a line, "" when none does.
func (f *Fichier) cleDe(ligne int) string {
	for cle, l := range f.lignes {
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
	l := f.lignes[cle]
	for c := cle; l == 0 && c != ""; {
		i := strings.LastIndexAny(c, ".[")
		if i < 0 {
			break
		}
		c = c[:i]
		l = f.lignes[c]
	}
	return &Erreur{f.Chemin, l, cle, motif}
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

// AdressePublique is the base address that partners see.
func (f *Fichier) AdressePublique() string {
	if f.Ecoute.Publique != "" {
		return strings.TrimSuffix(f.Ecoute.Publique, "/")
	}
	return fmt.Sprintf("https://%s", f.Ecoute.Adresse)
}
