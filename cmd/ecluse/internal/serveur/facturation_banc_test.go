package serveur

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// filiere is a hospital and its insurers, each with its own database and its own
// seal, joined by sealed messages only: from the rights to the money.
type filiere struct {
	*etablissement.Service
	t         testing.TB
	decalage  atomic.Int64
	id        *sceautest.Identite
	store     *etabstore.Store
	assureurs map[sante.NumeroAMC]*assureur
	lots      []lotParti
}

type lotParti struct {
	amc sante.NumeroAMC
	d   *roc.DemandeDRE
}

// assureur is an insurer of the filiere.
type assureur struct {
	f       *filiere
	numero  sante.NumeroAMC
	base    *bdd.Base
	droits  *amc.Service
	livre   *liquidation.Service
	id      *sceautest.Identite
	retours []*roc.DemandeRET
	lots    int
}

// Poster keeps a return, in the transaction that makes it.
func (a *assureur) Poster(_ context.Context, _ sante.FINESS, d *roc.DemandeRET) error {
	a.retours = append(a.retours, d)
	return nil
}

// PosterFichier implements etablissement.Depart: nothing leaves by file here.
func (f *filiere) PosterFichier(_ context.Context, lot *etablissement.LotEmis, v *etablissement.Voie, _ []byte) error {
	return fmt.Errorf("lot %s par fichier, par %s", lot.Numero, v.Transport)
}

func (f *filiere) maintenant() time.Time { return et.Midi.Add(time.Duration(f.decalage.Load())) }

// nouvelleFiliere lays out a hospital of a category and insurers by rank.
func nouvelleFiliere(t testing.TB, m bdd.Moteur, categorie roc.Categorie, contrats ...amc.Contrat) *filiere {
	t.Helper()
	ctx := context.Background()
	moteur, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	liste, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	ouvrir := func() *bdd.Base {
		b := bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{})
		if err := b.Migrer(ctx, liste); err != nil {
			t.Fatal(err)
		}
		return b
	}
	f := &filiere{t: t, assureurs: map[sante.NumeroAMC]*assureur{}}
	maison := et.Maison(t)
	maison.Etablissement.Categorie = categorie
	finess := maison.Etablissement.FinessJuridique.String()
	f.id = sceautest.New(t, structureES(finess), et.Midi)
	f.store = etabstore.New(ouvrir(), TenantEtablissement(finess))
	f.Service = &etablissement.Service{Maison: maison, Depot: f.store, Questions: f.store, Traces: f.store, Factures: f.store, Depart: f, Exchange: f,
		Moteur: moteur, Horloge: f.maintenant, AdresseRetour: "https://es.exemple.fr", Journal: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for i := range contrats {
		f.assurer(ouvrir(), moteur, []string{"775671993", "302976568", "784647349"}[i], &contrats[i])
	}
	return f
}

func (f *filiere) assurer(base *bdd.Base, moteur calcul.Moteur, numero string, c *amc.Contrat) {
	ctx, t := context.Background(), f.t
	t.Helper()
	carte := et.Carte(t, numero)
	st := amcstore.New(base, TenantAMC(numero))
	if _, err := st.Portefeuille.EcrireContrat(ctx, c); err != nil {
		t.Fatal(err)
	}
	p := et.Patient(t)
	if _, err := st.Portefeuille.EcrireBeneficiaires(ctx, []amc.Beneficiaire{{Reference: "P1", NumeroAdherent: carte.NumeroAdherent, NomNaissance: p.NomNaissance, Prenom: p.Prenom,
		DateNaissance: p.DateNaissance, RangGemellaire: p.RangGemellaire, IdentiteSure: true,
		Adhesions: []amc.Adhesion{{Contrat: c.Numero, Debut: et.Jour(t, "2025-01-01")}}}}); err != nil {
		t.Fatal(err)
	}
	a := &assureur{f: f, numero: carte.NumeroAMC, base: base, id: sceautest.New(t, "2999"+numero[:6], et.Midi)}
	var err error
	if a.droits, err = amc.New(amc.Reglages{Numero: carte.NumeroAMC, Libelle: "AMC " + numero, CalculLocal: true}, st.Ports(f.maintenant), moteur); err != nil {
		t.Fatal(err)
	}
	pr := &Processus{Base: base, Horloge: f.maintenant}
	if a.livre, err = pr.Livre(&config.AMC{Numero: numero, DelaiPaye: 12}, st, moteur, achstore.New(base, TenantAMC(numero))); err != nil {
		t.Fatal(err)
	}
	a.livre.Retours = a
	f.assureurs[carte.NumeroAMC] = a
}

