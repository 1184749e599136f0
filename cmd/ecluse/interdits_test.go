package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/monde"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// gate of one service, to which messages are sent that no client of ours writes.
type guichetBrut[Q, R any] struct {
	t       *testing.T
	e       *roc.Echange[Q, R]
	juge    sceau.Juge
	h       *http.Client
	adresse string
	cachet  *sceau.Cachet // nil sends without a seal
	m       func() *roc.Message[Q]
	code    func(*R) roc.Code
}

// member put in a message: under the path of objects given, "" at its root.
type membre struct{ sous, nom, valeur string }

// envoyer sends a message with a member that no schema has, and gives the code of the answer
// and what a refusal says.
func (g *guichetBrut[Q, R]) envoyer(face sceau.Face, x membre) (roc.Code, string) {
	g.t.Helper()
	m, chemin, genre := g.m(), g.e.Norme.Chemin(g.e.Service), "application/json"
	var brut []byte
	if face == sceau.SOAP {
		chemin, genre = g.e.Norme.CheminSOAP(), "application/soap+xml"
		s, ouvre := string(g.e.Demande.AppendXML(nil, g.e.NomDemande, m)), "<"+x.sous+">"
		if x.sous == "" {
			ouvre = s[:strings.Index(s, ">")+1]
		}
		i := strings.Index(s, ouvre) + len(ouvre)
		brut = []byte(s[:i] + "<" + x.nom + ">" + x.valeur + "</" + x.nom + ">" + s[i:])
	} else {
		var racine map[string]any
		if err := json.Unmarshal(g.e.Demande.AppendJSON(nil, m), &racine); err != nil {
			g.t.Fatal(err)
		}
		o := racine
		if x.sous != "" && x.sous != "corps" && x.sous != "enveloppe" {
			o = racine["corps"].(map[string]any)
		}
		if x.sous != "" {
			o = o[x.sous].(map[string]any)
		}
		o[x.nom] = x.valeur
		brut, _ = json.Marshal(racine)
	}
	return g.lire(face, g.poster(face, chemin, genre, brut))
}

func (g *guichetBrut[Q, R]) poster(face sceau.Face, chemin, genre string, brut []byte) []byte {
	g.t.Helper()
	a := time.Now()
	s := sceau.Envelopper(face, brut, nil)
	var err error
	switch {
	case g.cachet != nil && face == sceau.SOAP:
		s, err = g.cachet.SOAP(brut, nil, a)
	case g.cachet != nil:
		s, err = g.cachet.REST(brut, nil, a)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	rep, err := g.h.Post(g.adresse+chemin, genre, bytes.NewReader(s.Octets))
	if err != nil {
		g.t.Fatal(err)
	}
	defer rep.Body.Close()
	recu, err := io.ReadAll(rep.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return recu
}

func (g *guichetBrut[Q, R]) lire(face sceau.Face, recu []byte) (roc.Code, string) {
	g.t.Helper()
	o := sceau.Ouvreur{Juge: g.juge}
	ouvrir := o.REST
	if face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(recu, time.Now())
	if err != nil {
		g.t.Fatalf("%v : %s", err, recu)
	}
	r, f := new(roc.Message[R]), new(roc.Message[roc.CorpsRefus])
	if face == sceau.SOAP {
		if p.XML(func(l *xmlflux.Lecteur) error { return g.e.Reponse.LireXML(l, g.e.NomReponse, r) }, g.e.NomReponse) == nil {
			return g.code(r.Corps), ""
		}
		err = p.XML(func(l *xmlflux.Lecteur) error { return roc.PlanRefus.LireXML(l, roc.NomRefus, f) }, "Fault", "Detail", roc.NomRefus)
	} else {
		if g.e.Reponse.DecodeJSON(p.Contenu(), r) == nil {
			return g.code(r.Corps), ""
		}
		err = roc.PlanRefus.DecodeJSON(p.Contenu(), f)
	}
	if err != nil {
		g.t.Fatalf("%v : %s", err, recu)
	}
	return f.Corps.CodeRetour, f.Corps.Precision
}

func (g *guichetBrut[Q, R]) enveloppe(de, a roc.Partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: g.e.Norme.Profil, Service: g.e.Service, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		IDDossierES: "-", Horodatage: time.Now(), Emetteur: de, Destinataire: a, Environnement: roc.Test}
}

// juger tries members on both faces. Outside of the body, nothing tells whom to answer: the
// refusal says the code.
func (g *guichetBrut[Q, R]) juger(interdit roc.Code, l map[membre]bool) {
	g.t.Helper()
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for x, dit := range l {
			want := roc.Illisible
			if dit && x.sous != "" && x.sous != "enveloppe" {
				want = interdit
			}
			code, precision := g.envoyer(face, x)
			if code != want || dit && code == roc.Illisible && !strings.HasPrefix(precision, string(interdit)) || !dit && strings.Contains(precision, string(interdit)) {
				g.t.Errorf("%s %s, %+v : %s %q, attendu %s", g.e.Service, face, x, code, precision, want)
			}
			if strings.Contains(precision, x.valeur) {
				g.t.Errorf("%s %s, %+v : le refus redit ce qui est interdit", g.e.Service, face, x)
			}
		}
	}
}

