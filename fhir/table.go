package fhir

import (
	"fmt"
	"slices"
	"time"
)

// Kind is the type of a search parameter. ref: FHIR R4 search §3.1.1.4
type Kind uint8

// The kinds.
const (
	KindString Kind = 1 + iota
	KindToken
	KindReference
	KindDate
	KindURI
	KindNear // special: latitude|longitude|distance|unit, in degrees and km. ref: FHIR R4 location near
)

// String is the word that a CapabilityStatement uses.
func (k Kind) String() string {
	if k >= KindString && k <= KindNear {
		return [...]string{"string", "token", "reference", "date", "uri", "special"}[k-1]
	}
	return ""
}

// Modifiers is a set of modifiers; a [Criterion] holds one or none.
type Modifiers uint16

// The modifiers. A type after a reference (practitioner:Practitioner) is none of them:
// see [Value.Type]. ref: FHIR R4 search §3.1.1.4.5
const (
	Missing Modifiers = 1 << iota
	Exact
	Contains
	Not
	Text
	Identifier
	OfType
)

var modifierNames = [...]string{"missing", "exact", "contains", "not", "text", "identifier", "of-type"}

// Param is one search parameter of a resource.
type Param struct {
	Name      string
	Kind      Kind
	ID        int       // of the caller, who need not compare names
	Modifiers Modifiers // those that are understood
	Targets   []string  // of a reference: the resources it may refer to
	Sort      bool      // may stand in _sort
	Include   bool      // of a reference: may stand in _include
	Reverse   bool      // of a reference: may stand in _revinclude and in _has
	Doc       string    // a French sentence
}

// Type is a resource and what may be asked of it.
type Type struct {
	Name       string
	Profiles   []string // canonical addresses of the profiles it is written with
	Params     []Param
	Operations []Operation // beyond read and search
	byName     map[string]*Param
}

// Operation is a named operation, such as $export.
type Operation struct{ Name, Definition string }

// Param is the parameter of a name, nil when there is none.
func (t *Type) Param(name string) *Param { return t.byName[name] }

// Limits bound what is read; zero fields have the value said beside them.
type Limits struct {
	Bytes    int // of the whole search: 16384
	Params   int // parameters: 64
	Value    int // bytes of one parameter, decoded: 4096
	Values   int // values of the whole search: 256
	Chain    int // references followed by one parameter: 3
	Includes int // _include and _revinclude: 16
	Count    int // largest _count, beyond which it is lowered: 200
}

// Table is the resources of a server, and how searches on them are read. It is built
// once by [NewTable] and used by any number of goroutines.
type Table struct {
	Limits   Limits
	Location *time.Location // of dates without time zone; UTC when nil
	Base     string         // address of the server, without a final slash: a reference that begins so is one of its own
	Types    []Type
	byName   map[string]*Type
}

// Type is the resource of a name, nil when there is none.
func (t *Table) Type(name string) *Type { return t.byName[name] }

// NewTable makes a table, whose parameters and targets agree. The slice is kept.
func NewTable(limits Limits, types []Type) (*Table, error) {
	for l, d := range map[*int]int{&limits.Bytes: 16384, &limits.Params: 64, &limits.Value: 4096, &limits.Values: 256, &limits.Chain: 3, &limits.Includes: 16, &limits.Count: 200} {
		if *l <= 0 {
			*l = d
		}
	}
	t := &Table{Limits: limits, Types: types, byName: make(map[string]*Type, len(types))}
	for i := range types {
		if t.byName[types[i].Name] != nil {
			return nil, fmt.Errorf("fhir: la ressource %s est décrite deux fois", types[i].Name)
		}
		t.byName[types[i].Name] = &types[i]
	}
	for i := range types {
		if err := t.index(&types[i]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Table) index(r *Type) error {
	r.byName = make(map[string]*Param, len(r.Params))
	for i := range r.Params {
		p := &r.Params[i]
		if r.byName[p.Name] != nil || p.Name == "" || resultParam(p.Name) {
			return fmt.Errorf("fhir: le paramètre %s.%s est décrit deux fois, ou son nom est pris", r.Name, p.Name)
		}
		if p.Kind.String() == "" || (p.Kind == KindReference) != (len(p.Targets) > 0) {
			return fmt.Errorf("fhir: le paramètre %s.%s n'a pas de type, ou des cibles sans être une référence", r.Name, p.Name)
		}
		if x := slices.IndexFunc(p.Targets, func(n string) bool { return t.byName[n] == nil }); x >= 0 {
			return fmt.Errorf("fhir: le paramètre %s.%s vise %s, qui n'est pas décrite", r.Name, p.Name, p.Targets[x])
		}
		r.byName[p.Name] = p
	}
	return nil
}
