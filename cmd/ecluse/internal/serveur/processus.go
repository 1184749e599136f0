package serveur

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Processus is one running server: the parties that its configuration names and
// what they share. Opened by Ouvrir, run by Servir, closed by Fermer.
type Processus struct {
	Fichier *config.Fichier // its configuration
	Log     *slog.Logger    // for who runs it
	Horloge sante.Horloge   // of all that it dates
	guet    func(http.Handler) http.Handler
	bureau  func(*Processus) (http.Handler, error)
	version string

	Base       *bdd.Base           // of all its parties
	Magasin    *certificat.Magasin // judges the certificates of others
	lus        certificatsLus
	Cercle     *cercle.Cercle // who is admitted by whom
	mandats    *mandats
	journaux   *journaux
	trousseau  *journal.Trousseau
	temoin     *journal.Temoin
	Sequenceur *journal.Sequenceur // puts leaves under checkpoints
	vigie      vigieGate
	pseudos    *vigie.Pseudonymes
	Portail    *gate.Portail // every door of the exchange

	AMC            []*PartieAMC
	Emetteurs      []*EmetteurDroits // of accreditations, one for each number
	Jetons         *EmetteursJetons  // of the third party; nil without one
	serveur        func() *tls.Certificate
	Kiosque        *visiodroits.Kiosque // lists of administration; nil without a door to publish them
	Etablissements []*PartieEtablissement
	Annuaire       *annuaireamc.Service // nil when it does not keep the directory
	AnnuaireSante  *AnnuaireSante       // nil when it does not serve the national directory
	igc            *igc.IGC
	guichets       map[string]*Guichet // of files, by the name of their party in addresses

	ecoutes    []*Ecoute
	taches     []func(ctx context.Context)
	fermetures []func() error
	raccrocher []func() // lets go of the connections to partners, before they stop too
	pret       func() error
}

// Ecoute is a listener and what it serves.
type Ecoute struct {
	nom     string
	serveur *http.Server
	l       net.Listener
	tls     bool
}

// Options of a process that are not in its file.
type Options struct {
	Log     *slog.Logger  // never nil
	Horloge sante.Horloge // replaces the clock of the file, for the laboratory
	// Guet watches the doors, so that a demonstration can tell what crossed them; nil for
	// every server.
	Guet func(http.Handler) http.Handler
	// Bureau is the desk of a laboratory, for a file that asks for one.
	Bureau func(*Processus) (http.Handler, error)
	// Version is that of the program, as the supervision says it.
	Version string
}

// Ouvrir builds a process from its configuration: nothing listens yet.
func Ouvrir(ctx context.Context, f *config.Fichier, o Options) (p *Processus, err error) {
	p = &Processus{Fichier: f, Log: o.Log, Horloge: o.Horloge, guet: o.Guet, bureau: o.Bureau, version: o.Version, pret: func() error { return nil }}
	if p.guet == nil {
		p.guet = func(h http.Handler) http.Handler { return h }
	}
	if p.Horloge == nil {
		if p.Horloge, err = HorlogeDe(f); err != nil {
			return nil, err
		}
	}
	if f.Tiers != nil || f.Tarif != nil { // ref: VISIO §10 rule 3
		p.Log = slog.New(tarif.Estomper(p.Log.Handler()))
	}
	ouvert := p
	defer func() {
		if err != nil {
			ouvert.Fermer()
		}
	}()
	for _, etape := range []struct {
		nom   string
		faire func(context.Context) error
	}{
		{"base", p.reserverBase}, {"base", p.ouvrirBase}, {"autorités", p.ouvrirIGC}, {"confiance", p.ouvrirConfiance}, {"cercle", p.ouvrirCercle},
		{"vigie", p.ouvrirVigie}, {"journal", p.ouvrirJournaux}, {"échange", p.ouvrirPortail},
		{"annuaire de santé", p.cablerAnnuaireSante}, {"annuaire AMC", p.cablerAnnuaire}, {"AMC", p.cablerAMC}, {"relais", p.cablerRelais}, {"établissements", p.cablerEtablissements},
		{"tiers de confiance", p.cablerTiers}, {"tarification", p.cablerTarif}, {"journal", p.ouvrirSequenceur}, {"bureau", p.cablerBureau},
		{"surveillance", p.ouvrirSurveillance}, {"certificats", p.surveillerCertificats},
	} {
		if err := etape.faire(ctx); err != nil {
			return nil, fmt.Errorf("%s : %w", etape.nom, err)
		}
	}
	return p, nil
}

// tache runs f now and then every period, until the end of the process.
func (p *Processus) tache(periode time.Duration, f func(ctx context.Context)) {
	p.taches = append(p.taches, func(ctx context.Context) {
		t := time.NewTicker(periode)
		defer t.Stop()
		for {
			f(ctx)
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	})
}

// tacheVariable runs f now, then each time after what it says, until the end of the process.
func (p *Processus) tacheVariable(f func(ctx context.Context) time.Duration) {
	p.taches = append(p.taches, func(ctx context.Context) {
		for {
			t := time.NewTimer(f(ctx))
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-t.C:
			}
		}
	})
}

// Servir runs the process until ctx ends, then lets the exchanges under way
// finish. Loops stop after the listeners: what is still answered is written.
func (p *Processus) Servir(ctx context.Context) error {
	fond, arreter := context.WithCancel(context.WithoutCancel(ctx))
	var boucles sync.WaitGroup
	for _, t := range p.taches {
		boucles.Go(func() { t(fond) })
	}
	defer boucles.Wait()
	defer arreter()
	pannes := make(chan error, len(p.ecoutes))
	for _, e := range p.ecoutes {
		go func() { pannes <- e.Servir() }()
		p.Log.Info("à l'écoute", "service", e.nom, "adresse", e.l.Addr().String())
	}
	var panne error
	select {
	case <-ctx.Done():
	case panne = <-pannes:
	}
	p.Log.Info("arrêt demandé : les échanges en cours s'achèvent")
	for _, f := range p.raccrocher {
		f()
	}
	fin, annuler := context.WithTimeout(context.WithoutCancel(ctx), p.Fichier.Ecoute.DelaiArret.Duration())
	defer annuler()
	for _, e := range p.ecoutes {
		if err := e.serveur.Shutdown(fin); err != nil {
			p.Log.Warn("arrêt avant la fin de tous les échanges", "service", e.nom, "erreur", err)
			e.serveur.Close()
		}
	}
	p.Log.Info("arrêté : plus rien n'est écouté")
	return panne
}

// Servir answers until the listener is closed.
func (e *Ecoute) Servir() error {
	var err error
	if e.tls {
		err = e.serveur.ServeTLS(e.l, "", "")
	} else {
		err = e.serveur.Serve(e.l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("%s : %w", e.nom, err)
}

// Fermer closes all, last opened first.
func (p *Processus) Fermer() error {
	var err error
	for _, f := range slices.Backward(p.fermetures) {
		err = errors.Join(err, f())
	}
	p.fermetures = nil
	return err
}
