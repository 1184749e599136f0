package fhir

import (
	"strconv"
	"strings"
)

// criterion reads a search parameter: _has, chains, the name, its modifier, its values.
func (t *Table) criterion(q *Query, name, value string, n int) error {
	c := Criterion{Type: q.Type}
	first := len(q.hops)
	modifier, err := t.path(q, &c, name, n)
	if err != nil || c.Param == nil {
		q.hops = q.hops[:first]
		return err
	}
	c.Path = q.hops[first:len(q.hops):len(q.hops)]
	to, err := t.modifier(&c, modifier)
	if err != nil {
		return err
	}
	if c.Modifier == Missing {
		if value != "true" && value != "false" {
			return refuse(CodeValue, c.Param.Name, ":missing attend true ou false")
		}
		c.Absent = value == "true"
		q.Criteria = append(q.Criteria, c)
		return nil
	}
	start := len(q.values)
	if err := t.values(q, &c, to, value); err != nil {
		return err
	}
	c.Values = q.values[start:len(q.values):len(q.values)]
	q.Criteria = append(q.Criteria, c)
	return nil
}

// path walks the references of a name and leaves its last modifier. c.Param stays nil
// when the name is unknown and that is allowed.
func (t *Table) path(q *Query, c *Criterion, name string, n int) (string, error) {
	for hops := 0; ; hops++ {
		if hops > t.Limits.Chain {
			return "", refuse(CodeTooCostly, "", "le paramètre n° "+strconv.Itoa(n)+" suit plus de "+strconv.Itoa(t.Limits.Chain)+" références : raccourcir la chaîne")
		}
		if rest, ok := strings.CutPrefix(name, "_has:"); ok {
			var err error
			if name, err = t.reverse(q, c, rest, n); err != nil || name == "" {
				return "", err
			}
			continue
		}
		end := strings.IndexAny(name, ":.")
		if end < 0 {
			end = len(name)
		}
		p := c.Type.byName[name[:end]]
		if p == nil {
			return "", q.unknown(c.Type, name, n)
		}
		rest, to := name[end:], ""
		if dot := strings.IndexByte(rest, '.'); dot < 0 {
			c.Param = p
			return strings.TrimPrefix(rest, ":"), nil
		} else if dot > 0 {
			to = rest[1:dot]
		}
		name = rest[strings.IndexByte(rest, '.')+1:]
		next, err := t.target(p, to, name)
		if err != nil {
			return "", err
		}
		q.hops = append(q.hops, Hop{Param: p, Type: next})
		c.Type = next
	}
}

// reverse reads "PractitionerRole:practitioner:organization" after _has:, and leaves
// what follows the reference. ref: FHIR R4 search §3.1.1.4.4
func (t *Table) reverse(q *Query, c *Criterion, name string, n int) (string, error) {
	resource, name, _ := strings.Cut(name, ":")
	ref, rest, ok := strings.Cut(name, ":")
	r := t.byName[resource]
	if !ok || rest == "" || r == nil {
		return "", refuse(CodeInvalid, "_has", "_has s'écrit _has:Ressource:référence:paramètre, avec une ressource servie ici")
	}
	p := r.byName[ref]
	if p == nil {
		return "", q.unknown(r, ref, n)
	}
	if !p.Reverse || !contains(p.Targets, c.Type.Name) {
		return "", refuse(CodeNotSupported, "_has", r.Name+"."+p.Name+" ne désigne pas de "+c.Type.Name+" : choisir une référence vers cette ressource")
	}
	q.hops = append(q.hops, Hop{Param: p, Type: r, Reverse: true})
	c.Type = r
	return rest, nil
}

// target is the resource that a chain goes to: the one said, or the only one that has
// the next parameter. ref: FHIR R4 search §3.1.1.4.3
func (t *Table) target(p *Param, said, next string) (*Type, error) {
	if p.Kind != KindReference {
		return nil, refuse(CodeInvalid, p.Name, "ce paramètre n'est pas une référence : rien ne peut le suivre après un point")
	}
	if said != "" {
		if !contains(p.Targets, said) {
			return nil, refuse(CodeInvalid, p.Name, "cette référence vise "+strings.Join(p.Targets, " ou ")+" : corriger la ressource après le deux-points")
		}
		return t.byName[said], nil
	}
	if len(p.Targets) == 1 {
		return t.byName[p.Targets[0]], nil
	}
	end := strings.IndexAny(next, ":.")
	if end < 0 {
		end = len(next)
	}
	var found *Type
	for _, name := range p.Targets {
		if r := t.byName[name]; r.byName[next[:end]] != nil || strings.HasPrefix(next, "_has:") {
			if found != nil {
				return nil, refuse(CodeInvalid, p.Name, "cette référence vise "+strings.Join(p.Targets, " ou ")+" : dire laquelle, comme "+p.Name+":"+p.Targets[0]+".…")
			}
			found = r
		}
	}
	if found == nil {
		return nil, refuse(CodeNotSupported, p.Name, "aucune des ressources visées n'a le paramètre qui suit le point : voir /metadata")
	}
	return found, nil
}

func contains(l []string, s string) bool {
	for _, x := range l {
		if x == s {
			return true
		}
	}
	return false
}

// modifier sets that of c; a resource after a reference is returned, for [Value.Type].
func (t *Table) modifier(c *Criterion, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	for i, x := range modifierNames {
		if x == name {
			if c.Param.Modifiers&(1<<i) == 0 {
				break
			}
			c.Modifier = 1 << i
			return "", nil
		}
	}
	if c.Param.Kind == KindReference && contains(c.Param.Targets, name) {
		return name, nil
	}
	return "", refuse(CodeNotSupported, c.Param.Name, "ce modificateur n'est pas compris ici ; sont compris : "+c.Param.modifierList())
}

// modifierList is what may follow the colon.
func (p *Param) modifierList() string {
	var l []string
	for i, x := range modifierNames {
		if p.Modifiers&(1<<i) != 0 {
			l = append(l, ":"+x)
		}
	}
	for _, x := range p.Targets {
		l = append(l, ":"+x)
	}
	if l == nil {
		return "aucun"
	}
	return strings.Join(l, ", ")
}
