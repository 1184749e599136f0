package front

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// The records and the bodies of the owners' desk are JSON whose names are those of the
// model, the first word in lower case: raisonSociale, idNat, bal. A name that is not of
// the model, or that comes twice, is refused: nothing that was sent is left unread.

// corpsMax bounds what a request sends.
const corpsMax = 256 << 10

// formeIllisible says what of a body cannot be read, without its values.
type formeIllisible struct{ ou, quoi string }

func (e *formeIllisible) Error() string {
	if e.ou == "" {
		return e.quoi
	}
	return "« " + e.ou + " » : " + e.quoi
}

// lireCorps fills dst, a pointer to a structure, from one JSON object.
func lireCorps(b []byte, dst any) error { return lire(b, dst, false) }

// lireFiche is lireCorps for a record: no text of it is of those that the directory does
// not hold.
func lireFiche(b []byte, dst any) error { return lire(b, dst, true) }

func lire(b []byte, dst any, fiche bool) error {
	if !utf8.Valid(b) {
		return &formeIllisible{"", "de l'UTF-8 est attendu"}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	l := lecteurJSON{d, fiche}
	if err := l.valeur(reflect.ValueOf(dst).Elem(), "", 0); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return &formeIllisible{"", "un seul objet JSON est attendu"}
	}
	return nil
}

type lecteurJSON struct {
	d     *json.Decoder
	fiche bool
}

const (
	profondeurCorps = 12
	elementsMax     = 500 // of a list
)

func (l lecteurJSON) jeton(ou string) (json.Token, error) {
	t, err := l.d.Token()
	if err != nil {
		return nil, &formeIllisible{ou, "ce n'est pas du JSON, ou il est coupé"}
	}
	return t, nil
}

var (
	typeJour   = reflect.TypeFor[sante.Jour]()
	typeNature = reflect.TypeFor[annuaire.Nature]()
	typeSorte  = reflect.TypeFor[annuaire.Sorte]()
	typeGroupe = reflect.TypeFor[annuaire.Groupe]()
	typeBrut   = reflect.TypeFor[json.RawMessage]() // read later
)

// sortesEcrites are the words of the kinds of structures.
var sortesEcrites = [...]string{"", "site", "juridique", "reseau", "amc", "operateur"}

func (l lecteurJSON) valeur(v reflect.Value, ou string, profondeur int) error {
	if v.Type() == typeBrut {
		if err := l.d.Decode(v.Addr().Interface()); err != nil {
			return &formeIllisible{ou, "ce n'est pas du JSON, ou il est coupé"}
		}
		return nil
	}
	t, err := l.jeton(ou)
	if err != nil {
		return err
	}
	if profondeur > profondeurCorps {
		return &formeIllisible{ou, "trop de niveaux"}
	}
	switch v.Kind() {
	case reflect.Struct:
		return l.objet(t, v, ou, profondeur)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return l.liste(t, v, ou, profondeur)
		}
	}
	if texte, ok := t.(string); ok && l.fiche && !texteDeFiche(texte) {
		return &formeIllisible{ou, "255 caractères imprimables au plus, sans | ni espace au bord, et aucun numéro de sécurité sociale"}
	}
	return simple(t, v, ou)
}

func (l lecteurJSON) objet(t json.Token, v reflect.Value, ou string, profondeur int) error {
	if t != json.Delim('{') {
		return &formeIllisible{ou, "un objet est attendu"}
	}
	var lus []string
	for l.d.More() {
		t, err := l.jeton(ou)
		if err != nil {
			return err
		}
		nom := t.(string) // what a decoder gives for a key
		champ := champNomme(v, nom)
		if !champ.IsValid() {
			return &formeIllisible{ou, "le nom « " + lisible(nom) + " » n'est pas connu ici"}
		}
		for _, x := range lus {
			if x == nom {
				return &formeIllisible{ou, "le nom « " + nom + " » vient deux fois"}
			}
		}
		lus = append(lus, nom)
		dessous := nom
		if ou != "" {
			dessous = ou + "." + nom
		}
		if err := l.valeur(champ, dessous, profondeur+1); err != nil {
			return err
		}
	}
	_, err := l.jeton(ou)
	return err
}

// texteDeFiche tells whether a text may be one of a record.
func texteDeFiche(s string) bool {
	return utf8.RuneCountInString(s) <= 255 && !strings.ContainsFunc(s, func(c rune) bool { return c == '|' || !unicode.IsPrint(c) }) &&
		strings.TrimSpace(s) == s && !sante.ContientNIR(s)
}

// lisible is a name sent, to be said back when it is short, printable and no number of a
// person.
func lisible(s string) string {
	if len(s) > 40 || sante.ContientNIR(s) || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return "…"
	}
	return s
}

func (l lecteurJSON) liste(t json.Token, v reflect.Value, ou string, profondeur int) error {
	if t != json.Delim('[') {
		return &formeIllisible{ou, "une liste est attendue"}
	}
	for l.d.More() {
		if v.Len() >= elementsMax {
			return &formeIllisible{ou, fmt.Sprintf("%d éléments au plus", elementsMax)}
		}
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		if err := l.valeur(v.Index(v.Len()-1), ou, profondeur+1); err != nil {
			return err
		}
	}
	_, err := l.jeton(ou)
	return err
}

