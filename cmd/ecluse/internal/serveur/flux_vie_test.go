package serveur

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// Whatever a number of invoice holds, its flux has a name of its own, in the
// alphabet of a key.
func TestFluxFacture(t *testing.T) {
	vus := map[string]string{}
	rapid.Check(t, func(r *rapid.T) {
		numero := rapid.StringN(1, 20, 80).Draw(r, "numero")
		flux := fluxFacture(numero, 2026)
		if !acheminement.CleValide(flux) {
			r.Errorf("%q : %q n'est pas une clé", numero, flux)
		}
		if avant, ok := vus[flux]; ok && avant != numero {
			r.Errorf("%q et %q ont le même flux", numero, avant)
		}
		vus[flux] = numero
		if strings.HasPrefix(flux, "L.") || fluxLot("750712184", numero) == flux {
			r.Errorf("%q pris pour un lot", flux)
		}
	})
}
