package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

const cleHeberge = "operateur-heberge"

// heberger adds an operator that holds the rights of an insurer of the world, and answers
// for it under its own number.
func (q *quartier) heberger(amc string) *monde.Structure {
	q.t.Helper()
	ctx, a, qui := context.Background(), q.monde.Assureur(amc), q.monde.Operateur
	qui.Cle = cleHeberge
	p := &plan{cle: cleHeberge, titre: "Qui tient les droits", c: q.base(), peupler: true}
	dir := q.repertoire(cleHeberge)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		q.t.Fatal(err)
	}
	if err := q.serveur(ctx, dir, &qui, &p.c.Ecoute); err != nil {
		q.t.Fatal(err)
	}
	if err := q.ouvrir(cleHeberge, &p.c.Ecoute); err != nil {
		q.t.Fatal(err)
	}
	id, err := q.identite(ctx, dir, "cles", &qui)
	if err != nil {
		q.t.Fatal(err)
	}
	c := q.parties[amc].f.AMC[0]
	c.Identite, c.Droits.Emetteur, c.Droits.Mandats, c.Droits.Adresse, c.Droits.Factures = id, numeroOperateur, nil, "", config.FacturesVille{}
	if err := os.WriteFile(filepath.Join(dir, c.Reglages), a.Reglages(), 0o600); err != nil {
		q.t.Fatal(err)
	}
	p.c.AMC = []config.AMC{c}
	if err := q.lever(ctx, ctx, p); err != nil {
		q.t.Fatal(err)
	}
	return &qui
}

