package ldap

import "testing"

func TestNomDeLecteur(t *testing.T) {
	for _, nom := range []string{"dmp", "CH de la Combe, pharmacie", " a+b ", "é"} {
		if lu, ok := NomDeLecteur(DNDeLecteur(nom)); !ok || lu != nom {
			t.Errorf("%q : %q %v", nom, lu, ok)
		}
	}
	for _, dn := range []string{"", "dmp", "cn=dmp", "cn=dmp,ou=personnes," + racine, "cn=dmp,ou=lecteurs,o=autre,c=fr", "cn=a+cn=b,ou=lecteurs," + racine,
		"cn=a,cn=b,ou=lecteurs," + racine, "cn=a+ou=lecteurs," + racine} {
		if nom, ok := NomDeLecteur(dn); ok {
			t.Errorf("%q : %q", dn, nom)
		}
	}
	if nom, ok := NomDeLecteur("CN=dmp, OU=Lecteurs, O=Annuaire, C=FR"); !ok || nom != "dmp" {
		t.Errorf("autre casse : %q %v", nom, ok)
	}
}
