package ldap

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/go-ldap/ldap/v3"
)

func question(base string, portee int, filtre string, attrs ...string) *client.SearchRequest {
	return client.NewSearchRequest(base, portee, client.NeverDerefAliases, 0, 0, false, filtre, attrs, nil)
}

// go-ldap asks, with the filters that mail clients write.
func TestFiltresDUnClient(t *testing.T) {
	s := ouvrirScene(t, petit(60), Bornes{})
	c := s.appeler(t)
	for _, x := range []struct {
		filtre string
		n      int
	}{
		{"(uid=899900000007)", 1},
		{"(uid=899900000999)", 0},
		{"(sn=dupont)", 12},
		{"(sn=le gall)", 12},
		{"(sn=Le-Gall)", 12},
		{"(cn=helene*)", 20},
		{"(cn=*GALL*)", 12},
		{"(cn=H*le*ll)", 4},
		{"(cn=zo*martin*roy)", 4},
		{"(mail=*@ville3.mssante.exemple)", 15},
		{"(mail=7@VILLE3*)", 1},
		{"(&(sn=dupont)(givenName=jean))", 4},
		{"(&(sn=dupont)(!(givenName=jean)))", 8},
		{"(|(uid=899900000001)(uid=899900000002)(uid=1))", 2},
		{"(sn~=gall le)", 12},
		{"(sn~=gal)", 12}, // it sounds the same
		{"(sn~=gale dupont)", 0},
		{"(telephoneNumber=*)", 0},
		{"(!(telephoneNumber=*))", 0}, // undefined is not true, nor is its contrary
		{"(&(sn=dupont)(|(telephoneNumber=3)(mail=*)))", 12},
		{"(sn=celik)", 12},
		{"(sn=o brien)", 12},
		{"(modifyTimestamp>=20261028000000Z)", 2},
		{"(modifyTimestamp<=20261001000000Z)", 3},
		{"(sn>=d)", 0},
		{"(sn:caseExactMatch:=dupont)", 0},
		{"(objectClass=INETORGPERSON)", 60},
	} {
		r, err := c.Search(question(racine, client.ScopeWholeSubtree, x.filtre, "cn"))
		if err != nil || len(r.Entries) != x.n {
			t.Errorf("%s : %v, %d entrées au lieu de %d", x.filtre, err, len(r.Entries), x.n)
		}
	}
}

// What an answer gives of an entry.
func TestSelection(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c := s.appeler(t)
	usuels := []string{"cn", "givenName", "mail", "objectClass", "sn", "title", "uid", "x-fiche"}
	for _, x := range []struct {
		attrs, attendus []string
	}{
		{nil, usuels},
		{[]string{"*"}, usuels},
		{[]string{"+"}, []string{"modifyTimestamp"}},
		{[]string{"*", "+"}, append([]string{"modifyTimestamp"}, usuels...)},
		{[]string{"1.1"}, nil},
		{[]string{"1.1", "cn"}, []string{"cn"}},
		{[]string{"CommonName", "2.5.4.4", "inconnu", "mail;lang-fr"}, []string{"cn", "sn"}},
		{[]string{"inconnu"}, nil},
	} {
		r, err := c.Search(question(racine, client.ScopeWholeSubtree, "(uid=899900000001)", x.attrs...))
		if err != nil || len(r.Entries) != 1 {
			t.Fatalf("%v : %v", x.attrs, err)
		}
		var lus []string
		for _, a := range r.Entries[0].Attributes {
			lus = append(lus, a.Name)
		}
		slices.Sort(lus)
		slices.Sort(x.attendus)
		if !slices.Equal(lus, x.attendus) {
			t.Errorf("%v : %v au lieu de %v", x.attrs, lus, x.attendus)
		}
	}
	q := question(racine, client.ScopeWholeSubtree, "(uid=899900000001)")
	q.TypesOnly = true
	r, err := c.Search(q)
	if err != nil || len(r.Entries) != 1 || len(r.Entries[0].Attributes) != len(usuels) || len(r.Entries[0].GetAttributeValues("cn")) != 0 {
		t.Errorf("types seuls : %v, %+v", err, r)
	}
}

