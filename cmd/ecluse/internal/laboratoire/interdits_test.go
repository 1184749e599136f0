package laboratoire

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// The same of pricing, on a whole laboratory; and what may not be read is kept nowhere.
// ref: VISIO §10 rule 2, §14
func TestIdentitesInterdites(t *testing.T) {
	s := laboratoireEntier(t)
	x := nouveauPoste(t, s, pharmaciesLabo()[0])
	juge := s.parties[cleTiers].Magasin
	tr := roc.NewTransport(func() *tls.Certificate { return x.auth }, juge, time.Now)
	t.Cleanup(tr.Fermer)
	identite := map[gatetest.Membre]bool{
		{"corps", "nir", "185057800608491"}: true, {"corps", "autre", "19500312"}: true, {"corps", "autre", "Marie Durand"}: true, {"corps", "numeroAdherent", "A1"}: true,
		{"", "nomPatient", "X"}: true, {"enveloppe", "dateNaissance", "X"}: true, {"corps", "autre", "X"}: false, {"", "autre", "X"}: false,
	}
	jeton, _ := x.droitsPour(monde.CleMoulin)
	d := &gatetest.Brut[tarif.DemandeDossier, tarif.ReponseDossier]{T: t, Echange: tarif.EchangeDossier, Juge: juge, HTTP: &http.Client{Transport: tr}, Adresse: s.adresses[cleTiers],
		Cachet: x.cachet, Code: func(r *tarif.ReponseDossier) roc.Code { return r.LeCode() }}
	d.Message = func() *roc.Message[tarif.DemandeDossier] {
		return &roc.Message[tarif.DemandeDossier]{Enveloppe: d.Enveloppe(x.moi(), x.cible().Destinataire), Corps: &tarif.DemandeDossier{Jeton: tarif.Chiffre(jeton)}}
	}
	d.Interdire("T620", identite)
	dossier, err := x.ouvrir(x.client(sceau.REST, ""), jeton) // the token was not spent by what was refused
	if err != nil || !dossier.Corps.Accord() {
		t.Fatalf("dossier : %+v, %v", corps(dossier), err)
	}
	q := &gatetest.Brut[tarif.DemandeTarification, tarif.ReponseTarification]{T: t, Echange: tarif.EchangeTarification, Juge: juge, HTTP: d.HTTP, Adresse: d.Adresse,
		Cachet: x.cachet, Code: func(r *tarif.ReponseTarification) roc.Code { return r.LeCode() }}
	q.Message = func() *roc.Message[tarif.DemandeTarification] {
		return &roc.Message[tarif.DemandeTarification]{Enveloppe: q.Enveloppe(x.moi(), x.cible().Destinataire),
			Corps: x.preparer(dossier.Corps.NumeroDossier, tarif.Engagement).Demande}
	}
	q.Interdire("T620", identite)

	// What an insurer may not read, its journal does not keep: the leaf has digests alone.
	moulin := s.Monde.Assureur(monde.CleMoulin)
	o := &officine{t, s}
	b := &gatetest.Brut[droits.DemandeDroits, droits.FournitDroits]{T: t, Echange: droits.EchangeDroits, Juge: juge, HTTP: &http.Client{Transport: roc.NewTransport(nil, juge, time.Now)},
		Adresse: s.adresses["ouverte-"+monde.CleMoulin], Code: func(r *droits.FournitDroits) roc.Code { return r.LeCode() }}
	b.Message = func() *roc.Message[droits.DemandeDroits] {
		q := o.question(o.assure(monde.CleMoulin))
		return &roc.Message[droits.DemandeDroits]{Enveloppe: b.Enveloppe(roc.Partie{Type: roc.PS, ID: q.PS.NumeroFacturation.String()},
			roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()}), Corps: q}
	}
	b.Interdire("T621", map[gatetest.Membre]bool{{"corps", "codeProduit", "9900077"}: true, {"", "codeProduit", "9900077"}: true, {"corps", "autre", "x"}: false})
	gardes, tus := 0, 0
	for _, e := range feuillesDe(t, s.parties[monde.CleMoulin], s.parties[monde.CleMoulin].Journaux()[serveur.TenantAMC(moulin.Numero.String())]) {
		c, err := s.parties[monde.CleMoulin].Journaux()[serveur.TenantAMC(moulin.Numero.String())].LireContenu(t.Context(), e)
		switch {
		case errors.Is(err, journal.ErrAbsent):
			tus++
		case err != nil:
			t.Error(err)
		case bytes.Contains(c.Question, []byte("9900077")):
			t.Errorf("le journal de l'AMC garde un produit : %s", e.Trace.CodeRetour)
		default:
			gardes++
		}
	}
	if tus != 4 || gardes < 3 { // the rights of the token, and the mere mistakes
		t.Errorf("%d contenus gardés, %d tus", gardes, tus)
	}

	// The same in a body that is encrypted end to end.
	pour, _, err := roc.ParseConfidentiel(s.conf[cleTiers])
	if err != nil {
		t.Fatal(err)
	}
	m := q.Message()
	clair := tarif.EchangeTarification.CorpsDemande.AppendJSON(nil, m.Corps)
	m.Corps = nil
	if m.CorpsChiffre, m.Enveloppe.EmpreinteCorps, err = pour.Chiffrer(append([]byte(`{"patient":"X",`), clair[1:]...)); err != nil {
		t.Fatal(err)
	}
	m.Enveloppe.CleReponse = x.conf.Certificat
	recu := q.Poster(sceau.REST, tarif.Norme.Chemin(roc.TAR), "application/json", q.Echange.Demande.AppendJSON(nil, m))
	p, err := (&sceau.Ouvreur{Juge: juge}).REST(recu, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	rep, r := new(roc.Message[tarif.ReponseTarification]), new(tarif.ReponseTarification)
	if err := q.Echange.Reponse.DecodeJSON(p.Contenu(), rep); err != nil {
		t.Fatalf("%v : %s", err, recu)
	}
	if clair, err = x.conf.Cles.Corps(rep.CorpsChiffre, &rep.Enveloppe); err == nil {
		err = q.Echange.CorpsReponse.DecodeJSON(clair, r)
	}
	if err != nil || r.CodeRetour != tarif.IdentiteEnTrop {
		t.Errorf("corps chiffré : %+v, %v", r, err)
	}
}
