package ldap

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// requete is a message written by hand.
func requete(id int32, op byte, ecrire func(w *ecrit)) []byte {
	w := &ecrit{}
	m := w.ouvrir(tagSequence)
	w.entier(tagEntier, id)
	o := w.ouvrir(op)
	if ecrire != nil {
		ecrire(w)
	}
	w.fermer(o)
	w.fermer(m)
	return w.b
}

// chercherBrut is a search with a filter in BER.
func chercherBrut(id int32, base string, filtre []byte, attrs ...string) []byte {
	return requete(id, opChercher, func(w *ecrit) {
		w.texte(tagOctets, base)
		w.entier(tagEnumere, int32(Sous))
		w.entier(tagEnumere, 0)
		w.entier(tagEntier, 0)
		w.entier(tagEntier, 0)
		w.b = append(w.b, tagBooleen, 1, 0)
		w.b = append(w.b, filtre...)
		l := w.ouvrir(tagSequence)
		for _, a := range attrs {
			w.texte(tagOctets, a)
		}
		w.fermer(l)
	})
}

func present(attr string) []byte {
	w := &ecrit{}
	w.texte(0x87, attr)
	return w.b
}

func dans(tag byte, b []byte) []byte {
	w := &ecrit{}
	w.octets(tag, b)
	return w.b
}

// reponse reads one answer: its number, its tag and, when it ends an operation, its code.
func reponse(t testing.TB, r *bufio.Reader) (id int32, op byte, code Code, texte string) {
	t.Helper()
	b, err := trame(r, 1<<20, func() {})
	if err != nil {
		t.Fatalf("aucune réponse : %v", err)
	}
	m, ok := lireMessage(b)
	if !ok {
		t.Fatalf("réponse illisible : %x", b)
	}
	if m.op == reponseEntree {
		return m.id, m.op, 0, ""
	}
	l := lecteur{m.corps}
	c, ok1 := l.entier(tagEnumere)
	_, ok2 := l.attendu(tagOctets)
	v, ok3 := l.attendu(tagOctets)
	if !ok1 || !ok2 || !ok3 {
		t.Fatalf("résultat illisible : %x", b)
	}
	return m.id, m.op, Code(c), string(v)
}

// Filters and lists that would cost, or break, a server without bounds.
func TestFiltreHostile(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{Message: 1 << 20})
	deNons := func(n int) []byte {
		b := present("cn")
		for range n {
			b = dans(0xa2, b)
		}
		return b
	}
	larges := bytes.Repeat(present("cn"), 5000)
	mots := &ecrit{}
	for range 1000 {
		mots.texte(0x81, "x")
	}
	partie := func(b []byte) []byte {
		w := &ecrit{}
		w.texte(tagOctets, "cn")
		w.octets(tagSequence, b)
		return dans(0xa4, w.b)
	}
	longue := &ecrit{}
	longue.texte(tagOctets, "cn")
	longue.texte(tagOctets, strings.Repeat("x", 100000))
	attrs := make([]string, 1000)
	for _, x := range []struct {
		cas    string
		filtre []byte
		attrs  []string
		code   Code
	}{
		{"dix mille NON", deNons(10_000), nil, LimiteAdmin},
		{"un NON de trop", deNons(profondeurMax), nil, LimiteAdmin},
		{"autant de NON qu'il se peut", deNons(profondeurMax - 1), nil, Succes},
		{"cinq mille OU", dans(0xa1, larges), nil, LimiteAdmin},
		{"mille morceaux", partie(mots.b), nil, LimiteAdmin},
		{"valeur de cent mille octets", dans(0xa3, longue.b), nil, LimiteAdmin},
		{"mille attributs", present("cn"), attrs, LimiteAdmin},
		{"NON vide", dans(0xa2, nil), nil, ErreurProtocole},
		{"NON de deux", dans(0xa2, append(present("cn"), present("sn")...)), nil, ErreurProtocole},
		{"sous-chaîne vide", partie(nil), nil, ErreurProtocole},
		{"morceau vide", partie([]byte{0x81, 0}), nil, ErreurProtocole},
		{"deux débuts", partie([]byte{0x80, 1, 'x', 0x80, 1, 'x'}), nil, ErreurProtocole},
		{"après la fin", partie([]byte{0x82, 1, 'x', 0x81, 1, 'x'}), nil, ErreurProtocole},
		{"test inconnu", []byte{0xaf, 0}, nil, ErreurProtocole},
		{"longueur au-delà", []byte{0xa0, 0x84, 0x7f, 0xff, 0xff, 0xff}, nil, ErreurProtocole},
		{"longueur indéfinie", []byte{0xa0, 0x80, 0, 0}, nil, ErreurProtocole},
		{"vrai (RFC 4526)", dans(0xa0, nil), nil, Succes},
		{"faux (RFC 4526)", dans(0xa1, nil), nil, Succes},
		{"valeur qui n'est pas UTF-8", dans(0xa3, []byte{4, 2, 'c', 'n', 4, 2, 0xff, 0xfe}), nil, Succes},
	} {
		t.Run(x.cas, func(t *testing.T) {
			c := s.brut(t)
			r := bufio.NewReader(c)
			for range 2 { // the connection stands after a refusal
				if _, err := c.Write(chercherBrut(7, racine, x.filtre, x.attrs...)); err != nil {
					t.Fatal(err)
				}
				entrees := 0
				id, op, code, texte := reponse(t, r)
				for op == reponseEntree {
					entrees++
					id, op, code, texte = reponse(t, r)
				}
				if id != 7 || op != reponseChercher || code != x.code {
					t.Fatalf("réponse %d %x : %d %q au lieu de %d", id, op, code, texte, x.code)
				}
				if vrais := map[bool]int{true: 3}[x.cas == "vrai (RFC 4526)"]; entrees != vrais {
					t.Errorf("%d entrées au lieu de %d", entrees, vrais)
				}
			}
		})
	}
}

