package serveur

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offront "github.com/ecluse-sante/ecluse/internal/officine/front"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// portefeuilleEssai says what the rights of one person are now.
type portefeuilleEssai struct {
	situation accreditation.Situation
	code      visiodroits.Code
}

func (p *portefeuilleEssai) Droits(context.Context, string, *droits.DemandeDroits) (*accreditation.Situation, visiodroits.Code, error) {
	x := p.situation
	return &x, p.code, nil
}

// guichetOfficine is a pharmacy and its insurer, on a real gate: rights on one service,
// invoices on another, one database. Rules have a clock of their own; seals the true one.
type guichetOfficine struct {
	*testing.T
	*gatetest.Labo
	s            *gatetest.Serveur
	amc, pharma  *gatetest.Partie
	c            *roc.Client
	portefeuille *portefeuilleEssai
	editeur      *accreditation.Editeur
	registre     *accrstore.Registre
	off          *off.Service
	decalage     time.Duration
	n            int

	cleOperateur, cleSansMandat *ecdsa.PrivateKey
	lar                         *droits.LAR           // of the operator
	liste                       visiodroits.EtatListe // of the keys of the operators
}

const (
	structureMutuelle  = "2999123458"
	structurePharmacie = "1990000127"
)

func (g *guichetOfficine) horloge() time.Time { return g.Labo.Horloge().Add(g.decalage) }
func (g *guichetOfficine) jour() sante.Jour   { return sante.JourA(g.horloge(), sante.Paris()) }