// The same questions are asked of an insurer that holds its own rights, directly and through
// the operator that carries to it, and of an operator that holds them: the answers are the
// same, but for who signs them.
func TestHebergesOuNon(t *testing.T) {
	q := nouveauQuartier(t)
	qui := q.heberger(monde.CleMoulin)
	o, moulin := &officine{t, q.scene}, q.monde.Assureur(monde.CleMoulin)
	cle := func(partie, numero string) (l []droits.Cle) {
		k := o.cleDans(partie, numero)
		return []droits.Cle{{Emetteur: lireOuEchouer(t, sante.ParseNumeroAMC, numero), Kid: kidDe(t, k), Usage: droits.PourAccreditation, Publique: k}}
	}
	cles, err := droits.NouvellesCles(append(cle(monde.CleMoulin, moulin.Numero.String()), cle(cleHeberge, numeroOperateur)...),
		[]droits.Mandat{{Operateur: lireOuEchouer(t, sante.ParseNumeroAMC, numeroOperateur), AMC: moulin.Numero, Normales: true}})
	if err != nil {
		t.Fatal(err)
	}
	voies := []struct{ nom, adresse, structure, signataire, operateur string }{
		{"l'AMC", q.adresses["ouverte-"+monde.CleMoulin], moulin.IDNat, moulin.Numero.String(), ""},
		{"l'AMC, portée par son opérateur", q.adresses["ouverte-"+monde.CleOperateur], moulin.IDNat, moulin.Numero.String(), ""},
		{"l'opérateur qui tient les droits", q.adresses["ouverte-"+cleHeberge], qui.IDNat, numeroOperateur, numeroOperateur},
	}
	demander := func(voie int, d *droits.DemandeDroits) *roc.Rendu[droits.FournitDroits] {
		t.Helper()
		v := &voies[voie]
		r, err := roc.Envoyer(context.Background(), o.client(sceau.REST, ""), droits.EchangeDroits, &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: moulin.Numero.String()},
			Adresse: v.adresse, Structures: []string{v.structure}}, "1", d, roc.Suivi{})
		if err != nil {
			t.Fatalf("%s : %v", v.nom, err)
		}
		if r.Repondant != v.structure {
			t.Errorf("%s : répond %s", v.nom, r.Repondant)
		}
		return r
	}
	// nu is an answer without what says who signed it, nor when.
	nu := func(voie int, r *droits.FournitDroits) (string, *droits.Accreditation) {
		t.Helper()
		v, x := &voies[voie], *r
		var a *droits.Accreditation
		if r.Accreditation != "" {
			s, err := droits.VerifierAccreditation(r.Accreditation, cles, q.heure())
			if err != nil {
				t.Fatalf("%s : %v", v.nom, err)
			}
			l := s.Accreditation()
			if a = &l; l.Emetteur().String() != v.signataire || l.AMC != moulin.Numero || r.Etendue.Operateur != v.operateur ||
				l.Garanties != droits.EmpreinteGaranties(r.Etendue.JSON()) || l.DroitsDebut != r.Etendue.Debut || l.DroitsFin != r.Etendue.Fin {
				t.Errorf("%s : %+v, opérateur %q", v.nom, l, r.Etendue.Operateur)
			}
			e := *r.Etendue
			e.Operateur = ""
			x.Etendue, x.Accreditation = &e, string(l.Type)+" "+l.Perimetre.Categorie+" "+l.Perimetre.Convention
		}
		if x.JetonDossier != "" {
			x.JetonDossier = "un jeton"
		}
		x.DateMAJ = sante.JourDe(2026, 1, 1).Debut(sante.Paris())
		return string(droits.EchangeDroits.CorpsReponse.AppendJSON(nil, &x)), a
	}
	codes := map[visiodroits.Code]bool{}
	n := 0
	o.assures(monde.CleMoulin, func(p *monde.Patient, k *monde.Couverture) {
		if n++; n > 3 {
			return
		}
		for nom, changer := range map[string]func(d *droits.DemandeDroits){
			"aujourd'hui":      func(*droits.DemandeDroits) {},
			"un dossier":       func(d *droits.DemandeDroits) { d.NiveauService, d.PrestationsSpecifiques = droits.Valorisation, true },
			"un laboratoire":   func(d *droits.DemandeDroits) { d.PS.Categorie = droits.Laboratoire },
			"un opticien":      func(d *droits.DemandeDroits) { d.PS.Categorie = droits.Opticien },
			"un autre rang":    func(d *droits.DemandeDroits) { d.Patient.RangGemellaire = 7 },
			"il y a longtemps": func(d *droits.DemandeDroits) { d.DateReference -= 900 },
			"l'an dernier":     func(d *droits.DemandeDroits) { d.DateReference -= 364 },
			"un autre adhérent": func(d *droits.DemandeDroits) {
				d.Patient.NumeroAdherent = lireOuEchouer(t, sante.ParseNumeroAdherent, "MB9999999")
			},
			"un produit dedans": func(d *droits.DemandeDroits) { d.Patient.Nom = "3400930000012" },
		} {
			var vus []string
			for voie := range voies {
				d := o.question(p, k)
				changer(d)
				r := demander(voie, d)
				if nom == "un dossier" { // the token needs the lists of the third party, which are read at the start
					q.attendre("jeton", func() bool { r = demander(voie, d); return r.Corps.JetonDossier != "" })
				}
				vu, a := nu(voie, r.Corps)
				codes[r.Corps.CodeRetour] = true
				vus = append(vus, vu)
				if a == nil || nom != "aujourd'hui" {
					continue
				}
				// What one of them gave is known to it as unchanged, and to nobody else.
				d.DroitsConnus = &droits.Connus{NumeroAccreditation: a.Numero, DateMAJ: r.Corps.DateMAJ}
				if c := demander(voie, d).Corps.CodeRetour; c != visiodroits.Inchanges {
					t.Errorf("%s, rien n'a bougé : %s", voies[voie].nom, c)
				}
				if c := demander((voie+2)%3, d).Corps.CodeRetour; voie != 1 && c != visiodroits.Fournis {
					t.Errorf("%s, sur une accréditation de l'autre : %s", voies[(voie+2)%3].nom, c)
				}
			}
			for voie := 1; voie < len(vus); voie++ {
				if vus[voie] != vus[0] {
					t.Errorf("%s, %s :\n%s\n%s :\n%s", nom, voies[voie].nom, vus[voie], voies[0].nom, vus[0])
				}
			}
		}
	})
	for _, c := range []visiodroits.Code{visiodroits.Fournis, visiodroits.BeneficiaireInconnu, visiodroits.DroitsFermes, visiodroits.DetailInterdit} {
		if !codes[c] {
			t.Errorf("aucune question n'a eu %s", c)
		}
	}
}
