package fhir

import (
	"math"
	"strconv"
	"strings"
)

// values cuts a text at its commas and reads each part.
func (t *Table) values(q *Query, c *Criterion, to, s string) error {
	for more := true; more; {
		if len(q.values) == t.Limits.Values {
			return refuse(CodeTooCostly, c.Param.Name, "plus de "+strconv.Itoa(t.Limits.Values)+" valeurs dans la recherche : la couper en plusieurs")
		}
		var part string
		if part, s, more = cut(s, ','); part == "" {
			return refuse(CodeValue, c.Param.Name, "une valeur est vide entre deux virgules : la retirer, ou écrire \\, une virgule qui est de la valeur")
		}
		v := Value{Type: to}
		if err := t.value(q, c, &v, part); err != nil {
			return err
		}
		q.values = append(q.values, v)
	}
	return nil
}

func (t *Table) value(q *Query, c *Criterion, v *Value, s string) error {
	switch k := c.Param.Kind; {
	case c.Modifier == OfType:
		return ofType(c, v, s)
	case c.Modifier == Identifier, k == KindToken && c.Modifier != Text:
		return token(c, v, s)
	case k == KindReference:
		return t.reference(c, v, s)
	case k == KindDate:
		return t.date(q, c, v, s)
	case k == KindNear:
		return near(c, v, s)
	}
	if v.Text = unescape(s); c.Param.Kind == KindString && strings.TrimSpace(v.Text) == "" {
		return refuse(CodeValue, c.Param.Name, "le texte cherché est vide : y mettre au moins une lettre")
	}
	return nil
}

// cut is strings.Cut at a separator that no backslash comes before.
// ref: FHIR R4 search §3.1.1.4.7
func cut(s string, sep byte) (string, string, bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case sep:
			return s[:i], s[i+1:], true
		case '\\':
			i++
		}
	}
	return s, "", false
}

// unescape undoes \, \| \$ and \\; any other backslash is itself.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`,|$\`, s[i+1]) >= 0 {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// token reads code, system|code, |code or system|.
func token(c *Criterion, v *Value, s string) error {
	system, code, ok := cut(s, '|')
	if !ok {
		v.Text = unescape(s)
		return nil
	}
	v.System, v.Text, v.HasSystem = unescape(system), unescape(code), true
	if _, _, again := cut(code, '|'); again || system == "" && code == "" {
		return refuse(CodeValue, c.Param.Name, "écrire code, système|code, |code ou système|, et \\| une barre qui est du code")
	}
	return nil
}

// ofType reads system|code|value, of the type of an identifier and the identifier.
func ofType(c *Criterion, v *Value, s string) error {
	system, rest, ok1 := cut(s, '|')
	code, value, ok2 := cut(rest, '|')
	if !ok1 || !ok2 || code == "" || value == "" {
		return refuse(CodeValue, c.Param.Name, ":of-type attend système|type|valeur, du type de l'identifiant et de l'identifiant")
	}
	v.System, v.HasSystem, v.Type, v.Text = unescape(system), true, unescape(code), unescape(value)
	return nil
}

// reference reads id, Type/id or an address. ref: FHIR R4 search §3.1.1.4.13
func (t *Table) reference(c *Criterion, v *Value, s string) error {
	s = unescape(s)
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		resource := s[:i]
		if j := strings.LastIndexByte(resource, '/'); j >= 0 {
			v.System, resource = resource[:j], resource[j+1:]
		}
		if v.System == t.Base {
			v.System = ""
		}
		if !contains(c.Param.Targets, resource) || v.Type != "" && v.Type != resource {
			return refuse(CodeValue, c.Param.Name, "cette référence vise "+strings.Join(c.Param.Targets, " ou ")+" : corriger la ressource avant la barre")
		}
		v.Type, s = resource, s[i+1:]
	}
	if v.Text = s; !ValidID(s) {
		return refuse(CodeValue, c.Param.Name, "écrire l'identifiant d'une ressource (lettres, chiffres, - et ., 64 au plus), ou Ressource/identifiant")
	}
	return nil
}

// ValidID tells whether a text has the form of the id of a resource.
// ref: FHIR R4 datatypes §2.24.0.1 id
func ValidID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// near reads latitude|longitude|distance|unit, the distance being of 50 km when not
// said and the unit of km. ref: FHIR R4 location near
func near(c *Criterion, v *Value, s string) error {
	f := strings.Split(s, "|")
	bad := refuse(CodeValue, c.Param.Name, "écrire latitude|longitude|distance|km, en degrés décimaux avec un point, comme 48.85|2.35|10|km (1000 km au plus)")
	if len(f) < 2 || len(f) > 4 {
		return bad
	}
	distance, unit := 50.0, "km"
	lat, ok1 := decimal(f[0], 90)
	lon, ok2 := decimal(f[1], 180)
	ok3 := true
	if len(f) > 2 && f[2] != "" {
		distance, ok3 = decimal(f[2], 1e6)
	}
	if len(f) > 3 && f[3] != "" {
		unit = f[3]
	}
	switch unit {
	case "km":
		distance *= 1000
	case "m":
	default:
		return bad
	}
	if !ok1 || !ok2 || !ok3 || distance < 0 || distance > 1e6 {
		return bad
	}
	v.Latitude, v.Longitude, v.Radius = int32(math.Round(lat*1e6)), int32(math.Round(lon*1e6)), int32(math.Round(distance))
	return nil
}

// decimal reads a decimal number without exponent, at most most in absolute value.
func decimal(s string, most float64) (float64, bool) {
	if len(s) > 24 || strings.Trim(s, "+-.0123456789") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && math.Abs(x) <= most
}
