package ldap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/go-ldap/ldap/v3"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// slapd is OpenLDAP's server, with our schema and our entries.
func slapd(t *testing.T, f *Fonds, v Vision) *client.Conn {
	t.Helper()
	serveur, ajout := outil(t, "slapd"), outil(t, "slapadd")
	d := t.TempDir()
	ecrire := func(nom string, b []byte) string {
		chemin := filepath.Join(d, nom)
		if err := os.WriteFile(chemin, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return chemin
	}
	var schema, donnees bytes.Buffer
	if err := errors.Join(EcrireSchema(&schema), f.EcrireLDIF(context.Background(), &donnees, v), os.Mkdir(filepath.Join(d, "base"), 0o700)); err != nil {
		t.Fatal(err)
	}
	conf := ecrire("slapd.conf", fmt.Appendf(nil, "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n"+
		"include %s\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\nsizelimit unlimited\ndatabase mdb\nsuffix %q\ndirectory %s\nmaxsize 104857600\n",
		ecrire("notre.schema", schema.Bytes()), racine, filepath.Join(d, "base")))
	if b, err := exec.Command(ajout, "-q", "-f", conf, "-l", ecrire("tout.ldif", donnees.Bytes())).CombinedOutput(); err != nil {
		t.Fatalf("slapadd : %v\n%s", err, b)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	adresse := "ldap://" + l.Addr().String()
	_ = l.Close()
	c := exec.Command(serveur, "-f", conf, "-h", adresse, "-d", "0")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for range 100 {
		if conn, err := client.DialURL(adresse); err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("slapd ne répond pas")
	return nil
}

// simplifier keeps of a directory what both servers compare alike: capitals without
// accents nor punctuation.
func simplifier(l []annuaire.Changement) []annuaire.Changement {
	for _, k := range l {
		if p := k.Praticien; p != nil {
			p.Nom, p.Prenom, p.Profession.Libelle = sante.Plier(p.Nom), sante.Plier(p.Prenom), sante.Plier(p.Profession.Libelle)
			for i := range p.Exerce {
				p.Exerce[i].Commune = sante.Plier(p.Exerce[i].Commune)
			}
		}
		if s := k.Structure; s != nil {
			s.RaisonSociale, s.Enseigne = sante.Plier(s.RaisonSociale), sante.Plier(s.Enseigne)
			s.Adresse.LibelleVoie, s.Adresse.Commune.Libelle = sante.Plier(s.Adresse.LibelleVoie), sante.Plier(s.Adresse.Commune.Libelle)
		}
	}
	return l
}

// ordinaires tells the tests that both servers understand in the same way: no accent,
// no hyphen in a name, no approximation, no rule by name, and no attribute that one
// alone knows.
func ordinaires() (l []string) {
	for _, f := range feuilles {
		valeur := f[strings.IndexAny(f, "=~")+1:]
		if sur([]byte(f)) && !strings.Contains(valeur, "-") && !strings.Contains(f, "~") && !strings.Contains(f, ":") && !strings.HasPrefix(f, "(telephone") && !strings.HasPrefix(f, "(entryDN") &&
			!strings.HasPrefix(f, "(modify") { // slapd dates the entries above by its own clock
			l = append(l, f)
		}
	}
	return l
}

// OpenLDAP's server, given our entries and our schema, answers as we do to any filter.
func TestCommeSlapd(t *testing.T) {
	f := &Fonds{Images: enImage(t, simplifier(tirer(rand.New(rand.NewPCG(13, 14)), 120))), Portier: familles{regards(t)}}
	public := ouvrirSeance(t, f, "")
	autre := slapd(t, f, public.lecteur.Vision)
	s := ouvrirScene(t, f, Bornes{Taille: 1 << 20})
	nous := s.appeler(t)
	l := ordinaires()
	if len(l) < 30 {
		t.Fatalf("%d tests ordinaires", len(l))
	}
	comparees := 0
	rapid.Check(t, func(t *rapid.T) {
		texte := tirerFiltreDe(t, l, 3)
		ici, err := noms(nous, texte)
		if codeDe(err) == Refuse {
			return
		}
		la, err2 := noms(autre, texte)
		if err != nil || err2 != nil {
			t.Fatalf("%s : %v, slapd %v", texte, err, err2)
		}
		comparees++
		if !slices.Equal(ici, la) {
			t.Fatalf("%s : %d entrées, slapd %d\n%v", texte, len(ici), len(la), difference(ici, la))
		}
	})
	if comparees < 10 {
		t.Errorf("%d filtres comparés", comparees)
	}
	for _, texte := range l { // each alone, and those that we refuse joined to what we search
		texte = "(&" + texte + "(|(sn=dupont)(x-categorie=c)(o=cabinet*)(mail=du*)))"
		ici, err := noms(nous, texte)
		la, err2 := noms(autre, texte)
		if err != nil || err2 != nil || !slices.Equal(ici, la) {
			t.Errorf("%s : %v %v, %d entrées, slapd %d\n%v", texte, err, err2, len(ici), len(la), difference(ici, la))
		}
	}
	for _, texte := range []string{"(modifyTimestamp>=20260922000000Z)", "(modifyTimestamp<=20260921150000Z)", "(&(modifyTimestamp>=20260921150000Z)(!(sn=dupont)))"} {
		texte = "(&(objectClass=inetOrgPerson)" + texte + ")"
		ici, err := noms(nous, texte)
		la, err2 := noms(autre, texte)
		if err != nil || err2 != nil || !slices.Equal(ici, la) {
			t.Errorf("%s : %v %v, %d entrées, slapd %d", texte, err, err2, len(ici), len(la))
		}
	}
}

func noms(c *client.Conn, filtre string) (l []string, err error) {
	r, err := c.Search(question(racine, client.ScopeWholeSubtree, filtre, "1.1"))
	if err != nil {
		return nil, err
	}
	for _, e := range r.Entries {
		l = append(l, e.DN)
	}
	slices.Sort(l)
	return l, nil
}