func simple(t json.Token, v reflect.Value, ou string) error {
	texte, estTexte := t.(string)
	switch {
	case v.Kind() == reflect.Bool:
		b, ok := t.(bool)
		if !ok {
			return &formeIllisible{ou, "true ou false attendu"}
		}
		v.SetBool(b)
		return nil
	case v.Type() == typeJour:
		j, err := sante.ParseJour(texte)
		if !estTexte || err != nil {
			return &formeIllisible{ou, "un jour comme \"2026-03-01\" attendu"}
		}
		v.SetInt(int64(j))
		return nil
	case v.Type() == typeNature:
		n, ok := annuaire.ParseNature(texte)
		if !ok {
			return &formeIllisible{ou, "praticien, situation, structure, activite, equipement ou acces attendu"}
		}
		v.SetUint(uint64(n))
		return nil
	case v.Type() == typeSorte:
		for i, s := range sortesEcrites {
			if i > 0 && s == texte {
				v.SetUint(uint64(i))
				return nil
			}
		}
		return &formeIllisible{ou, strings.Join(sortesEcrites[1:], ", ") + " attendu"}
	case v.Type() == typeGroupe:
		g, ok := annuaire.ParseGroupe(texte)
		if !ok {
			return &formeIllisible{ou, "le nom d'un groupe de champs attendu"}
		}
		v.SetUint(uint64(g))
		return nil
	case v.Kind() == reflect.String:
		if !estTexte {
			return &formeIllisible{ou, "un texte attendu"}
		}
		v.SetString(texte)
		return nil
	case v.Kind() == reflect.Slice:
		b, err := base64.StdEncoding.DecodeString(texte)
		if !estTexte || err != nil {
			return &formeIllisible{ou, "du base 64 attendu"}
		}
		v.SetBytes(b)
		return nil
	}
	return entier(t, v, ou)
}

func entier(t json.Token, v reflect.Value, ou string) error {
	n, _ := t.(json.Number)
	if v.CanUint() {
		if x, err := strconv.ParseUint(string(n), 10, 64); err == nil && !v.OverflowUint(x) {
			v.SetUint(x)
			return nil
		}
	} else if x, err := strconv.ParseInt(string(n), 10, 64); err == nil && v.CanInt() && !v.OverflowInt(x) && x > math.MinInt64 {
		v.SetInt(x)
		return nil
	}
	return &formeIllisible{ou, "un nombre entier attendu"}
}

// champNomme finds a field of a structure, or of one that it embeds.
func champNomme(v reflect.Value, nom string) (x reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if x = champNomme(v.Field(i), nom); x.IsValid() {
				return x
			}
			continue
		}
		if f.IsExported() && nomEcrit(f.Name) == nom {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// nomEcrit is the name of a field with its first word in lower case.
func nomEcrit(s string) string {
	n := 0
	for n < len(s) && s[n] >= 'A' && s[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(s) {
		n-- // the next word begins there
	}
	return strings.ToLower(s[:n]) + s[n:]
}

// ecrireValeur writes what of a record is said: what is empty is not written.
func ecrireValeur(b []byte, v reflect.Value) []byte {
	switch {
	case v.Type() == typeNature:
		return strconv.AppendQuote(b, annuaire.Nature(v.Uint()).String())
	case v.Type() == typeSorte:
		return strconv.AppendQuote(b, sortesEcrites[min(int(v.Uint()), len(sortesEcrites)-1)])
	case v.Type() == typeGroupe:
		return strconv.AppendQuote(b, annuaire.Groupe(v.Uint()).String())
	}
	switch v.Kind() {
	case reflect.Struct:
		b = append(b, '{')
		return append(champsEcrits(b, v), '}')
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			break
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = ecrireValeur(b, v.Index(i))
		}
		return append(b, ']')
	}
	x, err := json.Marshal(v.Interface())
	if err != nil {
		return append(b, "null"...) // not reached: texts, days and numbers
	}
	return append(b, x...)
}

func champsEcrits(b []byte, v reflect.Value) []byte {
	t := v.Type()
	for i := range t.NumField() {
		f, x := t.Field(i), v.Field(i)
		if f.Anonymous {
			b = champsEcrits(b, x)
			continue
		}
		if !f.IsExported() || f.Name != "Actif" && (x.IsZero() || x.Kind() == reflect.Slice && x.Len() == 0) {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, nomEcrit(f.Name)), ':')
		b = ecrireValeur(b, x)
	}
	return b
}

// ecrireFiche writes a record, whatever its nature.
func ecrireFiche(c *annuaire.Changement) json.RawMessage {
	return ecrireValeur(nil, reflect.ValueOf(contenuDe(c)).Elem())
}

// contenuDe is a pointer to the record of c, nil when there is none.
func contenuDe(c *annuaire.Changement) any {
	switch {
	case c.Praticien != nil:
		return c.Praticien
	case c.Situation != nil:
		return c.Situation
	case c.Structure != nil:
		return c.Structure
	case c.Activite != nil:
		return c.Activite
	case c.Equipement != nil:
		return c.Equipement
	case c.Acces != nil:
		return c.Acces
	}
	return nil
}

// ficheVide is an empty record of a nature; nil for none.
func ficheVide(n annuaire.Nature) *annuaire.Changement {
	switch n {
	case annuaire.Praticiens:
		return &annuaire.Changement{Praticien: new(annuaire.Praticien)}
	case annuaire.Situations:
		return &annuaire.Changement{Situation: new(annuaire.Situation)}
	case annuaire.Structures:
		return &annuaire.Changement{Structure: new(annuaire.Structure)}
	case annuaire.Activites:
		return &annuaire.Changement{Activite: new(annuaire.Activite)}
	case annuaire.Equipements:
		return &annuaire.Changement{Equipement: new(annuaire.Equipement)}
	case annuaire.Acces:
		return &annuaire.Changement{Acces: new(annuaire.PointAcces)}
	}
	return nil
}
