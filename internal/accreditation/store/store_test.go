package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// banc is an issuer whose portfolio says what the test wants.
type banc struct {
	t         *testing.T
	s         *accreditation.Service
	r         *Registre
	p         *Parutions
	cle       *ecdsa.PrivateKey
	cles      *droits.Cles
	instant   time.Time
	fin       time.Time // of the key that signs; zero: none
	apres     time.Time // when it took over from one in other hands; zero: from none
	situation *accreditation.Situation
	code      visiodroits.Code
	erreur    error
	vus       []string // who was counted
	jetons    string
	pour      string // who asks, when it is not the usual one
}

// editeur publishes the revocations of the issuer, by its clock.
func (b *banc) editeur() *accreditation.Editeur {
	return &accreditation.Editeur{Emetteur: lu(b.t, sante.ParseNumeroAMC, "99000001"), Listes: b.p, Horloge: func() time.Time { return b.instant },
		Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "k1", Cle: b.cle} }, Cles: func() *droits.Cles { return b.cles }}
}

func lu[T any](t testing.TB, lire func(string) (T, error), s string) T {
	t.Helper()
	v, err := lire(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (b *banc) Droits(_ context.Context, demandeur string, _ *droits.DemandeDroits) (*accreditation.Situation, visiodroits.Code, error) {
	b.vus = append(b.vus, demandeur)
	if b.erreur != nil || b.code != visiodroits.Fournis {
		return nil, b.code, b.erreur
	}
	x := *b.situation
	return &x, b.code, nil
}

func (b *banc) Jeton(context.Context, *accreditation.Situation, []byte) (string, string, error) {
	if b.jetons == "" {
		return "", "", nil
	}
	return b.jetons, "lien-1", nil
}

func (b *banc) jour() sante.Jour { return sante.JourA(b.instant, sante.Paris()) }

func monter(t *testing.T, base *bdd.Base, changer func(*accreditation.Reglages)) *banc {
	t.Helper()
	b := &banc{t: t, instant: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), code: visiodroits.Fournis}
	b.r = New(base, t.Name())
	b.p = NewParutions(base, t.Name()+"-99000001", lu(t, sante.ParseNumeroAMC, "99000001"))
	var err error
	if err = b.p.Servir(context.Background(), t.Name()); err != nil {
		t.Fatal(err)
	}
	if b.cle, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	amc := lu(t, sante.ParseNumeroAMC, "99000001")
	r := accreditation.Reglages{Emetteur: amc, AMC: amc}
	if changer != nil {
		changer(&r)
	}
	b.s, err = accreditation.New(r, accreditation.Ports{Portefeuille: b, Registre: b.r, Compteurs: b.r, Dossiers: b,
		Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "k1", Cle: b.cle, Fin: b.fin, Apres: b.apres} }, Horloge: func() time.Time { return b.instant },
		Demandeur: func(context.Context) string { return "@192.0.2.1" }})
	if err != nil {
		t.Fatal(err)
	}
	debut := b.instant.AddDate(-1, 0, 0)
	b.cles, err = droits.NouvellesCles([]droits.Cle{
		{Emetteur: r.Emetteur, Kid: "k1", Usage: droits.PourAccreditation, Publique: &b.cle.PublicKey, Debut: debut},
		{Emetteur: r.Emetteur, Kid: "k1", Usage: droits.PourLAR, Publique: &b.cle.PublicKey, Debut: debut},
	}, []droits.Mandat{{Operateur: r.Emetteur, AMC: r.AMC, Debut: debut, Depannages: true}})
	if err != nil {
		t.Fatal(err)
	}
	b.situation = &accreditation.Situation{Beneficiaire: "REF-1", Etendue: droits.Etendue{Debut: b.jour() - 100, Fin: b.jour() + 30, Type: roc.ContratIndividuel, Responsable: true,
		Garanties: []calcul.Garantie{{Code: "MED", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}}
	return b
}

func (b *banc) demande() *droits.DemandeDroits {
	b.t.Helper()
	return &droits.DemandeDroits{
		PS:            droits.Professionnel{NumeroFacturation: lu(b.t, sante.ParseNumeroFacturation, "752000012"), Categorie: droits.Pharmacie},
		Patient:       droits.Patient{NumeroAdherent: lu(b.t, sante.ParseNumeroAdherent, "MB0000001"), DateNaissance: lu(b.t, sante.ParseDateNaissance, "19800214"), RangGemellaire: 1},
		Carte:         droits.Carte{NumeroAMC: lu(b.t, sante.ParseNumeroAMC, "99000001")},
		DateReference: b.jour(), NiveauService: droits.Base,
	}
}

// demandeDe is a question that names the person in another way: not that of another day, nor
// of another professional, is given again.
func (b *banc) demandeDe(i int) *droits.DemandeDroits {
	d := b.demande()
	d.Patient.NumeroAdherent = lu(b.t, sante.ParseNumeroAdherent, fmt.Sprintf("MC%07d", i))
	return d
}

// demander plays a question without seal, as the base level carries it.
func (b *banc) demander(d *droits.DemandeDroits) (*droits.FournitDroits, error) {
	b.t.Helper()
	m := &roc.Message[droits.DemandeDroits]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.DLD, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1", Horodatage: b.instant, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.PS, ID: cmp.Or(b.pour, "752000012")}, Destinataire: roc.Partie{Type: roc.AMC, ID: "99000001"}}}
	s := sceau.Envelopper(sceau.REST, droits.EchangeDroits.Demande.AppendJSON(nil, m), nil)
	p, err := (&sceau.Ouvreur{}).Lire(sceau.REST, s.Octets, b.instant)
	if err != nil {
		b.t.Fatal(err)
	}
	q, err := sceau.Lu(p, func(p *sceau.Piece, m *roc.Message[droits.DemandeDroits]) error {
		return droits.EchangeDroits.Demande.DecodeJSON(p.Contenu(), m)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := b.s.Droits(context.Background(), q)
	if err == nil {
		// What is answered is what the wire may carry.
		if err := droits.EchangeDroits.CorpsReponse.Verify(r); err != nil {
			b.t.Fatal(err)
		}
	}
	return r, err
}

func (b *banc) reussir(d *droits.DemandeDroits, code visiodroits.Code, etat droits.Etat) *droits.FournitDroits {
	b.t.Helper()
	r, err := b.demander(d)
	if err != nil || r.CodeRetour != code || r.Etat != etat {
		b.t.Fatalf("%+v, %v ; attendu %s %s", r, err, code, etat)
	}
	return r
}

func (b *banc) verifier(r *droits.FournitDroits) droits.Accreditation {
	b.t.Helper()
	a, err := droits.VerifierAccreditation(r.Accreditation, b.cles, b.instant)
	if err != nil {
		b.t.Fatal(err)
	}
	x := a.Accreditation()
	if x.Garanties != droits.EmpreinteGaranties(r.Etendue.JSON()) || x.DroitsDebut != r.Etendue.Debut || x.DroitsFin != r.Etendue.Fin || !x.Emission.Equal(r.DateMAJ) {
		b.t.Errorf("l'accréditation ne garantit pas l'étendue donnée : %+v", x)
	}
	return x
}

func moteurs(t *testing.T, f func(t *testing.T, b *bdd.Base)) { bddtest.Moteurs(t, f, Migrations) }

// An accreditation is verified offline, is of the person asked for, and is kept.
func TestAccrediter(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		d := b.demande()
		x := b.verifier(b.reussir(d, visiodroits.Fournis, droits.Ouvert))
		if !x.Concerne(droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: 1}) ||
			x.Concerne(droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: 2}) {
			t.Error("accréditation d'une autre personne")
		}
		e, err := b.r.Emise(context.Background(), x.Numero)
		if err != nil || e.Beneficiaire != "REF-1" || e.Personne != x.Beneficiaire || e.PS != d.PS.NumeroFacturation || e.Fin != x.DroitsFin || e.Revocation != nil {
			t.Errorf("%+v, %v", e, err)
		}
		if len(b.vus) != 1 || b.vus[0] != "@192.0.2.1" {
			t.Errorf("comptés : %v", b.vus)
		}
		if _, err := b.r.Emise(context.Background(), lu(t, droits.ParseNumeroAccreditation, tirer(t))); !errors.Is(err, accreditation.ErrInconnue) {
			t.Errorf("numéro jamais donné : %v", err)
		}
	})
}

