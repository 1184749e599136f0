package trame

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// refusAttendu is a damage done to the example, and what is said of it.
type refusAttendu struct{ nom, avant, apres, chemin, motif string }

var refusXML = []refusAttendu{
	{"autre élément racine", "<m ", "<n ", "", "élément attendu : m"},
	{"autre espace de noms", "trame:1", "trame:2", "", "espace de noms attendu : urn:x-essai:trame:1"},
	{"espace de noms d'un enfant", "<corps>", `<corps xmlns="">`, "corps", "espace de noms attendu : urn:x-essai:trame:1"},
	{"attribut", "<corps>", `<corps a="1">`, "corps", "attribut inconnu"},
	{"élément inconnu", "<ald>", "<bld></bld><ald>", "corps", "élément inconnu ; attendu : ald"},
	{"élément absent", "<ald>true</ald>", "", "corps/ald", "absent alors qu'il est obligatoire"},
	{"élément répété", "<ald>", "<ald>true</ald><ald>", "corps/ald", "présent plus d'une fois"},
	{"élément hors de l'ordre", "<commentaire>", "<ald>true</ald><commentaire>", "corps/ald", "élément répété ou hors de l'ordre ; attendu : commentaire"},
	{"trop de lignes", "<lignes><rang>1<", strings.Repeat("<lignes><rang>1</rang><montantDepense>0.00</montantDepense><taux>0</taux></lignes>", 3) + "<lignes><rang>1<", "corps/lignes", "présent plus de 4 fois"},
	{"service seul", "<service>R</service>", "", "corps/service", "présent moins de 2 fois"},
	{"montant", ">0.00", ">0.0", "corps/lignes[2]/montantDepense", sante.ErrMontant.Error()},
	{"code", "<sens>Q", "<sens>Z", "enveloppe/sens", "code attendu : Q, R"},
	{"code d'une liste", "<service>R", "<service>Z", "corps/service[2]", "code attendu : Q, R"},
	{"forme", "00ff00ff", "00FF00FF", "corps/empreinte[1]", "forme attendue : [0-9a-f]{8}"},
	{"texte vide", "<libelle>", "<libelle></libelle><libelle>", "corps/lignes[1]/libelle", "valeur vide"},
	{"texte long", "E&lt;", strings.Repeat("é", 18) + "&lt;", "enveloppe/normeVersion", "texte de 1 à 20 caractères attendu"},
	{"entier", "<rang>1", "<rang>01", "corps/lignes[1]/rang", "nombre entier attendu"},
	{"entier hors bornes", "<rang>1", "<rang>201", "corps/lignes[1]/rang", "nombre entier de 1 à 200 attendu"},
	{"booléen", "<ald>true", "<ald>1", "corps/ald", "true ou false attendu"},
	{"instant sans décalage", ".007Z", ".007", "enveloppe/horodatage", "instant attendu, comme 2026-03-01T08:15:00.000Z"},
	{"texte entre éléments", "<corps>", "<corps>x", "corps", "texte inattendu entre les éléments"},
	{"élément dans un texte", "<ald>true", "<ald>true<b></b>", "corps/ald", "texte attendu, sans élément"},
	{"les deux du choix", "</corps>", "</corps><corpsChiffre>x</corpsChiffre>", "corpsChiffre", "un élément et un seul attendu parmi : corps, corpsChiffre"},
	{"extension du même espace", `<a:x xmlns:a="urn:a"`, `<a:x xmlns:a="urn:x-essai:trame:1"`, "corps/extension", ErrExtension.Error()},
	{"extension vide", `<extension>`, `<extension></extension><extension>`, "corps/extension", ErrExtension.Error()},
	{"XML mal formé", "</ald>", "</alt>", "corps/ald", "balise de fin d'un autre élément"},
	{"DTD", "<m ", "<!DOCTYPE m><m ", "", "DTD refusée"},
	{"reste", "</m>", "</m><m></m>", "", "second élément racine"},
}

