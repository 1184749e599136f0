package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	tiersfront "github.com/ecluse-sante/ecluse/internal/tiers/front"
	tiersstore "github.com/ecluse-sante/ecluse/internal/tiers/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

const tenantTiers = "tiers"

// cablerTiers opens the third party: its journal keeps digests, its memory no answer.
// ref: DEC 32
func (p *processus) cablerTiers(ctx context.Context) error {
	c := p.f.Tiers
	if c == nil {
		return nil
	}
	maitre, err := secret(p.f.Resoudre(cmp.Or(c.Secret, filepath.Join(p.f.Donnees, "tiers.secret"))))
	if err != nil {
		return err
	}
	s := &tiers.Service{Depot: tiersstore.New(p.base, tenantTiers), Horloge: p.horloge,
		Parametres: tiers.Parametres{Seuil: c.Seuil, Duree: c.Duree, Retard: c.Retard, Conserve: c.Conserve}}
	if s.Cles, err = tiers.NouvellesCles(maitre); err != nil {
		return err
	}
	trousseau, err := p.trousseauTiers(c)
	if err != nil {
		return err
	}
	s.Trousseau = func() tarif.Trousseau { return trousseau }
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
	porte, err := p.porte(ctx, tenantTiers, moi, &c.Identite, tiersfront.Services(s)...)
	if err != nil {
		return err
	}
	client.Cachet = porte.Cachet
	p.portail.Ouvrir(porte)
	p.tache(24*time.Hour, func(ctx context.Context) {
		if err := s.Purger(ctx); err != nil {
			p.log.Error("entretien interrompu", "locataire", tenantTiers, "erreur", err)
		}
	})
	return nil
}

// clientTiers asks the pricing service in the name of the third party: the leaf of each
// question, digests only, is in its journal, and nowhere else.
func (p *processus) clientTiers(c *config.Tiers, moi roc.Partie) (*roc.Client, error) {
	auth, err := p.paire(c.Identite.Authentification)
	if err != nil {
		return nil, fmt.Errorf("authentification : %w", err)
	}
	t := roc.NewTransport(auth, p.magasin, p.horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	return &roc.Client{Moi: moi, Environnement: roc.Environnement(p.f.Environnement), Juge: p.magasin, Transport: t, Horloge: p.horloge,
		Registre: registreJournal{sansMemoire{}, p.journaux, tenantTiers, moi, p.horloge, p.base.Grouper},
		Delais:   roc.Delais{Ordinaire: 6 * time.Second, Essais: 2}, Log: p.log}, nil
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

// trousseauTiers opens the keys that tokens and lines are encrypted to, and writes the
// public part of the current one.
func (p *processus) trousseauTiers(c *config.Tiers) (tarif.Trousseau, error) {
	t := tarif.Trousseau{}
	for i, adresse := range []string{cmp.Or(c.Cle, filepath.Join(p.f.Donnees, "tiers.cle")), c.CleSuivante} {
		if adresse == "" {
			continue
		}
		if !strings.HasPrefix(adresse, "pkcs11:") {
			adresse = p.f.Resoudre(strings.TrimPrefix(adresse, "fichier:"))
			if err := creerCleP256(adresse); err != nil {
				return nil, err
			}
		}
		k, err := ouvrirCle(adresse)
		if err != nil {
			return nil, err
		}
		publique, ok := k.Public().(*ecdsa.PublicKey)
		if !ok {
			return nil, errors.New("la clé de chiffrement du tiers doit être P-256")
		}
		d, err := destinataire(publique)
		if err != nil {
			return nil, err
		}
		if t[d.Kid], err = accordDe(k); err != nil {
			return nil, err
		}
		if i == 0 {
			if err := ecrirePublique(p.f.Resoudre(filepath.Join(p.f.Donnees, "tiers.publique")), publique); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// destinataire names a public key as the lists of keys do. ref: RFC 7638
func destinataire(k *ecdsa.PublicKey) (tarif.Destinataire, error) {
	j, err := visiodroits.JWKDe(k)
	if err != nil {
		return tarif.Destinataire{}, err
	}
	return tarif.Destinataire{Cle: k, Kid: string(j.Empreinte())}, nil
}

func ecrirePublique(chemin string, k *ecdsa.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
		return err
	}
	return os.WriteFile(chemin, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o644)
}

// lirePublique reads the public key of a third party.
func lirePublique(chemin string) (tarif.Destinataire, error) {
	b, err := os.ReadFile(chemin)
	if err != nil {
		return tarif.Destinataire{}, err
	}
	bloc, _ := pem.Decode(b)
	if bloc == nil {
		return tarif.Destinataire{}, fmt.Errorf("%s : clé publique PEM attendue", chemin)
	}
	k, err := x509.ParsePKIXPublicKey(bloc.Bytes)
	if err != nil {
		return tarif.Destinataire{}, fmt.Errorf("%s : %w", chemin, err)
	}
	publique, ok := k.(*ecdsa.PublicKey)
	if !ok {
		return tarif.Destinataire{}, fmt.Errorf("%s : clé P-256 attendue", chemin)
	}
	return destinataire(publique)
}