func TestPages(t *testing.T) {
	s := ouvrirScene(t, petit(95), Bornes{})
	c := s.appeler(t)
	for _, taille := range []uint32{1, 7, 10, 19, 95, 500} {
		r, err := c.SearchWithPaging(question(racine, client.ScopeWholeSubtree, "(objectClass=*)", "uid"), taille)
		if err != nil || len(r.Entries) != 95 {
			t.Fatalf("pages de %d : %v, %d entrées", taille, err, len(r.Entries))
		}
		vus := map[string]bool{}
		for _, e := range r.Entries {
			vus[e.DN] = true
		}
		if len(vus) != 95 {
			t.Errorf("pages de %d : %d entrées distinctes", taille, len(vus))
		}
	}
}

// page asks one page, and gives the cookie of the next.
func page(c *client.Conn, filtre string, taille uint32, cookie []byte, limite int) (int, []byte, error) {
	q := question(racine, client.ScopeWholeSubtree, filtre, "uid")
	k := client.NewControlPaging(taille)
	k.SetCookie(cookie)
	q.Controls, q.SizeLimit = []client.Control{k}, limite
	r, err := c.Search(q)
	if err != nil {
		return 0, nil, err
	}
	suite, _ := client.FindControl(r.Controls, client.ControlTypePaging).(*client.ControlPaging)
	if suite == nil {
		return 0, nil, fmt.Errorf("aucun contrôle de pages")
	}
	return len(r.Entries), suite.Cookie, nil
}

// A cookie goes with its search and its holder, and with nothing else.
func TestCookieForge(t *testing.T) {
	s := ouvrirScene(t, petit(50), Bornes{Total: 30})
	c := s.appeler(t)
	n, cookie, err := page(c, "(sn=*)", 10, nil, 0)
	if err != nil || n != 10 || len(cookie) == 0 {
		t.Fatalf("%d entrées, repère %x, %v", n, cookie, err)
	}
	for i := range cookie {
		faux := slices.Clone(cookie)
		faux[i] ^= 0x10
		if _, _, err := page(c, "(sn=*)", 10, faux, 0); codeDe(err) != Refuse {
			t.Fatalf("octet %d changé : %v", i, err)
		}
	}
	for cas, err := range map[string]error{
		"tronqué":         func() error { _, _, err := page(c, "(sn=*)", 10, cookie[:len(cookie)-1], 0); return err }(),
		"un autre filtre": func() error { _, _, err := page(c, "(cn=*)", 10, cookie, 0); return err }(),
		"une autre session": func() error {
			d := s.appeler(t)
			lierBien(t, d)
			_, _, err := page(d, "(sn=*)", 10, cookie, 0)
			return err
		}(),
	} {
		if codeDe(err) != Refuse {
			t.Errorf("%s : %v", cas, err)
		}
	}
	// On another connection, and with another size of page, it goes on where it was.
	if n, _, err := page(s.appeler(t), "(sn=*)", 15, cookie, 0); err != nil || n != 15 {
		t.Errorf("autre connexion : %d, %v", n, err)
	}
	// A page of none gives up the rest.
	if n, k, err := page(c, "(sn=*)", 0, cookie, 0); err != nil || n != 0 || len(k) != 0 {
		t.Errorf("abandon des pages : %d, %x, %v", n, k, err)
	}
}

// All the pages of a search have a limit, ours and the client's.
func TestTotalDesPages(t *testing.T) {
	s := ouvrirScene(t, petit(50), Bornes{Total: 30})
	c := s.appeler(t)
	var cookie []byte
	for i := range 3 {
		n, suite, err := page(c, "(sn=*)", 10, cookie, 0)
		if err != nil || n != 10 {
			t.Fatalf("page %d : %d, %v", i, n, err)
		}
		cookie = suite
	}
	if _, _, err := page(c, "(sn=*)", 10, cookie, 0); codeDe(err) != LimiteAdmin {
		t.Errorf("au-delà du total : %v", err)
	}
	_, suite, err := page(c, "(sn=*)", 10, nil, 12)
	if err != nil {
		t.Fatal(err)
	}
	n, suite, err := page(c, "(sn=*)", 10, suite, 12)
	if err != nil || n != 2 {
		t.Errorf("limite du client, page 2 : %d, %v", n, err)
	}
	if _, _, err = page(c, "(sn=*)", 10, suite, 12); codeDe(err) != TailleDepassee {
		t.Errorf("limite du client, page 3 : %v", err)
	}
}

