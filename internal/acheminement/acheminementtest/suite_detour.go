package acheminementtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/google/go-cmp/cmp"
)

// SujetsDuContenu reads in a message of Parler what it speaks of. A refusal "X…" is of
// the message alone.
type SujetsDuContenu struct{}

// De implements acheminement.Sujets.
func (SujetsDuContenu) De(_ *acheminement.Envoi, contenu []byte) []string {
	_, l, ok := strings.Cut(string(contenu), " de ")
	if !ok {
		return nil
	}
	return strings.Fields(l)
}

// Propre implements acheminement.Sujets.
func (SujetsDuContenu) Propre(code string) bool { return strings.HasPrefix(code, "X") }

// Parler makes a small message that speaks of things.
func Parler(destinataire, cle, ordre string, sujets ...string) *acheminement.Envoi {
	e := Message(destinataire, cle, ordre)
	e.Contenu = fmt.Appendf(nil, "scellé %s de %s", cle, strings.Join(sujets, " "))
	return e
}

// ecarte is a dead letter put aside: what speaks of the same invoice waits, and what
// speaks of what waits; nothing else does.
func ecarte(t *testing.T, m, _ Magasin) {
	poster(t, m, Parler("A1", "e-1", "F", "f1", "f2"), Parler("A1", "e-2", "F", "f3"), Parler("A1", "e-3", "F", "f2", "f4"),
		Parler("A1", "e-4", "F", "f4"), Parler("A1", "e-5", "F", "f5"))
	p := seul(t, m, "A1", "e-1", Midi)
	if p.Ecarts {
		t.Error("rien n'est écarté encore")
	}
	i := &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: acheminement.Rebute, Code: "X1", Instant: Midi, Echeance: Midi, Sujets: []string{"f1", "f2"}}
	veut(t, "écarter", m.Conclure(ctx, i, nuls), nil)
	if l := etat(t, m, "e-1", acheminement.Mort); !l.Ecarte || l.Retenus != 0 {
		t.Errorf("écarté : %+v", l)
	}
	passe := func(cle string, retenu bool, sujets ...string) *acheminement.Pris {
		t.Helper()
		p := seul(t, m, "A1", cle, Midi)
		if r, err := m.Retenir(ctx, p, sujets); r != retenu || err != nil || !p.Ecarts {
			t.Fatalf("%s : retenu %t, %v, écarts %t", cle, r, err, p.Ecarts)
		}
		return p
	}
	conclure(t, m, passe("e-2", false, "f3"), acheminement.Acquis, Midi)
	p = passe("e-3", true, "f2", "f4")
	if _, err := m.Retenir(ctx, p, []string{"f2"}); err != acheminement.ErrBail {
		t.Errorf("retenu deux fois : %v", err)
	}
	passe("e-4", true, "f4")
	conclure(t, m, passe("e-5", false, "f5"), acheminement.Acquis, Midi)
	if p := tirer(t, m, "A1", 10, Midi.Add(1000*time.Hour)); len(p) != 0 {
		t.Fatalf("ce qui est écarté est parti : %v", cles(p))
	}
	if l := etat(t, m, "e-1", acheminement.Mort); l.Retenus != 1 {
		t.Errorf("%d retenus, want 1", l.Retenus)
	}
	for cle, want := range map[string]string{"e-3": "e-1", "e-4": "e-3", "e-5": ""} {
		if d, err := m.Devant(ctx, cle); d != want || err != nil {
			t.Errorf("devant %s : %q, %v, want %q", cle, d, err, want)
		}
	}
	veut(t, "relancer ce qui est retenu", m.Relancer(ctx, "e-3", geste), acheminement.ErrEtat)
	veut(t, "relancer", m.Relancer(ctx, "e-1", geste), nil)
	conclure(t, m, seul(t, m, "A1", "e-1", geste.Instant), acheminement.Acquis, geste.Instant)
	p = seul(t, m, "A1", "e-3", geste.Instant)
	if r, err := m.Retenir(ctx, p, []string{"f2", "f4"}); r || err != nil {
		t.Errorf("plus rien n'est écarté devant e-3 : %t, %v", r, err)
	}
	// Refused in its turn, it holds e-4 still.
	i = &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: acheminement.Rebute, Code: "X1", Instant: geste.Instant, Echeance: geste.Instant, Sujets: []string{"f2", "f4"}}
	veut(t, "rebuter encore", m.Conclure(ctx, i, nuls), nil)
	if l := etat(t, m, "e-3", acheminement.Mort); l.Retenus != 1 {
		t.Errorf("%d retenus, want 1", l.Retenus)
	}
	veut(t, "abandonner", m.Abandonner(ctx, "e-3", geste), nil)
	conclure(t, m, seul(t, m, "A1", "e-4", geste.Instant), acheminement.Acquis, geste.Instant)
	poster(t, m, Parler("A1", "e-6", "F", "f1"))
	conclure(t, m, seul(t, m, "A1", "e-6", geste.Instant), acheminement.Acquis, geste.Instant)
}

