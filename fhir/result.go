package fhir

import (
	"strconv"
	"strings"
)

// resultParam tells whether a name asks about the answer, not the resources.
func resultParam(name string) bool {
	switch name {
	case "_sort", "_count", "_total", "_summary", "_elements", "_include", "_revinclude", "_format", "_pretty", "_has":
		return true
	}
	return false
}

const (
	saidCount uint8 = 1 << iota
	saidTotal
	saidSummary
	saidFormat
)

// result reads a parameter that asks about the answer; done is false for another one.
// ref: FHIR R4 search §3.1.1.5
func (t *Table) result(q *Query, name, value string) (done bool, err error) {
	base, modifier, _ := strings.Cut(name, ":")
	if !resultParam(base) {
		return false, nil
	}
	if modifier != "" && base != "_include" && base != "_revinclude" {
		return true, refuse(CodeInvalid, base, "ce paramètre ne prend pas de modificateur : le retirer après le deux-points")
	}
	switch base {
	case "_count":
		return true, t.count(q, value)
	case "_total":
		return true, oneOf(q, saidTotal, base, value, &q.Total, []string{"", "none", "estimate", "accurate"})
	case "_summary":
		return true, oneOf(q, saidSummary, base, value, &q.Summary, []string{"false", "true", "text", "data", "count"})
	case "_format":
		q.Format = value
		return true, q.first(saidFormat, base)
	case "_elements":
		return true, q.elements(value)
	case "_sort":
		return true, q.sort(value)
	case "_include", "_revinclude":
		return true, t.include(q, base, modifier, value)
	case "_has":
		return true, refuse(CodeInvalid, base, "_has s'écrit _has:Ressource:référence:paramètre")
	}
	return true, nil // _pretty changes nothing
}

// first refuses what was already said.
func (q *Query) first(bit uint8, name string) error {
	if q.once&bit != 0 {
		return refuse(CodeInvalid, name, "ce paramètre est écrit deux fois : n'en garder qu'un")
	}
	q.once |= bit
	return nil
}

func (t *Table) count(q *Query, value string) error {
	n, ok := digits(value)
	if !ok || len(value) > 9 {
		return refuse(CodeValue, "_count", "écrire un nombre entier, comme 50")
	}
	q.Count = min(n, t.Limits.Count) // a server may answer fewer. ref: FHIR R4 search §3.1.1.5.4
	return q.first(saidCount, "_count")
}

func oneOf[T ~uint8](q *Query, bit uint8, name, value string, to *T, list []string) error {
	for i, x := range list {
		if x == value && x != "" {
			*to = T(i)
			return q.first(bit, name)
		}
	}
	return refuse(CodeValue, name, "écrire l'un de : "+strings.TrimPrefix(strings.Join(list, ", "), ", "))
}

// elements reads names of top-level elements; what is after a point is asked whole.
func (q *Query) elements(value string) error {
	for e := range strings.SplitSeq(value, ",") {
		if e = strings.TrimPrefix(e, q.Type.Name+"."); !ElementName(e) || len(q.Elements) == 64 {
			return refuse(CodeValue, "_elements", "écrire des noms d'éléments du premier niveau, séparés par des virgules (64 au plus)")
		}
		if !contains(q.Elements, e) {
			q.Elements = append(q.Elements, e)
		}
	}
	return nil
}

// ElementName tells whether a text may name an element.
func ElementName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return true
}

func (q *Query) sort(value string) error {
	for name := range strings.SplitSeq(value, ",") {
		name, descending := strings.CutPrefix(name, "-")
		p := q.Type.byName[name]
		if (p == nil || !p.Sort) && q.lenient {
			q.Ignored = append(q.Ignored, Issue{Severity: Warning, Code: CodeNotSupported, Param: "_sort", Diagnostics: "cet ordre n'est pas tenu ici (ignoré) ; le sont : " + q.Type.sorts()})
			continue
		}
		if p == nil || !p.Sort {
			return refuse(CodeNotSupported, "_sort", "cet ordre n'est pas tenu ici ; le sont : "+q.Type.sorts())
		}
		if len(q.Sort) == 8 {
			return refuse(CodeTooCostly, "_sort", "plus de 8 ordres : en retirer")
		}
		q.Sort = append(q.Sort, Sort{Param: p, Descending: descending})
	}
	return nil
}

func (t *Type) sorts() string {
	var l []string
	for i := range t.Params {
		if t.Params[i].Sort {
			l = append(l, t.Params[i].Name)
		}
	}
	if l == nil {
		return "aucun"
	}
	return strings.Join(l, ", ")
}

// include reads *, Resource:reference or Resource:reference:Target.
// ref: FHIR R4 search §3.1.1.5.6
func (t *Table) include(q *Query, name, modifier, value string) error {
	i := Include{Reverse: name == "_revinclude", Iterate: modifier == "iterate" || modifier == "recurse"}
	if modifier != "" && !i.Iterate {
		return refuse(CodeNotSupported, name, "seul :iterate est compris ici")
	}
	if len(q.Includes) == t.Limits.Includes {
		return refuse(CodeTooCostly, name, "plus de "+strconv.Itoa(t.Limits.Includes)+" inclusions : en retirer")
	}
	source, rest, _ := strings.Cut(value, ":")
	ref, target, _ := strings.Cut(rest, ":")
	if i.Target = target; source != "*" {
		i.Source = t.byName[source]
		if i.Source != nil && ref != "*" {
			i.Param = i.Source.byName[ref]
		}
	}
	known := source == "*" && rest == "" || i.Source != nil && (ref == "*" || i.Param != nil && (i.Reverse && i.Param.Reverse || !i.Reverse && i.Param.Include))
	if known && target != "" {
		known = t.byName[target] != nil && (i.Param == nil || contains(i.Param.Targets, target))
	}
	if known {
		q.Includes = append(q.Includes, i)
		return nil
	}
	d := "écrire Ressource:référence ; sont comprises : " + t.inclusions(i.Reverse)
	if q.lenient {
		q.Ignored = append(q.Ignored, Issue{Severity: Warning, Code: CodeNotSupported, Param: name, Diagnostics: d + " (ignoré)"})
		return nil
	}
	return refuse(CodeNotSupported, name, d)
}

// inclusions is what _include, or _revinclude, may say.
func (t *Table) inclusions(reverse bool) string {
	l := []string{"*"}
	for i := range t.Types {
		l = append(l, t.Types[i].inclusions(reverse)...)
	}
	return strings.Join(l, ", ")
}

func (t *Type) inclusions(reverse bool) (l []string) {
	for i := range t.Params {
		if p := &t.Params[i]; p.Kind == KindReference && (reverse && p.Reverse || !reverse && p.Include) {
			l = append(l, t.Name+":"+p.Name)
		}
	}
	return l
}