func ouvrirGuichetOfficine(t *testing.T, base *bdd.Base, face sceau.Face) *guichetOfficine {
	g := &guichetOfficine{T: t, Labo: gatetest.New(t), portefeuille: &portefeuilleEssai{code: visiodroits.Fournis}}
	tenant, numero := "amc:"+string(face), lireOuEchouer(t, sante.ParseNumeroAMC, "99000001")
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid := func() accreditation.Cle { return accreditation.Cle{Kid: "a1", Cle: cle} }
	cles, err := droits.NouvellesCles([]droits.Cle{{Emetteur: numero, Kid: "a1", Usage: droits.PourLAR, Publique: &cle.PublicKey}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	registre, livre := accrstore.New(base, tenant), offstore.New(base, tenant)
	parutions := accrstore.NewParutions(base, tenant, numero)
	if err := parutions.Servir(context.Background(), tenant); err != nil {
		t.Fatal(err)
	}
	g.editeur = &accreditation.Editeur{Emetteur: numero, Cle: kid, Cles: func() *droits.Cles { return cles }, Listes: parutions, Horloge: g.horloge}
	g.registre = registre
	accr, err := accreditation.New(accreditation.Reglages{Emetteur: numero, AMC: numero, Convention: "VILLE"},
		accreditation.Ports{Portefeuille: g.portefeuille, Registre: registre, Compteurs: registre, Cle: kid, Demandeur: gate.Demandeur, Horloge: g.horloge})
	if err != nil {
		t.Fatal(err)
	}
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.off, err = off.New(off.Parametres{AMC: numero, Tolerance: func(sante.Jour) int { return 15 }},
		off.Ports{Accreditations: registreOfficine{registre}, Emetteurs: g.emetteurs(), Livre: livre, Caisse: livre, Moteur: moteur, Horloge: g.horloge, Transaction: livre.Transaction}); err != nil {
		t.Fatal(err)
	}
	g.amc, g.pharma = g.Partie(t, structureMutuelle, "MUTUELLE DE TEST"), g.Partie(t, structurePharmacie, "PHARMACIE DE TEST")
	moi := roc.Partie{Type: roc.AMC, ID: numero.String()}
	g.s = g.ServirOuvert(t, base, []*roc.Norme{droits.Norme}, gate.NewPorte(tenant, moi, roc.Test, g.amc.Cachet,
		append(accrfront.Services(accr), offront.Services(g.off)...)...))
	pharmacie := roc.Partie{Type: roc.PS, ID: "752000012"}
	g.s.Cercle.Admettre(structurePharmacie, pharmacie)
	g.c, _ = g.Client(t, g.pharma, pharmacie, face)
	g.portefeuille.situation = accreditation.Situation{Beneficiaire: "REF-1", Etendue: droits.Etendue{Debut: g.jour() - 100, Fin: g.jour() + 5, NumeroAMC: numero,
		Type: roc.ContratIndividuel, Responsable: true,
		Garanties: []calcul.Garantie{{Code: "MED", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}}
	return g
}

func (g *guichetOfficine) cible() *roc.Cible {
	return &roc.Cible{Destinataire: roc.Partie{Type: roc.AMC, ID: "99000001"}, Adresse: g.s.Adresse, Structures: []string{structureMutuelle}, Empreintes: []string{g.s.Epingle}}
}

var patientEssai = func(g *guichetOfficine) droits.Patient {
	return droits.Patient{NumeroAdherent: lireOuEchouer(g.T, sante.ParseNumeroAdherent, "MB0000012"),
		DateNaissance: lireOuEchouer(g.T, sante.ParseDateNaissance, "19840212"), RangGemellaire: 1}
}

func (g *guichetOfficine) ps() droits.Professionnel {
	return droits.Professionnel{NumeroFacturation: lireOuEchouer(g.T, sante.ParseNumeroFacturation, "752000012"), Categorie: droits.Pharmacie}
}

// droits asks the rights of the patient, and gives the number of the accreditation.
func (g *guichetOfficine) droits() string {
	g.Helper()
	r, err := roc.Envoyer(context.Background(), g.c, droits.EchangeDroits, g.cible(), "1", &droits.DemandeDroits{PS: g.ps(), Patient: patientEssai(g),
		Carte: droits.Carte{NumeroAMC: lireOuEchouer(g.T, sante.ParseNumeroAMC, "99000001")}, DateReference: g.jour(), NiveauService: droits.Base}, roc.Suivi{})
	if err != nil || r.Corps.CodeRetour != visiodroits.Fournis {
		g.Fatalf("droits : %+v, %v", r, err)
	}
	cle := g.editeur.Cle().Cle.Public().(*ecdsa.PublicKey)
	cles, err := droits.NouvellesCles([]droits.Cle{{Emetteur: g.editeur.Emetteur, Kid: "a1", Usage: droits.PourAccreditation, Publique: cle}}, nil)
	if err != nil {
		g.Fatal(err)
	}
	a, err := droits.VerifierAccreditation(r.Corps.Accreditation, cles, g.horloge())
	if err != nil {
		g.Fatal(err)
	}
	return a.Accreditation().Numero.String()
}

// facture is an invoice of a box of medicine at 65 %, of care of a day.
func (g *guichetOfficine) facture(accreditation string, soins sante.Jour) *droits.FactureOfficine {
	g.n++
	f := &droits.FactureOfficine{Numero: droits.NumeroFacture(fmt.Sprintf("F%d", g.n)), DateSoins: soins, DateFacture: soins, PS: g.ps(), Patient: patientEssai(g),
		NumeroAMC: lireOuEchouer(g.T, sante.ParseNumeroAMC, "99000001"), Convention: "VILLE", NumeroAccreditation: accreditation,
		Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(1), BaseAMO: 1000, TauxAMO: sante.Pourcent(65),
			PartsOfficine: droits.PartsOfficine{Depense: 1000, AMO: 650, AMC: 350}}}}
	f.Totaux = f.Sommes()
	return f
}

func (g *guichetOfficine) facturer(c *roc.Client, f *droits.FactureOfficine) (*droits.ReponseFactures, error) {
	r, err := roc.Envoyer(context.Background(), c, droits.EchangeFactures, g.cible(), "1",
		&droits.DemandeFactures{Lot: droits.NouveauLot("L"+f.Numero, f.DateFacture, *f)}, roc.Suivi{})
	if err != nil {
		return nil, err
	}
	return r.Corps, nil
}

// juger bills, and expects a code.
func (g *guichetOfficine) juger(nom string, f *droits.FactureOfficine, want visiodroits.Code) {
	g.Helper()
	r, err := g.facturer(g.c, f)
	if err != nil || len(r.Factures) != 1 || r.Factures[0].Code != want {
		g.Errorf("%s : %+v, %v ; attendu %s", nom, r, err, want)
	}
}

func (g *guichetOfficine) avancer(jours int) { g.decalage += time.Duration(jours) * 24 * time.Hour }

const operateurEssai, operateurSansMandat = "88000001", "88000002"

// emetteurs are two operators of whom the keys are published: one may answer for the
// insurer while it is silent.
func (g *guichetOfficine) emetteurs() off.Emetteurs {
	var l []droits.Cle
	for numero, cle := range map[string]**ecdsa.PrivateKey{operateurEssai: &g.cleOperateur, operateurSansMandat: &g.cleSansMandat} {
		var err error
		if *cle, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			g.Fatal(err)
		}
		for _, u := range []droits.UsageCle{droits.PourAccreditation, droits.PourLAR} {
			l = append(l, droits.Cle{Emetteur: lireOuEchouer(g.T, sante.ParseNumeroAMC, numero), Kid: "o1", Usage: u, Publique: &(*cle).PublicKey})
		}
	}
	cles, err := droits.NouvellesCles(l, []droits.Mandat{{Operateur: lireOuEchouer(g.T, sante.ParseNumeroAMC, operateurEssai),
		AMC: lireOuEchouer(g.T, sante.ParseNumeroAMC, "99000001"), Debut: g.horloge().AddDate(-1, 0, 0), Depannages: true}})
	if err != nil {
		g.Fatal(err)
	}
	return emetteursSignes{cles: func() (*droits.Cles, error) { return cles, nil }, lar: func(sante.NumeroAMC) *droits.LAR { return g.lar },
		liste: func(n sante.NumeroAMC) (visiodroits.EtatListe, bool) {
			return g.liste, n.String() == operateurEssai || n.String() == operateurSansMandat
		}, horloge: g.horloge}
}

// publier makes the operator publish what it revoked, some days ago.
func (g *guichetOfficine) publier(ilYA int, revoquees ...droits.EntreeLAR) *droits.LAR {
	g.Helper()
	ed := &droits.EditeurLAR{Emetteur: lireOuEchouer(g.T, sante.ParseNumeroAMC, operateurEssai), Kid: "o1", Cle: g.cleOperateur}
	_, lar, err := ed.Complete(1, g.horloge().AddDate(0, 0, -ilYA), slices.Values(revoquees))
	if err != nil {
		g.Fatal(err)
	}
	return lar
}

// attendre bills on what an operator accredited while its lists are missing, too old to
// tell, or older than its key; each waits, whatever else it is, and is settled once.
func (g *guichetOfficine) attendre() {
	g.Helper()
	ctx, fraiche := context.Background(), visiodroits.EtatListe{Fraicheur: visiodroits.Fraiche, Numero: 1, DateEmission: g.horloge()}
	inconnue, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		g.Fatal(err)
	}
	bonne := func() *droits.FactureOfficine { return g.depannage(operateurEssai, g.cleOperateur, g.jour()) }
	var attendent []*droits.FactureOfficine
	for _, x := range []struct {
		nom   string
		liste visiodroits.EtatListe
		lar   *droits.LAR
		f     *droits.FactureOfficine
	}{
		{"sans clés", visiodroits.EtatListe{Fraicheur: visiodroits.Absente}, g.publier(0), bonne()},
		{"clés d'une liste périmée", visiodroits.EtatListe{Fraicheur: visiodroits.Perimee}, g.publier(0), bonne()},
		{"sans révocations", fraiche, nil, bonne()},
		{"révocations de l'avant-veille", fraiche, g.publier(2), bonne()},
		{"clé plus jeune que la liste", fraiche, g.publier(0), g.depannageSous("o2", operateurEssai, inconnue, g.jour())},
	} {
		g.liste, g.lar = x.liste, x.lar
		r, err := g.facturer(g.c, x.f)
		if err != nil || r.Factures[0].Etat != droits.FactureEnAttente || r.Factures[0].Precision == "" {
			g.Errorf("%s : %+v, %v", x.nom, r, err)
		}
		attendent = append(attendent, x.f)
	}
	g.lar = nil
	if n, err := g.off.Trancher(ctx, 100); err != nil || n != 0 {
		g.Errorf("toujours sans révocations : %d tranchées, %v", n, err)
	}
	double := *attendent[0]
	double.Patient.Nom = "MARTIN"
	r, err := roc.Envoyer(ctx, g.c, droits.EchangeFactures, g.cible(), "1", &droits.DemandeFactures{Lot: droits.NouveauLot("LDOUBLE2", g.jour(), double)}, roc.Suivi{})
	if err != nil || r.Corps.Factures[0].Code != visiodroits.FactureEnDouble {
		g.Errorf("double d'une facture qui attend : %+v, %v", r, err)
	}
	g.liste, g.lar = fraiche, g.publier(1)
	if n, err := g.off.Trancher(ctx, 100); err != nil || n != 4 {
		g.Errorf("listes tenues : %d tranchées, %v", n, err)
	}
	// The operator publishes its keys again, a day later: that one was never its own.
	g.liste.DateEmission = g.horloge().AddDate(0, 0, 1)
	if n, err := g.off.Trancher(ctx, 100); err != nil || n != 1 {
		g.Errorf("clé jamais publiée : %d tranchées, %v", n, err)
	}
	if r, err = roc.Envoyer(ctx, g.c, droits.EchangeFactures, g.cible(), "1", &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}}, roc.Suivi{}); err != nil {
		g.Fatal(err)
	}
	for i, f := range attendent {
		want := visiodroits.Fournis
		if i == len(attendent)-1 {
			want = visiodroits.AccreditationInconnue
		}
		for _, x := range r.Corps.Suivi {
			if x.NumeroLot == "L"+f.Numero && x.Code != want {
				g.Errorf("%s : %+v, attendu %s", f.Numero, x, want)
			}
		}
	}
	livre := g.off.Livre
	l, err := livre.Dans(ctx, g.ps().NumeroFacturation, droits.FactureAcceptee, 100)
	if err != nil || len(l) != 4 {
		g.Fatalf("%d acceptées, %v", len(l), err)
	}
	for _, f := range l {
		if f, err = livre.Une(ctx, f.PS, f.Rang); err != nil {
			g.Fatal(err)
		}
		if e := f.Enrichissement; e == nil || e.Type != droits.Depannage || e.DroitsFin != g.jour()+1 || e.Canal != string(g.c.Face) || !f.Accreditee {
			g.Errorf("enrichissement : %+v, accréditée %v", e, f.Accreditee)
		}
	}
	g.liste = fraiche
}