func TestTailleEtTemps(t *testing.T) {
	m := petit(300)
	s := ouvrirScene(t, m, Bornes{Temps: 300 * time.Millisecond})
	c := s.appeler(t)
	r, err := c.Search(question(racine, client.ScopeWholeSubtree, "(sn=*)"))
	if codeDe(err) != TailleDepassee || len(r.Entries) != 200 {
		t.Errorf("sans limite dite : %v, %d entrées", err, len(r.Entries))
	}
	q := question(racine, client.ScopeWholeSubtree, "(sn=*)")
	q.SizeLimit = 5
	if r, err = c.Search(q); codeDe(err) != TailleDepassee || len(r.Entries) != 5 {
		t.Errorf("limite de 5 : %v, %d entrées", err, len(r.Entries))
	}
	q = question(racine, client.ScopeWholeSubtree, "(sn=dupont)")
	q.SizeLimit = 60
	if r, err = c.Search(q); err != nil || len(r.Entries) != 60 {
		t.Errorf("exactement la limite : %v, %d entrées", err, len(r.Entries))
	}
	m.lent = 10 * time.Millisecond
	if _, err = c.Search(question(racine, client.ScopeWholeSubtree, "(sn=inconnu)")); codeDe(err) != TempsDepasse {
		t.Errorf("trop long : %v", err)
	}
}

func lierBien(t testing.TB, c *client.Conn) {
	t.Helper()
	if err := c.Bind(nomBon, motDePass); err != nil {
		t.Fatal(err)
	}
}

func TestLiaisons(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	qui := func(c *client.Conn) string {
		r, err := c.WhoAmI(nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.AuthzID
	}
	c := s.appeler(t)
	if q := qui(c); q != "" {
		t.Errorf("sans liaison : %q", q)
	}
	lierBien(t, c)
	if q := qui(c); q != "dn:"+nomBon {
		t.Errorf("mot de passe : %q", q)
	}
	if err := c.Bind(nomBon, "faux"); codeDe(err) != IdentifiantsFaux {
		t.Errorf("mot de passe faux : %v", err)
	}
	if q := qui(c); q != "" {
		t.Errorf("après un refus : %q, au lieu de personne", q)
	}
	lierBien(t, c)
	if err := c.UnauthenticatedBind(nomBon); codeDe(err) != Refuse {
		t.Errorf("nom sans mot de passe : %v", err)
	}
	if err := c.UnauthenticatedBind(""); err != nil || qui(c) != "" {
		t.Errorf("anonyme : %v, %q", err, qui(c))
	}
	if err := c.ExternalBind(); codeDe(err) != LiaisonInadaptee {
		t.Errorf("EXTERNAL sans certificat : %v", err)
	}
	if err := c.MD5Bind("localhost", "x", "y"); codeDe(err) != MethodeInconnue {
		t.Errorf("DIGEST-MD5 : %v", err)
	}
	if err := c.Bind("uid=panne", "x"); codeDe(err) != Autre || strings.Contains(err.Error(), "1234") {
		t.Errorf("panne : %v", err)
	}
	d := s.appeler(t, paire(t, "opérateur"))
	if err := d.ExternalBind(); err != nil || qui(d) != "dn:CN=opérateur" {
		t.Errorf("EXTERNAL : %v, %q", err, qui(d))
	}
}

// Who tries passwords is put out.
func TestEchecs(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{Echecs: 3})
	c := s.appeler(t)
	for i := range 3 {
		if err := c.Bind(nomBon, "faux"); codeDe(err) != IdentifiantsFaux {
			t.Fatalf("essai %d : %v", i, err)
		}
	}
	if err := c.Bind(nomBon, motDePass); err == nil || codeDe(err) == IdentifiantsFaux {
		t.Errorf("après trois refus : %v", err)
	}
}