// assez is a partner that refuses all: after a few dead letters put aside, the next holds
// the line. What was put aside outlives the purge of what was delivered before.
func assez(t *testing.T, m, _ Magasin) {
	rebuter := func(cle, sujet string) {
		t.Helper()
		p := seul(t, m, "A1", cle, Midi)
		i := &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: acheminement.Rebute, Code: "X1", Instant: Midi, Echeance: Midi, Sujets: []string{sujet}}
		veut(t, "rebuter", m.Conclure(ctx, i, nuls), nil)
	}
	poster(t, m, Parler("A1", "z-0", "F", "f0"), Parler("A1", "z-1", "F", "f1"))
	conclure(t, m, seul(t, m, "A1", "z-0", Midi), acheminement.Acquis, Midi)
	rebuter("z-1", "f1")
	if n, err := m.Purger(ctx, Midi.Add(time.Hour), 10); n != 1 || err != nil {
		t.Fatalf("%d oubliés, %v", n, err)
	}
	poster(t, m, Parler("A1", "z-2", "F", "f2"), Parler("A1", "z-3", "F", "f3"), Parler("A1", "z-4", "F", "f4"), Parler("A1", "z-5", "F", "f1"))
	rebuter("z-2", "f2")
	rebuter("z-3", "f3")
	rebuter("z-4", "f4")
	if l := etat(t, m, "z-4", acheminement.Mort); l.Ecarte || l.Retenus != 1 {
		t.Errorf("la quatrième : %+v", l)
	}
	etat(t, m, "z-5", acheminement.EnAttente)
	veut(t, "abandonner", m.Abandonner(ctx, "z-4", geste), nil)
	p := seul(t, m, "A1", "z-5", geste.Instant)
	if r, err := m.Retenir(ctx, p, []string{"f1"}); !r || err != nil {
		t.Errorf("z-5 part avant z-1 : %t, %v", r, err)
	}
	veut(t, "abandonner", m.Abandonner(ctx, "z-1", geste), nil)
	conclure(t, m, seul(t, m, "A1", "z-5", geste.Instant), acheminement.Acquis, geste.Instant)
}

// ligne tells that the dead letter of a line holds what is behind it.
func ligne(t *testing.T, m, _ Magasin) {
	poster(t, m, Parler("A1", "d-1", "F", "f1"), Parler("A1", "d-2", "F", "f2"))
	conclure(t, m, seul(t, m, "A1", "d-1", Midi), acheminement.Rebute, Midi)
	if d, err := m.Devant(ctx, "d-2"); d != "d-1" || err != nil {
		t.Errorf("devant d-2 : %q, %v", d, err)
	}
	_, err := m.Devant(ctx, "d-9")
	veut(t, "inconnu", err, acheminement.ErrInconnu)
}