// depannage is an invoice that brings an accreditation that an operator signed.
func (g *guichetOfficine) depannage(operateur string, cle *ecdsa.PrivateKey, soins sante.Jour) *droits.FactureOfficine {
	g.Helper()
	return g.depannageSous("o1", operateur, cle, soins)
}

func (g *guichetOfficine) depannageSous(kid, operateur string, cle *ecdsa.PrivateKey, soins sante.Jour) *droits.FactureOfficine {
	g.Helper()
	return g.depannageDe(kid, operateur, cle, soins, g.jour(), g.jour()+1)
}

// depannageDe promises care of those days, and is signed now.
func (g *guichetOfficine) depannageDe(kid, operateur string, cle *ecdsa.PrivateKey, soins, debut, fin sante.Jour) *droits.FactureOfficine {
	g.Helper()
	n, err := droits.TirerNumeroAccreditation(lireOuEchouer(g.T, sante.ParseNumeroAMC, operateur), droits.Depannage, nil)
	if err != nil {
		g.Fatal(err)
	}
	f := g.facture(n.String(), soins)
	e := g.portefeuille.situation.Etendue
	e.Debut, e.Fin, e.Garanties = debut, fin, slices.Clone(e.Garanties)
	a, err := droits.SignerAccreditation(droits.Accreditation{Numero: n, AMC: e.NumeroAMC, DroitsDebut: e.Debut, DroitsFin: e.Fin, Emission: g.horloge(),
		Perimetre: droits.Perimetre{Categorie: string(droits.Pharmacie), Convention: "VILLE"}, Beneficiaire: f.Personne().Empreinte(n),
		Garanties: droits.EmpreinteGaranties(e.JSON())}, kid, cle)
	if err != nil {
		g.Fatal(err)
	}
	f.Jeton, f.Etendue = a.Jeton(), &e
	return f
}