// An address that tries passwords waits, whatever the connections it opens.
func TestEssaisDUneAdresse(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{Essais: 6, Echecs: 2})
	for i := range 6 {
		if err := s.appeler(t).Bind(nomBon, "faux"); codeDe(err) != IdentifiantsFaux {
			t.Fatalf("essai %d : %v", i, err)
		}
	}
	if err := s.appeler(t).Bind(nomBon, motDePass); codeDe(err) != Occupe {
		t.Errorf("après six refus : %v", err)
	}
	if _, err := s.appeler(t).Search(question(racine, client.ScopeWholeSubtree, "(sn=*)")); err != nil {
		t.Errorf("la vue publique se lit encore : %v", err)
	}
	var e essais
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	debut := time.Unix(0, 0)
	e.manque(a, debut)
	if !e.trop(b, 1, debut) || e.trop(netip.MustParseAddr("2001:db8:1::1"), 1, debut) || e.trop(a, 1, debut.Add(time.Minute)) {
		t.Error("une adresse IPv6 se compte par son réseau, et pour une minute")
	}
}

// The rights of who was bound are asked again after a time.
func TestSessionFinie(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{Session: 50 * time.Millisecond})
	c, public := s.appeler(t), s.appeler(t)
	lierBien(t, c)
	time.Sleep(60 * time.Millisecond)
	if _, err := public.WhoAmI(nil); err != nil {
		t.Errorf("session publique : %v", err)
	}
	if _, err := c.WhoAmI(nil); err == nil {
		t.Error("session gardée")
	}
}

// In clear one reads the root entry and asks for TLS: nothing else.
func TestClair(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c, err := client.DialURL("ldap://" + s.clair)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Search(question("", client.ScopeBaseObject, "(objectClass=*)", "supportedExtension", "namingContexts"))
	if err != nil || len(r.Entries) != 1 || !slices.Contains(r.Entries[0].GetAttributeValues("supportedExtension"), oidStartTLS) {
		t.Fatalf("racine : %v, %+v", err, r)
	}
	_, err1 := c.Search(question(racine, client.ScopeWholeSubtree, "(sn=*)"))
	_, err2 := c.Compare(racine, "o", "annuaire")
	_, err3 := c.WhoAmI(nil)
	for quoi, err := range map[string]error{"recherche": err1, "comparaison": err2, "qui": err3, "mot de passe": c.Bind(nomBon, motDePass), "suppression": c.Del(client.NewDelRequest(racine, nil))} {
		if codeDe(err) != ClairRefuse {
			t.Errorf("%s en clair : %v", quoi, err)
		}
	}
	if err := c.StartTLS(s.client()); err != nil {
		t.Fatal(err)
	}
	lierBien(t, c)
	if r, err := c.Search(question(racine, client.ScopeWholeSubtree, "(sn=*)")); err != nil || len(r.Entries) != 3 {
		t.Errorf("après StartTLS : %v", err)
	}
	if err := c.StartTLS(s.client()); codeDe(err) != ErreurOperations && err == nil {
		t.Errorf("StartTLS deux fois : %v", err)
	}
}

func TestLectureSeule(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c := s.appeler(t)
	lierBien(t, c)
	ajout := client.NewAddRequest("x-fiche=p9,"+racine, nil)
	ajout.Attribute("cn", []string{"X"})
	modif := client.NewModifyRequest("x-fiche=p1,ou=personnes,"+racine, nil)
	modif.Replace("mail", []string{"x@y"})
	for quoi, err := range map[string]error{
		"ajout": c.Add(ajout), "modification": c.Modify(modif), "suppression": c.Del(client.NewDelRequest("x-fiche=p1,ou=personnes,"+racine, nil)),
		"renommage": c.ModifyDN(client.NewModifyDNRequest("x-fiche=p1,ou=personnes,"+racine, "x-fiche=p2", true, "")),
	} {
		if codeDe(err) != Refuse || !strings.Contains(err.Error(), "autorité") {
			t.Errorf("%s : %v", quoi, err)
		}
	}
}