// detours plays random lines whose partner refuses some messages, or is silent, and a
// person who sends again or gives up: what speaks of one thing arrives in the order in
// which it was posted, all of it, and a refusal holds back nothing else.
func detours(t *testing.T, m, _ Magasin) {
	for graine := range uint64(25) {
		h := rand.New(rand.NewPCG(graine, 1))
		horloge := NewHorloge()
		var arrives, postes []*acheminement.Envoi
		refuses := map[string]int{}
		tournee := acheminement.NewTournee(acheminement.Options{File: m, Horloge: horloge.Lire, Sujets: SujetsDuContenu{},
			Alea: func() float64 { return 0.5 }, Reglages: acheminement.Reglages{Ouvriers: 1, Echecs: 1000},
			Transports: map[string]acheminement.Transport{"essai": TransportFunc(func(_ context.Context, e *acheminement.Envoi, b []byte) (acheminement.Recu, error) {
				if refuses[e.Cle]--; refuses[e.Cle] >= 0 {
					if strings.HasSuffix(e.Cle, "0") {
						return acheminement.Recu{}, &acheminement.Passager{Code: "SILENCE"}
					}
					return acheminement.Recu{}, &acheminement.Refus{Code: "X1"}
				}
				copie := *e
				copie.Contenu = b
				arrives = append(arrives, &copie)
				return acheminement.Recu{}, nil
			})}})
		abandonnes := map[string]bool{}
		for n := range 25 {
			cle := fmt.Sprintf("g%d-%d", graine, n)
			sujets := []string{fmt.Sprint("f", h.IntN(4)), fmt.Sprint("f", h.IntN(8))}
			e := Parler("A1", cle, fmt.Sprintf("L%d", graine), sujets...)
			e.Instant = horloge.Lire()
			poster(t, m, e)
			postes = append(postes, e)
			if h.IntN(4) == 0 {
				refuses[cle] = 1 + h.IntN(2)
			}
			if h.IntN(2) == 0 {
				tourner(t, tournee)
			}
			if h.IntN(6) == 0 {
				agir(t, m, h, horloge.Lire(), abandonnes)
			}
			horloge.Avancer(time.Minute)
		}
		for n := 0; n < 200 && len(arrives)+len(abandonnes) < len(postes); n++ {
			tourner(t, tournee)
			agir(t, m, h, horloge.Lire(), abandonnes)
			horloge.Avancer(time.Hour)
		}
		parSujet := func(l []*acheminement.Envoi) map[string][]string {
			r := map[string][]string{}
			for _, e := range l {
				for _, s := range slices.Compact(slices.Sorted(slices.Values(SujetsDuContenu{}.De(e, e.Contenu)))) {
					if !abandonnes[e.Cle] {
						r[s] = append(r[s], e.Cle)
					}
				}
			}
			return r
		}
		if d := cmp.Diff(parSujet(postes), parSujet(arrives)); d != "" {
			t.Fatalf("graine %d : %s", graine, d)
		}
		if l, err := m.Morts(ctx, acheminement.Filtre{}); len(l) != 0 || err != nil {
			t.Fatalf("graine %d : %v, %v", graine, l, err)
		}
	}
}

func tourner(t *testing.T, x *acheminement.Tournee) {
	t.Helper()
	for {
		n, err := x.Tour(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// agir is the person before the dead letters.
func agir(t *testing.T, m Magasin, h *rand.Rand, quand time.Time, abandonnes map[string]bool) {
	t.Helper()
	l, err := m.Morts(ctx, acheminement.Filtre{})
	if err != nil {
		t.Fatal(err)
	}
	g := geste
	g.Instant = quand
	for _, x := range l {
		switch h.IntN(4) {
		case 0:
			abandonnes[x.Envoi.Cle] = true
			veut(t, "abandonner", m.Abandonner(ctx, x.Envoi.Cle, g), nil)
		case 1:
			veut(t, "relancer", m.Relancer(ctx, x.Envoi.Cle, g), nil)
		}
	}
}