// depanner bills on what an operator accredited while the insurer was silent.
func (g *guichetOfficine) depanner() {
	g.Helper()
	g.juger("dépannage", g.depannage(operateurEssai, g.cleOperateur, g.jour()), visiodroits.Fournis)
	g.juger("dépannage sans mandat", g.depannage(operateurSansMandat, g.cleSansMandat, g.jour()), visiodroits.AccreditationInconnue)
	g.juger("dépannage signé par un autre", g.depannage(operateurEssai, g.cleSansMandat, g.jour()), visiodroits.AccreditationInconnue)
	f := g.depannage(operateurEssai, g.cleOperateur, g.jour())
	f.Etendue.Garanties[0].PlafondLigne = 100
	g.juger("étendue changée", f, visiodroits.AccreditationInconnue)
	f = g.depannage(operateurEssai, g.cleOperateur, g.jour())
	f.Etendue = nil
	g.juger("étendue absente", f, visiodroits.AccreditationInconnue)
	// A month promised lives no longer than a dépannage does; rights that began before the
	// mandate give nothing to care of before it.
	longue := func(soins sante.Jour) *droits.FactureOfficine {
		return g.depannageDe("o1", operateurEssai, g.cleOperateur, soins, g.jour()-800, g.jour()+30)
	}
	f = longue(g.jour() + 1)
	g.juger("dépannage d'un mois, le lendemain", f, visiodroits.Fournis)
	f = longue(g.jour() + 2)
	g.avancer(2)
	g.lar = g.publier(0)
	g.juger("dépannage d'un mois, le surlendemain", f, visiodroits.HorsDroits)
	g.avancer(-2)
	g.lar = g.publier(0)
	g.juger("soins du mandat, avant l'émission", longue(g.jour()-30), visiodroits.Fournis)
	g.juger("soins d'avant le mandat", longue(g.jour()-400), visiodroits.AccreditationInconnue)
	f = g.depannage(operateurEssai, g.cleOperateur, g.jour())
	f.Patient.RangGemellaire = 2
	g.juger("dépannage d'un autre", f, visiodroits.AutreBeneficiaire)
	f = g.depannage(operateurEssai, g.cleOperateur, g.jour())
	g.lar = g.publier(1, droits.EntreeLAR{Numero: lireOuEchouer(g.T, droits.ParseNumeroAccreditation, f.NumeroAccreditation), Effet: g.jour() - 5, Motif: droits.Erreur,
		DroitsFin: g.jour() + 1, Publication: g.jour() - 5})
	g.juger("dépannage révoqué", f, visiodroits.AccreditationRevoquee)
}