// contratDe makes a contract: the responsible part, and what it adds.
func contratDe(t testing.TB, mode roc.ModeCalcul, plus ...calcul.Garantie) amc.Contrat {
	c := amc.Contrat{Numero: "C1", Debut: et.Jour(t, "2025-01-01"), Libelle: "Contrat d'essai", Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: mode,
		GarantieLocale: mode != roc.CalculCLC, Garanties: append(calcul.Responsable100().Garanties, plus...)}
	for _, d := range []string{amc.DomaineACE, amc.DomaineSejour, amc.DomaineCP, amc.DomaineAccompagnant, amc.DomaineHAD} {
		c.Perimetre = append(c.Perimetre, amc.Domaine{Domaine: d, Couvert: true})
	}
	return c
}

// poser carries a sealed question to an insurer, in the transaction of the exchange.
func poser[Q, R any](f *filiere, n sante.NumeroAMC, e *roc.Echange[Q, R], dossier string, d *Q,
	regle func(*assureur) func(context.Context, sceau.Opened[roc.Message[Q]]) (*R, error)) (*R, error) {
	a := f.assureurs[n]
	if a == nil {
		return nil, roc.Refuser(roc.AMCInconnue, "")
	}
	m := &roc.Message[Q]{Corps: d, Enveloppe: f.enveloppe(e.Service, dossier, roc.Partie{Type: roc.ES, ID: f.Maison.Etablissement.FinessJuridique.String()},
		roc.Partie{Type: roc.AMC, ID: n.String()})}
	o := sceautest.OuvrirDe(f.t, f.id, et.Midi, e.Demande.AppendJSON(nil, m), e.Demande.DecodeJSON)
	var r *R
	err := a.base.EnTransaction(context.Background(), func(ctx context.Context) (err error) {
		avant := len(a.retours)
		if r, err = regle(a)(ctx, o); err != nil {
			a.retours = a.retours[:avant]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	lu := new(R)
	if err := e.CorpsReponse.DecodeJSON(e.CorpsReponse.AppendJSON(nil, r), lu); err != nil {
		return nil, fmt.Errorf("réponse hors du schéma : %w", err)
	}
	return lu, nil
}

func (f *filiere) enveloppe(s roc.Service, dossier string, de, vers roc.Partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: roc.Profil, Service: s, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		IDDossierES: dossier, Horodatage: f.maintenant(), Environnement: roc.Test, Emetteur: de, Destinataire: vers}
}

// What etablissement.Exchange asks.

// Annuaire finds an insurer of the filiere.
func (f *filiere) Annuaire(_ context.Context, r roc.Routage) (*roc.ReponseAnnuaire, error) {
	oui := true
	x := &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: r.NumeroAMC, LibelleAMC: "AMC", CalculLocalAutorise: &oui}
	for _, s := range []roc.Service{roc.IDB, roc.SIM, roc.CLC, roc.DEL, roc.DRE} {
		x.Points = append(x.Points, roc.Point{Service: s, Adresse: "https://amc.exemple.fr", OuvertureDebut: et.Jour(f.t, "2025-01-01")})
	}
	return x, nil
}

// IDB asks rights.
func (f *filiere) IDB(_ context.Context, dossier string, d *roc.DemandeIDB, _ roc.Suivi) (*roc.ReponseIDB, error) {
	return poser(f, d.Carte.NumeroAMC, roc.EchangeIDB, dossier, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeIDB]]) (*roc.ReponseIDB, error) {
		return a.droits.IDB
	})
}

// SIM asks an estimate.
func (f *filiere) SIM(_ context.Context, dossier string, d *roc.DemandeCalcul, _ roc.Suivi) (*roc.ReponseCalcul, error) {
	return poser(f, d.Carte.NumeroAMC, roc.EchangeSIM, dossier, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeCalcul]]) (*roc.ReponseCalcul, error) {
		return a.droits.SIM
	})
}