// A message that its schema refuses because it tells of the other side is told T621 or T620,
// on both faces, wherever the member is; a mere mistake is T001. ref: VISIO §10 rule 2, §14
func TestMembresInterdits(t *testing.T) {
	produits := map[membre]bool{
		{"corps", "codeProduit", "3400930000007"}: true, {"corps", "lignes", "x"}: true, {"patient", "cip13", "x"}: true, {"carte", "autre", "3400930000007"}: true,
		{"", "codeProduit", "9900022"}: true, {"enveloppe", "medicament", "x"}: true, {"corps", "autre", "x"}: false, {"", "autre", "x"}: false,
	}
	t.Run("droits", func(t *testing.T) {
		g := ouvrirGuichetOfficine(t, bddtest.Ouvrir(t, gatestore.Migrations, accrstore.Migrations, offstore.Migrations), sceau.REST)
		b := &guichetBrut[droits.DemandeDroits, droits.FournitDroits]{t: t, e: droits.EchangeDroits, juge: g.Magasin, h: g.HTTP(&gatetest.Partie{}), adresse: g.s.Adresse,
			code: func(r *droits.FournitDroits) roc.Code { return r.LeCode() }}
		b.m = func() *roc.Message[droits.DemandeDroits] {
			return &roc.Message[droits.DemandeDroits]{Enveloppe: b.enveloppe(g.c.Moi, g.cible().Destinataire), Corps: &droits.DemandeDroits{PS: g.ps(), Patient: patientEssai(g),
				Carte: droits.Carte{NumeroAMC: lireOuEchouer(t, sante.ParseNumeroAMC, "99000001")}, DateReference: g.jour(), NiveauService: droits.Base}}
		}
		b.juger("T621", produits)
		f := &guichetBrut[droits.DemandeFactures, droits.ReponseFactures]{t: t, e: droits.EchangeFactures, juge: g.Magasin, h: g.HTTP(g.pharma), adresse: g.s.Adresse,
			cachet: g.pharma.Cachet, code: func(r *droits.ReponseFactures) roc.Code { return r.LeCode() }}
		numero := g.droits()
		f.m = func() *roc.Message[droits.DemandeFactures] {
			return &roc.Message[droits.DemandeFactures]{Enveloppe: f.enveloppe(g.c.Moi, g.cible().Destinataire),
				Corps: &droits.DemandeFactures{Lot: droits.NouveauLot("LX", g.jour(), *g.facture(numero, g.jour()))}}
		}
		f.juger("T621", map[membre]bool{{"lot", "codeProduit", "9900022"}: true, {"corps", "autre", "3400930000007"}: true, {"", "cip", "x"}: true,
			{"lot", "quantite", "zz"}: false, {"corps", "autre", "x"}: false})
	})
	t.Run("tarif", func(t *testing.T) {
		s := laboratoireEntier(t)
		x := nouveauPoste(t, s, pharmaciesLabo()[0])
		juge := s.parties[cleTiers].magasin
		tr := roc.NewTransport(func() *tls.Certificate { return x.auth }, juge, time.Now)
		t.Cleanup(tr.Fermer)
		identite := map[membre]bool{
			{"corps", "nir", "185057800608491"}: true, {"corps", "autre", "19500312"}: true, {"corps", "autre", "Marie Durand"}: true, {"corps", "numeroAdherent", "A1"}: true,
			{"", "nomPatient", "X"}: true, {"enveloppe", "dateNaissance", "X"}: true, {"corps", "autre", "X"}: false, {"", "autre", "X"}: false,
		}
		jeton, _ := x.droitsPour(monde.CleMoulin)
		d := &guichetBrut[tarif.DemandeDossier, tarif.ReponseDossier]{t: t, e: tarif.EchangeDossier, juge: juge, h: &http.Client{Transport: tr}, adresse: s.adresses[cleTiers],
			cachet: x.cachet, code: func(r *tarif.ReponseDossier) roc.Code { return r.LeCode() }}
		d.m = func() *roc.Message[tarif.DemandeDossier] {
			return &roc.Message[tarif.DemandeDossier]{Enveloppe: d.enveloppe(x.moi(), x.cible().Destinataire), Corps: &tarif.DemandeDossier{Jeton: tarif.Chiffre(jeton)}}
		}
		d.juger("T620", identite)
		dossier, err := x.ouvrir(x.client(sceau.REST, ""), jeton) // the token was not spent by what was refused
		if err != nil || !dossier.Corps.Accord() {
			t.Fatalf("dossier : %+v, %v", corps(dossier), err)
		}
		q := &guichetBrut[tarif.DemandeTarification, tarif.ReponseTarification]{t: t, e: tarif.EchangeTarification, juge: juge, h: d.h, adresse: d.adresse,
			cachet: x.cachet, code: func(r *tarif.ReponseTarification) roc.Code { return r.LeCode() }}
		q.m = func() *roc.Message[tarif.DemandeTarification] {
			return &roc.Message[tarif.DemandeTarification]{Enveloppe: q.enveloppe(x.moi(), x.cible().Destinataire),
				Corps: x.preparer(dossier.Corps.NumeroDossier, tarif.Engagement).Demande}
		}
		q.juger("T620", identite)

		// What an insurer may not read, its journal does not keep: the leaf has digests alone.
		moulin := s.monde.Assureur(monde.CleMoulin)
		o := &officine{t, s}
		b := &guichetBrut[droits.DemandeDroits, droits.FournitDroits]{t: t, e: droits.EchangeDroits, juge: juge, h: &http.Client{Transport: roc.NewTransport(nil, juge, time.Now)},
			adresse: s.adresses["ouverte-"+monde.CleMoulin], code: func(r *droits.FournitDroits) roc.Code { return r.LeCode() }}
		b.m = func() *roc.Message[droits.DemandeDroits] {
			q := o.question(o.assure(monde.CleMoulin))
			return &roc.Message[droits.DemandeDroits]{Enveloppe: b.enveloppe(roc.Partie{Type: roc.PS, ID: q.PS.NumeroFacturation.String()},
				roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()}), Corps: q}
		}
		b.juger("T621", map[membre]bool{{"corps", "codeProduit", "9900077"}: true, {"", "codeProduit", "9900077"}: true, {"corps", "autre", "x"}: false})
		gardes, tus := 0, 0
		for _, e := range feuillesDe(t, s.parties[monde.CleMoulin], s.parties[monde.CleMoulin].journaux.par[tenantAMC(moulin.Numero.String())]) {
			c, err := s.parties[monde.CleMoulin].journaux.par[tenantAMC(moulin.Numero.String())].LireContenu(t.Context(), e)
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
		m := q.m()
		clair := tarif.EchangeTarification.CorpsDemande.AppendJSON(nil, m.Corps)
		m.Corps = nil
		if m.CorpsChiffre, m.Enveloppe.EmpreinteCorps, err = pour.Chiffrer(append([]byte(`{"patient":"X",`), clair[1:]...)); err != nil {
			t.Fatal(err)
		}
		m.Enveloppe.CleReponse = x.conf.Certificat
		recu := q.poster(sceau.REST, tarif.Norme.Chemin(roc.TAR), "application/json", q.e.Demande.AppendJSON(nil, m))
		p, err := (&sceau.Ouvreur{Juge: juge}).REST(recu, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		rep, r := new(roc.Message[tarif.ReponseTarification]), new(tarif.ReponseTarification)
		if err := q.e.Reponse.DecodeJSON(p.Contenu(), rep); err != nil {
			t.Fatalf("%v : %s", err, recu)
		}
		if clair, err = x.conf.Cles.Corps(rep.CorpsChiffre, &rep.Enveloppe); err == nil {
			err = q.e.CorpsReponse.DecodeJSON(clair, r)
		}
		if err != nil || r.CodeRetour != tarif.IdentiteEnTrop {
			t.Errorf("corps chiffré : %+v, %v", r, err)
		}
	})
}
