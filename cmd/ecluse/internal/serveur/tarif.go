package serveur

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/tarif"
	tariffront "github.com/ecluse-sante/ecluse/internal/tarif/front"
	tariflocal "github.com/ecluse-sante/ecluse/internal/tarif/local"
	tarifstore "github.com/ecluse-sante/ecluse/internal/tarif/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TenantTarif names the pricing service in the tables that parties share.
const TenantTarif = "tarif"

// cablerTarif opens the pricing service: a party without journal nor memory, whose only
// trace is a count by day and by grid, written by lots. ref: DEC 32
func (p *Processus) cablerTarif(context.Context) error {
	c := p.Fichier.Tarif
	if c == nil {
		return nil
	}
	tables, err := p.tablesTarif(c.Tables)
	if err != nil {
		return err
	}
	moteur, err := MoteurDe("")
	if err != nil {
		return err
	}
	cumul := &tarif.Cumul{Compteurs: tarifstore.New(p.Base, TenantTarif)}
	s := &tarif.Service{Tables: tables, Compteurs: cumul, Moteur: moteur, Seuil: c.Seuil}
	p.tache(c.Verser.Duration(), func(ctx context.Context) {
		if err := cumul.Verser(ctx, p.Base.Grouper); err != nil {
			p.Log.Error("comptes non écrits", "erreur", err)
		}
	})
	p.fermetures = append(p.fermetures, func() error { return cumul.Verser(context.Background(), p.Base.Grouper) })
	p.tache(24*time.Hour, func(ctx context.Context) {
		if err := s.Purger(ctx, sante.JourA(p.Horloge(), sante.Paris())); err != nil {
			p.Log.Error("entretien interrompu", "locataire", TenantTarif, "erreur", err)
		}
	})
	cachet, err := p.cachet(&c.Identite)
	if err != nil {
		return err
	}
	porte := gate.NewPorteSansTrace(TenantTarif, roc.Partie{Type: roc.Tarif, ID: c.ID, Libelle: c.Libelle}, roc.Environnement(p.Fichier.Environnement),
		cachet, tariffront.Services(s)...)
	porte.Baseline = exigence(p.Fichier.Confiance.Proprietes)
	p.suivreCachet(&c.Identite, porte.Resceller)
	p.Portail.Ouvrir(porte)
	return nil
}

// tablesTarif reads the tables of a directory, and again when one of its files changes.
// What cannot be read is told, and the former stay.
func (p *Processus) tablesTarif(dossier string) (func() tarif.Tables, error) {
	chemin := p.Fichier.Resoudre(dossier)
	lire := func() (tarif.Tables, error) {
		t, err := tariflocal.Charger(os.DirFS(chemin))
		if err != nil {
			return nil, fmt.Errorf("tables de tarification, %s : %w", chemin, err)
		}
		return t, nil
	}
	t, err := lire()
	if err != nil {
		return nil, err
	}
	a := &actuel[tarif.Tables]{}
	a.poser(t)
	vu := modifies(chemin)
	p.tache(10*time.Second, func(context.Context) {
		m := modifies(chemin)
		if m == vu {
			return
		}
		vu = m
		t, err := lire()
		if err != nil {
			p.Log.Error("nouvelles tables refusées, les anciennes restent", "erreur", err)
			return
		}
		a.poser(t)
		p.Log.Info("tables de tarification relues", "répertoire", chemin)
	})
	return a.lire, nil
}

// modifies is the last change of a file of a directory.
func modifies(dossier string) (dernier int64) {
	l, err := os.ReadDir(dossier)
	if err != nil {
		return 0
	}
	for _, f := range l {
		if i, err := f.Info(); err == nil {
			dernier = max(dernier, i.ModTime().UnixNano())
		}
	}
	return dernier
}