// CLC asks a guarantee.
func (f *filiere) CLC(_ context.Context, dossier string, d *roc.DemandeCalcul, _ roc.Suivi) (*roc.ReponseCalcul, error) {
	return poser(f, d.Carte.NumeroAMC, roc.EchangeCLC, dossier, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeCalcul]]) (*roc.ReponseCalcul, error) {
		return a.droits.CLC
	})
}

// DEL gives an engagement back.
func (f *filiere) DEL(_ context.Context, dossier string, r roc.Routage, d *roc.DemandeDEL, _ roc.Suivi) (*roc.ReponseDEL, error) {
	return poser(f, r.NumeroAMC, roc.EchangeDEL, dossier, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
		return a.droits.DEL
	})
}

// Engagement consults an engagement.
func (f *filiere) Engagement(_ context.Context, dossier string, r roc.Routage, d *roc.DemandeEngagement) (*roc.ReponseEngagement, error) {
	return poser(f, r.NumeroAMC, roc.EchangeEngagement, dossier, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeEngagement]]) (*roc.ReponseEngagement, error) {
		return a.droits.Engagement
	})
}

// Poster is etablissement.Depart.
func (f *filiere) Poster(_ context.Context, _ roc.Routage, lot *etablissement.LotEmis, d *roc.DemandeDRE) error {
	f.lots = append(f.lots, lotParti{lot.AMC, d})
	return nil
}

// livrer carries the batches formed to their insurers, mended on the way, and their
// acknowledgements back.
func (f *filiere) livrer(abimer func(*roc.DemandeDRE)) {
	f.t.Helper()
	if _, err := f.FormerLots(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	for _, l := range f.lots {
		d := l.d
		if abimer != nil {
			abimer(d)
			lot := roc.NouveauLot(d.Lot.Numero, d.Lot.Date, d.Factures)
			lot.Lot.AdresseRetour, d = d.Lot.AdresseRetour, lot
		}
		r, err := poser(f, l.amc, roc.EchangeDRE, d.Lot.Numero, d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeDRE]]) (*roc.ReponseDRE, error) {
			return a.livre.Recevoir
		})
		if err != nil {
			f.t.Fatal(err)
		}
		if err := f.RecevoirAccuse(context.Background(), d.Lot.Numero, r); err != nil {
			f.t.Fatal(err)
		}
	}
	f.lots = nil
}

// entendre carries the returns made to the hospital.
func (f *filiere) entendre(code roc.Code) {
	f.t.Helper()
	for _, a := range f.assureurs {
		for _, d := range a.retours {
			m := &roc.Message[roc.DemandeRET]{Corps: d, Enveloppe: f.enveloppe(roc.RET, d.Numero, roc.Partie{Type: roc.AMC, ID: a.numero.String()},
				roc.Partie{Type: roc.ES, ID: f.Maison.Etablissement.FinessJuridique.String()})}
			o := sceautest.OuvrirDe(f.t, a.id, et.Midi, roc.EchangeRET.Demande.AppendJSON(nil, m), roc.EchangeRET.Demande.DecodeJSON)
			err := f.Factures.Ensemble(context.Background(), func(ctx context.Context) error {
				r, err := f.RecevoirRetour(ctx, o)
				if err == nil && r.CodeRetour != code {
					f.t.Errorf("retour %s acquitté %s %s", d.Nature, r.CodeRetour, r.Precision)
				}
				return err
			})
			if err != nil {
				f.t.Fatal(err)
			}
		}
		a.retours = nil
	}
}

// payer pays all that is due by an insurer, with one order.
func (f *filiere) payer(n sante.NumeroAMC) {
	f.t.Helper()
	a := f.assureurs[n]
	jour := sante.JourA(f.maintenant(), sante.Paris())
	a.lots++
	if _, err := a.livre.Payer(context.Background(), liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: n, Reference: fmt.Sprintf("VIR-%s-%d", n, a.lots)},
		f.Maison.Etablissement.FinessJuridique, 1000); err != nil {
		f.t.Fatal(err)
	}
}
