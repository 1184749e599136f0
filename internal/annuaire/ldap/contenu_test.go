package ldap

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	client "github.com/go-ldap/ldap/v3"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

func ouvrirSeance(t testing.TB, f *Fonds, famille string) *seance {
	t.Helper()
	p := Preuve{}
	if famille != "" {
		p = Preuve{Nom: famille, MotDePasse: []byte(motDePass)}
	}
	s, err := f.Lier(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*seance)
}

func compilerFiltre(t interface{ Fatal(...any) }, texte string) *Filtre {
	p, err := client.CompileFilter(texte)
	if err != nil {
		t.Fatal(texte, err)
	}
	f := &Filtre{}
	l := lecteur{p.Bytes()}
	if r := f.compiler(&l); r != nil {
		t.Fatal(texte, r)
	}
	return f
}

// tests of one attribute, that filters are made of.
var feuilles = []string{
	"(cn=*dupon*)", "(cn=helene*)", "(cn=H*le*g*)", "(cn=* GALL)", "(cn=le gall*)", "(cn=jean luc dupont)", "(cn=*-luc d*)", "(cn=*arc)", "(cn=*é*)",
	"(sn=dupont)", "(sn=LE-GALL)", "(sn=*e*)", "(sn=d*)", "(sn=*la tour)", "(sn>=a)", "(givenName=elodie)", "(givenName=*)", "(displayName=zoé*)",
	"(uid=899900000003)", "(uid=d*)", "(x-rpps=99900000004)", "(x-rpps=99900*)", "(mail=*@chu.mssante.exemple)", "(mail=dupont.*)", "(mail=*.apicrypt.*)", "(mail=*@vil*)", "(mail=*ont.1*@c*)",
	"(mail=DUPONT.1@chu.mssante.exemple)", "(mail=*)", "(l=blois)", "(l=pont*)", "(l=*scorff)", "(postalCode=41*)", "(postalCode=2a004)", "(title=médecin)", "(x-profession=10)",
	"(x-profession=1*)", "(x-categorie=c)", "(x-codeSavoirFaire=sm04)", "(x-savoirFaire=cardio*)", "(o=cabinet*)", "(o=*sant*)", "(x-finess=990000001)", "(x-siret=99912345800001)",
	"(x-idNatStruct=1990000002)", "(x-secteur=sa08)", "(x-typeBAL=per)", "(x-domaine=ville.*)", "(x-domaine=*mssante*)", "(x-numeroAMC=99000102)", "(x-service=idb)",
	"(objectClass=inetOrgPerson)", "(objectClass=x-annuaireBAL)", "(objectClass=*)", "(objectClass=*person*)", "(ou=bal)", "(ou=cardiologie)", "(x-actif=TRUE)",
	"(modifyTimestamp>=20260922000000Z)", "(modifyTimestamp<=20260921150000Z)", "(modifyTimestamp=20260921150000Z)", "(entryDN=*)", "(telephoneNumber=*)", "(userCertificate=*)",
	"(cn:caseExactMatch:=x)", "(postalAddress=*écluse*)", "(description=cabinet*)",
}

func tirerFiltreDe(t *rapid.T, feuilles []string, profondeur int) string {
	switch n := rapid.IntRange(0, 9).Draw(t, "sorte"); {
	case n < 5 || profondeur == 0:
		return rapid.SampledFrom(feuilles).Draw(t, "feuille")
	case n < 6:
		return "(!" + tirerFiltreDe(t, feuilles, profondeur-1) + ")"
	default:
		var b strings.Builder
		b.WriteString([]string{"(&", "(|"}[n%2])
		for range rapid.IntRange(1, 3).Draw(t, "opérandes") {
			b.WriteString(tirerFiltreDe(t, feuilles, profondeur-1))
		}
		return b.String() + ")"
	}
}

