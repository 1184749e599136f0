package serveur

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/distant"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/internal/relais/courrier"
	relaisfront "github.com/ecluse-sante/ecluse/internal/relais/front"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// cablerRelais opens the relay of the process: a process carries one, since a
// message does not say which relay it came to.
func (p *Processus) cablerRelais(ctx context.Context) error {
	if len(p.Fichier.Relais) == 0 {
		return nil
	}
	if len(p.Fichier.Relais) > 1 {
		return errors.New("un seul relais par processus")
	}
	c := &p.Fichier.Relais[0]
	tenant := TenantRelais(c.ID)
	moi := roc.Partie{Type: roc.TypePartie(c.Role), ID: c.ID, Libelle: c.Libelle}
	porte, err := p.porte(ctx, tenant, moi, &c.Identite)
	if err != nil {
		return err
	}
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return fmt.Errorf("authentification : %w", err)
	}
	transport := func() *roc.Transport { return roc.NewTransport(auth, p.Magasin, p.Horloge) }
	var annuaire relais.Annuaire
	if c.AnnuaireAMC.Adresse != "" {
		t := transport()
		p.raccrocher = append(p.raccrocher, t.Fermer)
		annuaire = p.resolveurDuRelais(c, moi, tenant, porte.Cachet, t)
	}
	r, err := relais.New(relais.Parametres{Moi: moi, Juge: p.Magasin, Courrier: &courrier.Courrier{Transport: transport, Limite: p.Fichier.Ecoute.MessageMax},
		Annuaire: annuaire, Horloge: p.Horloge, Reglages: relais.Reglages{Limite: p.Fichier.Ecoute.MessageMax}}, routes(c.Routes))
	if err != nil {
		return err
	}
	p.raccrocher = append(p.raccrocher, r.Fermer)
	p.Portail.Ouvrir(porte)
	p.Portail.Defaut, p.Portail.Relais = porte, relaisfront.Relayeur{Relais: r}
	return nil
}

func routes(l []config.Route) []relais.Route {
	var r []relais.Route
	for _, x := range l {
		r = append(r, relais.Route{Destinataire: x.Destinataire, Adresse: x.Adresse, Empreintes: x.Empreintes, Structures: x.Structures, Relais: x.Suivants})
	}
	return r
}

// resolveurDuRelais asks the directory in the name of the relay, and journals it.
func (p *Processus) resolveurDuRelais(c *config.Relais, moi roc.Partie, tenant string, cachet func() *sceau.Cachet, t *roc.Transport) *roc.Resolveur {
	client := &roc.Client{Moi: moi, Environnement: roc.Environnement(p.Fichier.Environnement), Cachet: cachet, Juge: p.Magasin, Transport: t,
		Registre: registreJournal{roc.SansRegistre{}, p.journaux, tenant, moi, p.Horloge, p.Base.Grouper}, Horloge: p.Horloge, Log: p.Log,
		Annuaires: roc.AccesAnnuaire{Adresse: c.AnnuaireAMC.Adresse, Structure: c.AnnuaireAMC.Structure,
			Partie: roc.Partie{Type: roc.Annuaire, ID: c.AnnuaireAMC.ID}}}
	st := etabstore.New(p.Base, tenant) // for the directory's answers only
	p.tache(time.Hour, func(ctx context.Context) {
		if err := p.oublierAnnuaire(ctx, st); err != nil {
			p.Log.Warn("entretien interrompu", "locataire", tenant, "tache", "annuaire", "erreur", err)
		}
	})
	return client.NewResolveur(st.Annuaire())
}

// portefeuilleDistant makes the portfolio that lives in the insurer's own system.
// ref: DEC 25
func (p *Processus) portefeuilleDistant(c *config.AMC) (amc.Portefeuille, error) {
	numero, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	paire, k, err := p.lireCle(c.Identite.Cachet)
	if err != nil {
		return nil, err
	}
	scelleur, err := jades.NewScelleur(jades.Signataire{Certificat: paire.Certificate[0], Chaine: SansRacine(paire.Certificate[1:]), Cle: k})
	if err != nil {
		return nil, err
	}
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return nil, err
	}
	s := &distant.Jades{Scelleur: scelleur}
	for _, chemin := range c.Distant.Certificats {
		l, err := LirePEM(p.Fichier.Resoudre(chemin))
		if err != nil {
			return nil, err
		}
		s.Certificats = append(s.Certificats, l[0])
	}
	client := &http.Client{Transport: roc.NewTransport(auth, p.Magasin, p.Horloge), Timeout: 10 * time.Second}
	garde := c.Distant.Garde.Duration()
	if garde == 0 {
		garde = -1 // zero is the default there
	}
	return distant.New(numero, distant.Reglages{Adresse: c.Distant.Adresse, Delai: c.Distant.Delai.Duration(), Garde: garde},
		client, s, amcstore.New(p.Base, TenantAMC(c.Numero)).Contrats, p.Horloge)
}
