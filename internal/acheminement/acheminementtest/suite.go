package acheminementtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/google/go-cmp/cmp"
)

// Magasin is all that a store of this room promises.
type Magasin interface {
	acheminement.Poste
	acheminement.File
	acheminement.Rebut
	acheminement.Reception
	acheminement.Vie
	// Purger forgets up to max messages delivered or abandoned before an instant.
	Purger(ctx context.Context, avant time.Time, max int) (int64, error)
}

// Suite is what every store must pass. ouvrir gives a store of a tenant; two
// calls with the same tenant give the same rows.
func Suite(t *testing.T, ouvrir func(tenant string) Magasin) {
	for i, c := range []struct {
		nom string
		f   func(*testing.T, Magasin, Magasin)
	}{
		{"un envoi posté se prend et se relit", prendre},
		{"une clé n'est qu'un envoi", uneCle},
		{"un bail perdu n'écrit rien", barriere},
		{"un bail qui finit rend l'envoi", bailFini},
		{"l'ordre attend la livraison", ordre},
		{"une clé répétée ne troue pas l'ordre", ordreRepete},
		{"un rebut retient son ordre, l'abandon le libère", rebut},
		{"une lettre écartée ne retient que ce qui parle des mêmes choses", ecarte},
		{"une lettre morte de la ligne se dit à ceux qu'elle retient", ligne},
		{"après quelques lettres écartées, la suivante retient la ligne", assez},
		{"détours au hasard", detours},
		{"un rebut se répare et se relance", reparer},
		{"les rebuts se listent par pages", pages},
		{"une horloge reculée ne bloque pas", recul},
		{"une suite refusée défait l'issue", suiteRefusee},
		{"l'effet d'une arrivée est unique", recevoir},
		{"arrivées simultanées", simultanees},
		{"la vie d'un flux", vie},
		{"ce qui est fini s'oublie", oublier},
		{"un expéditeur ne voit pas l'autre", cloison},
		{"ce qui ne tient pas est refusé", refus},
	} {
		t.Run(c.nom, func(t *testing.T) {
			c.f(t, ouvrir(fmt.Sprintf("T-%da", i)), ouvrir(fmt.Sprintf("T-%db", i)))
		})
	}
}

var (
	ctx   = context.Background()
	nuls  = func(context.Context) error { return nil }
	geste = acheminement.Geste{Auteur: "agent-7", Motif: "adresse changée", Instant: Midi.Add(time.Hour)}
)

func poster(t *testing.T, m Magasin, l ...*acheminement.Envoi) {
	t.Helper()
	if err := m.Poster(ctx, l...); err != nil {
		t.Fatal(err)
	}
}

func tirer(t *testing.T, m Magasin, destinataire string, n int, a time.Time) []*acheminement.Pris {
	t.Helper()
	l, err := m.Prendre(ctx, []acheminement.Part{{Destinataire: destinataire, N: n}}, a, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// seul takes the only message due.
func seul(t *testing.T, m Magasin, destinataire, cle string, a time.Time) *acheminement.Pris {
	t.Helper()
	l := tirer(t, m, destinataire, 10, a)
	if len(l) != 1 || l[0].Cle != cle {
		t.Fatalf("pris %v, want %s seul", cles(l), cle)
	}
	return l[0]
}

func cles(l []*acheminement.Pris) (c []string) {
	for _, p := range l {
		c = append(c, p.Cle)
	}
	return c
}

func conclure(t *testing.T, m Magasin, p *acheminement.Pris, s acheminement.Sort, a time.Time) {
	t.Helper()
	i := &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: s, Instant: a, Echeance: a, Essais: p.Essais}
	if s != acheminement.Acquis {
		i.Code = "X1"
	}
	if err := m.Conclure(ctx, i, nuls); err != nil {
		t.Fatalf("conclure %s: %v", p.Cle, err)
	}
}

func veut(t *testing.T, quoi string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s : %v, want %v", quoi, err, want)
	}
}

func etat(t *testing.T, m Magasin, cle string, want acheminement.Etat) *acheminement.Lettre {
	t.Helper()
	l, err := m.Regarder(ctx, cle)
	if err != nil || l.Etat != want {
		t.Fatalf("%s : %v, %v, want %s", cle, l, err, want)
	}
	return l
}