// What is no LDAP ends the connection, with a word.
func TestEnveloppeHostile(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	for _, x := range []struct {
		cas string
		b   []byte
	}{
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		{"un gigaoctet annoncé", []byte{0x30, 0x84, 0x40, 0, 0, 0, 2, 1, 1}},
		{"longueur de huit octets", []byte{0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 1}},
		{"numéro zéro", requete(0, opChercher, nil)},
		{"numéro négatif", []byte{0x30, 5, 2, 1, 0xff, 0x42, 0}},
		{"numéro trop grand", []byte{0x30, 9, 2, 5, 1, 0, 0, 0, 0, 0x42, 0}},
		{"opération inconnue", requete(1, 0x7e, nil)},
		{"réponse à la place d'une demande", requete(1, reponseEntree, nil)},
		{"reste après les contrôles", []byte{0x30, 9, 2, 1, 1, 0x42, 0, 0xa0, 0, 5, 0}},
	} {
		t.Run(x.cas, func(t *testing.T) {
			c := s.brut(t)
			if _, err := c.Write(x.b); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(c)
			id, op, code, _ := reponse(t, r)
			if id != 0 || op != reponseEtendre || code != ErreurProtocole {
				t.Errorf("adieu %d %x %d", id, op, code)
			}
			if _, err := r.ReadByte(); err != io.EOF {
				t.Errorf("connexion encore ouverte : %v", err)
			}
		})
	}
}

// A critical control that nobody knows stops the operation; another is left aside.
func TestControleCritique(t *testing.T) {
	s := ouvrirScene(t, petit(3), Bornes{})
	c := s.brut(t)
	r := bufio.NewReader(c)
	avec := func(b []byte, controles ...byte) []byte {
		m, ok := lireMessage(b)
		if !ok {
			t.Fatal("requête")
		}
		w := &ecrit{}
		l := w.ouvrir(tagSequence)
		w.entier(tagEntier, m.id)
		w.octets(m.op, m.corps)
		w.octets(tagControles, controles)
		w.fermer(l)
		return w.b
	}
	q := chercherBrut(3, racine, present("inconnu"))
	for _, x := range []struct {
		cas  string
		b    []byte
		code Code
	}{
		{"critique", avec(q, 0x30, 8, 4, 3, '1', '.', '9', 1, 1, 0xff), ExtensionCritique},
		{"non critique", avec(q, 0x30, 8, 4, 3, '1', '.', '9', 1, 1, 0), Succes},
		{"sans dire", avec(q, 0x30, 5, 4, 3, '1', '.', '9'), Succes},
		{"mal formé", avec(q, 0x30, 2, 5, 0), ErreurProtocole},
		{"trop", avec(q, bytes.Repeat([]byte{0x30, 5, 4, 3, '1', '.', '9'}, 17)...), ErreurProtocole},
	} {
		if _, err := c.Write(x.b); err != nil {
			t.Fatal(err)
		}
		if _, _, code, _ := reponse(t, r); code != x.code {
			t.Errorf("%s : %d au lieu de %d", x.cas, code, x.code)
		}
	}
}

// An abandoned search has no answer, whether it is under way or waits; the next ones do.
func TestRechercheAbandonnee(t *testing.T) {
	m := petit(5000)
	m.lent = 500 * time.Microsecond
	s := ouvrirScene(t, m, Bornes{Taille: 1 << 20})
	c := s.brut(t)
	r := bufio.NewReader(c)
	abandon := func(id byte) []byte { return []byte{0x30, 6, 2, 1, 99, opAbandonner, 1, id} }
	ecrire := func(l ...[]byte) {
		if _, err := c.Write(bytes.Join(l, nil)); err != nil {
			t.Fatal(err)
		}
	}
	ecrire(chercherBrut(1, racine, present("sn"), "1.1"))
	for m.prises.Load() < 200 { // it reads ahead by now
		time.Sleep(time.Millisecond)
	}
	uid := dans(0xa3, append(dans(tagOctets, []byte("uid")), dans(tagOctets, []byte("rien"))...))
	ecrire(chercherBrut(2, racine, uid), requete(3, opEtendre, func(w *ecrit) { w.texte(0x80, oidQui) }))
	ecrire(abandon(2), abandon(1))
	for {
		id, op, _, _ := reponse(t, r)
		if id == 1 && op == reponseEntree {
			continue // sent before the abandon was read
		}
		if id != 3 || op != reponseEtendre {
			t.Fatalf("réponse à %d (%x) : elle a été abandonnée", id, op)
		}
		break
	}
	if n := m.prises.Load(); n > 4000 {
		t.Errorf("%d entrées prises : la recherche n'a pas été arrêtée", n)
	}
}