func tirer(t *testing.T) string {
	n, err := droits.TirerNumeroAccreditation(lu(t, sante.ParseNumeroAMC, "99000001"), droits.Normale, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n.String()
}

// Nothing moved: the workstation is told so, and keeps its accreditation; whatever moved
// gives a new one.
func TestInchanges(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		premier := b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert)
		numero := b.verifier(premier).Numero
		connus := func() *droits.DemandeDroits {
			d := b.demande()
			d.DroitsConnus = &droits.Connus{NumeroAccreditation: numero, DateMAJ: premier.DateMAJ}
			return d
		}
		b.instant = b.instant.Add(3 * 24 * time.Hour)
		b.situation.Etendue.Fin += 3 // certainty moves with the day
		if r := b.reussir(connus(), visiodroits.Inchanges, droits.NonModifie); r.Accreditation != "" || !r.DateMAJ.Equal(premier.DateMAJ) {
			t.Errorf("%+v", r)
		}
		for nom, changer := range map[string]func(d *droits.DemandeDroits){
			"une autre personne": func(*droits.DemandeDroits) { b.situation.Beneficiaire = "REF-2" },
			"un autre métier":    func(d *droits.DemandeDroits) { d.PS.Categorie = droits.Laboratoire },
			"d'autres garanties": func(*droits.DemandeDroits) { b.situation.Etendue.Responsable = false },
			"un autre instant":   func(d *droits.DemandeDroits) { d.DroitsConnus.DateMAJ = premier.DateMAJ.Add(time.Millisecond) },
			"un numéro jamais donné": func(d *droits.DemandeDroits) {
				d.DroitsConnus.NumeroAccreditation = lu(t, droits.ParseNumeroAccreditation, tirer(t))
			},
			"un dossier de tarification": func(d *droits.DemandeDroits) { d.PrestationsSpecifiques = true },
			"la fin approche": func(d *droits.DemandeDroits) {
				b.instant = b.instant.AddDate(0, 0, 22)
				d.DateReference = b.jour()
				b.situation.Etendue.Fin += 22
			},
		} {
			avant, instant := *b.situation, b.instant
			d := connus()
			changer(d)
			if r, err := b.demander(d); err != nil || r.Etat != droits.Ouvert || r.Accreditation == "" || r.Accreditation == premier.Accreditation {
				t.Errorf("%s : %+v, %v", nom, r, err)
			}
			*b.situation, b.instant = avant, instant
		}
		if _, err := accreditation.Revoquer(context.Background(), b.r, numero, accreditation.Revocation{Effet: b.jour(), Motif: droits.ChangementContrat}); err != nil {
			t.Fatal(err)
		}
		b.reussir(connus(), visiodroits.Fournis, droits.Ouvert) // what is revoked does not serve again
	})
}

