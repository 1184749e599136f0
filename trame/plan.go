package trame

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// TailleMax bounds the text of a message, 4 MiB; the gate bounds it tighter.
const TailleMax = 4 << 20

// Plan is how a T is written and read on both faces, compiled once. It is safe
// for concurrent use.
type Plan[T any] struct {
	ns     string
	racine *structure
	xml    sync.Pool // *lecteurXML
	json   sync.Pool // *jcs.Lecteur
}

// Pour compiles the plan of a struct type for an XML namespace. It panics when
// the type is not one that can be described, which is a bug of the package that
// declares it: plans are package variables or fields made at start.
func Pour[T any](ns string) *Plan[T] {
	t := reflect.TypeFor[T]()
	if ns == "" || strings.ContainsAny(ns, "<>&\"'\t\r\n ") {
		panic(fmt.Sprintf("trame: %s : espace de noms %q", t, ns))
	}
	c := compilateur{ns: ns, structures: map[reflect.Type]*structure{}, textes: map[reflect.Type]*nature{}}
	s, err := c.structure(t)
	if err != nil {
		panic("trame: " + err.Error())
	}
	return &Plan[T]{ns: ns, racine: s}
}

// Espace is the XML namespace of the plan.
func (p *Plan[T]) Espace() string { return p.ns }

func (p *Plan[T]) forme() *structure { return p.racine }

// structure is a struct type, compiled.
type structure struct {
	nom    string // of the type in the schemas
	typ    reflect.Type
	doc    string
	champs []champ  // in the order of the XML sequence
	tri    []*champ // in the order of the canonical JSON
	noms   map[string]*champ
	groupe map[string][]*champ // fields of each choice
}

// champ is a field of a struct.
type champ struct {
	rang     int // in structure.champs
	nom      string
	doc      string
	index    []int
	nature   *nature
	opt      bool
	pointeur bool
	liste    bool
	min, max int // occurrences
	choix    string

	ouvre, ferme string // <nom> </nom>
	cle          string // "nom":
}

// requis tells whether a message without the field is refused for that alone.
func (c *champ) requis() bool { return !c.opt && c.choix == "" && c.min > 0 }

// valeur is the field in a struct value.
func (c *champ) valeur(v reflect.Value) reflect.Value {
	if len(c.index) == 1 {
		return v.Field(c.index[0])
	}
	return v.FieldByIndex(c.index)
}

// absent tells whether the field is not written.
func (c *champ) absent(f reflect.Value) bool {
	switch {
	case c.liste:
		return f.Len() == 0
	case c.pointeur:
		return f.IsNil()
	}
	return c.nature.genre == genreInstant && instantDe(f).IsZero() || (c.opt || c.choix != "") && f.IsZero()
}

// compilateur compiles the types of one plan; a struct met twice, or inside
// itself, is compiled once, and a text type too.
type compilateur struct {
	ns         string
	structures map[reflect.Type]*structure
	textes     map[reflect.Type]*nature
}

func (c *compilateur) structure(t reflect.Type) (*structure, error) {
	if s, ok := c.structures[t]; ok {
		return s, nil
	}
	if t.Kind() != reflect.Struct || t.Name() == "" {
		return nil, fmt.Errorf("%s : une structure nommée est attendue", t)
	}
	s := &structure{nom: nomDeType(t), typ: t, noms: map[string]*champ{}, groupe: map[string][]*champ{}}
	c.structures[t] = s
	if err := c.champs(s, t, nil); err != nil {
		return nil, fmt.Errorf("%s : %w", t, err)
	}
	for i := range s.champs {
		f := &s.champs[i]
		if f.rang = i; s.noms[f.nom] != nil {
			return nil, fmt.Errorf("%s : nom de fil %q en double", t, f.nom)
		}
		s.noms[f.nom] = f
		s.tri = append(s.tri, f)
		if f.choix != "" {
			s.groupe[f.choix] = append(s.groupe[f.choix], f)
		}
	}
	if err := s.verifierChoix(); err != nil {
		return nil, fmt.Errorf("%s : %w", t, err)
	}
	slices.SortFunc(s.tri, func(a, b *champ) int { return strings.Compare(a.nom, b.nom) })
	return s, nil
}

// champs adds the fields of t, those of embedded structs in place.
func (c *compilateur) champs(s *structure, t reflect.Type, prefixe []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(prefixe), i)
		tag, dit := f.Tag.Lookup("fil")
		switch {
		case tag == "-":
		case f.Name == "_":
			if d := f.Tag.Get("doc"); d != "" && (s.doc == "" || prefixe == nil) {
				s.doc = d
			}
		case !dit && f.Anonymous && f.Type.Kind() == reflect.Struct:
			if err := c.champs(s, f.Type, index); err != nil {
				return err
			}
		case !dit || !f.IsExported():
			return fmt.Errorf("champ %s : exporté et étiqueté fil:\"…\", ou fil:\"-\"", f.Name)
		default:
			ch, err := c.champ(f, index)
			if err != nil {
				return fmt.Errorf("champ %s : %w", f.Name, err)
			}
			s.champs = append(s.champs, ch)
		}
	}
	if len(s.champs) > maxChamps {
		return fmt.Errorf("plus de %d champs", maxChamps)
	}
	return nil
}

func (c *compilateur) champ(f reflect.StructField, index []int) (champ, error) {
	e, err := lireEtiquette(f)
	if err != nil {
		return champ{}, err
	}
	ch := champ{nom: e.nom, doc: e.doc, index: index, opt: e.opt, choix: e.choix, min: 1, max: 1,
		ouvre: "<" + e.nom + ">", ferme: "</" + e.nom + ">", cle: `"` + e.nom + `":`}
	t := f.Type
	switch {
	case t.Kind() == reflect.Slice && !estTexte(t):
		ch.liste, ch.min, ch.max, t = true, 0, maxListe, t.Elem()
		if e.n != nil {
			ch.min, ch.max = e.n[0], e.n[1]
		}
	case e.n != nil:
		return champ{}, fmt.Errorf("n= sur un champ qui n'est pas une liste")
	case t.Kind() == reflect.Pointer:
		ch.pointeur, t = true, t.Elem()
	}
	ch.nature, err = c.nature(t, &e)
	return ch, err
}

// verifierChoix requires the fields of a choice to be consecutive and to tell
// absent from zero.
func (s *structure) verifierChoix() error {
	for nom, champs := range s.groupe {
		if len(champs) < 2 {
			return fmt.Errorf("choix %q d'un seul champ", nom)
		}
		for i, f := range champs {
			if f.rang != champs[0].rang+i {
				return fmt.Errorf("choix %q : champs non consécutifs", nom)
			}
			if f.liste && f.min > 0 || f.pointeur || !f.liste && f.nature.zeroAbsent() {
				continue
			}
			return fmt.Errorf("choix %q : champ %q sans absence", nom, f.nom)
		}
	}
	return nil
}

// nomDeType is the name of a Go type in the schemas: the one it gives itself, or
// that of the source; Message[roc.DemandeIDB] is MessageDemandeIDB.
func nomDeType(t reflect.Type) string {
	if n, ok := reflect.Zero(t).Interface().(avecNom); ok {
		return n.NomSchema()
	}
	var b strings.Builder
	for _, mot := range strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
		b.WriteString(mot[1+strings.LastIndexAny(mot, "./"):])
	}
	return b.String()
}
