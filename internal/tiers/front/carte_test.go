package front

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// What the third party is told of a card is what was verified for this very message: the
// holder, his kind, the instant and the age of the list; no list, when it let the card
// through by leniency.
func TestCarteDe(t *testing.T) {
	l := gatetest.New(t)
	carte, oct := l.Carte(t, "99900112204"), l.Partie(t, "2999123466", "RELAIS DE TEST")
	a := l.Horloge()
	ouvrir := func(p *gatetest.Partie, j sceau.Juge) *sceau.Piece {
		t.Helper()
		s, err := p.Cachet.REST([]byte(`{"essai":1}`), nil, a)
		if err != nil {
			t.Fatal(err)
		}
		o := sceau.Ouvreur{Juge: j, Personnes: true}
		x, err := o.REST(s.Octets, a)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	officine := &roc.Enveloppe{Emetteur: roc.Partie{Type: roc.PS, ID: "752000012"}}
	c, err := carteDe(ouvrir(carte, l.Magasin), officine)
	if err != nil {
		t.Fatal(err)
	}
	du := c.ListeDu
	c.ListeDu = time.Time{}
	if d := cmp.Diff(tiers.Carte{Structure: "752000012", RPPS: "99900112204", Categorie: vd.Pharmacie, VerifieeA: a}, c); d != "" {
		t.Error(d)
	}
	if du.IsZero() || a.Sub(du) > time.Hour {
		t.Errorf("liste du %s", du)
	}
	if c, err := carteDe(ouvrir(carte, indulgent{l.Magasin}), officine); err != nil || !c.ListeDu.IsZero() {
		t.Errorf("jugée par indulgence : %+v, %v", c, err)
	}
	if _, err := carteDe(ouvrir(oct, l.Magasin), officine); err == nil {
		t.Error("le cachet d'un relais passe pour une carte")
	}
	if _, err := carteDe(ouvrir(carte, l.Magasin), &roc.Enveloppe{Emetteur: roc.Partie{Type: roc.ES, ID: "990000127"}}); err == nil {
		t.Error("un établissement passe pour un professionnel")
	}
}

// indulgent lets through as a store does whose list is stale.
type indulgent struct{ *certificat.Magasin }

func (i indulgent) Juger(feuille []byte, chaine [][]byte, u certificat.Usage, a time.Time) (certificat.Verdict, error) {
	v, err := i.Magasin.Juger(feuille, chaine, u, a)
	v.Souple = &certificat.Refus{Motif: certificat.MotifListePerimee}
	return v, err
}