func prendre(t *testing.T, m, _ Magasin) {
	e := Message("A1", "p-1", "F-1")
	poster(t, m, e, Message("A2", "p-2", ""), &acheminement.Envoi{Destinataire: "A2", Transport: "essai", Genre: "LOT", Cle: "p-3",
		Reference: "lots/3", Taille: 7, Empreinte: [32]byte{1}, Instant: Midi.Add(time.Hour)})
	if l, err := m.Dus(ctx, Midi.Add(-time.Second)); err != nil || len(l) != 0 {
		t.Errorf("avant l'heure : %v, %v", l, err)
	}
	if l, err := m.Dus(ctx, Midi); err != nil || !cmp.Equal(l, []string{"A1", "A2"}) {
		t.Errorf("dus : %v, %v", l, err)
	}
	p := seul(t, m, "A1", "p-1", Midi)
	if d := cmp.Diff(*e, p.Envoi); d != "" || p.Essais != 0 {
		t.Errorf("posté et pris diffèrent : %s", d)
	}
	if b, err := m.Contenu(ctx, "p-1"); err != nil || string(b) != "scellé p-1" {
		t.Errorf("contenu %q, %v", b, err)
	}
	if l := tirer(t, m, "A1", 10, Midi); len(l) != 0 {
		t.Errorf("pris deux fois : %v", cles(l))
	}
	i := &acheminement.Issue{Cle: "p-1", Bail: p.Bail, Sort: acheminement.Acquis, Instant: Midi, Echeance: Midi, Recu: []byte("reçu")}
	suivi := 0
	if err := m.Conclure(ctx, i, func(context.Context) error { suivi++; return nil }); err != nil || suivi == 0 {
		t.Fatalf("conclure : %v, suite %d", err, suivi)
	}
	if b, err := m.Recu(ctx, "p-1"); err != nil || string(b) != "reçu" {
		t.Errorf("reçu %q, %v", b, err)
	}
	etat(t, m, "p-1", acheminement.Livre)
	if l := tirer(t, m, "A2", 10, Midi.Add(2*time.Hour)); len(l) != 2 || l[0].Reference == l[1].Reference {
		t.Errorf("avec et sans référence : %v", cles(l))
	}
	grand := Message("A3", "p-4", "")
	grand.Contenu = make([]byte, acheminement.PetitContenu+1)
	poster(t, m, grand)
	if p := seul(t, m, "A3", "p-4", Midi); p.Contenu != nil || p.Taille != acheminement.PetitContenu+1 {
		t.Errorf("un grand contenu vient avec l'envoi : %d octets", len(p.Contenu))
	}
	if b, err := m.Contenu(ctx, "p-4"); err != nil || len(b) != acheminement.PetitContenu+1 {
		t.Errorf("grand contenu : %d octets, %v", len(b), err)
	}
	_, err := m.Contenu(ctx, "p-3")
	veut(t, "contenu d'une référence", err, acheminement.ErrInconnu)
}

func uneCle(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "k", ""))
	poster(t, m, Message("A1", "k", ""))
	autre := Message("A1", "k", "")
	autre.Contenu = []byte("autre")
	veut(t, "autres octets", m.Poster(ctx, Message("A1", "avec", ""), autre), acheminement.ErrCle)
	veut(t, "autre destinataire", m.Poster(ctx, Message("A2", "k", "")), acheminement.ErrCle)
	_, err := m.Regarder(ctx, "avec")
	veut(t, "posté avec un refusé", err, acheminement.ErrInconnu)
	p := seul(t, m, "A1", "k", Midi)
	conclure(t, m, p, acheminement.Acquis, Midi)
	poster(t, m, Message("A1", "k", ""))
	if l := tirer(t, m, "A1", 10, Midi.Add(time.Hour)); len(l) != 0 {
		t.Errorf("livré puis reposté : repris %v", cles(l))
	}
}

func barriere(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "b", ""))
	lent := seul(t, m, "A1", "b", Midi)
	vif := seul(t, m, "A1", "b", Midi.Add(time.Minute))
	touche := false
	err := m.Conclure(ctx, &acheminement.Issue{Cle: "b", Bail: lent.Bail, Sort: acheminement.Rebute, Instant: Midi, Echeance: Midi},
		func(context.Context) error { touche = true; return nil })
	veut(t, "le lent", err, acheminement.ErrBail)
	if touche {
		t.Error("la suite d'un bail perdu a couru")
	}
	conclure(t, m, vif, acheminement.Acquis, Midi.Add(time.Minute))
	err = m.Conclure(ctx, &acheminement.Issue{Cle: "b", Bail: vif.Bail, Sort: acheminement.Acquis, Instant: Midi, Echeance: Midi}, nuls)
	veut(t, "deux fois le même", err, acheminement.ErrBail)
	etat(t, m, "b", acheminement.Livre)
}

