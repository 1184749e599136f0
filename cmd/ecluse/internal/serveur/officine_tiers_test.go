package serveur

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// The third party answers yes or no under its seal; it learns of an invoice a digest and
// amounts. Its silence is told from its no.
func TestControleTarification(t *testing.T) {
	l := gatetest.New(t)
	tiers, amc := l.Partie(t, structureMutuelle, "TIERS DE TEST"), l.Partie(t, structurePharmacie, "MUTUELLE DE TEST")
	var numero tarif.NumeroTarification
	for b, ok := byte(0), false; !ok; b++ {
		numero, ok = tarif.NumeroTarificationDe([16]byte{b, 1})
	}
	lien, err := tarif.TirerLien(nil)
	if err != nil {
		t.Fatal(err)
	}
	var vues []*tarif.DemandeControle
	regle := func(_ context.Context, q sceau.Opened[roc.Message[tarif.DemandeControle]]) (*tarif.ReponseControle, error) {
		d := q.Message().Corps
		vues = append(vues, d)
		r := &tarif.ReponseControle{Retour: tarif.RetourDe(tarif.Accepte, ""), Conforme: tarif.Non}
		if d.Montants[0].AMC == 8000 {
			r.Conforme = tarif.Oui
		}
		return r, nil
	}
	moi := roc.Partie{Type: roc.Tiers, ID: "TDC"}
	s := l.ServirOuvert(t, nil, []*roc.Norme{tarif.Norme}, gate.NewPorte("tdc", moi, roc.Test, tiers.Cachet,
		gate.Offrir(tarif.EchangeControle, regle, gate.Options[tarif.DemandeControle, tarif.ReponseControle]{})))
	qui := roc.Partie{Type: roc.AMC, ID: "99000001"}
	s.Cercle.Admettre(structurePharmacie, qui)
	c, _ := l.Client(t, amc, qui, sceau.REST)
	cible := &roc.Cible{Destinataire: moi, Adresse: s.Adresse, Structures: []string{structureMutuelle}, Empreintes: []string{s.Epingle}}
	x := tiersDeConfiance{c, func() *roc.Cible { return cible }}
	question := func() *off.ControleTarification {
		return &off.ControleTarification{Numero: numero.String(), Lien: lien.String(), Facture: strings.Repeat("a", 43),
			Montants: []droits.PartsFamille{{Famille: calcul.FamilleDMI, PartsOfficine: droits.PartsOfficine{Depense: 9000, AMC: 8000, Patient: 1000}}}}
	}
	ctx := context.Background()
	if oui, err := x.Controler(ctx, question()); err != nil || !oui {
		t.Errorf("conforme : %v, %v", oui, err)
	}
	q := question()
	q.Montants[0].AMC--
	if oui, err := x.Controler(ctx, q); err != nil || oui {
		t.Errorf("un centime de moins : %v, %v", oui, err)
	}
	if len(vues) != 2 || vues[0].NumeroTarification != numero || vues[0].Montants[0].Depense != 9000 {
		t.Fatalf("%+v", vues)
	}
	for nom, changer := range map[string]func(*off.ControleTarification){
		"numéro faux":   func(q *off.ControleTarification) { q.Numero = "T1" },
		"lien faux":     func(q *off.ControleTarification) { q.Lien = "lien" },
		"sans montants": func(q *off.ControleTarification) { q.Montants = nil },
	} {
		q := question()
		changer(q)
		if oui, err := x.Controler(ctx, q); err != nil || oui || len(vues) != 2 {
			t.Errorf("%s : %v, %v, %d questions", nom, oui, err, len(vues))
		}
	}
	cible.Adresse = "https://127.0.0.1:1"
	if oui, err := x.Controler(ctx, question()); !errors.Is(err, off.ErrMuet) || oui {
		t.Errorf("muet : %v, %v", oui, err)
	}
}
