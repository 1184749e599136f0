package laboratoire

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/distant"
	"github.com/ecluse-sante/ecluse/internal/amc/local"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Operators that answer for an insurer: one holds the rights, the other asks the insurer's
// own system. ref: VISIO §3
const cleHeberge, cleNonHeberge = "operateur-heberge", "operateur-non-heberge"

// repondre adds an operator that answers for an insurer of the world under its own number.
func (q *quartier) repondre(amc, cle string, changer func(c *config.AMC, dir string)) {
	q.t.Helper()
	ctx, a, qui := context.Background(), q.Monde.Assureur(amc), q.Monde.Operateur
	qui.Cle = cle
	p := &plan{cle: cle, titre: "Qui répond pour une AMC", c: q.Base(), peupler: true}
	dir := q.repertoire(cle)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		q.t.Fatal(err)
	}
	if err := q.Serveur(ctx, dir, &qui, &p.c.Ecoute); err != nil {
		q.t.Fatal(err)
	}
	if err := q.ouvrir(cle, &p.c.Ecoute); err != nil {
		q.t.Fatal(err)
	}
	id, err := q.identite(ctx, dir, "cles", &qui)
	if err != nil {
		q.t.Fatal(err)
	}
	c := q.parties[amc].Fichier.AMC[0]
	c.Identite, c.Droits.Emetteur, c.Droits.Mandats, c.Droits.Adresse, c.Droits.Factures = id, numeroOperateur, nil, "", config.FacturesVille{}
	if err := os.WriteFile(filepath.Join(dir, c.Reglages), a.Reglages(), 0o600); err != nil {
		q.t.Fatal(err)
	}
	if changer != nil {
		changer(&c, dir)
	}
	p.c.AMC = []config.AMC{c}
	if err := q.lever(ctx, ctx, p); err != nil {
		q.t.Fatal(err)
	}
}

// portefeuilleLu is what an import of a portfolio gives.
type portefeuilleLu struct {
	contrats  []amc.Contrat
	personnes []amc.Beneficiaire
}

func (l *portefeuilleLu) EcrireContrat(_ context.Context, c *amc.Contrat) (bool, error) {
	l.contrats = append(l.contrats, *c)
	return true, nil
}

func (l *portefeuilleLu) ContratConnu(_ context.Context, numero string) (bool, error) {
	return slices.ContainsFunc(l.contrats, func(c amc.Contrat) bool { return c.Numero == numero }), nil
}

func (l *portefeuilleLu) EcrireBeneficiaires(_ context.Context, lot []amc.Beneficiaire) (int, error) {
	l.personnes = append(l.personnes, lot...)
	return len(lot), nil
}

// coeur runs the own system of an insurer of the world, which hears one operator, and gives
// its address and the certificate that seals its answers.
func (q *quartier) coeur(cle, operateur string) (adresse, cachet string) {
	q.t.Helper()
	ctx, a := context.Background(), q.Monde.Assureur(cle)
	qui, dir := a.Structure, q.repertoire("coeur-"+cle)
	qui.Cle = "coeur-" + cle
	var e config.Ecoute
	err := q.Serveur(ctx, dir, &qui, &e)
	if err != nil {
		q.t.Fatal(err)
	}
	id, err := q.identite(ctx, dir, "cles", &qui)
	if err != nil {
		q.t.Fatal(err)
	}
	f := &config.Fichier{Chemin: filepath.Join(dir, "ecluse.toml")}
	presente, _, err := serveur.LireCle(f, config.Cle{Certificat: e.Certificat, Cle: e.Cle})
	if err != nil {
		q.t.Fatal(err)
	}
	paire, k, err := serveur.LireCle(f, id.Cachet)
	if err != nil {
		q.t.Fatal(err)
	}
	scelleur, err := jades.NewScelleur(jades.Signataire{Certificat: paire.Certificate[0], Chaine: serveur.SansRacine(paire.Certificate[1:]), Cle: k})
	if err != nil {
		q.t.Fatal(err)
	}
	sien, err := serveur.LirePEM(filepath.Join(q.repertoire(operateur), "cles", "cachet.pem"))
	if err != nil {
		q.t.Fatal(err)
	}
	lu := &portefeuilleLu{}
	b, err := q.Monde.Portefeuille(cle)
	if err != nil {
		q.t.Fatal(err)
	}
	if r, err := (&local.Importeur{Tables: lu}).JSON(ctx, bytes.NewReader(b)); err != nil || r.Refusees > 0 {
		q.t.Fatal(r, err)
	}
	h := &http.Server{Addr: e.Adresse, TLSConfig: &tls.Config{Certificates: []tls.Certificate{*presente}}, ReadHeaderTimeout: 5 * time.Second,
		Handler: &amctest.Coeur{Contrats: lu.contrats, Personnes: lu.personnes, Horloge: q.heure, Sceau: &distant.Jades{Scelleur: scelleur, Certificats: [][]byte{sien[0]}}}}
	l, err := net.Listen("tcp", e.Adresse)
	if err != nil {
		q.t.Fatal(err)
	}
	go h.ServeTLS(l, "", "")
	q.t.Cleanup(func() { h.Close() })
	return "https://" + e.Adresse, filepath.Join(dir, id.Cachet.Certificat)
}