// A pharmacy asks rights, bills on their accreditation, is paid to the cent and reads it;
// care before a revocation is told stays paid though the rights were wrong, care after is
// caught; without network it bills on its former rights within the tolerance, with the
// proof; nobody bills without a seal, nor under the seal of another.
func TestFactureOfficine(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, base *bdd.Base) {
		for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(string(face), func(t *testing.T) { jouerOfficine(ouvrirGuichetOfficine(t, base, face)) })
		}
	}, gatestore.Migrations, accrstore.Migrations, offstore.Migrations)
}

func jouerOfficine(g *guichetOfficine) {
	ctx := context.Background()
	a := g.droits()
	lundi := g.jour()
	g.juger("accréditée", g.facture(a, lundi), visiodroits.Fournis)
	g.juger("numéro mal recopié", g.facture(a[:24]+"-", lundi), visiodroits.AccreditationFausse)
	trop := g.facture(a, lundi)
	trop.Lignes[0].AMC, trop.Lignes[0].AMO = 400, 600
	trop.Lignes[0].BaseAMO, trop.Lignes[0].Depense = 923, 1000
	trop.Totaux = trop.Sommes()
	g.juger("part gonflée", trop, visiodroits.MontantDifferent)

	g.avancer(1)
	// The insurer finds out that the rights were wrong from the beginning.
	g.portefeuille.code = visiodroits.DroitsFermes
	numero := lireOuEchouer(g.T, droits.ParseNumeroAccreditation, a)
	if fait, err := accreditation.Revoquer(ctx, g.registre, numero, accreditation.Revocation{Effet: lundi - 90, Motif: droits.Radiation}); err != nil || !fait {
		g.Fatal(fait, err)
	}
	g.juger("révoquée, pas encore publiée", g.facture(a, lundi+1), visiodroits.Fournis)
	if _, err := g.editeur.Publier(ctx, true); err != nil {
		g.Fatal(err)
	}
	g.avancer(2)
	g.juger("soins du lundi, arrivés après", g.facture(a, lundi), visiodroits.Fournis)
	g.juger("soins du lendemain de la liste", g.facture(a, lundi+2), visiodroits.Fournis)
	g.juger("soins d'après", g.facture(a, lundi+3), visiodroits.AccreditationRevoquee)

	// New rights end on the Saturday; then the network is cut.
	g.portefeuille.code = visiodroits.Fournis
	b := g.droits()
	g.avancer(7) // five days after the end of the rights
	g.juger("hors droits", g.facture(b, g.jour()), visiodroits.HorsDroits)
	sans := g.facture(b, g.jour())
	sans.Degrade = &droits.ModeDegrade{Cause: droits.CauseOCT}
	g.juger("dégradée sans preuve", sans, visiodroits.DegradeSansPreuve)
	essai, err := droits.NouvelleTentative(g.horloge(), lireOuEchouer(g.T, droits.ParseHote, "oct.invalid"), droits.ErreurConnexion, "203")
	if err != nil {
		g.Fatal(err)
	}
	sans = g.facture(b, g.jour())
	sans.Degrade = &droits.ModeDegrade{Cause: droits.CauseOCT, Tentatives: []droits.Tentative{essai}}
	g.juger("dégradée, avec sa preuve", sans, visiodroits.Fournis)
	double := *sans
	double.Patient.Nom = "MARTIN"
	r, err := roc.Envoyer(ctx, g.c, droits.EchangeFactures, g.cible(), "1", &droits.DemandeFactures{Lot: droits.NouveauLot("LDOUBLE", g.jour(), double)}, roc.Suivi{})
	if err != nil || r.Corps.Factures[0].Code != visiodroits.FactureEnDouble {
		g.Errorf("double : %+v, %v", r, err)
	}

	reglement, err := g.off.Ordonner(ctx, g.jour())
	if err != nil || reglement.Preleve != 5*350 || reglement.Nombre != 5 {
		g.Errorf("règlement : %+v, %v", reglement, err)
	}
	if err := g.off.Confirmer(ctx, g.jour(), g.ps().NumeroFacturation, g.jour()); err != nil {
		g.Error(err)
	}
	g.suivre(5, 6)

	g.refuserSansSceau()
	g.attendre()
	g.depanner()
}