// A client that leaves stops the search that it asked.
func TestDepartPendantUneRecherche(t *testing.T) {
	m := petit(5000)
	m.lent = 500 * time.Microsecond
	s := ouvrirScene(t, m, Bornes{})
	c := s.brut(t)
	if _, err := c.Write(chercherBrut(1, racine, dans(0xa2, present("sn")))); err != nil {
		t.Fatal(err)
	}
	for m.prises.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	_ = c.Close()
	debut := time.Now()
	if err := s.Fermer(context.Background()); err != nil || time.Since(debut) > time.Second {
		t.Errorf("%v en %v", err, time.Since(debut))
	}
	if n := m.prises.Load(); n > 2000 {
		t.Errorf("%d entrées prises", n)
	}
}

// Who asks many questions at once gets each answer, in order, on little memory.
func TestRafale(t *testing.T) {
	for _, x := range []struct {
		questions int32
		lent      time.Duration
	}{{200, 0}, {12, 20 * time.Microsecond}} {
		m := petit(80)
		m.lent = x.lent
		s := ouvrirScene(t, m, Bornes{Attente: 4})
		c := s.brut(t)
		go func() {
			var w bytes.Buffer
			for i := range x.questions {
				w.Write(chercherBrut(i+1, racine, present("sn"), "1.1"))
			}
			_, _ = c.Write(w.Bytes())
		}()
		r := bufio.NewReader(c)
		for i := range x.questions {
			for range 80 {
				if id, op, _, _ := reponse(t, r); id != i+1 || op != reponseEntree {
					t.Fatalf("réponse %d %x pendant la question %d", id, op, i+1)
				}
			}
			if id, op, code, _ := reponse(t, r); id != i+1 || op != reponseChercher || code != Succes {
				t.Fatalf("fin %d %x %d", id, op, code)
			}
		}
	}
}

// What was sent in clear behind StartTLS is not taken for what is said under TLS.
func TestInjectionStartTLS(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{})
	c, err := net.Dial("tcp", s.clair)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	starttls := requete(1, opEtendre, func(w *ecrit) { w.texte(0x80, oidStartTLS) })
	if _, err = c.Write(append(starttls, chercherBrut(2, racine, present("sn"))...)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	if id, _, code, _ := reponse(t, r); id != 1 || code != ErreurOperations {
		t.Errorf("réponse %d : %d", id, code)
	}
	if id, op, _, _ := reponse(t, r); id != 0 || op != reponseEtendre {
		t.Errorf("adieu %d %x", id, op)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("encore ouverte : %v", err)
	}
}

// Silent and slow clients are put out.
func TestClientsLents(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{Inactif: 500 * time.Millisecond, Lecture: 500 * time.Millisecond, Poignee: 500 * time.Millisecond})
	t.Run("silence", func(t *testing.T) {
		c := s.brut(t)
		if err := c.Handshake(); err != nil {
			t.Fatal(err)
		}
		if id, op, code, _ := reponse(t, bufio.NewReader(c)); id != 0 || op != reponseEtendre || code != Indisponible {
			t.Errorf("adieu %d %x %d", id, op, code)
		}
	})
	t.Run("octet par octet", func(t *testing.T) {
		c := s.brut(t)
		q := chercherBrut(1, racine, present("sn"))
		for i := range q {
			if _, err := c.Write(q[i : i+1]); err != nil {
				return
			}
			time.Sleep(30 * time.Millisecond)
		}
		if id, _, code, _ := reponse(t, bufio.NewReader(c)); id != 0 || code != Indisponible {
			t.Errorf("réponse %d %d", id, code)
		}
	})
	t.Run("poignée de main", func(t *testing.T) {
		c, err := net.Dial("tcp", s.tls)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		if n, err := io.Copy(io.Discard, c); n != 0 || err != nil {
			t.Errorf("%d octets, %v", n, err)
		}
	})
}

// One address does not take every place.
func TestConnexionsBornees(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{ParAdresse: 3})
	var l []*tls.Conn
	for range 3 {
		c := s.brut(t)
		if err := c.Handshake(); err != nil {
			t.Fatal(err)
		}
		l = append(l, c)
	}
	if c, err := tls.Dial("tcp", s.tls, s.client()); err == nil {
		_ = c.Close()
		t.Error("une quatrième connexion passe")
	}
	_ = l[0].Close()
	for range 100 {
		c, err := tls.Dial("tcp", s.tls, s.client())
		if err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("une place libérée n'est pas rendue")
}
