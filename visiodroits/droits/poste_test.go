package droits_test

import (
	"context"
	"crypto/ecdsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Each way in which an exchange may end, for who has earlier rights that are still open
// and for who has none: the code, and whether the sale is billed on what.
func TestChaqueFin(t *testing.T) {
	v := nouvelleVille(t)
	dit := func(c visiodroits.Code, par func(*ville) *gatetest.Partie) func(*question) rendu {
		return func(q *question) rendu { return q.dit(par(q.v), c) }
	}
	refuse := func(c roc.Code, par func(*ville) *gatetest.Partie) func(*question) rendu {
		return func(q *question) rendu { return q.refuse(par(q.v), c) }
	}
	donner := func(f func(*donne)) func(*question) rendu { return func(q *question) rendu { return q.fournir(f) } }
	amc := func(v *ville) *gatetest.Partie { return v.mutuelle }
	otp := func(v *ville) *gatetest.Partie { return v.otp }
	oct := func(v *ville) *gatetest.Partie { return v.oct }
	intrus := func(v *ville) *gatetest.Partie { return v.intrus }
	raccrocher := func(*question) rendu { return rendu{} }
	jour := sante.JourA(v.Horloge(), sante.Paris())
	muet := func(l ...*guichet) func() { return func() { v.couper(refusee, l...) } }
	perdu := func(l ...*guichet) func() { return func() { v.couper(sansRoute, l...) } }
	tout := []*guichet{v.service, v.concentrateur, v.miroir}
	operateur := func(e *visiodroits.EntreeService) { e.Operateur = operateurNo }
	type fin struct {
		nom     string
		entree  func(*visiodroits.EntreeService)
		oct     bool // asks through the concentrator
		repli   bool
		service func(*question) rendu
		relais  func(*question) rendu
		couper  func()
		code    visiodroits.Code
		classe  droits.ClasseErreur
		directe bool
	}
	for _, x := range []fin{
		{nom: "droits fournis", code: "000"},
		{nom: "droits fournis, sans dossier de tarification", service: donner(func(x *donne) { x.code = visiodroits.DossierRefuse }), code: "300"},
		{nom: "par le concentrateur", oct: true, code: "000"},
		{nom: "inconnu", service: dit("100", amc), code: "100"},
		{nom: "plusieurs", service: dit("101", amc), code: "101"},
		{nom: "discordant", service: dit("102", amc), code: "102"},
		{nom: "fermés", service: dit("110", amc), code: "110"},
		{nom: "futurs", service: dit("111", amc), code: "111"},
		{nom: "tiers payant refusé", service: dit("120", amc), code: "120"},
		{nom: "CSS par la caisse", service: dit("130", amc), code: "130"},

		// 200: the word of the insurer, and nothing else.
		{nom: "non ouvert, dit par l'AMC", service: dit("200", amc), code: "200"},
		{nom: "non ouvert, dit par l'AMC à travers l'OCT", oct: true, service: dit("200", amc), code: "200"},
		{nom: "non ouvert, dit par la liste", entree: nonOuvert, code: "200"},
		{nom: "non ouvert, dit par l'opérateur de dépannage", entree: porteParOperateur, service: dit("200", otp), code: "201", classe: droits.ErreurReponse},
		{nom: "non ouvert, dit par l'OCT", oct: true, service: dit("200", oct), code: "203", classe: droits.ErreurReponse},
		{nom: "non ouvert, dit par un intrus", service: dit("200", intrus), code: "201", classe: droits.ErreurReponse},
		{nom: "non ouvert, avec un autre état", service: func(q *question) rendu {
			return q.repondre(q.v.mutuelle, &droits.FournitDroits{Retour: visiodroits.RetourDe("200", ""), Etat: droits.Indisponible})
		}, code: "201", classe: droits.ErreurReponse},
		{nom: "inconnu, avec l'état non ouvert", service: func(q *question) rendu {
			return q.repondre(q.v.mutuelle, &droits.FournitDroits{Retour: visiodroits.RetourDe("100", ""), Etat: droits.ServiceNonOuvert})
		}, code: "201", classe: droits.ErreurReponse},

		// 201: the insurer is silent, and its service is open.
		{nom: "indisponible, dit par l'AMC", service: dit("201", amc), code: "201", classe: droits.ErreurReponse},
		{nom: "AMC arrêtée", couper: muet(v.service), code: "201", classe: droits.ErreurConnexion},
		{nom: "AMC hors de portée, le reste joignable", couper: perdu(v.service), code: "201", classe: droits.ErreurConnexion},
		{nom: "l'AMC raccroche", service: raccrocher, code: "201", classe: droits.ErreurReponse},
		{nom: "page sans sceau", service: func(*question) rendu { return rendu{http.StatusBadGateway, []byte("<html>"), "text/html"} }, code: "201", classe: droits.ErreurReponse},
		{nom: "fermée", service: refuse(roc.Ferme, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "délai interne", service: refuse(roc.DelaiInterne, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "saturée", service: refuse(roc.Saturation, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "erreur interne", service: refuse(roc.Interne, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "erreur interne, à travers l'OCT", oct: true, service: refuse(roc.Interne, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "l'OCT ne joint pas l'AMC", oct: true, service: refuse(roc.PanneRelais, oct), code: "201", classe: droits.ErreurReponse},
		{nom: "l'OCT attend l'AMC en vain", oct: true, service: refuse(roc.DelaiInterne, oct), code: "201", classe: droits.ErreurReponse},
		{nom: "l'opérateur ne joint pas l'AMC", entree: porteParOperateur, service: refuse(roc.PanneRelais, otp), code: "201", classe: droits.ErreurReponse},
		{nom: "l'opérateur ne joint pas l'AMC, à travers l'OCT", oct: true, entree: porteParOperateur, service: refuse(roc.PanneRelais, otp), code: "201", classe: droits.ErreurReponse},
		{nom: "code que seul un poste constate", service: dit("204", amc), code: "201", classe: droits.ErreurReponse},
		{nom: "autre serveur que celui de la liste", entree: func(e *visiodroits.EntreeService) {
			e.Empreintes = []visiodroits.EmpreinteServeur{visiodroits.EmpreinteServeur(strings.Repeat("0", 64))}
		}, code: "201", classe: droits.ErreurTLS},
		{nom: "la liste ne dit pas sous quel sceau", entree: func(e *visiodroits.EntreeService) { e.Structures = nil }, code: "201", classe: droits.ErreurReponse},
		{nom: "la liste parle une autre version", entree: func(e *visiodroits.EntreeService) { e.Version = "autre/9" }, code: "201", classe: droits.ErreurReponse},
		{nom: "AMC que la liste ne nomme pas", entree: func(e *visiodroits.EntreeService) { e.NumeroAMC = numeroAMC(t, autreNo) }, code: "201", classe: droits.ErreurReponse},
		{nom: "fermé à cette heure, et muet", entree: func(e *visiodroits.EntreeService) {
			e.Horaires = []visiodroits.Horaire{{Jour: 1, De: "00:00", A: "00:01"}}
		}, couper: muet(v.service), code: "201", classe: droits.ErreurConnexion},

		// 202: the operator that answers, or that carries, is silent.
		{nom: "opérateur arrêté", entree: operateur, couper: muet(v.service), code: "202", classe: droits.ErreurConnexion},
		{nom: "opérateur qui porte, arrêté", entree: porteParOperateur, couper: muet(v.service), code: "202", classe: droits.ErreurConnexion},
		{nom: "opérateur qui porte, saturé", entree: porteParOperateur, service: refuse(roc.Saturation, otp), code: "202", classe: droits.ErreurReponse},
		{nom: "l'OCT ne joint pas l'opérateur", entree: operateur, oct: true, service: refuse(roc.PanneRelais, oct), code: "202", classe: droits.ErreurReponse},
		{nom: "injoignable, dit par la réponse", service: dit("202", amc), code: "202", classe: droits.ErreurReponse},

		// 203: the concentrator is silent.
		{nom: "OCT arrêté", oct: true, couper: muet(v.concentrateur), code: "203", classe: droits.ErreurConnexion},
		{nom: "OCT hors de portée", oct: true, couper: perdu(v.concentrateur), code: "203", classe: droits.ErreurConnexion},
		{nom: "OCT saturé", oct: true, service: refuse(roc.Saturation, oct), code: "203", classe: droits.ErreurReponse},
		{nom: "OCT en erreur", oct: true, service: refuse(roc.Interne, oct), code: "203", classe: droits.ErreurReponse},
		{nom: "OCT qui raccroche", oct: true, relais: raccrocher, code: "203", classe: droits.ErreurReponse},
		{nom: "OCT arrêté, le logiciel s'en passe", oct: true, repli: true, couper: muet(v.concentrateur), code: "000", directe: true},
		{nom: "OCT et AMC arrêtés, le logiciel s'en passe", oct: true, repli: true, couper: muet(v.concentrateur, v.service), code: "201", classe: droits.ErreurConnexion, directe: true},
		{nom: "OCT qui altère, le logiciel s'en passe", oct: true, repli: true, relais: dit("110", intrus), code: "000", directe: true},

		// 204: nothing can be joined.
		{nom: "poste coupé", couper: perdu(tout...), code: "204", classe: droits.ErreurConnexion},
		{nom: "poste coupé, avec un OCT", oct: true, repli: true, couper: perdu(tout...), code: "204", classe: droits.ErreurConnexion},
		{nom: "poste coupé, liste sans sceau", entree: func(e *visiodroits.EntreeService) { e.Structures = nil }, couper: perdu(tout...), code: "204", classe: droits.ErreurConnexion},

		// Answers that are not believed.
		{nom: "accréditation d'un autre", service: donner(func(x *donne) { x.a.Beneficiaire = droits.Empreinte{1} }), code: "201", classe: droits.ErreurReponse},
		{nom: "autres garanties", service: donner(func(x *donne) { x.a.Garanties = droits.Empreinte{1} }), code: "201", classe: droits.ErreurReponse},
		{nom: "autre profession", service: donner(func(x *donne) { x.a.Perimetre.Categorie = "OPTI" }), code: "201", classe: droits.ErreurReponse},
		{nom: "autre clé", service: donner(func(x *donne) { x.cle = x.clef(t) }), code: "201", classe: droits.ErreurReponse},
		{nom: "clé inconnue", service: donner(func(x *donne) { x.kid = "x9" }), code: "201", classe: droits.ErreurReponse},
		{nom: "émise demain", service: donner(func(x *donne) { x.a.Emission = v.Horloge().Add(24 * time.Hour) }), code: "201", classe: droits.ErreurReponse},
		{nom: "d'un autre jour", service: donner(func(x *donne) { x.e.Debut, x.e.Fin = jour-30, jour-1 }), code: "201", classe: droits.ErreurReponse},
		{nom: "dépannage sans mandat", service: func(q *question) rendu { return q.fournir(func(x *donne) { q.depannage(x); x.par = q.v.mutuelle }) }, code: "201", classe: droits.ErreurReponse},
		{nom: "dépannage sous mandat", entree: porteParOperateur, service: func(q *question) rendu { return q.fournir(q.depannage) }, code: "000"},
		{nom: "accréditation normale, scellée par l'opérateur de dépannage", entree: porteParOperateur, service: func(q *question) rendu {
			return q.fournir(func(x *donne) { x.par = q.v.otp })
		}, code: "201", classe: droits.ErreurReponse},
		{nom: "refus de l'opérateur de dépannage", entree: porteParOperateur, service: dit("110", otp), code: "201", classe: droits.ErreurReponse},

		// The question is at fault, or who asks: nobody says anything of the rights.
		{nom: "message illisible", service: refuse(roc.Illisible, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "message illisible pour l'OCT", oct: true, service: refuse(roc.Illisible, oct), code: "203", classe: droits.ErreurReponse},
		{nom: "message illisible pour l'OCT, le logiciel s'en passe", oct: true, repli: true, relais: refuse(roc.Illisible, oct), code: "000", directe: true},
		{nom: "version refusée", service: refuse(roc.Version, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "même identifiant", service: refuse(roc.MemeID, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "horloge", service: refuse(roc.Rejeu, amc), code: "201", classe: droits.ErreurReponse},
		{nom: "hors du cercle, pour l'opérateur qui porte", entree: porteParOperateur, service: refuse(roc.HorsCercle, otp), code: "202", classe: droits.ErreurReponse},
		{nom: "quota", service: refuse(roc.Quota, amc), code: "201", classe: droits.ErreurReponse},
	} {
		t.Run(x.nom, func(t *testing.T) {
			v.t = t
			bon := func(q *question) rendu { return q.fournir(nil) }
			porter := func(q *question) rendu { return v.service.dire(q) }
			v.couper(nil)
			v.service.sur(bon)
			v.concentrateur.sur(porter)
			if x.entree == nil {
				x.entree = func(*visiodroits.EntreeService) {}
			}
			// Rights of yesterday, from a workstation whose lists were plain.
			o := v.options(v.classeur(v.listes(1, v.entree())...))
			if v := v.droits(v.poste(o), 1); !v.TiersPayant {
				t.Fatal(v.Phrase, v.Diagnostic)
			}
			o.Classeur, o.Transport, o.Repli = v.classeur(v.listes(2, v.entree(x.entree))...), v.transport(), x.repli
			if x.oct {
				v.parOCT(&o)
			}
			p := v.poste(o)
			if x.service != nil {
				v.service.sur(x.service)
			}
			if x.relais != nil {
				v.concentrateur.sur(x.relais)
			}
			if x.couper != nil {
				x.couper()
			}
			defer v.couper(nil)
			for n, ancien := range map[int]bool{1: true, 2: false} {
				patient, carte := v.patient(n)
				r, err := p.Droits(context.Background(), patient, carte, 0)
				if err != nil {
					t.Fatal(err)
				}
				servi := x.code.Accord() || x.code == visiodroits.DossierRefuse || x.code.Degrade() && ancien
				if r.Code != x.code || r.TiersPayant != servi || r.Directe != x.directe || (r.Recu != nil) != servi || (r.Etendue != nil) != servi {
					t.Fatalf("ancien %v : %s %s, tiers payant %v, reçu %v, directe %v, %v", ancien, r.Code, r.Phrase, r.TiersPayant, r.Recu, r.Directe, r.Diagnostic)
				}
				if r.Phrase == "" || r.AFaire == "" {
					t.Errorf("rien à dire : %+v", r)
				}
				if degrade := x.code.Degrade() && ancien; (r.Degrade != nil) != degrade {
					t.Fatalf("mode dégradé %+v, want %v", r.Degrade, degrade)
				} else if degrade {
					verifierPreuve(t, o.Magasin, r, x.classe)
				}
			}
		})
	}
}

// clef is a key that nobody published.
func (*donne) clef(t testing.TB) *ecdsa.PrivateKey { return cleP256(t) }

// verifierPreuve checks that the evidence is in the store, and of the cause.
func verifierPreuve(t *testing.T, m *droits.Magasin, r *droits.Vente, classe droits.ClasseErreur) {
	t.Helper()
	cause, _ := droits.CauseDe(string(r.Code))
	p := r.Degrade.Preuve
	if p.Code != string(r.Code) || p.Cause != cause || r.Degrade.Cause != cause || p.Classe != classe || p.Hote.String() != "127.0.0.1" {
		t.Errorf("preuve %+v, want %s %s %s", p, r.Code, cause, classe)
	}
	l := obtenirT[[]droits.TentativeGardee](t)(m.Tentatives())
	for _, x := range l {
		if x.ID == p.ID && x.Tentative == p.Tentative {
			return
		}
	}
	t.Errorf("preuve absente du magasin : %+v", l)
}
