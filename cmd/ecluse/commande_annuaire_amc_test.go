package main

import (
	"bytes"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func TestDireCalendrier(t *testing.T) {
	n, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		t.Fatal(err)
	}
	le := sante.JourDe(2026, 12, 31)
	evenement := func(g annuaireamc.Genre, s roc.Service, vers string) annuaireamc.Evenement {
		return annuaireamc.Evenement{Le: le, Genre: g, NumeroAMC: n, Libelle: "MUTUELLE", Entree: "a", Service: s, Vers: vers}
	}
	var b bytes.Buffer
	for _, c := range []struct {
		e    annuaireamc.Evenement
		want string
	}{
		{evenement(annuaireamc.Ouverture, "", ""), "ouvre"},
		{evenement(annuaireamc.Ouverture, roc.IDB, ""), "son service IDB ouvre"},
		{evenement(annuaireamc.Fermeture, "", ""), "ferme le soir"},
		{evenement(annuaireamc.Remplacement, "", "99000002"), "est reprise par 99000002"},
		{evenement(annuaireamc.MandatOuvert, "", "OTP1"), "a OTP1 pour opérateur : son mandat commence"},
		{evenement(annuaireamc.MandatClos, "", "OTP1"), "n'a plus OTP1 pour opérateur le lendemain : son mandat finit"},
		{evenement(annuaireamc.Certificat, roc.CLC, ""), "son service CLC a un certificat de confidentialité qui finit : l'AMC doit publier le suivant"},
		{evenement(annuaireamc.SansSuite, "", ""), "n'a plus d'entrée : l'AMC doit en publier une, ou dire qui la reprend"},
	} {
		b.Reset()
		if err := direCalendrier(&b, []annuaireamc.Evenement{c.e}, 30); err != nil || b.String() != "31/12/2026  99000001  MUTUELLE  a  "+c.want+"\n" {
			t.Errorf("%v, %q", err, b.String())
		}
	}
	b.Reset()
	if err := direCalendrier(&b, nil, 1); err != nil || b.String() != "Rien ne commence ni ne finit dans l'annuaire AMC d'ici 1 jour.\n" {
		t.Errorf("%v, %q", err, b.String())
	}
}