// Whatever the filter, what the image narrows is exactly what the filter keeps of all
// the entries; page by page too. What would read everything is refused, and nothing else.
func TestPlanContreTout(t *testing.T) {
	f := &Fonds{Images: enImage(t, tirer(rand.New(rand.NewPCG(1, 2)), 150)), Portier: familles{regards(t)}}
	seances := []*seance{ouvrirSeance(t, f, ""), ouvrirSeance(t, f, "patient"), ouvrirSeance(t, f, "psc"), ouvrirSeance(t, f, "amc")}
	repondues, refusees := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		texte := tirerFiltreDe(t, feuilles, 3)
		s := seances[rapid.IntRange(0, len(seances)-1).Draw(t, "séance")]
		filtre := compilerFiltre(t, texte)
		attendus := toutes(s, filtre)
		r := &recueil{filtre: filtre}
		_, err := s.Chercher(context.Background(), &Demande{Portee: Sous, Filtre: filtre, Nombre: 1000}, r)
		var refus *Refus
		if errors.As(err, &refus) && refus == refusLarge {
			refusees++
			return
		}
		if err != nil {
			t.Fatalf("%s : %v", texte, err)
		}
		repondues++
		noms := slices.Sorted(slices.Values(r.noms))
		if !slices.Equal(noms, attendus) {
			t.Fatalf("%s : %d entrées au lieu de %d\n%v", texte, len(noms), len(attendus), difference(noms, attendus))
		}
		taille := rapid.IntRange(1, 40).Draw(t, "page")
		if pages := parPages(t, s, filtre, taille); !slices.Equal(pages, r.noms) {
			t.Fatalf("%s, pages de %d : %d entrées au lieu de %d\n%v", texte, taille, len(pages), len(r.noms), difference(pages, r.noms))
		}
	})
	if repondues < 20 || refusees < 5 {
		t.Errorf("%d réponses et %d refus : l'essai ne voit pas assez", repondues, refusees)
	}
}

func difference(a, b []string) (l []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			l = append(l, "en trop "+x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			l = append(l, "en moins "+x)
		}
	}
	return l[:min(len(l), 10)]
}

func parPages(t *rapid.T, s *seance, f *Filtre, taille int) (l []string) {
	var curseur []byte
	for {
		r := &recueil{filtre: f, limite: taille}
		suite, err := s.Chercher(context.Background(), &Demande{Portee: Sous, Filtre: f, Nombre: taille, Pages: true, Curseur: curseur}, r)
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, r.noms...)
		if suite == nil {
			return l
		}
		if len(r.noms) != taille {
			t.Fatalf("page de %d au lieu de %d", len(r.noms), taille)
		}
		curseur = suite
	}
}

// What each view shows, through a client.
func TestVuesEnLDAP(t *testing.T) {
	p := &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, "1"), Actif: true, Maj: 1_790_000_000_000}, TypeID: "8", Numero: "99900112204", IDNat: "899900112204",
		Nom: "LE GALL", Prenom: "Hélène", Profession: annuaire.Code{Code: "10", Libelle: "Médecin"}, Cartes: []annuaire.Carte{{Numero: "2800000001"}},
		BAL:         []annuaire.BAL{{Adresse: "helene.legall@chu.mssante.exemple", Type: annuaire.BALPersonnelle}, {Adresse: "rouge@chu.mssante.exemple", Type: annuaire.BALPersonnelle, ListeRouge: true}},
		Certificats: []annuaire.Certificat{{Serie: "1", DER: []byte{0x30, 3, 2, 1, 1}}}, Contact: annuaire.Coordonnees{Telephone: "0199000000"}}
	ferme := &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, "2")}, TypeID: "8", Numero: "99900112212", IDNat: "899900112212", Nom: "LE GALL", Prenom: "Anne"}
	amc := &annuaire.PointAcces{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Acces, "1"), Actif: true}, NumeroAMC: "99000101", Libelle: "Mutuelle fictive",
		Services: []annuaire.ServiceAcces{{Service: "IDB", Adresse: "https://amc.exemple/idb"}}}
	f := &Fonds{Images: enImage(t, []annuaire.Changement{{Praticien: p}, {Praticien: ferme}, {Acces: amc}}), Portier: familles{regards(t)}}
	s := ouvrirScene(t, f, Bornes{})
	for _, x := range []struct {
		famille, filtre string
		n               int
		a, pas          []string
	}{
		{"", "(uid=899900112204)", 1, []string{"cn", "mail", "title", "x-rpps"}, []string{"userCertificate;binary", "telephoneNumber"}},
		{"patient", "(uid=899900112204)", 1, []string{"cn", "title"}, []string{"mail", "userCertificate;binary"}},
		{"psc", "(uid=899900112204)", 1, []string{"mail", "userCertificate;binary"}, []string{"telephoneNumber"}},
		{"", "(sn=le gall)", 1, nil, nil},
		{"psc", "(sn=le gall)", 2, nil, nil},
		{"", "(uid=899900112212)", 0, nil, nil},
		{"", "(mail=rouge@chu.mssante.exemple)", 0, nil, nil},
		{"", "(mail=helene.legall@chu.mssante.exemple)", 2, nil, nil}, // the person and the mailbox
		{"patient", "(mail=helene.legall@chu.mssante.exemple)", 0, nil, nil},
		{"patient", "(&(sn=le gall)(mail=helene*))", 0, nil, nil},
		{"patient", "(&(sn=le gall)(!(mail=helene*)))", 1, nil, nil}, // as if nobody had one: nothing is told
		{"", "(x-numeroAMC=99000101)", 0, nil, nil},
		{"amc", "(x-numeroAMC=99000101)", 1, []string{"labeledURI", "o"}, nil},
	} {
		c := s.appeler(t)
		if x.famille != "" {
			if err := c.Bind(x.famille, motDePass); err != nil {
				t.Fatal(err)
			}
		}
		r, err := c.Search(question(racine, client.ScopeWholeSubtree, x.filtre))
		if err != nil || len(r.Entries) != x.n {
			t.Errorf("%q %s : %v, %d entrées au lieu de %d", x.famille, x.filtre, err, len(r.Entries), x.n)
			continue
		}
		for _, a := range x.a {
			if r.Entries[0].GetAttributeValue(a) == "" {
				t.Errorf("%q %s : pas de %s", x.famille, x.filtre, a)
			}
		}
		for _, a := range x.pas {
			if r.Entries[0].GetAttributeValue(a) != "" {
				t.Errorf("%q %s : %s est montré", x.famille, x.filtre, a)
			}
		}
	}
}