func TestComparer(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c := s.appeler(t)
	nom := "x-fiche=p1,ou=personnes," + racine
	for _, x := range []struct {
		nom, attr, v string
		code         Code
	}{
		{nom, "sn", "dupont", CompareVrai}, {nom, "sn", "martin", CompareFaux}, {nom, "x-rpps", "1", AttributAbsent},
		{nom, "inconnu", "1", AttributInconnu}, {"x-fiche=p99,ou=personnes," + racine, "sn", "dupont", ObjetInconnu}, {"pas un nom", "sn", "x", NomInvalide},
	} {
		ok, err := c.Compare(x.nom, x.attr, x.v)
		code := codeDe(err)
		if err == nil {
			code = map[bool]Code{true: CompareVrai, false: CompareFaux}[ok]
		}
		if code != x.code {
			t.Errorf("%s %s=%s : %d au lieu de %d (%v)", x.nom, x.attr, x.v, code, x.code, err)
		}
	}
}

// The server describes itself to clients that read schemas.
func TestSousSchema(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c := s.appeler(t)
	r, err := c.Search(question("", client.ScopeBaseObject, "(objectClass=*)", "+"))
	if err != nil || len(r.Entries) != 1 {
		t.Fatal(err)
	}
	for attr, attendu := range map[string]string{"namingContexts": racine, "supportedControl": oidPages, "supportedExtension": oidQui, "supportedLDAPVersion": "3", "subschemaSubentry": nomSousSchema} {
		if v := r.Entries[0].GetAttributeValues(attr); !slices.Contains(v, attendu) {
			t.Errorf("racine, %s : %v", attr, v)
		}
	}
	if r, err = c.Search(question(nomSousSchema, client.ScopeBaseObject, "(objectClass=subschema)", "attributeTypes", "objectClasses")); err != nil || len(r.Entries) != 1 {
		t.Fatalf("schéma : %v", err)
	}
	noms := map[string]bool{}
	for _, d := range r.Entries[0].GetAttributeValues("attributeTypes") {
		for _, m := range strings.Split(d, "'")[1:] {
			noms[m] = true
		}
	}
	for _, d := range r.Entries[0].GetAttributeValues("objectClasses") {
		for _, liste := range []string{" MUST ( ", " MAY ( "} {
			_, reste, ok := strings.Cut(d, liste)
			if !ok {
				continue
			}
			reste, _, _ = strings.Cut(reste, " )")
			for _, a := range strings.Split(reste, " $ ") {
				if !noms[a] {
					t.Errorf("%s cite %s, que le schéma ne définit pas", d, a)
				}
			}
		}
	}
}

// A stop lets the search under way end, and tells the others to come back.
func TestArret(t *testing.T) {
	m := petit(40)
	m.lent = 10 * time.Millisecond
	s := ouvrirScene(t, m, Bornes{})
	c, inactif := s.appeler(t), s.brut(t)
	if err := inactif.Handshake(); err != nil {
		t.Fatal(err)
	}
	fin := make(chan error)
	go func() {
		r, err := c.Search(question(racine, client.ScopeWholeSubtree, "(sn=*)"))
		if err == nil && len(r.Entries) != 40 {
			err = fmt.Errorf("%d entrées", len(r.Entries))
		}
		fin <- err
	}()
	for m.prises.Load() < 5 {
		time.Sleep(time.Millisecond)
	}
	if err := s.Fermer(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-fin; err != nil {
		t.Errorf("recherche en cours : %v", err)
	}
	var b [512]byte
	n, _ := inactif.Read(b[:])
	if !strings.Contains(string(b[:n]), oidDeconnexion) || !strings.Contains(string(b[:n]), refusArret.Texte) {
		t.Errorf("connexion inactive : %q", b[:n])
	}
}