func bailFini(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "f", ""))
	p := seul(t, m, "A1", "f", Midi)
	if l := tirer(t, m, "A1", 1, Midi.Add(time.Minute-time.Millisecond)); len(l) != 0 {
		t.Error("pris sous bail")
	}
	q := seul(t, m, "A1", "f", p.Fin)
	i := &acheminement.Issue{Cle: "f", Bail: q.Bail, Sort: acheminement.Repousse, Code: "SILENCE", Essais: 1, Instant: q.Fin, Echeance: q.Fin.Add(time.Hour)}
	if err := m.Conclure(ctx, i, nuls); err != nil {
		t.Fatal(err)
	}
	if l := tirer(t, m, "A1", 1, q.Fin.Add(time.Hour-time.Millisecond)); len(l) != 0 {
		t.Error("repris avant l'heure")
	}
	if l := etat(t, m, "f", acheminement.Pret); !l.Prochain.Equal(q.Fin.Add(time.Hour)) || l.Essais != 1 || l.Code != "SILENCE" {
		t.Errorf("remis à plus tard : %+v", l)
	}
	if r := seul(t, m, "A1", "f", q.Fin.Add(time.Hour)); r.Essais != 1 {
		t.Errorf("essais %d, want 1", r.Essais)
	}
}

func ordre(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "o-1", "F"), Message("A1", "o-2", "F"))
	poster(t, m, Message("A2", "o-3", "F"), Message("A1", "x", "G"))
	l := tirer(t, m, "A1", 10, Midi)
	if len(l) != 2 {
		t.Fatalf("pris %v, want le premier de F et celui de G", cles(l))
	}
	for _, p := range l {
		if p.Cle == "o-1" {
			conclure(t, m, p, acheminement.Repousse, Midi)
			conclure(t, m, seul(t, m, "A1", "o-1", Midi), acheminement.Acquis, Midi)
		}
	}
	etat(t, m, "o-3", acheminement.EnAttente)
	conclure(t, m, seul(t, m, "A1", "o-2", Midi), acheminement.Acquis, Midi)
	conclure(t, m, seul(t, m, "A2", "o-3", Midi), acheminement.Acquis, Midi)
	poster(t, m, Message("A1", "o-4", "F"))
	conclure(t, m, seul(t, m, "A1", "o-4", Midi), acheminement.Acquis, Midi)
}

func ordreRepete(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "r-1", "F"))
	poster(t, m, Message("A1", "r-1", "F"))
	poster(t, m, Message("A1", "r-2", "F"), Message("A1", "r-1", "F"), Message("A1", "r-2", "F"), Message("A1", "r-3", "F"))
	for _, c := range []string{"r-1", "r-2", "r-3"} {
		conclure(t, m, seul(t, m, "A1", c, Midi), acheminement.Acquis, Midi)
	}
	poster(t, m, Message("A1", "r-1", "F"))
	poster(t, m, Message("A1", "r-4", "F"))
	conclure(t, m, seul(t, m, "A1", "r-4", Midi), acheminement.Acquis, Midi)
}

func recul(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "h-1", ""), Message("A1", "h-2", ""))
	tard := Midi.Add(72 * time.Hour)
	for _, p := range tirer(t, m, "A1", 1, tard) {
		i := &acheminement.Issue{Cle: p.Cle, Bail: p.Bail, Sort: acheminement.Repousse, Instant: tard, Echeance: tard.Add(12 * time.Hour), Essais: 5}
		if err := m.Conclure(ctx, i, nuls); err != nil {
			t.Fatal(err)
		}
	}
	tirer(t, m, "A1", 1, tard) // a worker that will not come back
	if n, err := m.Redresser(ctx, tard.Add(-30*time.Second), time.Minute); err != nil || n != 0 {
		t.Errorf("un petit écart entre horloges : %d, %v", n, err)
	}
	if n, err := m.Redresser(ctx, Midi, time.Minute); err != nil || n != 2 {
		t.Errorf("redressés %d, %v, want 2", n, err)
	}
	if l := tirer(t, m, "A1", 10, Midi); len(l) != 2 {
		t.Errorf("pris %v après un recul de trois jours", cles(l))
	}
}

