package gate

import (
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
)

// Whatever the bytes, a guess of the recipient is a guess: it never panics, and a
// message of ours is read right.
func FuzzDestinataire(f *testing.F) {
	f.Add([]byte(`{"message":{"enveloppe":{"destinataire":{"type":"AMC","id":"99000101"}}}}`))
	f.Add([]byte(`<e:Envelope xmlns:e="u"><e:Header><destinataire><type>ES</type><id>1</id></destinataire></e:Header><e:Body><d><enveloppe><emetteur><id>2</id></emetteur><destinataire><type>AMC</type><libelle>x</libelle><id>99000101</id></destinataire></enveloppe></d></e:Body></e:Envelope>`))
	f.Add([]byte(`<Envelope><Body><d><enveloppe><destinataire><type/><id>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		destinataireJSON(b)
		destinataireXML(b)
	})
}

func TestDestinatairePressenti(t *testing.T) {
	want := roc.Partie{Type: roc.AMC, ID: "99000101"}
	for nom, got := range map[string]roc.Partie{
		"JSON": destinataireJSON([]byte(`{"scellement":1,"message":{"enveloppe":{"destinataire":{"type":"AMC","id":"99000101"}},"corps":{}}}`)),
		"XML, un autre destinataire dans l'en-tête": destinataireXML([]byte(`<e:Envelope xmlns:e="u"><e:Header><x><y><enveloppe><destinataire><type>ES</type><id>1</id></destinataire></enveloppe></y></x></e:Header>` +
			`<e:Body><d><enveloppe><emetteur><type>ES</type><id>2</id></emetteur><destinataire><type>AMC</type><id>99000101</id></destinataire></enveloppe></d></e:Body></e:Envelope>`)),
	} {
		if got != want {
			t.Errorf("%s : %+v", nom, got)
		}
	}
	for _, b := range []string{"", "<x", "{}", "[]", `{"message":{"enveloppe":{"destinataire":7}}}`, "<Envelope><Header/></Envelope>"} {
		if got := destinataireJSON([]byte(b)); got != (roc.Partie{}) {
			t.Errorf("%q : %+v", b, got)
		}
		if got := destinataireXML([]byte(b)); got != (roc.Partie{}) {
			t.Errorf("%q : %+v", b, got)
		}
	}
}

func TestEnClair(t *testing.T) {
	for brut, want := range map[string]string{
		"certificat: certificat révoqué le 22/11/2026": "certificat révoqué le 22/11/2026",
		"jades: signature invalide (ES256)":            "signature invalide (ES256)",
		"trame: enveloppe : membre inconnu":            "enveloppe : membre inconnu",
		"sceau XML : une partie scellée a été altérée": "sceau XML : une partie scellée a été altérée",
	} {
		if got := enClair(errors.New(brut)); got != want {
			t.Errorf("%q : %q", brut, got)
		}
	}
}