var refusJSONs = []refusAttendu{
	{"membre inconnu", `"ald":`, `"bld":1,"ald":`, "corps", "membre inconnu"},
	{"membre absent", `"ald":true,`, ``, "corps/ald", "absent alors qu'il est obligatoire"},
	{"membre en double", `"ald":true`, `"ald":true,"ald":true`, "corps", "clé en double dans un objet"},
	{"membre en double plus loin", `"commentaire"`, `"ald":true,"commentaire":"","ald"`, "corps", "clé en double dans un objet"},
	{"null", `"ald":true`, `"ald":null`, "corps/ald", "null refusé : un membre absent s'omet"},
	{"booléen en texte", `"ald":true`, `"ald":"true"`, "corps/ald", "true ou false attendu"},
	{"montant en nombre", `"0.00"`, `0.00`, "corps/lignes[2]/montantDepense", "chaîne attendue"},
	{"montant", `"0.00"`, `"0.0"`, "corps/lignes[2]/montantDepense", sante.ErrMontant.Error()},
	{"entier en texte", `"rang":1`, `"rang":"1"`, "corps/lignes[1]/rang", "nombre entier attendu"},
	{"entier avec fraction", `"rang":1`, `"rang":1.0`, "corps/lignes[1]/rang", "nombre entier attendu"},
	{"objet pour tableau", `["Q","R"]`, `"Q"`, "corps/service", "tableau attendu"},
	{"tableau court", `["Q","R"]`, `["Q"]`, "corps/service", "présent moins de 2 fois"},
	{"tableau vide", `["Q","R"]`, `[]`, "corps/service", "présent moins de 2 fois"},
	{"tableau long", `["Q","R"]`, `["Q","R","Q","R"]`, "corps/service", "présent plus de 3 fois"},
	{"élément de tableau", `["Q","R"]`, `["Q",null]`, "corps/service[2]", "null refusé : un membre absent s'omet"},
	{"tableau pour objet", `{"horodatage"`, `[{"horodatage"`, "enveloppe", "objet attendu"},
	{"caractère interdit en XML", `E<1>`, `E\u0001`, "enveloppe/normeVersion", "caractère interdit"},
	{"les deux du choix", `"enveloppe":`, `"corpsChiffre":"x","enveloppe":`, "", "un élément et un seul attendu parmi : corps, corpsChiffre"},
	{"extension", `{"xml":"<a:x`, `{"xml":"<b:x`, "corps/extension", ErrExtension.Error()},
	{"extension du même espace", `xmlns:a=\"urn:a\"`, `xmlns:a=\"urn:x-essai:trame:1\"`, "corps/extension", ErrExtension.Error()},
	{"tronqué", `"sens":"Q"}}`, `"sens":"Q"}`, "", "texte JSON tronqué"},
}

func TestRefusXML(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	for _, r := range refusXML {
		t.Run(r.nom, func(t *testing.T) {
			r.verifier(t, exempleXML, func(b []byte, m *Message[Corps]) error { return p.DecodeXML(b, "m", m) })
		})
	}
}

func TestRefusJSON(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	for _, r := range refusJSONs {
		t.Run(r.nom, func(t *testing.T) { r.verifier(t, exempleJSON, p.DecodeJSON) })
	}
}

func (r refusAttendu) verifier(t *testing.T, exemple string, decoder func([]byte, *Message[Corps]) error) {
	source := strings.Replace(exemple, r.avant, r.apres, 1)
	if source == exemple {
		t.Fatalf("%q absent de l'exemple", r.avant)
	}
	m := *exempleDecode
	err := decoder([]byte(source), &m)
	var e *Erreur
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want une Erreur", err)
	}
	if e.Chemin != r.chemin || e.Motif != r.motif {
		t.Errorf("got %q : %q, want %q : %q", e.Chemin, e.Motif, r.chemin, r.motif)
	}
	if e.Ligne < 1 || e.Colonne < 1 {
		t.Errorf("sans place : %v", e)
	}
	if !reflect.ValueOf(m).IsZero() {
		t.Error("valeur à demi lue")
	}
}

var exempleDecode = &Message[Corps]{CorpsChiffre: "avant"}

// The line and the column are those of the value, in characters.
func TestPlace(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	var m Message[Corps]
	var e *Erreur
	source := "<m xmlns='" + espaceEssai + "'>\r\n <enveloppe><normeVersion>éé</normeVersion><sens>X</sens>"
	if err := p.DecodeXML([]byte(source), "m", &m); !errors.As(err, &e) || e.Ligne != 2 || e.Colonne != 50 {
		t.Error(err)
	}
	if err := p.DecodeJSON([]byte("{\n \"enveloppe\": {\"normeVersion\": \"éé\", \"sens\": 3"), &m); !errors.As(err, &e) || e.Ligne != 2 || e.Colonne != 46 {
		t.Error(err)
	}
	if got, want := e.Error(), "trame: enveloppe/sens : chaîne attendue (ligne 2, colonne 46)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What refused can be told apart from the outside.
func TestCause(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	var m Message[Corps]
	decode := func(avant, apres string) error {
		return p.DecodeXML([]byte(strings.Replace(exempleXML, avant, apres, 1)), "m", &m)
	}
	if err := decode("750000002", "750000003"); !errors.Is(err, sante.ErrFINESS) {
		t.Error(err)
	}
	if err := decode("<corps>", "<corps><?pi?>"); !errors.Is(err, xmlflux.MotifPI) {
		t.Error(err)
	}
	var j *jcs.Erreur
	if err := p.DecodeJSON([]byte("{"), &m); !errors.As(err, &j) || j.Motif != jcs.MotifTronque {
		t.Error(err)
	}
}

// Bavard is a text type whose error quotes what it read.
type Bavard string

func (b Bavard) AppendText(d []byte) ([]byte, error) { return append(d, b...), nil }

func (b *Bavard) UnmarshalText(t []byte) error { return errors.New("mauvais : " + string(t)) }

type avecBavard struct {
	A Bavard `fil:"a"`
}

// The value never appears in an error, even when its type would quote it.
func TestErreurMuette(t *testing.T) {
	p := Pour[avecBavard](espaceEssai)
	var v avecBavard
	err := p.DecodeJSON([]byte(`{"a":"1850375116001"}`), &v)
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), "1850375116001") {
			t.Error(e)
		}
	}
	err = p.DecodeJSON([]byte(`{"1850375116001":1}`), &v)
	if err == nil || strings.Contains(err.Error(), "1850375116001") {
		t.Error(err)
	}
}
