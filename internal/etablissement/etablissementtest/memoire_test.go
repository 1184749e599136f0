package etablissementtest

import "testing"

func TestMemoire(t *testing.T) {
	par := map[string]*Memoire{}
	Suite(t, func(tenant string) Magasin {
		if par[tenant] == nil {
			par[tenant] = NewMemoire()
		}
		return par[tenant]
	})
}
