package acheminementtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/google/go-cmp/cmp"
)

func rebut(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "m-1", "F"), Message("A1", "m-2", "F"), Message("A1", "m-3", "F"), Message("A1", "n-1", "G"))
	for _, p := range tirer(t, m, "A1", 10, Midi) {
		if p.Cle == "m-1" {
			conclure(t, m, p, acheminement.Rebute, Midi)
			continue
		}
		conclure(t, m, p, acheminement.Acquis, Midi)
	}
	l := etat(t, m, "m-1", acheminement.Mort)
	if l.Retenus != 2 || l.Code != "X1" || !l.Prochain.IsZero() {
		t.Errorf("rebut : %+v", l)
	}
	if p := tirer(t, m, "A1", 10, Midi.Add(1000*time.Hour)); len(p) != 0 {
		t.Fatalf("le rebut ou sa suite est parti : %v", cles(p))
	}
	veut(t, "abandonner ce qui attend", m.Abandonner(ctx, "m-2", geste), acheminement.ErrEtat)
	veut(t, "sans motif", m.Abandonner(ctx, "m-1", acheminement.Geste{Auteur: "a", Instant: Midi}), acheminement.ErrEnvoi)
	veut(t, "inconnu", m.Abandonner(ctx, "m-9", geste), acheminement.ErrInconnu)
	veut(t, "abandonner", m.Abandonner(ctx, "m-1", geste), nil)
	veut(t, "abandonner deux fois", m.Abandonner(ctx, "m-1", geste), acheminement.ErrEtat)
	etat(t, m, "m-1", acheminement.Abandonne)
	conclure(t, m, seul(t, m, "A1", "m-2", geste.Instant), acheminement.Acquis, geste.Instant)
	seul(t, m, "A1", "m-3", geste.Instant)
}

func reparer(t *testing.T, m, _ Magasin) {
	poster(t, m, Message("A1", "m", "F"))
	veut(t, "réparer ce qui part", m.Reparer(ctx, "m", acheminement.Reparation{Adresse: "ailleurs"}, geste), acheminement.ErrEtat)
	p := seul(t, m, "A1", "m", Midi)
	p.Essais = 5
	conclure(t, m, p, acheminement.Rebute, Midi)
	veut(t, "réparer rien", m.Reparer(ctx, "m", acheminement.Reparation{}, geste), acheminement.ErrEnvoi)
	veut(t, "réparer", m.Reparer(ctx, "m", acheminement.Reparation{Adresse: "ailleurs", Contenu: []byte("réparé")}, geste), nil)
	veut(t, "relancer", m.Relancer(ctx, "m", geste), nil)
	veut(t, "relancer deux fois", m.Relancer(ctx, "m", geste), acheminement.ErrEtat)
	err := m.Conclure(ctx, &acheminement.Issue{Cle: "m", Bail: p.Bail, Sort: acheminement.Acquis, Instant: Midi, Echeance: Midi}, nuls)
	veut(t, "un ancien bail", err, acheminement.ErrBail)
	q := seul(t, m, "A1", "m", geste.Instant)
	if q.Adresse != "ailleurs" || q.Essais != 0 || q.Taille != int64(len("réparé")) || q.Empreinte == p.Empreinte {
		t.Errorf("repris : %+v", q)
	}
	if b, err := m.Contenu(ctx, "m"); err != nil || string(b) != "réparé" {
		t.Errorf("contenu %q, %v", b, err)
	}
	l := etat(t, m, "m", acheminement.Pret)
	if len(l.Gestes) != 2 || l.Gestes[0].Auteur != "agent-7" || l.Gestes[0].Action != acheminement.ActionReparer ||
		l.Gestes[0].Avant != fmt.Sprintf("%x essai boite", p.Empreinte) || l.Gestes[1].Action != acheminement.ActionRelancer {
		t.Errorf("gestes : %+v", l.Gestes)
	}
	poster(t, m, Message("A1", "m", "F")) // the message first posted is still that one
}

func pages(t *testing.T, m, _ Magasin) {
	for i := range 5 {
		d := "A" + fmt.Sprint(i%2)
		cle := "p-" + fmt.Sprint(i)
		poster(t, m, Message(d, cle, ""))
		conclure(t, m, seul(t, m, d, cle, Midi), acheminement.Rebute, Midi.Add(time.Duration(i/2)*time.Second))
	}
	var vus []string
	f := acheminement.Filtre{Max: 2}
	for {
		l, err := m.Morts(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(l) == 0 {
			break
		}
		for _, x := range l {
			vus = append(vus, x.Envoi.Cle)
		}
		f.Apres, f.ApresCle = l[len(l)-1].Depuis, l[len(l)-1].Envoi.Cle
	}
	if d := cmp.Diff([]string{"p-0", "p-1", "p-2", "p-3", "p-4"}, vus); d != "" {
		t.Error(d)
	}
	if l, err := m.Morts(ctx, acheminement.Filtre{Destinataire: "A1"}); err != nil || len(l) != 2 {
		t.Errorf("d'un destinataire : %d, %v", len(l), err)
	}
}
