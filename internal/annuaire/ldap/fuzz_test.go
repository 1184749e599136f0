package ldap

import (
	"bytes"
	"testing"
	"unicode/utf8"

	ber "github.com/go-asn1-ber/asn1-ber"
	client "github.com/go-ldap/ldap/v3"
)

// Whatever comes, an envelope and what it holds are read within their bounds, and a
// message that we take is one that another decoder takes.
func FuzzMessage(f *testing.F) {
	f.Add(chercherBrut(1, racine, present("cn"), "cn", "mail"))
	f.Add(requete(2, opLier, func(w *ecrit) { w.entier(tagEntier, 3); w.texte(tagOctets, nomBon); w.texte(0x80, "x") }))
	f.Add(requete(3, opEtendre, func(w *ecrit) { w.texte(0x80, oidQui) }))
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 5, 2, 1, 1, 0x42, 0})
	var q recherche
	b := Bornes{}.avecDefauts()
	f.Fuzz(func(t *testing.T, octets []byte) {
		m, ok := lireMessage(octets)
		if !ok {
			return
		}
		if m.op != opChercher || q.lire(m, &b) != nil {
			return
		}
		verifier(t, &q.filtre)
		if p, err := ber.DecodePacketErr(octets); err != nil || len(p.Children) < 2 || len(p.Children[1].Children) != 8 {
			t.Fatalf("lu ici, refusé ailleurs : %v", err)
		}
	})
}

// verifier puts a filter to entries, and checks that it is a tree of the sizes said.
func verifier(t *testing.T, f *Filtre) {
	if len(f.noeuds) == 0 || len(f.noeuds) > noeudsMax {
		t.Fatalf("%d nœuds", len(f.noeuds))
	}
	vus := 0
	for i := range f.noeuds {
		n := &f.noeuds[i]
		if n.suivant >= 0 && int(n.suivant) <= i || n.fils >= 0 && int(n.fils) <= i {
			t.Fatalf("nœud %d : %+v", i, n)
		}
		if n.suivant >= 0 {
			vus++
		}
		if n.fils >= 0 {
			vus++
		}
	}
	if vus != len(f.noeuds)-1 {
		t.Fatalf("%d nœuds, %d liens", len(f.noeuds), vus)
	}
	e := Entree{besoin: touteUsuelle | touteOperation}
	for _, x := range petit(5).entrees {
		e.Vider()
		x.mettre(&e)
		if v := f.evaluer(&e); v < faux || v > vrai {
			t.Fatalf("vérité %d", v)
		}
	}
}

// A filter that go-ldap writes in BER reads here as it says there.
func FuzzFiltre(f *testing.F) {
	for _, x := range []string{
		"(cn=*dup*ont*)", "(&(sn=a)(!(|(mail=b*)(uid>=3))))", "(cn:dn:2.5.13.2:=x)", `(cn=\2a\28)`, "(sn~=Le Gall)", "(objectClass=*)", "(cn=Hélène)",
	} {
		f.Add(x)
	}
	var ici Filtre
	f.Fuzz(func(t *testing.T, texte string) {
		p, err := client.CompileFilter(texte)
		if err != nil {
			return
		}
		b := p.Bytes()
		l := lecteur{b}
		if r := ici.compiler(&l); r != nil {
			if r == refusMal && !inadmis(b) {
				t.Fatalf("%q : %v", texte, r)
			}
			return
		}
		if !l.fini() {
			t.Fatalf("%q : un reste", texte)
		}
		verifier(t, &ici)
	})
}

// inadmis tells whether a filter holds what go-ldap writes and RFC 4511 does not have:
// an empty piece of a substring test, none at all, or an extensible match in an order
// of its own.
func inadmis(b []byte) bool {
	for _, x := range []string{"\x80\x00", "\x81\x00", "\x82\x00", "\x30\x00", "\xa9"} {
		if bytes.Contains(b, []byte(x)) {
			return true
		}
	}
	return false
}

// A name is escaped so that it reads back, here and with go-ldap.
func FuzzNomEcrit(f *testing.F) {
	for _, x := range []string{"DUPONT", " #a,b+c=d\\e\"f<g>h;i ", "#", " ", "é", "a\x00b", "fin\\"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, v string) {
		e := Entree{besoin: touteUsuelle | touteOperation}
		e.Nommer(CN, v, racine)
		noms, ok := lireDN(nil, e.nom)
		if v == "" || len(e.nom) > maxDN || !validUTF8(v) {
			if ok && v == "" {
				t.Fatal("un nom vide se lit")
			}
			return
		}
		if !ok || len(noms) != 3 || string(noms[0].valeur) != v || noms[0].attr != CN || noms[1].attr != O || noms[2].rang != 2 {
			t.Fatalf("%q : %q, %v %+v", v, e.nom, ok, noms)
		}
		d, err := client.ParseDN(string(e.nom))
		if err != nil || len(d.RDNs) != 3 || d.RDNs[0].Attributes[0].Value != v {
			t.Fatalf("%q : go-ldap lit %v, %v", e.nom, d, err)
		}
	})
}

// Any name at all is read or refused, and what is read has no empty part.
func FuzzNomLu(f *testing.F) {
	f.Add([]byte(`uid=8999\2c00+cn=\ a\ ,ou=x, o=annuaire , c=fr`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := lireDN(nil, b)
		for _, x := range l {
			if ok && len(x.valeur) == 0 {
				t.Fatalf("%q : %+v", b, l)
			}
		}
	})
}

func validUTF8(s string) bool { return utf8.ValidString(s) }
