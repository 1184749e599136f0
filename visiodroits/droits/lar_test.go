package droits

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

func editeur(t testing.TB, e *emetteurs) *EditeurLAR {
	t.Helper()
	return &EditeurLAR{Emetteur: amc(t, uneAMC), Sel: Sel{1, 2, 3}, Kid: "lar-1", Cle: e.lar}
}

func (e *emetteurs) options(t testing.TB) OptionsLAR {
	t.Helper()
	return OptionsLAR{Cles: e.cles, Emetteur: amc(t, uneAMC), Maintenant: instant.Add(time.Hour)}
}

// entree is revoked from the day of the list on.
func entree(t testing.TB, n NumeroAccreditation) EntreeLAR {
	t.Helper()
	return EntreeLAR{Numero: n, Effet: jour(t, "2026-01-01"), Motif: Radiation, DroitsFin: jour(t, "2026-12-31")}
}

func complete(t testing.TB, ed *EditeurLAR, numero int64, emission time.Time, l ...EntreeLAR) ([]byte, *LAR) {
	t.Helper()
	b, lar, err := ed.Complete(numero, emission, slices.Values(l))
	if err != nil {
		t.Fatal(err)
	}
	return b, lar
}

// A revocation has effect after the day that follows both its publication and its
// day of effect. ref: VISIO §6
func TestLAREffet(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed := editeur(t, e)
	n := tirer(t, uneAMC, Normale)
	for _, c := range []struct {
		cas, effet, publication, soins string
		revoquee                       bool
	}{
		{"le jour de la publication", "2026-01-01", "", "2026-11-22", false},
		{"le lendemain : jour de grâce", "2026-01-01", "", "2026-11-23", false},
		{"le surlendemain", "2026-01-01", "", "2026-11-24", true},
		{"avant", "2026-01-01", "", "2026-02-01", false},
		{"effet plus tard que la publication, lendemain", "2026-12-10", "", "2026-12-11", false},
		{"effet plus tard que la publication, surlendemain", "2026-12-10", "", "2026-12-12", true},
		{"publiée une semaine plus tôt, lendemain", "2026-01-01", "2026-11-15", "2026-11-16", false},
		{"publiée une semaine plus tôt, surlendemain", "2026-01-01", "2026-11-15", "2026-11-17", true},
	} {
		x := entree(t, n)
		x.Effet = jour(t, c.effet)
		if c.publication != "" {
			x.Publication = jour(t, c.publication)
		}
		b, fait := complete(t, ed, 1, instant, x)
		lu, err := LireLAR(bytes.NewReader(b), e.options(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*LAR{fait, lu} {
			motif, err := l.Revoquee(n, jour(t, c.soins))
			if err != nil || (motif == Radiation) != c.revoquee || motif != "" && motif != Radiation {
				t.Errorf("%s : %q, %v", c.cas, motif, err)
			}
		}
	}
}

// The list reveals no number, and speaks of its issuer only.
func TestLARMuette(t *testing.T) {
	e := nouveauxEmetteurs(t)
	n := tirer(t, uneAMC, Normale)
	b, l := complete(t, editeur(t, e), 1, instant, entree(t, n))
	if bytes.Contains(b, []byte(n.String()[12:])) {
		t.Error("la liste dit le numéro")
	}
	if _, err := l.Revoquee(tirer(t, unOTP, Depannage), jour(t, "2026-12-01")); !errors.Is(err, ErrAutreEmetteur) {
		t.Errorf("d'un autre émetteur : %v", err)
	}
	if _, err := (*LAR)(nil).Revoquee(n, jour(t, "2026-12-01")); !errors.Is(err, ErrSansLAR) {
		t.Errorf("sans liste : %v", err)
	}
	if effet, ok := l.Effet(n); !ok || effet != jour(t, "2026-11-22") {
		t.Errorf("effet %s, %v", effet, ok)
	}
	if _, ok := l.Effet(tirer(t, uneAMC, Normale)); ok {
		t.Error("un numéro jamais révoqué a un effet")
	}
}

// Entries whose rights ended more than a year ago leave the list. ref: VISIO §7 rule 6
func TestLARAbandon(t *testing.T) {
	e := nouveauxEmetteurs(t)
	jourJ := jour(t, "2026-11-22")
	garde, part := entree(t, tirer(t, uneAMC, Normale)), entree(t, tirer(t, uneAMC, Normale))
	garde.DroitsFin, part.DroitsFin = jourJ-365, jourJ-366
	_, l := complete(t, editeur(t, e), 1, instant, garde, part)
	if _, ok := l.Effet(garde.Numero); !ok || l.Nombre() != 1 {
		t.Errorf("%d entrées, celle du dernier jour : %v", l.Nombre(), ok)
	}
}

func TestLARRefuse(t *testing.T) {
	e, autres := nouveauxEmetteurs(t), nouveauxEmetteurs(t)
	ed := editeur(t, e)
	liste := []EntreeLAR{entree(t, tirer(t, uneAMC, Normale)), entree(t, tirer(t, uneAMC, Normale)), entree(t, tirer(t, uneAMC, Depannage))}
	_, l4 := complete(t, ed, 4, instant.Add(-time.Hour), liste[0])
	b5, l5 := complete(t, ed, 5, instant, liste...)
	delta := func(base *LAR, ajouts []EntreeLAR, retraits ...NumeroAccreditation) []byte {
		b, _, err := ed.Delta(base, instant.Add(time.Minute), ajouts, retraits)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	nouvelle := entree(t, tirer(t, uneAMC, Normale))
	d6 := delta(l5, []EntreeLAR{nouvelle}, liste[0].Numero)
	ligne := bytes.IndexByte(b5, '\n') + 1
	// forger signs the head again, as a careless issuer would.
	forger := func(f func(*EnteteLAR), octets []byte) []byte {
		en := l5.entete
		f(&en)
		b, err := ed.signer(&en, octets)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	trois := b5[ligne:]
	double := slices.Concat(trois[:tailleEnregistrement], trois[:tailleEnregistrement], trois[2*tailleEnregistrement:])
	desordre := slices.Concat(trois[tailleEnregistrement:], trois[:tailleEnregistrement])
	empreinte := func(octets []byte) func(*EnteteLAR) {
		return func(en *EnteteLAR) {
			en.Empreinte, en.Enregistrements, en.Total = EmpreinteGaranties(octets), len(octets)/21, len(octets)/21
		}
	}
	motifFaux := bytes.Clone(trois)
	motifFaux[20] = 9
	retrait := bytes.Clone(trois)
	copy(retrait[16:], []byte{0, 0, 0, 0, 0})
	autreEmetteur, _ := complete(t, &EditeurLAR{Emetteur: amc(t, unOTP), Kid: "lar-1", Cle: e.lar}, 6, instant)
	deLOTP, _ := complete(t, &EditeurLAR{Emetteur: amc(t, uneAMC), Kid: "otp-1", Cle: e.otp}, 6, instant)
	longue, _ := complete(t, &EditeurLAR{Emetteur: amc(t, uneAMC), Kid: "lar-1", Cle: e.lar, Duree: 8 * 24 * time.Hour}, 6, instant)
	clair, _ := complete(t, &EditeurLAR{Emetteur: amc(t, uneAMC), Kid: "lar-1", Cle: autres.lar}, 6, instant)
	future, _ := complete(t, ed, 6, instant.Add(3*time.Hour))
	vieille, _ := complete(t, ed, 6, instant.Add(-2*time.Hour))
	accredite, err := jades.SignerNomme(planLAR.AppendJSON(nil, &l5.entete), "lar-1", typJetonAccredite, e.lar)
	if err != nil {
		t.Fatal(err)
	}
	ecartee, err := jades.SignerNomme(append([]byte(" "), planLAR.AppendJSON(nil, &l5.entete)...), "lar-1", typLAR, e.lar)
	if err != nil {
		t.Fatal(err)
	}
	// Records that are all good but for one, at the end of what is read at once, that
	// stands again at the start of what follows.
	suite := &LAR{}
	for i := range parLecture + 1 {
		r := enregistrement{0: byte(min(i, parLecture-1) >> 8), 1: byte(min(i, parLecture-1)), 17: 1, 20: 1}
		suite.octets = append(suite.octets, r[:]...)
		suite.somme.ajouter(r[:])
	}
	entreDeux := forger(func(en *EnteteLAR) { empreinte(suite.octets)(en); en.Etat = suite.somme.empreinte() }, suite.octets)
	for _, c := range []struct {
		cas   string
		b     []byte
		tenue *LAR
		err   error
	}{
		{"complète, la première", b5, nil, nil},
		{"complète, après une autre", b5, l4, nil},
		{"delta sur sa base", d6, l5, nil},
		{"la même", b5, l5, ErrDejaTenue},
		{"retour en arrière", func() []byte { b, _ := complete(t, ed, 4, instant.Add(time.Minute), liste[0]); return b }(), l5, ErrRetourArriere},
		{"numéro plus grand, émise plus tôt", vieille, l5, ErrRetourArriere},
		{"même numéro, autre contenu", func() []byte { b, _ := complete(t, ed, 5, instant, liste[0]); return b }(), l5, ErrRetourArriere},
		{"delta sans rien", d6, nil, ErrBaseAbsente},
		{"delta sur une autre base", d6, l4, ErrBaseAbsente},
		{"delta d'un autre sel", func() []byte {
			return forger(func(en *EnteteLAR) {
				en.Type, en.Numero, en.Base, en.Sel = LARDelta, 6, 5, Sel{9}
			}, trois)
		}(), l5, ErrBaseAbsente},
		{"delta qui ne mène pas où il dit", forger(func(en *EnteteLAR) { en.Type, en.Numero, en.Base, en.Total = LARDelta, 6, 5, 4 }, trois), l5, ErrLAR},
		{"delta qui retire ce qui n'y est pas", func() []byte {
			var r enregistrement
			r[0] = 7
			return forger(func(en *EnteteLAR) {
				en.Type, en.Numero, en.Base, en.Total, en.Enregistrements, en.Empreinte = LARDelta, 6, 5, 3, 1, EmpreinteGaranties(r[:])
			}, r[:])
		}(), l5, ErrLAR},
		{"autre émetteur", autreEmetteur, nil, ErrAutreEmetteur},
		{"clé d'un autre usage", deLOTP, nil, ErrCleInconnue},
		{"signature d'un autre", clair, nil, jades.Err},
		{"signée comme une accréditation", append(append([]byte(accredite), '\n'), trois...), nil, ErrLAR},
		{"promet la suivante dans trop longtemps", longue, nil, ErrLAR},
		{"émise dans le futur", future, nil, ErrFutur},
		{"sans enregistrements", b5[:ligne], nil, ErrTronquee},
		{"coupée dans un enregistrement", b5[:len(b5)-1], nil, ErrTronquee},
		{"coupée dans l'en-tête", b5[:ligne-1], nil, ErrTronquee},
		{"vide", nil, nil, ErrTronquee},
		{"un octet de trop", append(bytes.Clone(b5), 0), nil, ErrLAR},
		{"un octet changé", func() []byte { b := bytes.Clone(b5); b[ligne+3] ^= 1; return b }(), nil, ErrLAR},
		{"ligne trop longue", bytes.Repeat([]byte("a"), ligneMax+1), nil, ErrLAR},
		{"doublon", forger(empreinte(double), double), nil, ErrLAR},
		{"désordre", forger(empreinte(desordre), desordre), nil, ErrLAR},
		{"motif inconnu", forger(empreinte(motifFaux), motifFaux), nil, ErrLAR},
		{"retrait dans une complète", forger(empreinte(retrait), retrait), nil, ErrLAR},
		{"en-tête qui n'est pas canonique", append(append([]byte(ecartee), '\n'), trois...), nil, ErrLAR},
		{"empreinte fausse, état juste", forger(func(en *EnteteLAR) { en.Empreinte[0] ^= 1 }, trois), nil, ErrLAR},
		{"doublon entre deux lectures", entreDeux, nil, ErrLAR},
		{"état faux", forger(func(en *EnteteLAR) { en.Etat[0] ^= 1 }, trois), nil, ErrLAR},
		{"complète avec une base", forger(func(en *EnteteLAR) { en.Base = 3 }, trois), nil, ErrLAR},
		{"annonce beaucoup", forger(func(en *EnteteLAR) { en.Enregistrements, en.Total = entreesMax+1, entreesMax+1 }, trois), nil, ErrLAR},
		{"annonce plus qu'elle n'a", forger(func(en *EnteteLAR) { en.Enregistrements, en.Total = entreesMax, entreesMax }, trois), nil, ErrTronquee},
	} {
		avant := ""
		if c.tenue != nil {
			avant = fmt.Sprint(c.tenue.entete, c.tenue.octets, c.tenue.somme)
		}
		l, err := LireLAR(bytes.NewReader(c.b), e.options(t), c.tenue)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || (l == nil) != (c.err != nil) {
			t.Errorf("%s : %v, attendu %v", c.cas, err, c.err)
		}
		if c.tenue != nil && avant != fmt.Sprint(c.tenue.entete, c.tenue.octets, c.tenue.somme) {
			t.Errorf("%s : la liste tenue a changé", c.cas)
		}
	}
	panne := errors.New("panne")
	if _, err := LireLAR(io.MultiReader(bytes.NewReader(b5[:ligne+5]), iotest.ErrReader(panne)), e.options(t), nil); !errors.Is(err, panne) {
		t.Errorf("lecture en panne : %v", err)
	}
	if l, err := LireLAR(iotest.OneByteReader(bytes.NewReader(b5)), e.options(t), nil); err != nil || l.Nombre() != 3 {
		t.Errorf("octet par octet : %v", err)
	}
}

func TestEditeurLARRefuse(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed := editeur(t, e)
	bonne := entree(t, tirer(t, uneAMC, Normale))
	_, base := complete(t, ed, 1, instant, bonne)
	avec := func(f func(*EntreeLAR)) []EntreeLAR {
		x := entree(t, tirer(t, uneAMC, Normale))
		f(&x)
		return []EntreeLAR{x}
	}
	for _, c := range []struct {
		cas string
		l   []EntreeLAR
		err error
	}{
		{"deux fois", []EntreeLAR{bonne, bonne}, ErrDoublon},
		{"d'un autre émetteur", []EntreeLAR{entree(t, tirer(t, unOTP, Normale))}, ErrEntree},
		{"sans numéro", avec(func(x *EntreeLAR) { x.Numero = NumeroAccreditation{} }), ErrEntree},
		{"sans motif", avec(func(x *EntreeLAR) { x.Motif = "" }), ErrEntree},
		{"motif inconnu", avec(func(x *EntreeLAR) { x.Motif = "AUTRE" }), ErrEntree},
		{"sans effet", avec(func(x *EntreeLAR) { x.Effet = 0 }), ErrEntree},
		{"publiée plus tard", avec(func(x *EntreeLAR) { x.Publication = jour(t, "2026-11-23") }), ErrEntree},
	} {
		if _, _, err := ed.Complete(2, instant, slices.Values(c.l)); !errors.Is(err, c.err) {
			t.Errorf("complète, %s : %v", c.cas, err)
		}
		if _, _, err := ed.Delta(base, instant, c.l, nil); !errors.Is(err, c.err) {
			t.Errorf("delta, %s : %v", c.cas, err)
		}
	}
	if _, _, err := ed.Delta(base, instant, nil, []NumeroAccreditation{tirer(t, uneAMC, Normale)}); !errors.Is(err, ErrEntree) {
		t.Errorf("retirer l'absente : %v", err)
	}
	if _, _, err := ed.Delta(base, instant, []EntreeLAR{bonne}, []NumeroAccreditation{bonne.Numero}); !errors.Is(err, ErrDoublon) {
		t.Errorf("ajoutée et retirée : %v", err)
	}
	if _, _, err := ed.Delta(nil, instant, nil, nil); !errors.Is(err, ErrSansLAR) {
		t.Errorf("sans base : %v", err)
	}
	autre := *ed
	autre.Sel = Sel{}
	if _, _, err := autre.Delta(base, instant, nil, nil); !errors.Is(err, ErrAutreEmetteur) {
		t.Errorf("autre sel : %v", err)
	}
	if _, _, err := ed.Complete(0, instant, slices.Values([]EntreeLAR{bonne})); !errors.Is(err, ErrLAR) {
		t.Errorf("numéro nul : %v", err)
	}
}

// A delta of nothing renews the promise of a list; the complete list of its number is
// for who comes, and is nothing new to who followed.
func TestLARDeltaVide(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed, o := editeur(t, e), e.options(t)
	x := entree(t, tirer(t, uneAMC, Normale))
	b, l := complete(t, ed, 1, instant, x)
	tenue, err := LireLAR(bytes.NewReader(b), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err = ed.Delta(l, instant.Add(time.Hour), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := LireLAR(bytes.NewReader(b), o, tenue)
	if err != nil {
		t.Fatal(err)
	}
	if limite := instant.Add(48 * time.Hour); tenue.Perimee(limite) || !tenue.Perimee(limite.Add(time.Second)) ||
		suite.Perimee(limite.Add(time.Hour)) || !suite.Perimee(limite.Add(time.Hour+time.Second)) || suite.Nombre() != 1 {
		t.Errorf("listes %d et %d : la promesse n'est pas renouvelée d'une heure", tenue.Entete().Numero, suite.Entete().Numero)
	}
	x.Publication = jour(t, "2026-11-22") // as its issuer keeps it
	b, _ = complete(t, ed, 2, instant.Add(time.Hour), x)
	if _, err := LireLAR(bytes.NewReader(b), o, suite); !errors.Is(err, ErrDejaTenue) {
		t.Errorf("complète du même numéro : %v", err)
	}
	if l, err := LireLAR(bytes.NewReader(b), o, nil); err != nil || l.Nombre() != 1 {
		t.Errorf("pour qui arrive : %v", err)
	}
}

// Lists applied one after another say the same as a plain map of what is revoked,
// and deltas lead to the very list that a complete one gives.
func TestLARModele(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed, o := editeur(t, e), e.options(t)
	o.Maintenant = instant.AddDate(0, 6, 0)
	var numeros []NumeroAccreditation
	for range 40 {
		numeros = append(numeros, tirer(t, uneAMC, Normale))
	}
	j := jour(t, "2026-11-22")
	rapid.Check(t, func(rt *rapid.T) {
		modele := map[NumeroAccreditation]EntreeLAR{}
		tirage := func() []EntreeLAR {
			var l []EntreeLAR
			for _, i := range rapid.SliceOfDistinct(rapid.IntRange(0, len(numeros)-1), func(i int) int { return i }).Draw(rt, "numéros") {
				l = append(l, EntreeLAR{Numero: numeros[i], Effet: j + sante.Jour(rapid.IntRange(-3, 3).Draw(rt, "effet")), Publication: j,
					Motif: rapid.SampledFrom(motifs[1:]).Draw(rt, "motif"), DroitsFin: j + 30})
			}
			return l
		}
		l := tirage()
		for _, x := range l {
			modele[x.Numero] = x
		}
		b, fait := complete(t, ed, 1, instant, l...)
		tenue, err := LireLAR(bytes.NewReader(b), o, nil)
		for i := range rapid.IntRange(0, 4).Draw(rt, "deltas") {
			if err != nil {
				rt.Fatal(err)
			}
			ajouts, retraits := tirage(), []NumeroAccreditation(nil)
			for n := range modele {
				if !slices.ContainsFunc(ajouts, func(x EntreeLAR) bool { return x.Numero == n }) && n.s[20] < 'G' {
					retraits = append(retraits, n)
				}
			}
			for _, x := range ajouts {
				modele[x.Numero] = x
			}
			for _, n := range retraits {
				delete(modele, n)
			}
			b, fait, err = ed.Delta(fait, instant.Add(time.Duration(i)*time.Hour), ajouts, retraits)
			if err != nil {
				rt.Fatal(err)
			}
			tenue, err = LireLAR(bytes.NewReader(b), o, tenue)
		}
		if err != nil {
			rt.Fatal(err)
		}
		_, directe := complete(t, ed, tenue.entete.Numero, instant, slices.Collect(maps.Values(modele))...)
		if !bytes.Equal(tenue.octets, directe.octets) || !bytes.Equal(fait.octets, directe.octets) || tenue.entete.Etat != directe.entete.Etat {
			rt.Fatal("les deltas ne mènent pas à la liste complète")
		}
		soins := j + sante.Jour(rapid.IntRange(-3, 6).Draw(rt, "soins"))
		for _, n := range numeros {
			var want MotifRevocation
			if x, ok := modele[n]; ok && soins > max(x.Effet, x.Publication)+1 {
				want = x.Motif
			}
			if got, err := tenue.Revoquee(n, soins); err != nil || got != want {
				rt.Fatalf("%s : %q, %v, attendu %q", n, got, err, want)
			}
		}
	})
}

// Readers see the list before or the list after, never a part of it.
func TestRevocationsCourse(t *testing.T) {
	e := nouveauxEmetteurs(t)
	ed, o := editeur(t, e), e.options(t)
	a, b := tirer(t, uneAMC, Normale), tirer(t, uneAMC, Normale)
	soins := jour(t, "2026-12-25")
	var r Revocations
	if _, err := r.Revoquee(a, soins); !errors.Is(err, ErrSansLAR) {
		t.Fatalf("sans liste : %v", err)
	}
	publiee, l := complete(t, ed, 1, instant, entree(t, a))
	if _, err := r.Appliquer(bytes.NewReader(publiee), o); err != nil {
		t.Fatal(err)
	}
	fin := make(chan struct{})
	var lecteurs sync.WaitGroup
	for range 4 {
		lecteurs.Go(func() {
			for {
				select {
				case <-fin:
					return
				default:
				}
				l := r.LAR(amc(t, uneAMC))
				x, err1 := l.Revoquee(a, soins)
				y, err2 := l.Revoquee(b, soins)
				if err1 != nil || err2 != nil || (x == "") == (y == "") {
					t.Errorf("liste %d : %q et %q à la fois", l.entete.Numero, x, y)
					return
				}
			}
		})
	}
	for i := range 60 {
		ajout, retrait := b, a
		if i%2 == 1 {
			ajout, retrait = a, b
		}
		var err error
		if publiee, l, err = ed.Delta(l, instant, []EntreeLAR{entree(t, ajout)}, []NumeroAccreditation{retrait}); err != nil {
			t.Fatal(err)
		}
		coupee := publiee[:len(publiee)-rand.IntN(20)-1]
		if _, err := r.Appliquer(bytes.NewReader(coupee), o); !errors.Is(err, ErrTronquee) {
			t.Fatalf("coupée : %v", err)
		}
		if _, err := r.Appliquer(bytes.NewReader(publiee), o); err != nil {
			t.Fatal(err)
		}
	}
	close(fin)
	lecteurs.Wait()
}

// ref: VISIO §7 rules 1, 2, 4
func TestAvantFacture(t *testing.T) {
	e := nouveauxEmetteurs(t)
	s := accrediter(t, modele(t, tirer(t, uneAMC, Normale), personne(t, "1", "19850101", 1)), "amc-1", e.amc)
	a := &s.a
	_, avec := complete(t, editeur(t, e), 1, instant, entree(t, a.Numero))
	_, sans := complete(t, editeur(t, e), 1, instant)
	_, autre := complete(t, &EditeurLAR{Emetteur: amc(t, unOTP), Kid: "x", Cle: e.lar}, 1, instant)
	h := func(n int) time.Time { return instant.Add(time.Duration(n) * time.Hour) }
	for _, c := range []struct {
		cas        string
		l          *LAR
		emission   time.Time
		soins      string
		maintenant time.Time
		motif      MotifDecision
		permis     bool
	}{
		{"liste fraîche", sans, h(-100), "2026-11-23", h(1), NonRevoquee, true},
		{"liste dont la suivante est due depuis 24 h juste", sans, h(-100), "2026-11-24", h(48), NonRevoquee, true},
		{"une seconde plus tard", sans, h(-100), "2026-11-24", h(48).Add(time.Second), ListePerimee, false},
		{"liste périmée, accréditation de moins de 24 h", sans, h(30), "2026-11-24", h(49), Recente, true},
		{"liste périmée, accréditation de 24 h", sans, h(25), "2026-11-24", h(49), ListePerimee, false},
		{"liste périmée, accréditation de demain", sans, h(60), "2026-11-24", h(49), ListePerimee, false},
		{"aucune liste", nil, h(-100), "2026-11-22", h(1), ListePerimee, false},
		{"aucune liste, accréditation récente", nil, h(0), "2026-11-22", h(1), Recente, true},
		{"liste d'un autre émetteur", autre, h(-100), "2026-11-22", h(1), ListePerimee, false},
		{"révoquée", avec, h(-100), "2026-11-24", h(40), Revoquee, false},
		{"révoquée, liste périmée", avec, h(-100), "2026-11-24", h(100), Revoquee, false},
		{"révoquée, mais le jour des soins est garanti", avec, h(-100), "2026-11-23", h(40), NonRevoquee, true},
	} {
		a.Emission = c.emission
		d := AvantFacture(s, c.l, jour(t, c.soins), c.maintenant)
		if d.Motif != c.motif || d.Permis != c.permis || d.Phrase == "" {
			t.Errorf("%s : %+v, attendu %s", c.cas, d, c.motif)
		}
	}
	if d := AvantFacture(Accreditee{}, sans, jour(t, "2026-11-22"), h(1)); d.Permis || d.Motif != SansDroits {
		t.Errorf("sans accréditation : %+v", d)
	}
	// The same lists, for the degraded mode.
	for _, c := range []struct {
		cas, facturation string
		l                *LAR
		revoquee         bool
	}{
		{"non révoquée", "2026-12-24", sans, false}, {"révoquée", "2026-12-24", avec, true}, {"jour de grâce", "2026-11-23", avec, false},
		{"aucune liste", "2026-12-24", nil, false}, {"liste d'un autre", "2026-12-24", autre, false},
	} {
		if p := s.Anterieurs(c.l, jour(t, c.facturation)); p == nil || p.Revoquee != c.revoquee || p.DroitsFin != a.DroitsFin {
			t.Errorf("%s : %+v", c.cas, p)
		}
	}
	if p := (Accreditee{}).Anterieurs(avec, jour(t, "2026-12-24")); p != nil {
		t.Errorf("sans accréditation : %+v", p)
	}
}

func FuzzLAR(f *testing.F) {
	e := nouveauxEmetteurs(f)
	ed, o := editeur(f, e), e.options(f)
	b, l := complete(f, ed, 1, instant, entree(f, tirer(f, uneAMC, Normale)), entree(f, tirer(f, uneAMC, Normale)))
	d, _, err := ed.Delta(l, instant, []EntreeLAR{entree(f, tirer(f, uneAMC, Normale))}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, false)
	f.Add(d, true)
	f.Fuzz(func(t *testing.T, b []byte, signer bool) {
		if tete, octets, ok := bytes.Cut(b, []byte("\n")); ok && signer {
			// Sign whatever the head says, so that what follows is reached.
			n, err := jades.LireNomme(tete, ligneMax)
			var en EnteteLAR
			if err == nil && planLAR.DecodeJSON(n.Contenu, &en) == nil {
				en.Empreinte, en.Enregistrements = EmpreinteGaranties(octets), len(octets)/tailleEnregistrement
				if x, err := ed.signer(&en, octets); err == nil {
					b = x
				}
			}
		}
		for _, tenue := range []*LAR{nil, l} {
			lu, err := LireLAR(bytes.NewReader(b), o, tenue)
			if err == nil && (!enOrdre(lu.octets, LARComplete) || lu.Nombre() != lu.entete.Total || lu.tiroir[len(lu.tiroir)-1] != uint32(lu.Nombre())) {
				t.Fatalf("liste admise et incohérente : %+v", lu.entete)
			}
		}
	})
}

// grande is a list of n accreditations, and one in it.
func grande(b *testing.B, e *emetteurs, n int) ([]byte, *LAR, []NumeroAccreditation) {
	b.Helper()
	numeros := make([]NumeroAccreditation, 0, n)
	publiee, l, err := editeur(b, e).Complete(1, instant, func(yield func(EntreeLAR) bool) {
		alea := rand.NewChaCha8([32]byte{1})
		for range n {
			x, err := TirerNumeroAccreditation(amc(b, uneAMC), Normale, alea)
			if err != nil {
				b.Fatal(err)
			}
			numeros = append(numeros, x)
			if !yield(entree(b, x)) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	return publiee, l, numeros
}

const million = 1_000_000

// Membership in a list of a million, one in two present, against one SHA-256 of
// what must be hashed to ask.
func BenchmarkLARRevoquee(b *testing.B) {
	e := nouveauxEmetteurs(b)
	_, l, numeros := grande(b, e, million)
	soins, n := jour(b, "2026-12-25"), 0
	absents := make([]NumeroAccreditation, 1<<12)
	for i := range absents {
		absents[i] = tirer(b, uneAMC, Normale)
	}
	pas, trouves, tours := 0, 0, 0
	sel := l.entete.Sel
	nu, entier := alterner(b, 10_000, func() {
		n++
		c := sel.condenser(numeros[n%len(numeros)])
		pas += int(c[0])
	}, func() {
		tours++
		x := absents[tours%len(absents)]
		if tours%2 == 0 {
			x = numeros[tours*7919%len(numeros)]
		}
		if motif, err := l.Revoquee(x, soins); err != nil {
			b.Fatal(err)
		} else if motif != "" {
			trouves++
		}
	})
	if trouves != tours/2 || pas == 0 {
		b.Fatalf("%d trouvées sur %d", trouves, tours)
	}
	b.ReportMetric(entier, "ns/question")
	b.ReportMetric(entier/nu, "×SHA-256")
	b.ReportMetric(0, "ns/op")
}

// A delta of ten thousand on a list of a million, read, verified and applied,
// against the bare copy of the records.
func BenchmarkLARDelta(b *testing.B) {
	e := nouveauxEmetteurs(b)
	ed, o := editeur(b, e), e.options(b)
	_, l, numeros := grande(b, e, million)
	var ajouts []EntreeLAR
	for range 9_000 {
		ajouts = append(ajouts, entree(b, tirer(b, uneAMC, Normale)))
	}
	d, fait, err := ed.Delta(l, instant, ajouts, numeros[:1_000])
	if err != nil {
		b.Fatal(err)
	}
	var copie []byte
	nu, entier := alterner(b, 1, func() { copie = append(make([]byte, 0, len(fait.octets)), l.octets...) }, func() {
		if _, err := LireLAR(bytes.NewReader(d), o, l); err != nil {
			b.Fatal(err)
		}
	})
	if len(copie) != len(l.octets) {
		b.Fatal("rien n'est copié")
	}
	b.ReportMetric(entier/1e6, "ms/delta")
	b.ReportMetric(entier/nu, "×copie")
	b.ReportMetric(0, "ns/op")
}

// Reading a complete list of a million.
func BenchmarkLARComplete(b *testing.B) {
	e := nouveauxEmetteurs(b)
	o := e.options(b)
	publiee, _, _ := grande(b, e, million)
	nu, entier := alterner(b, 1, func() { EmpreinteGaranties(publiee) }, func() {
		if _, err := LireLAR(bytes.NewReader(publiee), o, nil); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(entier/1e6, "ms/liste")
	b.ReportMetric(entier/nu, "×SHA-256")
	b.ReportMetric(0, "ns/op")
}
