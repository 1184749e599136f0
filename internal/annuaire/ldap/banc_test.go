package ldap

import (
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	client "github.com/go-ldap/ldap/v3"
)

// A search, from its bytes to a filter ready to be put to entries; and one entry to its
// bytes: what we do, and what go-asn1-ber's trees cost. docs/decisions/0011 cites it.
func BenchmarkProtocole(b *testing.B) {
	filtre, err := client.CompileFilter("(&(objectClass=inetOrgPerson)(|(cn=*dupont*)(mail=dupont*)(sn=dupont)))")
	if err != nil {
		b.Fatal(err)
	}
	octets := chercherBrut(1, racine, filtre.Bytes(), "cn", "mail", "title", "o", "l")
	e := Entree{besoin: touteUsuelle | touteOperation}
	x := petit(1).entrees[0]
	b.Run("nous", func(b *testing.B) {
		b.ReportAllocs()
		var q recherche
		var w ecrit
		bornes := Bornes{}.avecDefauts()
		for b.Loop() {
			m, ok := lireMessage(octets)
			if !ok || q.lire(m, &bornes) != nil {
				b.Fatal("refus")
			}
			e.Vider()
			x.mettre(&e)
			w.b = w.b[:0]
			e.encoder(&w, m.id, touteUsuelle, false)
		}
	})
	b.Run("go-asn1-ber", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := ber.DecodePacketErr(octets)
			if err != nil {
				b.Fatal(err)
			}
			if _, err = client.DecompileFilter(p.Children[1].Children[6]); err != nil {
				b.Fatal(err)
			}
			enArbre(&e).Bytes()
		}
	})
}

// enArbre is the answer that encoder writes, as a tree. A child is appended once whole:
// its bytes are copied then.
func enArbre(e *Entree) *ber.Packet {
	noeud := func(classe ber.Class, tag ber.Tag, enfants ...*ber.Packet) *ber.Packet {
		p := ber.Encode(classe, ber.TypeConstructed, tag, nil, "")
		for _, x := range enfants {
			p.AppendChild(x)
		}
		return p
	}
	texte := func(v string) *ber.Packet {
		return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, v, "")
	}
	var attributs []*ber.Packet
	for i := 0; i < len(e.valeurs); {
		a, valeurs := e.valeurs[i].attr, []*ber.Packet(nil)
		for ; i < len(e.valeurs) && e.valeurs[i].attr == a; i++ {
			valeurs = append(valeurs, texte(string(e.valeur(i))))
		}
		attributs = append(attributs, noeud(ber.ClassUniversal, ber.TagSequence, texte(a.surLeFil()), noeud(ber.ClassUniversal, ber.TagSet, valeurs...)))
	}
	return noeud(ber.ClassUniversal, ber.TagSequence, ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(1), ""),
		noeud(ber.ClassApplication, 4, texte(string(e.nom)), noeud(ber.ClassUniversal, ber.TagSequence, attributs...)))
}

// Both write the same bytes: go-asn1-ber is our oracle.
func TestEntreeCommeUnAutre(t *testing.T) {
	for n, x := range petit(20).entrees {
		e := Entree{besoin: touteUsuelle | touteOperation}
		var w ecrit
		x.mettre(&e)
		for range n * 30 { // lengths of one, two and three bytes
			e.Ajouter(XFiche, "une valeur répétée")
		}
		e.encoder(&w, 1, touteUsuelle|touteOperation, false)
		if autre := enArbre(&e).Bytes(); string(autre) != string(w.b) {
			t.Fatalf("%d : %x au lieu de %x", n, w.b, autre)
		}
	}
}
