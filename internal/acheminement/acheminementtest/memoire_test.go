package acheminementtest

import "testing"

func TestMemoire(t *testing.T) {
	par := map[string]*Memoire{}
	Suite(t, func(tenant string) Magasin {
		if par[tenant] == nil {
			par[tenant] = NewMemoire(tenant)
		}
		return par[tenant]
	})
}
