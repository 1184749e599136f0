package ldap

// racineLecteurs is where the readers who have a password are named. They have no
// entry: the directory does not tell who reads it.
const racineLecteurs = "ou=lecteurs," + racine

// NomDeLecteur reads the name of a reader in that of his bind:
// cn=NOM,ou=lecteurs,o=annuaire,c=fr.
func NomDeLecteur(dn string) (nom string, ok bool) {
	l, ok := lireDN(nil, []byte(dn))
	if !ok || len(l) != 4 || l[0].attr != CN || !est(l[1], OU, "lecteurs") || situer(l[2:]).genre != lieuRacine {
		return "", false
	}
	for i := range l {
		if l[i].rang != i {
			return "", false
		}
	}
	return string(l[0].valeur), true
}

// DNDeLecteur is the name under which a reader binds, and goes by once he has.
func DNDeLecteur(nom string) string {
	b := ecrireValeur([]byte("cn="), nom)
	return string(append(append(b, ','), racineLecteurs...))
}
