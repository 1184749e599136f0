package serveur

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	cerclestore "github.com/ecluse-sante/ecluse/internal/cercle/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// ouvrirConfiance loads the authorities and the lists, and follows them.
func (p *Processus) ouvrirConfiance(context.Context) error {
	p.Magasin = certificat.NouveauMagasin(certificat.Options{Politique: certificat.Politique{EchecSouple: p.Fichier.Confiance.EchecSouple.Duration()}})
	dir := p.Fichier.Resoudre(p.Fichier.Confiance.Autorites)
	if err := p.relireConfiance(dir); err != nil {
		return err
	}
	p.tache(p.Fichier.Confiance.Actualiser.Duration(), p.SuivreConfiance(dir))
	return nil
}

// SuivreConfiance makes the round that reads the trust directory again, then the
// lists over HTTP, which it keeps there.
func (p *Processus) SuivreConfiance(dir string) func(context.Context) {
	x := &certificat.Actualiseur{Magasin: p.Magasin, Adresses: p.Fichier.Confiance.Listes, Periode: p.Fichier.Confiance.Actualiser.Duration(), Repertoire: dir,
		Source: certificat.NouvelleSourceHTTP(certificat.OptionsHTTP{Hotes: hotes(p.Fichier.Confiance.Listes), AdressesPrivees: p.Fichier.Laboratoire})}
	premier := true
	return func(ctx context.Context) {
		if err := p.relireConfiance(dir); err != nil && !premier {
			p.Log.Error("autorités non relues", "erreur", err)
		}
		premier = false
		for _, r := range x.ActualiserCRL(ctx, p.Horloge()) {
			if r.Erreur != nil {
				p.Log.Warn("liste de révocation non actualisée", "adresse", r.Adresse, "erreur", r.Erreur)
			}
			if r.Ecriture != nil {
				p.Log.Warn("liste de révocation non gardée sur le disque : un redémarrage l'oublierait", "adresse", r.Adresse, "erreur", r.Ecriture)
			}
		}
	}
}

func (p *Processus) relireConfiance(dir string) error {
	r, err := p.Magasin.ChargerRepertoire(dir)
	for _, x := range r.Refus {
		// The list read over HTTP is most often newer than the file's.
		if errors.Is(x.Erreur, &certificat.Refus{Motif: certificat.MotifListeAncienne}) {
			continue
		}
		p.Log.Warn("liste de révocation refusée", "fichier", x.Fichier, "erreur", x.Erreur)
	}
	return err
}

func (p *Processus) ouvrirCercle(ctx context.Context) (err error) {
	p.mandats = &mandats{fuseau: sante.Paris()}
	if p.Cercle, err = cercle.Ouvrir(ctx, cerclestore.Nouveau(p.Base), p.mandats, p.Horloge); err != nil {
		return err
	}
	p.taches = append(p.taches, func(ctx context.Context) {
		p.Cercle.Suivre(ctx, time.Second, func(err error) { p.Log.Warn("cercle de confiance non relu", "erreur", err) })
	})
	return nil
}