// What a reader does not see is not even looked for: the time of an answer tells nothing.
func TestPlanDeQuiNeVoitPas(t *testing.T) {
	f := &Fonds{Images: enImage(t, tirer(rand.New(rand.NewPCG(15, 16)), 10)), Portier: familles{regards(t)}}
	for famille, attendu := range map[string]valeurs{"patient": peutFaux, "": peutFaux | peutVrai} {
		s := ouvrirSeance(t, f, famille)
		p := promenade{s: s, d: &Demande{Filtre: compilerFiltre(t, "(mail=dupont*)")}}
		if x := p.planifier(etapePersonnes); x.peut != attendu || (x.critere == nil) != (famille == "patient") {
			t.Errorf("%q : %+v", famille, x)
		}
	}
}

// An approximate test finds what sounds the same, and words in any order.
func TestApproche(t *testing.T) {
	var l []annuaire.Changement
	for i, nom := range []string{"DUPONT", "DUPOND", "DUPON", "LE GALL", "PHILIPPE", "FILIPPE", "MARTIN"} {
		id := annuaire.NouvelID(annuaire.Praticiens, nom)
		l = append(l, annuaire.Changement{Praticien: &annuaire.Praticien{Entete: annuaire.Entete{ID: id, Actif: true}, TypeID: "8", Numero: "9990011220" + string(rune('0'+i)), Nom: nom, Prenom: "Hélène",
			BAL: []annuaire.BAL{{Adresse: nom[:2] + "@chu.mssante.exemple", Type: annuaire.BALPersonnelle}}}})
	}
	f := &Fonds{Images: enImage(t, l), Portier: familles{regards(t)}}
	s := ouvrirSeance(t, f, "")
	for _, x := range []struct {
		filtre string
		n      int
	}{{"(sn~=dupont)", 3}, {"(cn~=gall helene le)", 2}, {"(sn~=filip)", 2}, {"(sn~=marten)", 0}, {"(cn~=elene martin)", 2}, {"(&(sn~=dupont)(!(sn=dupont)))", 2}, {"(sn~=d)", 0}} {
		filtre := compilerFiltre(t, x.filtre)
		r := &recueil{filtre: filtre}
		if _, err := s.Chercher(context.Background(), &Demande{Portee: Sous, Filtre: filtre, Nombre: 100}, r); err != nil || len(r.noms) != x.n {
			t.Errorf("%s : %v, %d au lieu de %d : %v", x.filtre, err, len(r.noms), x.n, r.noms)
		}
	}
}

