package gate_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// sansProprietes seals a question again as an ordinary client does: a good seal of
// the same certificate, without the properties of baseline B.
func (x *banc) sansProprietes(t *testing.T, face sceau.Face, scelle []byte) []byte {
	t.Helper()
	o := sceau.Ouvreur{Juge: x.Magasin, Relais: roc.BlocChaine}
	e := x.es.CachetE
	if face == sceau.SOAP {
		p, err := o.SOAP(scelle, x.Horloge())
		if err != nil {
			t.Fatal(err)
		}
		corps := bytes.TrimSuffix(p.Contenu(), []byte("</soap:Body>"))
		message := corps[bytes.IndexByte(corps, '>')+1:]
		b, err := xmlsig.SignerSOAP(nil, xmlsig.SOAPASigner{Contenu: message, Niveau: xmlsig.SansXAdES},
			xmlsig.Signataire{Certificat: e.Certificat.Raw, Chaine: e.Chaine[:1], Cle: e.Cle}, x.Horloge())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	p, err := o.REST(scelle, x.Horloge())
	if err != nil {
		t.Fatal(err)
	}
	std := base64.StdEncoding.EncodeToString
	protege := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"ES256","x5c":[%q,%q]}`, std(e.Certificat.Raw), std(e.Chaine[0])))
	somme := sha256.Sum256([]byte(protege + "." + base64.RawURLEncoding.EncodeToString(p.Contenu())))
	r, s, err := ecdsa.Sign(rand.Reader, e.Cle.(*ecdsa.PrivateKey), somme[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
	return fmt.Appendf(nil, `{"message":%s,"scellement":%q}`, p.Contenu(), protege+".."+sig)
}

// A good seal without the properties of baseline B is admitted, unless they are
// required from who sealed. ref: DEC 10
func TestProprietesDeBase(t *testing.T) {
	for face, c := range map[sceau.Face]struct{ chemin, genre string }{
		sceau.REST: {roc.DEL.Chemin(), "application/json"}, sceau.SOAP: {roc.CheminSOAP, "application/soap+xml"},
	} {
		t.Run(string(face), func(t *testing.T) {
			x := nouveauBanc(t, nil, face)
			x.exige.Store(true)
			if _, err := x.del(t); err != nil {
				t.Fatalf("sceau entier : %v", err)
			}
			nue := x.sansProprietes(t, face, x.reg.Departs[0].Scelle)
			rep := poster(t, x.HTTP(x.es), x.s.Adresse+c.chemin, c.genre, nue)
			if rep.code == http.StatusOK || !strings.Contains(rep.corps, sceau.ErrBaseline.Error()) {
				t.Errorf("propriétés exigées : %d %.400s", rep.code, rep.corps)
			}
			tr := x.s.Journal.Traces()
			if d := tr[len(tr)-1]; d.Code != roc.SceauInvalide {
				t.Errorf("trace %s, want %s", d.Code, roc.SceauInvalide)
			}
			x.exige.Store(false)
			if rep := poster(t, x.HTTP(x.es), x.s.Adresse+c.chemin, c.genre, nue); rep.code != http.StatusOK {
				tr := x.s.Journal.Traces()
				t.Errorf("propriétés non exigées : %d, %s", rep.code, tr[len(tr)-1].Code)
			}
		})
	}
}