// suivre reads what became of all the invoices.
func (g *guichetOfficine) suivre(payees, refusees int) {
	g.Helper()
	r, err := roc.Envoyer(context.Background(), g.c, droits.EchangeFactures, g.cible(), "1", &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{}}, roc.Suivi{})
	if err != nil {
		g.Fatal(err)
	}
	var recu sante.Montant
	for _, f := range r.Corps.Suivi {
		switch f.Etat {
		case droits.FacturePayee:
			recu += f.MontantPaye
			payees--
		case droits.FactureRefusee:
			refusees--
		}
	}
	if recu != 5*350 || payees != 0 || refusees != 0 {
		g.Errorf("reçu %s ; il manque %d payées, %d refusées : %+v", recu, payees, refusees, r.Corps.Suivi)
	}
}

func (g *guichetOfficine) refuserSansSceau() {
	g.Helper()
	var refus *roc.Refus
	nu := &roc.Client{Moi: g.c.Moi, Environnement: roc.Test, Juge: g.Magasin, Registre: roc.SansRegistre{}, Transport: g.c.Transport, Horloge: g.Labo.Horloge, Face: g.c.Face}
	if r, err := g.facturer(nu, g.facture("", g.jour())); err == nil {
		g.Errorf("sans sceau : %+v, %v", r, err)
	}
	autre := g.Partie(g.T, "2999100407", "AUTRE PHARMACIE")
	g.s.Cercle.Admettre("2999100407", roc.Partie{Type: roc.PS, ID: "752000020"})
	c, _ := g.Client(g.T, autre, g.c.Moi, g.c.Face)
	if r, err := g.facturer(c, g.facture("", g.jour())); !errors.As(err, &refus) || refus.Code != roc.AutreIdentifiant {
		g.Errorf("sceau d'un autre : %+v, %v", r, err)
	}
}