// Each refusal has its code and its state; a portfolio that is silent is 201, never 200.
func TestRefus(t *testing.T) {
	b := monter(t, bddtest.Ouvrir(t, Migrations), func(r *accreditation.Reglages) {
		r.Categories, r.Anciens = []droits.Categorie{droits.Pharmacie}, []sante.NumeroAMC{lu(t, sante.ParseNumeroAMC, "99000009")}
	})
	for code, etat := range map[visiodroits.Code]droits.Etat{
		visiodroits.BeneficiaireInconnu: droits.Inconnu, visiodroits.PlusieursTrouves: droits.Inconnu, visiodroits.IdentiteDiscordante: droits.Inconnu,
		visiodroits.DroitsFermes: droits.Ferme, visiodroits.DroitsFuturs: droits.Ferme, visiodroits.TiersPayantRefuse: droits.Ferme,
		visiodroits.CSSParLaCaisse: droits.Ferme, visiodroits.ServiceNonOuvert: droits.ServiceNonOuvert,
	} {
		b.code = code
		b.reussir(b.demande(), code, etat)
	}
	b.code = visiodroits.Fournis
	for nom, c := range map[string]struct {
		changer func(d *droits.DemandeDroits)
		code    visiodroits.Code
		etat    droits.Etat
	}{
		"métier sans tiers payant": {func(d *droits.DemandeDroits) { d.PS.Categorie = droits.Opticien }, visiodroits.TiersPayantRefuse, droits.Ferme},
		"dans deux ans":            {func(d *droits.DemandeDroits) { d.DateReference += 700 }, visiodroits.DroitsFermes, droits.Ferme},
		"il y a deux ans":          {func(d *droits.DemandeDroits) { d.DateReference -= 700 }, visiodroits.DroitsFermes, droits.Ferme},
		"un CIP dans le nom":       {func(d *droits.DemandeDroits) { d.Patient.Nom = "3400930000012" }, visiodroits.DetailInterdit, droits.Inconnu},
		"un CIP dans le CSR":       {func(d *droits.DemandeDroits) { d.Carte.CSR = "A3400930000012" }, visiodroits.DetailInterdit, droits.Inconnu},
	} {
		d := b.demande()
		c.changer(d)
		if r, err := b.demander(d); err != nil || r.CodeRetour != c.code || r.Etat != c.etat || r.Accreditation != "" {
			t.Errorf("%s : %+v, %v", nom, r, err)
		}
	}
	b.erreur = errors.Join(accreditation.ErrIndisponible, errors.New("panne"))
	if r := b.reussir(b.demande(), visiodroits.ServiceIndisponible, droits.Indisponible); !r.CodeRetour.Degrade() {
		t.Error("le mode dégradé n'est pas permis")
	}
	b.erreur = errors.New("bogue")
	if r, err := b.demander(b.demande()); err == nil {
		t.Errorf("une panne de chez nous répond %+v", r)
	}
	repris := b.demande()
	repris.Carte.NumeroAMC = lu(t, sante.ParseNumeroAMC, "99000009")
	b.erreur = nil
	b.reussir(repris, visiodroits.Fournis, droits.Ouvert)
	autre := b.demande()
	autre.Carte.NumeroAMC = lu(t, sante.ParseNumeroAMC, "99000002")
	// The software contradicts itself: no relay is at fault, and asking again mends nothing.
	var refus *roc.Refus
	if _, err := b.demander(autre); !errors.As(err, &refus) || refus.Code != roc.Illisible || !strings.Contains(refus.Detail, "l'AMC de la carte") {
		t.Errorf("question pour une autre AMC : %v", err)
	}
	autre = b.demande()
	autre.PS.NumeroFacturation = lu(t, sante.ParseNumeroFacturation, "752000020")
	if _, err := b.demander(autre); err == nil {
		t.Error("question au nom d'un autre professionnel acceptée")
	}
}

