package serveur

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	etabfront "github.com/ecluse-sante/ecluse/internal/etablissement/front"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// PartieEtablissement is a hospital served here.
type PartieEtablissement struct {
	Tenant  string                 // its name in the tables that parties share
	Nom     string                 // as its configuration says it
	Maison  etablissement.Maison   // who it is
	Service *etablissement.Service // its rules
	Client  *roc.Client            // by which it asks
	Store   *etabstore.Store       // what it keeps
	flux    *fluxSortant           // nil when it does not invoice
	Livres  *LivresES              // nil when it has no comptable public
	Guichet *Guichet               // nil when it does not invoice
}

// TenantEtablissement names a hospital in the tables that parties share.
func TenantEtablissement(finess string) string { return "es-" + finess }

func (p *Processus) cablerEtablissements(ctx context.Context) error {
	for i := range p.Fichier.Etablissements {
		if err := p.cablerEtablissement(ctx, &p.Fichier.Etablissements[i]); err != nil {
			return fmt.Errorf("%s : %w", p.Fichier.Etablissements[i].Finess, err)
		}
	}
	return nil
}

func (p *Processus) cablerEtablissement(ctx context.Context, c *config.Etablissement) error {
	tenant := TenantEtablissement(c.Finess)
	if err := p.ouvrirJournal(ctx, tenant); err != nil {
		return err
	}
	st := etabstore.New(p.Base, tenant)
	client, err := p.client(c, tenant, st)
	if err != nil {
		return err
	}
	moteur, err := p.Moteur(c.Baremes)
	if err != nil {
		return err
	}
	maison, err := maisonDe(c)
	if err != nil {
		return err
	}
	s := &etablissement.Service{Maison: maison, Depot: st, Questions: st, Traces: st, Comptes: st, DelaiPaiement: c.DelaiPaye, Exchange: etablissement.ParClient(client),
		Moteur: moteur, Horloge: p.Horloge, Journal: p.Log}
	e := &PartieEtablissement{Tenant: tenant, Nom: c.Libelle, Maison: maison, Service: s, Client: client, Store: st}
	p.Etablissements = append(p.Etablissements, e)
	p.entretenirEtablissement(e, c.Cloture.Duration())
	p.tenirComptes(e)
	if err := p.facturer(ctx, c, e); err != nil {
		return err
	}
	if c.API.Adresse == "" {
		return nil
	}
	return p.ouvrirAPI(c, s, st)
}

func maisonDe(c *config.Etablissement) (etablissement.Maison, error) {
	m := etablissement.Maison{Libelle: c.Libelle, Etablissement: roc.Etablissement{Categorie: roc.Categorie(c.Categorie)}}
	var err error
	if m.Etablissement.FinessJuridique, err = sante.ParseFINESS(c.Finess); err != nil {
		return m, err
	}
	m.Etablissement.FinessGeo, err = sante.ParseFINESS(c.FinessGeo)
	return m, err
}

// client makes the client of a hospital: its seal, its certificate, its directory
// and its relay.
func (p *Processus) client(c *config.Etablissement, tenant string, st *etabstore.Store) (*roc.Client, error) {
	cachet, err := p.cachet(&c.Identite)
	if err != nil {
		return nil, err
	}
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return nil, fmt.Errorf("authentification : %w", err)
	}
	conf, err := p.confidentialite(&c.Identite)
	if err != nil {
		return nil, err
	}
	geo, err := sante.ParseFINESS(c.FinessGeo)
	if err != nil {
		return nil, err
	}
	courant := &actuel[*sceau.Cachet]{}
	courant.poser(cachet)
	p.suivreCachet(&c.Identite, courant.poser)
	p.journaux.cachets.par[tenant] = courant.lire
	moi := roc.Partie{Type: roc.ES, ID: c.Finess, FinessGeo: geo, Libelle: c.Libelle}
	transport := roc.NewTransport(auth, p.Magasin, p.Horloge)
	p.raccrocher = append(p.raccrocher, transport.Fermer)
	client := &roc.Client{
		Moi: moi, Environnement: roc.Environnement(p.Fichier.Environnement), Cachet: courant.lire, Juge: p.Magasin, Transport: transport,
		Registre: registreJournal{st, p.journaux, tenant, moi, p.Horloge, p.Base.Grouper}, Horloge: p.Horloge, Face: sceau.Face(c.Face),
		Annuaires: roc.AccesAnnuaire{Adresse: c.AnnuaireAMC.Adresse, Structure: c.AnnuaireAMC.Structure,
			Partie: roc.Partie{Type: roc.Annuaire, ID: c.AnnuaireAMC.ID}},
		Confidentialite: conf, Log: p.Log,
	}
	if c.Relais != nil {
		client.Relais = &roc.AccesRelais{Adresse: c.Relais.Adresse, Structure: c.Relais.Structure}
	}
	client.Resolveur = client.NewResolveur(st.Annuaire())
	return client, nil
}

// ouvrirAPI opens the local interface of the billing software of a hospital.
func (p *Processus) ouvrirAPI(c *config.Etablissement, s *etablissement.Service, st *etabstore.Store) error {
	jeton, err := etabfront.LireJeton(p.Fichier.Resoudre(c.API.Jeton))
	if err != nil {
		return err
	}
	f, err := etabfront.New(s, etabfront.Options{Jeton: jeton, Servies: st, Horloge: p.Horloge, Journal: p.Log})
	if err != nil {
		return err
	}
	return p.ecouter("API de "+c.Finess, c.API.Adresse, serveurSimple(f.Handler()), false)
}

// EtablissementDe finds the configuration of a hospital.
func (p *Processus) EtablissementDe(e *PartieEtablissement) *config.Etablissement {
	for i := range p.Fichier.Etablissements {
		if TenantEtablissement(p.Fichier.Etablissements[i].Finess) == e.Tenant {
			return &p.Fichier.Etablissements[i]
		}
	}
	return nil
}
