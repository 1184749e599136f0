package serveur

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	tiersfront "github.com/ecluse-sante/ecluse/internal/tiers/front"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// TenantTiers names the third party in the tables that parties share.
const TenantTiers = "tiers"

// cablerTiers opens the third party: its journal keeps digests, its memory no answer.
// ref: DEC 32
func (p *Processus) cablerTiers(ctx context.Context) error {
	c := p.Fichier.Tiers
	if c == nil {
		return nil
	}
	maitre, err := p.secretPartage(TenantTiers, "tiers", p.Fichier.Resoudre(cmp.Or(c.Secret, filepath.Join(p.Fichier.Donnees, "tiers.secret"))))
	if err != nil {
		return err
	}
	s := &tiers.Service{Depot: tiersstore.New(p.Base, TenantTiers), Horloge: p.Horloge,
		Parametres: tiers.Parametres{Seuil: c.Seuil, Duree: c.Duree, Retard: c.Retard, Conserve: c.Conserve}}
	if s.Cles, err = tiers.NouvellesCles(maitre); err != nil {
		return err
	}
	numero, err := sante.ParseNumeroAMC(c.ID)
	if err != nil {
		return fmt.Errorf("numéro : %w", err)
	}
	e := p.Emetteur(numero)
	e.services = append(e.services, p.entreesTiers(c, numero))
	trousseau, err := p.trousseauTiers(ctx, c, e)
	if err != nil {
		return err
	}
	s.Trousseau = func() tarif.Trousseau { return trousseau }
	if p.Jetons, err = p.suivreEmetteurs(c); err != nil {
		return err
	}
	s.Emetteurs = p.Jetons
	if s.Leurre, err = tarif.ParseIDGrille(c.Leurre); err != nil {
		return fmt.Errorf("leurre : %w", err)
	}
	moi := roc.Partie{Type: roc.Tiers, ID: c.ID, Libelle: c.Libelle}
	client, err := p.clientTiers(c, moi)
	if err != nil {
		return err
	}
	s.Tarificateur = tarificateur{client, &roc.Cible{Destinataire: roc.Partie{Type: roc.Tarif, ID: c.Tarification.ID},
		Adresse: c.Tarification.Adresse, Structures: []string{c.Tarification.Structure}, Empreintes: c.Tarification.Empreintes}}
	if err := s.Verifier(); err != nil {
		return err
	}
	porte, err := p.porte(ctx, TenantTiers, moi, &c.Identite, tiersfront.Services(s)...)
	if err != nil {
		return err
	}
	client.Cachet = porte.Cachet
	p.Portail.Ouvrir(porte)
	e.Annonceur.Cachet = porte.Cachet
	p.annoncer(ctx)
	p.tache(24*time.Hour, func(ctx context.Context) {
		if err := s.Purger(ctx); err != nil {
			p.Log.Error("entretien interrompu", "locataire", TenantTiers, "erreur", err)
		}
	})
	return nil
}

// clientTiers asks the pricing service in the name of the third party: the leaf of each
// question, digests only, is in its journal, and nowhere else.
func (p *Processus) clientTiers(c *config.Tiers, moi roc.Partie) (*roc.Client, error) {
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return nil, fmt.Errorf("authentification : %w", err)
	}
	t := roc.NewTransport(auth, p.Magasin, p.Horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	return &roc.Client{Moi: moi, Environnement: roc.Environnement(p.Fichier.Environnement), Juge: p.Magasin, Transport: t, Horloge: p.Horloge,
		Registre: registreJournal{roc.SansRegistre{}, p.journaux, TenantTiers, moi, p.Horloge, p.Base.Grouper},
		Delais:   roc.Delais{Ordinaire: 6 * time.Second, Essais: 2}, Log: p.Log}, nil
}

// tarificateur is tiers.Tarificateur over the network.
type tarificateur struct {
	client *roc.Client
	cible  *roc.Cible
}

// Tarifer asks with a message and an exchange of its own: nothing in it is of the question
// of the pharmacy.
func (t tarificateur) Tarifer(ctx context.Context, d *tarif.DemandeGrille) (*tarif.ReponseGrille, error) {
	r, err := roc.Envoyer(ctx, t.client, tarif.EchangeGrille, t.cible, "-", d, roc.Suivi{})
	if err != nil {
		return nil, err
	}
	return r.Corps, nil
}