// The same questions are asked of an insurer that holds its own rights, directly and through
// the operator that carries to it, of an operator that holds them, and of one that asks the
// insurer's system: the answers are the same, but for who signs them.
func TestHebergesOuNon(t *testing.T) {
	q := nouveauQuartier(t)
	qui := &q.Monde.Operateur
	q.repondre(monde.CleMoulin, cleHeberge, nil)
	q.repondre(monde.CleMoulin, cleNonHeberge, func(c *config.AMC, _ string) {
		c.Portefeuille, c.Droits.Specifiques = "distant", config.Specifiques{} // whose grids nobody counts there
		adresse, cachet := q.coeur(monde.CleMoulin, cleNonHeberge)
		c.Distant = config.Distant{Adresse: adresse, Certificats: []string{cachet}}
	})
	o, moulin := &officine{t, q.Scene}, q.Monde.Assureur(monde.CleMoulin)
	cle := func(partie, numero string) (l []droits.Cle) {
		k := o.cleDans(partie, numero)
		return []droits.Cle{{Emetteur: lireOuEchouer(t, sante.ParseNumeroAMC, numero), Kid: kidDe(t, k), Usage: droits.PourAccreditation, Publique: k}}
	}
	cles, err := droits.NouvellesCles(slices.Concat(cle(monde.CleMoulin, moulin.Numero.String()), cle(cleHeberge, numeroOperateur), cle(cleNonHeberge, numeroOperateur)),
		[]droits.Mandat{{Operateur: lireOuEchouer(t, sante.ParseNumeroAMC, numeroOperateur), AMC: moulin.Numero, Normales: true}})
	if err != nil {
		t.Fatal(err)
	}
	voies := []struct{ nom, adresse, structure, signataire, operateur string }{
		{"l'AMC", q.adresses["ouverte-"+monde.CleMoulin], moulin.IDNat, moulin.Numero.String(), ""},
		{"l'AMC, portée par son opérateur", q.adresses["ouverte-"+monde.CleOperateur], moulin.IDNat, moulin.Numero.String(), ""},
		{"l'opérateur qui tient les droits", q.adresses["ouverte-"+cleHeberge], qui.IDNat, numeroOperateur, numeroOperateur},
		{"l'opérateur qui demande à l'AMC", q.adresses["ouverte-"+cleNonHeberge], qui.IDNat, numeroOperateur, numeroOperateur},
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
			if prix := voie < 3; slices.Equal(e.Specifiques, specifiquesLabo) != prix {
				t.Errorf("%s : prestations spécifiques %v", v.nom, e.Specifiques)
			}
			e.Operateur, e.Specifiques = "", nil
			x.Etendue, x.Accreditation = &e, string(l.Type)+" "+l.Perimetre.Categorie+" "+l.Perimetre.Convention
		}
		if x.JetonDossier != "" {
			x.JetonDossier = "un jeton"
		}
		x.DateMAJ = sante.JourDe(2026, 1, 1).Debut(sante.Paris())
		return string(droits.EchangeDroits.CorpsReponse.AppendJSON(nil, &x)), a
	}
	for cle, mode := range map[string]visiodroits.ModeDroits{cleHeberge: visiodroits.Heberge, cleNonHeberge: visiodroits.NonHeberge} {
		for _, e := range q.parties[cle].Emetteurs {
			for _, s := range e.Annonceur.Services() {
				if s.Service == visiodroits.DLD && (s.NumeroAMC != moulin.Numero || s.Operateur != numeroOperateur || s.ModeDroits != mode) {
					t.Errorf("%s publie %+v", cle, s)
				}
			}
		}
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
				if nom == "un dossier" && voie == 3 {
					continue
				}
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
				autre := (voie + 2) % len(voies) // it has another register
				if c := demander(autre, d).Corps.CodeRetour; c != visiodroits.Fournis {
					t.Errorf("%s, sur une accréditation donnée par %s : %s", voies[autre].nom, voies[voie].nom, c)
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