// A dépannage says who gives it and lasts until the next day; it is never « unchanged ».
func TestDepannage(t *testing.T) {
	b := monter(t, bddtest.Ouvrir(t, Migrations), func(r *accreditation.Reglages) {
		r.Emetteur, r.Operateur, r.Depannage = lu(t, sante.ParseNumeroAMC, "88000001"), "88000001", true
	})
	r := b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert)
	x := b.verifier(r)
	if x.Type != droits.Depannage || x.DroitsFin != b.jour()+1 || r.Etendue.Operateur != "88000001" || x.AMC.String() != "99000001" {
		t.Errorf("%+v", x)
	}
	d := b.demande()
	d.DroitsConnus = &droits.Connus{NumeroAccreditation: x.Numero, DateMAJ: r.DateMAJ}
	b.reussir(d, visiodroits.Fournis, droits.Ouvert)
}

// A normal accreditation of an operator lives no longer than who pays without his register
// believes, and is « unchanged » meanwhile; the insurer's own lives as long as the rights.
func TestVieNormale(t *testing.T) {
	for operateur, bornee := range map[string]bool{"": false, "88000001": true} {
		b := monter(t, bddtest.Ouvrir(t, Migrations), func(r *accreditation.Reglages) {
			r.Operateur, r.VieNormale = operateur, func(sante.Jour) int { return 100 }
		})
		b.situation.Etendue.Fin = b.jour() + 1000
		r := b.reussir(b.demande(), visiodroits.Fournis, droits.Ouvert)
		want := b.jour() + 1000
		if bornee {
			want = b.jour() + 100
		}
		x := b.verifier(r)
		if x.DroitsFin != want || r.Etendue.Fin != want {
			t.Errorf("%q : jusqu'au %s, attendu %s", operateur, x.DroitsFin, want)
		}
		b.situation.Etendue.Fin = b.jour() + 1000
		b.instant = b.instant.AddDate(0, 0, 1)
		d := b.demande()
		d.DroitsConnus = &droits.Connus{NumeroAccreditation: x.Numero, DateMAJ: r.DateMAJ}
		b.reussir(d, visiodroits.Inchanges, droits.NonModifie)
	}
}