// trousseauTiers opens the keys that tokens and lines are encrypted to, and tells what is
// published of them.
func (p *Processus) trousseauTiers(ctx context.Context, c *config.Tiers, e *EmetteurDroits) (tarif.Trousseau, error) {
	t := tarif.Trousseau{}
	courante, err := p.cleTiers(t, cmp.Or(c.Cle, filepath.Join(p.Fichier.Donnees, "tiers.cle")))
	if err != nil {
		return nil, err
	}
	a := p.Horloge()
	if err := e.Parutions.Inscrire(ctx, accreditation.ClePublique{Kid: courante.Kid, Usage: droits.UsageCle(visiodroits.PourChiffrement), Publique: courante.Cle, Debut: a.Add(-24 * time.Hour),
		Fin: a.Add(accreditation.VieCle)}); err != nil {
		return nil, err
	}
	publiees := []clePubliee{{courante, debutListes.Debut(sante.Paris()), a.Add(accreditation.VieCle)}}
	inscrites, err := e.Parutions.Cles(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, k := range inscrites {
		if k.Kid == courante.Kid {
			publiees[0].debut, publiees[0].fin = k.Debut, k.Fin
		}
	}
	if c.CleSuivante != "" {
		suivante, err := p.cleTiers(t, c.CleSuivante)
		if err != nil {
			return nil, err
		}
		jour, err := sante.ParseJour(c.Suivante)
		if err != nil {
			return nil, err
		}
		debut := jour.Debut(sante.Paris())
		publiees[0].fin = debut.Add(visiodroits.Recouvrement)
		publiees = append(publiees, clePubliee{suivante, debut, debut.Add(accreditation.VieCle)})
	}
	e.Annonceur.Cles = func(time.Time) (l []visiodroits.CleEmetteur, err error) {
		for _, k := range publiees {
			j, err := visiodroits.JWKDe(k.Cle)
			if err != nil {
				return nil, err
			}
			l = append(l, visiodroits.CleEmetteur{Kid: visiodroits.Kid(k.Kid), Titulaire: e.Annonceur.Emetteur, Usage: visiodroits.PourChiffrement, JWK: j,
				Debut: k.debut.UTC(), Fin: k.fin.UTC()})
		}
		return l, nil
	}
	derniere := publiees[len(publiees)-1].fin
	p.tache(24*time.Hour, func(context.Context) {
		if reste := derniere.Sub(p.Horloge()); reste < 60*24*time.Hour {
			p.Log.Warn("la dernière clé du tiers finit bientôt : poser cle-suivante et suivante-debut", "jours", int(reste/(24*time.Hour)))
		}
	})
	return t, nil
}

// clePubliee is a key and the period that the list gives it.
type clePubliee struct {
	tarif.Destinataire
	debut, fin time.Time
}

// cleTiers opens a key, and makes it when it is a file that does not exist.
func (p *Processus) cleTiers(t tarif.Trousseau, adresse string) (d tarif.Destinataire, err error) {
	if !strings.HasPrefix(adresse, "pkcs11:") {
		adresse = p.Fichier.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
		if _, err := creerCleP256(adresse); err != nil {
			return d, err
		}
	}
	k, err := OuvrirCle(adresse)
	if err != nil {
		return d, err
	}
	publique, ok := k.Public().(*ecdsa.PublicKey)
	if !ok {
		return d, errors.New("la clé de chiffrement du tiers doit être P-256")
	}
	if d, err = destinataire(publique); err != nil {
		return d, err
	}
	t[d.Kid], err = AccordDe(k)
	return d, err
}

// entreesTiers says where the third party is. hyp: TIERS-LISTES
func (p *Processus) entreesTiers(c *config.Tiers, numero sante.NumeroAMC) func() []visiodroits.EntreeService {
	var l []visiodroits.EntreeService
	for _, s := range []visiodroits.Service{visiodroits.DOS, visiodroits.TAR} {
		l = append(l, visiodroits.EntreeService{NumeroAMC: numero, Libelle: c.Libelle, Service: s, Statut: visiodroits.Ouvert, NiveauService: visiodroits.NiveauValorisation,
			Adresse: p.Fichier.AdressePublique(), Version: tarif.Norme.Profil, Debut: debutListes, Structures: []visiodroits.Structure{visiodroits.Structure(c.Identite.Structure)}})
	}
	return func() []visiodroits.EntreeService { return l }
}

// destinataire names a public key as the lists of keys do. ref: RFC 7638
func destinataire(k *ecdsa.PublicKey) (tarif.Destinataire, error) {
	j, err := visiodroits.JWKDe(k)
	if err != nil {
		return tarif.Destinataire{}, err
	}
	return tarif.Destinataire{Cle: k, Kid: string(j.Empreinte())}, nil
}
