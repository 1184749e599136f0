package laboratoire

import (
	"context"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// factureTarifee is an invoice of what was priced for a patient of the world.
func (x *poste) factureTarifee(numero string, d *droits.DemandeDroits, v accreditationLue, prix *tarif.Prix) *droits.FactureOfficine {
	x.t.Helper()
	jour := sante.JourA(time.Now(), sante.Paris())
	f := &droits.FactureOfficine{Numero: droits.NumeroFacture(numero), DateSoins: jour, DateFacture: jour, PS: d.PS, Patient: d.Patient, NumeroAMC: d.Carte.NumeroAMC,
		Convention: v.convention, NumeroAccreditation: v.numero.String(), Tarification: &droits.FactureTarification{Numero: prix.Numero.String()}}
	for _, m := range prix.Familles {
		f.Tarification.Montants = append(f.Tarification.Montants, droits.PartsFamille{Famille: m.Famille,
			PartsOfficine: droits.PartsOfficine{Depense: m.Depense, AMO: m.AMO, AMC: m.AMC, Patient: m.Depense - m.AMO - m.AMC}})
	}
	f.Totaux = f.Sommes()
	return f
}

// In a laboratory where each party is alone, what was priced by the third party is billed to
// the insurer, that asks the third party, directly or through a relay and on both faces; a
// cent more is refused, the silence of the third party refuses nothing, and the payment run
// of the day pays what is due.
func TestFactureTarifee(t *testing.T) {
	s, ctx := laboratoireEntier(t), context.Background()
	x := nouveauPoste(t, s, pharmaciesLabo()[0])
	moulin := s.Monde.Assureur(monde.CleMoulin)
	cible := &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()}, Adresse: s.adresses[monde.CleMoulin], Structures: []string{moulin.IDNat},
		Empreintes: []string{s.empreinte[monde.CleMoulin]}, CleConf: s.conf[monde.CleMoulin]}
	envoyer := func(c *roc.Client, d *droits.DemandeFactures) *droits.ReponseFactures {
		t.Helper()
		r, err := roc.Envoyer(ctx, c, droits.EchangeFactures, cible, "1", d, roc.Suivi{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Corps
	}
	n, du := 0, sante.Montant(0)
	juger := func(nom string, c *roc.Client, f *droits.FactureOfficine, want droits.EtatFacture) {
		t.Helper()
		r := envoyer(c, &droits.DemandeFactures{Lot: droits.NouveauLot("L"+f.Numero, f.DateFacture, *f)})
		if len(r.Factures) != 1 || r.Factures[0].Etat != want {
			t.Errorf("%s : %+v ; attendu %s", nom, r, want)
		}
	}
	tarifer := func(c *roc.Client) (*droits.DemandeDroits, accreditationLue, *tarif.Prix) {
		t.Helper()
		d, jeton, v := x.droitsLus(monde.CleMoulin)
		dossier, err := x.ouvrir(c, jeton)
		if err != nil || !dossier.Corps.Accord() {
			t.Fatalf("dossier : %+v, %v", corps(dossier), err)
		}
		q := x.preparer(dossier.Corps.NumeroDossier, tarif.Engagement)
		r, err := x.tarifer(c, q.Demande)
		if err != nil {
			t.Fatal(err)
		}
		prix, err := q.Lire(r.Corps)
		if err != nil {
			t.Fatal(err)
		}
		return d, v, prix
	}
	facturant := func(face sceau.Face, relais string) *roc.Client {
		c := x.client(face, relais)
		c.Cachet = func() *sceau.Cachet { return x.officine.cachet }
		c.Transport = roc.NewTransport(func() *tls.Certificate { return x.officine.auth }, s.parties[cleTiers].Magasin, time.Now)
		t.Cleanup(c.Transport.Fermer)
		return c
	}
	var dernier *roc.Client // of the pharmacy
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for _, relais := range []string{"", monde.CleRelais} {
			nom := string(face) + " " + relais
			dernier = facturant(face, relais)
			d, v, prix := tarifer(x.client(face, relais))
			n++
			faux := x.factureTarifee(fmt.Sprintf("F%dX", n), d, v, prix)
			m := &faux.Tarification.Montants[0]
			m.AMC, m.Patient = m.AMC+1, m.Patient-1
			faux.Totaux = faux.Sommes()
			juger(nom+", un centime de plus", dernier, faux, droits.FactureRefusee)
			juste := x.factureTarifee(fmt.Sprintf("F%d", n), d, v, prix)
			juger(nom, dernier, juste, droits.FactureAcceptee)
			du += juste.Totaux.AMC
		}
	}
	d, v, prix := tarifer(x.client(sceau.REST, ""))
	s.taire(cleTiers)
	juger("tiers muet", dernier, x.factureTarifee("F9", d, v, prix), droits.FactureEnAttente)
	p := s.parties[monde.CleMoulin]
	moteur, err := p.Moteur("")
	if err != nil {
		t.Fatal(err)
	}
	o, err := p.Officine(&p.Fichier.AMC[0], nil, moteur, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	jour := sante.JourA(time.Now(), sante.Paris())
	r, err := o.Ordonner(ctx, jour)
	if err != nil || r.Preleve != du || r.Nombre != n {
		t.Errorf("règlement : %+v, %v ; dû %s", r, err, du)
	}
	if err := o.Confirmer(ctx, jour, d.PS.NumeroFacturation, jour); err != nil {
		t.Error(err)
	}
	var paye sante.Montant
	etats := map[droits.EtatFacture]int{}
	for _, f := range envoyer(dernier, &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}}).Suivi {
		paye += f.MontantPaye
		etats[f.Etat]++
	}
	if paye != du || etats[droits.FacturePayee] != n || etats[droits.FactureRefusee] != n || etats[droits.FactureEnAttente] != 1 {
		t.Errorf("suivi : %s payés, %v", paye, etats)
	}
}