// The tree, by its bases and its scopes.
func TestArbre(t *testing.T) {
	f := &Fonds{Images: enImage(t, tirer(rand.New(rand.NewPCG(3, 4)), 30)), Portier: familles{regards(t)}}
	s := ouvrirScene(t, f, Bornes{})
	c := s.appeler(t)
	un, err := c.Search(question("ou=personnes,"+racine, client.ScopeWholeSubtree, "(x-profession=10)"))
	if err != nil || len(un.Entries) == 0 {
		t.Fatal(err)
	}
	boite, err := c.Search(question("ou=bal,"+racine, client.ScopeSingleLevel, "(mail=du*)"))
	if err != nil || len(boite.Entries) == 0 {
		t.Fatal(err)
	}
	nom, nomBoite := un.Entries[0].DN, boite.Entries[0].DN
	for _, x := range []struct {
		base   string
		portee int
		filtre string
		n      int
		code   Code
	}{
		{racine, client.ScopeBaseObject, "(objectClass=*)", 1, Succes},
		{"O = Annuaire , C=FR", client.ScopeBaseObject, "(objectClass=*)", 1, Succes},
		{racine, client.ScopeSingleLevel, "(objectClass=*)", 4, Succes},
		{racine, client.ScopeWholeSubtree, "(objectClass=*)", 0, Refuse},
		{racine, client.ScopeWholeSubtree, "(objectClass=organizationalUnit)", 4, Succes},
		{"ou=personnes," + racine, client.ScopeBaseObject, "(objectClass=*)", 1, Succes},
		{"ou=personnes," + racine, client.ScopeSingleLevel, "(objectClass=*)", 0, Refuse},
		{"ou=structures," + racine, client.ScopeSingleLevel, "(x-profession=10)", 0, Succes},
		{"", client.ScopeSingleLevel, "(objectClass=*)", 1, Succes},
		{"", client.ScopeWholeSubtree, "(x-profession=10)", len(un.Entries), Succes},
		{nom, client.ScopeBaseObject, "(objectClass=*)", 1, Succes},
		{nom, client.ScopeBaseObject, "(objectClass=x-annuaireBAL)", 0, Succes},
		{nom, client.ScopeWholeSubtree, "(objectClass=*)", 1, Succes},
		{nom, client.ScopeSingleLevel, "(objectClass=*)", 0, Succes},
		{strings.ReplaceAll(nom, "ou=personnes", "ou=structures"), client.ScopeBaseObject, "(objectClass=*)", 0, ObjetInconnu},
		{"cn=x," + nom, client.ScopeBaseObject, "(objectClass=*)", 0, ObjetInconnu},
		{nomBoite, client.ScopeBaseObject, "(objectClass=*)", 1, Succes},
		{"mail=autre" + strings.TrimPrefix(nomBoite, "mail="), client.ScopeBaseObject, "(objectClass=*)", 0, ObjetInconnu},
		{"ou=amc," + racine, client.ScopeWholeSubtree, "(objectClass=*)", 1, Succes},
		{"ou=rien," + racine, client.ScopeWholeSubtree, "(sn=x)", 0, ObjetInconnu},
		{"o=annuaire,c=de", client.ScopeWholeSubtree, "(sn=x)", 0, ObjetInconnu},
		{"ou=personnes+o=annuaire,c=fr", client.ScopeWholeSubtree, "(sn=x)", 0, ObjetInconnu},
		{"dc=exemple,dc=fr", client.ScopeWholeSubtree, "(sn=x)", 0, ObjetInconnu},
	} {
		r, err := c.Search(question(x.base, x.portee, x.filtre))
		if codeDe(err) != x.code || len(r.Entries) != x.n {
			t.Errorf("%s %d %s : %v, %d entrées au lieu de %d", x.base, x.portee, x.filtre, err, len(r.Entries), x.n)
		}
		var e *client.Error
		if errors.As(err, &e) && x.code == ObjetInconnu && strings.HasPrefix(x.base, "ou=rien") && e.MatchedDN != racine {
			t.Errorf("%s : partie connue %q", x.base, e.MatchedDN)
		}
	}
	if ok, err := c.Compare(nom, "x-profession", "10"); !ok || err != nil {
		t.Errorf("comparaison : %v %v", ok, err)
	}
}

// Pages go on over the image they began with; when it is gone the client is told.
func TestPagesPendantUnChangement(t *testing.T) {
	l := tirer(rand.New(rand.NewPCG(5, 6)), 120)
	d := enImage(t, l)
	s := ouvrirScene(t, &Fonds{Images: d, Portier: familles{regards(t)}}, Bornes{})
	c := s.appeler(t)
	tout, err := c.Search(question(racine, client.ScopeWholeSubtree, "(x-profession>=0)"))
	if err != nil || len(tout.Entries) != 0 {
		t.Fatalf("ordre sur un code : %v", err)
	}
	tout, err = c.SearchWithPaging(question(racine, client.ScopeWholeSubtree, "(x-categorie=C)", "1.1"), 500)
	if err != nil || len(tout.Entries) < 50 {
		t.Fatal(err)
	}
	n, cookie, err := page(c, "(x-categorie=C)", 7, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	installer(t, d, l[:60])
	for len(cookie) > 0 {
		k, suite, err := page(c, "(x-categorie=C)", 7, cookie, 0)
		if err != nil {
			t.Fatal(err)
		}
		n, cookie = n+k, suite
	}
	if n != len(tout.Entries) {
		t.Errorf("%d entrées en pages, %d d'un coup", n, len(tout.Entries))
	}
}
