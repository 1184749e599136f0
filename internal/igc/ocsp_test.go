package igc_test

import (
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

// FuzzOCSP: any request gets an answer of the protocol, signed or an error.
func FuzzOCSP(f *testing.F) {
	g := igctest.Nouvelle(f, fixe)
	e := igctest.Emettre(f, g, igc.ProfilOrgSign, igctest.Structure())
	for _, a := range g.ACs() {
		if req, err := ocsp.CreateRequest(e.Certificat, a.Certificat, nil); err == nil {
			f.Add(req)
		}
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, requete []byte) {
		b := g.RepondreOCSP(ctx, requete, lundi)
		if _, err := ocsp.ParseResponse(b, nil); err != nil {
			if _, protocole := err.(ocsp.ResponseError); !protocole {
				t.Errorf("réponse illisible : %v", err)
			}
		}
	})
}