func suiteRefusee(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "s-1", "F"), Message("A1", "s-2", "F"))
	p := seul(t, m, "A1", "s-1", Midi)
	refus := errors.New("la pièce refuse")
	err := m.Conclure(ctx, &acheminement.Issue{Cle: "s-1", Bail: p.Bail, Sort: acheminement.Acquis, Instant: Midi, Echeance: Midi, Recu: []byte("r")},
		func(context.Context) error { return refus })
	veut(t, "suite", err, refus)
	etat(t, m, "s-1", acheminement.Pret)
	etat(t, m, "s-2", acheminement.EnAttente)
	_, err = m.Recu(ctx, "s-1")
	veut(t, "reçu défait", err, acheminement.ErrInconnu)
	conclure(t, m, p, acheminement.Acquis, Midi) // the lease still holds
}

func oublier(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "u-1", "F"), Message("A1", "u-2", "F"), Message("A1", "u-3", ""))
	for _, c := range []string{"u-1", "u-2"} {
		for _, p := range tirer(t, m, "A1", 10, Midi) {
			if p.Cle == c {
				conclure(t, m, p, acheminement.Acquis, Midi)
			}
		}
	}
	if n, err := m.Purger(ctx, Midi, 10); err != nil || n != 0 {
		t.Errorf("purgés trop tôt : %d, %v", n, err)
	}
	for _, want := range []int64{1, 1, 0} {
		if n, err := m.Purger(ctx, Midi.Add(time.Hour), 1); err != nil || n != want {
			t.Errorf("purgés %d, %v, want %d", n, err, want)
		}
	}
	_, err := m.Regarder(ctx, "u-1")
	veut(t, "purgé", err, acheminement.ErrInconnu)
	_, err = m.Contenu(ctx, "u-1")
	veut(t, "contenu purgé", err, acheminement.ErrInconnu)
	etat(t, m, "u-3", acheminement.Pret)
	poster(t, m, Message("A2", "u-4", "F"), Message("A2", "u-5", "F"))
	conclure(t, m, seul(t, m, "A2", "u-4", Midi), acheminement.Acquis, Midi)
	seul(t, m, "A2", "u-5", Midi)
}

func cloison(t *testing.T, m, autre Magasin) {
	poster(t, m, Message("A1", "c", "F"))
	poster(t, autre, Message("A1", "c", "F"), Message("A1", "d", "F"))
	p := seul(t, m, "A1", "c", Midi)
	conclure(t, m, p, acheminement.Acquis, Midi)
	_, err := m.Regarder(ctx, "d")
	veut(t, "l'envoi d'un autre", err, acheminement.ErrInconnu)
	seul(t, autre, "A1", "c", Midi)
	etat(t, autre, "d", acheminement.EnAttente)
	e := Message("A1", "e", "")
	e.Tenant = "un-autre"
	veut(t, "au nom d'un autre", m.Poster(ctx, e), acheminement.ErrEnvoi)
}

func refus(t *testing.T, m, _ Magasin) {
	for nom, f := range map[string]func(*acheminement.Envoi){
		"clé vide":                 func(e *acheminement.Envoi) { e.Cle = "" },
		"clé qui sort du dossier":  func(e *acheminement.Envoi) { e.Cle = "../x" },
		"clé sur deux lignes":      func(e *acheminement.Envoi) { e.Cle = "a\nb" },
		"sans destinataire":        func(e *acheminement.Envoi) { e.Destinataire = "" },
		"adresse sur deux lignes":  func(e *acheminement.Envoi) { e.Adresse = "a\r\nb" },
		"sans contenu":             func(e *acheminement.Envoi) { e.Contenu = nil },
		"contenu et référence":     func(e *acheminement.Envoi) { e.Reference = "r" },
		"référence sans empreinte": func(e *acheminement.Envoi) { e.Contenu, e.Reference, e.Taille = nil, "r", 3 },
		"contenu trop grand":       func(e *acheminement.Envoi) { e.Contenu = make([]byte, acheminement.ContenuMax+1) },
		"sans instant":             func(e *acheminement.Envoi) { e.Instant = time.Time{} },
	} {
		e := Message("A1", "x", "")
		f(e)
		veut(t, nom, m.Poster(ctx, e), acheminement.ErrEnvoi)
	}
	if l, err := m.Dus(ctx, Midi); err != nil || len(l) != 0 {
		t.Errorf("dus : %v, %v", l, err)
	}
}