// A file for pricing is given when there is something to price and enough people share
// the guarantees; else the rights stand without it.
func TestDossier(t *testing.T) {
	b := monter(t, bddtest.Ouvrir(t, Migrations), nil)
	d := b.demande()
	d.PrestationsSpecifiques, d.NiveauService = true, droits.Valorisation
	for _, c := range []struct {
		jeton       string
		specifiques []string
		code        visiodroits.Code
	}{{"jwe", []string{"PMR"}, visiodroits.Fournis}, {"", []string{"PMR"}, visiodroits.DossierRefuse}, {"jwe", nil, visiodroits.DossierRefuse}} {
		b.jetons, b.situation.Etendue.Specifiques = c.jeton, c.specifiques
		r := b.reussir(d, c.code, droits.Ouvert)
		e, err := b.r.Emise(context.Background(), b.verifier(r).Numero)
		if ouvert := c.code == visiodroits.Fournis; err != nil || (r.JetonDossier != "") != ouvert || (e.Lien != "") != ouvert {
			t.Errorf("%+v : jeton %q, lien %q, %v", c, r.JetonDossier, e.Lien, err)
		}
	}
}

// A revocation takes effect once a list told it, and the day after; lists follow each
// other, whole or by change, and a second node publishes nothing twice.
func TestRevoquer(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		ed := b.editeur()
		publier := func(presser, attendu bool) {
			t.Helper()
			if fait, err := ed.Publier(ctx, presser); err != nil || fait != attendu {
				t.Fatalf("publier : %v, %v", fait, err)
			}
		}
		var numeros []droits.NumeroAccreditation
		for i := range 3 {
			numeros = append(numeros, b.verifier(b.reussir(b.demandeDe(i), visiodroits.Fournis, droits.Ouvert)).Numero)
		}
		publier(false, true) // the first list, empty
		publier(true, false)
		options := func() droits.OptionsLAR { return droits.OptionsLAR{Cles: b.cles, Maintenant: b.instant} }
		lire := func() *droits.LAR {
			t.Helper()
			complete, _, err := b.p.Derniere(ctx)
			if err != nil {
				t.Fatal(err)
			}
			l, err := droits.LireLAR(bytes.NewReader(complete), options(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		tenue := lire()
		radie := accreditation.Revocation{Effet: b.jour(), Motif: droits.Radiation}
		if fait, err := accreditation.Revoquer(ctx, b.r, numeros[0], radie); err != nil || !fait {
			t.Fatal(fait, err)
		}
		if fait, err := accreditation.Revoquer(ctx, b.r, numeros[0], accreditation.Revocation{Effet: b.jour() + 5, Motif: droits.Erreur}); err != nil || fait {
			t.Errorf("révoquée deux fois : %v, %v", fait, err)
		}
		if _, err := accreditation.Revoquer(ctx, b.r, numeros[1], accreditation.Revocation{Effet: b.jour(), Motif: "HUMEUR"}); !errors.Is(err, accreditation.ErrMotif) {
			t.Errorf("motif : %v", err)
		}
		emise := func(n droits.NumeroAccreditation) *accreditation.Emise {
			t.Helper()
			e, err := b.r.Emise(ctx, n)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		if emise(numeros[0]).Revocation.Opposable(b.jour() + 50) {
			t.Error("opposable avant d'être publiée")
		}
		publier(false, false) // deltas come hourly
		b.instant = b.instant.Add(49 * time.Hour)
		publier(false, true)
		x := emise(numeros[0]).Revocation
		if x.Publiee != b.jour() || x.Opposable(b.jour()) || x.Opposable(b.jour()+1) || !x.Opposable(b.jour()+2) {
			t.Errorf("%+v", x)
		}
		delta, err := b.p.Octets(ctx, 2, accreditation.Delta)
		if err != nil {
			t.Fatal(err)
		}
		if entiere, numero, err := b.p.Derniere(ctx); err != nil || numero != 2 {
			t.Errorf("dernière : %d, %v", numero, err)
		} else {
			for f, want := range map[accreditation.Forme][]byte{accreditation.Entiere: entiere, accreditation.Delta: delta} {
				b1, err1 := b.p.Octets(ctx, 2, f)
				n, err2 := b.p.Taille(ctx, 2, f)
				if err1 != nil || err2 != nil || n != len(want) || !bytes.Equal(b1, want) {
					t.Errorf("%s : %d octets, %d dits, %v, %v", f, len(b1), n, err1, err2)
				}
			}
		}
		if _, err := b.p.Octets(ctx, 3, accreditation.Entiere); !errors.Is(err, accreditation.ErrInconnue) {
			t.Errorf("liste non parue : %v", err)
		}
		if n, _, err := b.p.Parution(ctx); err != nil || n != 2 {
			t.Errorf("dernier numéro : %d, %v", n, err)
		}
		parDelta, err := droits.LireLAR(bytes.NewReader(delta), options(), tenue)
		if err != nil {
			t.Fatal(err)
		}
		for nom, l := range map[string]*droits.LAR{"delta": parDelta, "complète": lire()} {
			for _, c := range []struct {
				n     droits.NumeroAccreditation
				soins sante.Jour
				motif droits.MotifRevocation
			}{{numeros[0], b.jour() + 1, ""}, {numeros[0], b.jour() + 2, droits.Radiation}, {numeros[1], b.jour() + 2, ""}} {
				if m, err := l.Revoquee(c.n, c.soins); err != nil || m != c.motif {
					t.Errorf("%s, %s : %q, %v", nom, c.soins, m, err)
				}
			}
		}
		// All those of a person, but what ended before.
		if n, err := accreditation.RevoquerBeneficiaire(ctx, b.r, "REF-1", accreditation.Revocation{Effet: b.jour(), Motif: droits.Deces}); err != nil || n != 2 {
			t.Errorf("%d révoquées, %v", n, err)
		}
		publier(true, true)
		if n := lire().Nombre(); n != 3 {
			t.Errorf("%d révoquées à la liste", n)
		}
		// Another node, which read the list before, publishes the same number: nothing.
		err = b.p.Publier(ctx, &accreditation.Publication{Numero: 3, Jour: b.jour(), Emission: b.instant, Complete: []byte("x")})
		if !errors.Is(err, accreditation.ErrPubliee) {
			t.Errorf("numéro publié deux fois : %v", err)
		}
	})
}
