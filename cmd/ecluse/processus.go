package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/ecluse-sante/ecluse/certificat"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	cerclestore "github.com/ecluse-sante/ecluse/internal/cercle/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// processus is one running server: the parties that its configuration names and
// what they share. Opened by ouvrir, run by servir, closed by fermer.
type processus struct {
	f       *config.Fichier
	log     *slog.Logger
	horloge sante.Horloge
	guet    func(http.Handler) http.Handler

	base       *bdd.Base
	magasin    *certificat.Magasin
	lus        certificatsLus
	cercle     *cercle.Cercle
	mandats    *mandats
	journaux   *journaux
	trousseau  *journal.Trousseau
	temoin     *journal.Temoin
	sequenceur *journal.Sequenceur
	vigie      vigieGate
	pseudos    *vigie.Pseudonymes
	portail    *gate.Portail

	amcs           []*partieAMC
	emetteurs      []*emetteurDroits
	jetons         *emetteursJetons // of the third party; nil without one
	serveur        func() *tls.Certificate
	kiosque        *visiodroits.Kiosque // lists of administration; nil without a door to publish them
	etablissements []*partieEtablissement
	annuaire       *annuaireamc.Service
	igc            *igc.IGC
	guichets       map[string]*guichet // of files, by the name of their party in addresses

	ecoutes    []*ecoute
	taches     []func(ctx context.Context)
	fermetures []func() error
	raccrocher []func() // lets go of the connections to partners, before they stop too
	pret       func() error
}

// ecoute is a listener and what it serves.
type ecoute struct {
	nom     string
	serveur *http.Server
	l       net.Listener
	tls     bool
}

// options of a process that are not in its file.
type options struct {
	log     *slog.Logger
	horloge sante.Horloge // replaces the clock of the file, for the laboratory
	// guet watches the doors, so that a demonstration can tell what crossed them; nil for
	// every server.
	guet func(http.Handler) http.Handler
}

// ouvrir builds a process from its configuration: nothing listens yet.
func ouvrir(ctx context.Context, f *config.Fichier, o options) (p *processus, err error) {
	p = &processus{f: f, log: o.log, horloge: o.horloge, guet: o.guet, pret: func() error { return nil }}
	if p.guet == nil {
		p.guet = func(h http.Handler) http.Handler { return h }
	}
	if p.horloge == nil {
		if p.horloge, err = horlogeDe(f); err != nil {
			return nil, err
		}
	}
	if f.Tiers != nil || f.Tarif != nil { // ref: VISIO §10 rule 3
		p.log = slog.New(tarif.Estomper(p.log.Handler()))
	}
	ouvert := p
	defer func() {
		if err != nil {
			ouvert.fermer()
		}
	}()
	for _, etape := range []struct {
		nom   string
		faire func(context.Context) error
	}{
		{"base", p.reserverBase}, {"base", p.ouvrirBase}, {"autorités", p.ouvrirIGC}, {"confiance", p.ouvrirConfiance}, {"cercle", p.ouvrirCercle},
		{"vigie", p.ouvrirVigie}, {"journal", p.ouvrirJournaux}, {"échange", p.ouvrirPortail},
		{"annuaire AMC", p.cablerAnnuaire}, {"AMC", p.cablerAMC}, {"relais", p.cablerRelais}, {"établissements", p.cablerEtablissements},
		{"tiers de confiance", p.cablerTiers}, {"tarification", p.cablerTarif}, {"journal", p.ouvrirSequenceur}, {"bureau", p.cablerBureau},
		{"surveillance", p.ouvrirSurveillance}, {"certificats", p.surveillerCertificats},
	} {
		if err := etape.faire(ctx); err != nil {
			return nil, fmt.Errorf("%s : %w", etape.nom, err)
		}
	}
	return p, nil
}

// reserverBase refuses a second server on a SQLite base: each would keep its own
// idea of the circle, of the quotas and of the end of the journals.
func (p *processus) reserverBase(ctx context.Context) error {
	chemin, ok := strings.CutPrefix(p.f.AdresseBase(), "sqlite:")
	if ok {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
			return err
		}
	}
	liberer, err := bdd.Reserver(ctx, p.f.AdresseBase())
	if errors.Is(err, bdd.ErrReservee) {
		return fmt.Errorf("la base %s est déjà servie par un autre processus d'Écluse. Arrêter d'abord celui-là, ou donner à ce serveur une autre base ; "+
			"plusieurs serveurs ne partagent qu'une base PostgreSQL", chemin)
	}
	if err != nil {
		return err
	}
	p.fermetures = append(p.fermetures, liberer)
	return nil
}

func (p *processus) ouvrirBase(ctx context.Context) error {
	if chemin, ok := strings.CutPrefix(p.f.AdresseBase(), "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
			return err
		}
	}
	b, err := bdd.Ouvrir(ctx, p.f.AdresseBase(), bdd.Options{})
	if err != nil {
		return err
	}
	p.base = b
	p.fermetures = append(p.fermetures, b.Fermer)
	l, err := migrations()
	if err != nil {
		return err
	}
	return b.Migrer(ctx, l)
}

// ouvrirConfiance loads the authorities and the lists, and follows them.
func (p *processus) ouvrirConfiance(context.Context) error {
	p.magasin = certificat.NouveauMagasin(certificat.Options{Politique: certificat.Politique{EchecSouple: p.f.Confiance.EchecSouple.Duration()}})
	dir := p.f.Resoudre(p.f.Confiance.Autorites)
	if err := p.relireConfiance(dir); err != nil {
		return err
	}
	p.tache(p.f.Confiance.Actualiser.Duration(), p.suivreConfiance(dir))
	return nil
}

// suivreConfiance makes the round that reads the trust directory again, then the
// lists over HTTP, which it keeps there.
func (p *processus) suivreConfiance(dir string) func(context.Context) {
	x := &certificat.Actualiseur{Magasin: p.magasin, Adresses: p.f.Confiance.Listes, Periode: p.f.Confiance.Actualiser.Duration(), Repertoire: dir,
		Source: certificat.NouvelleSourceHTTP(certificat.OptionsHTTP{Hotes: hotes(p.f.Confiance.Listes), AdressesPrivees: p.f.Laboratoire})}
	premier := true
	return func(ctx context.Context) {
		if err := p.relireConfiance(dir); err != nil && !premier {
			p.log.Error("autorités non relues", "erreur", err)
		}
		premier = false
		for _, r := range x.ActualiserCRL(ctx, p.horloge()) {
			if r.Erreur != nil {
				p.log.Warn("liste de révocation non actualisée", "adresse", r.Adresse, "erreur", r.Erreur)
			}
			if r.Ecriture != nil {
				p.log.Warn("liste de révocation non gardée sur le disque : un redémarrage l'oublierait", "adresse", r.Adresse, "erreur", r.Ecriture)
			}
		}
	}
}

func (p *processus) relireConfiance(dir string) error {
	r, err := p.magasin.ChargerRepertoire(dir)
	for _, x := range r.Refus {
		// The list read over HTTP is most often newer than the file's.
		if errors.Is(x.Erreur, &certificat.Refus{Motif: certificat.MotifListeAncienne}) {
			continue
		}
		p.log.Warn("liste de révocation refusée", "fichier", x.Fichier, "erreur", x.Erreur)
	}
	return err
}

func (p *processus) ouvrirCercle(ctx context.Context) (err error) {
	p.mandats = &mandats{fuseau: sante.Paris()}
	if p.cercle, err = cercle.Ouvrir(ctx, cerclestore.Nouveau(p.base), p.mandats, p.horloge); err != nil {
		return err
	}
	p.taches = append(p.taches, func(ctx context.Context) {
		p.cercle.Suivre(ctx, time.Second, func(err error) { p.log.Warn("cercle de confiance non relu", "erreur", err) })
	})
	return nil
}

// ouvrirPortail opens the exchange's listener. Parties join it afterwards.
func (p *processus) ouvrirPortail(context.Context) error {
	m := gatestore.New(p.base)
	p.portail = &gate.Portail{
		Ouvreur: sceau.Ouvreur{Juge: p.magasin, Relais: roc.BlocChaine, Limite: p.f.Ecoute.MessageMax}, Juge: p.magasin,
		Cercle: cercleGate{p.cercle}, Vigie: p.vigie, Memoire: m, Journal: p.journaux,
		Base: gatestore.Transactions{Base: p.base}, Horloge: p.horloge, Log: p.log,
	}
	p.tache(time.Hour, func(ctx context.Context) {
		if _, err := m.Oublier(ctx, p.horloge().Add(-p.f.Conservation.Messages.Duration())); err != nil {
			p.log.Warn("mémoire des messages non purgée", "erreur", err)
		}
	})
	if !p.f.SertLEchange() {
		return nil
	}
	serveur, err := p.paire(config.Cle{Certificat: p.f.Ecoute.Certificat, Cle: p.f.Ecoute.Cle})
	if err != nil {
		return err
	}
	p.serveur = serveur
	l := gate.Limites{Message: p.f.Ecoute.MessageMax, Lecture: p.f.Ecoute.DelaiLecture.Duration(), Reponse: p.f.Ecoute.DelaiReponse.Duration()}
	s := p.portail.Serveur(l, p.guet(p.routes(l)), p.portail.TLS(serveur, p.magasin.Pool()))
	if err := p.ecouter("échange", p.f.Ecoute.Adresse, s, true); err != nil {
		return err
	}
	if p.f.Tiers != nil { // only its lists are read without a certificate
		p.kiosque = &visiodroits.Kiosque{}
		mux := http.NewServeMux()
		accrfront.RoutesListes(mux, droits.Norme.Racine, p.kiosque, p.horloge)
		return p.ecouter("listes", p.f.Tiers.Listes, p.portail.Serveur(l, mux, p.portail.TLSOuvert(serveur, p.magasin.Pool())), true)
	}
	if p.f.Ecoute.Ouverte == "" {
		return nil
	}
	// Professionals outside the hospital may show no certificate: a door of its own, with
	// nothing else behind it. ref: VISIO §9.1
	mux := http.NewServeMux()
	p.portail.Routes(mux, droits.Norme, l, droits.Publication)
	p.kiosque = &visiodroits.Kiosque{}
	accrfront.RoutesListes(mux, droits.Norme.Racine, p.kiosque, p.horloge)
	accrfront.RoutesLAR(mux, droits.Norme.Racine, larDuProcessus{p}, p.horloge)
	h, err := p.miroir(mux)
	if err != nil {
		return err
	}
	if err := p.ecouter("droits", p.f.Ecoute.Ouverte, p.portail.Serveur(l, p.guet(accrfront.Borner(h)), p.portail.TLSOuvert(serveur, p.magasin.Pool())), true); err != nil {
		return err
	}
	// Who may connect without showing anything must not use up what the process may open.
	e := p.ecoutes[len(p.ecoutes)-1]
	tous := max(p.f.Ecoute.Connexions, 1)
	e.l = netutil.LimitListener((&gate.Places{Tous: tous, ParPair: max(tous/8, 1)}).Ecouter(e.l), tous) // hyp: VIGIE-ANONYMES
	return nil
}

func (p *processus) routes(l gate.Limites) http.Handler {
	mux := http.NewServeMux()
	p.portail.Routes(mux, tarif.Norme, l, tarif.Publication)
	if p.f.Tarif != nil { // nothing else is served beside pricing
		return mux
	}
	p.portail.Routes(mux, roc.ROC, l, roc.Publication)
	p.portail.Routes(mux, droits.Norme, l, droits.Publication)
	p.routesFichiers(mux)
	mux.Handle("/journal/", p.portail.Reserver(http.HandlerFunc(p.servirJournal)))
	return mux
}

func (p *processus) ecouter(nom, adresse string, s *http.Server, avecTLS bool) error {
	l, err := net.Listen("tcp", adresse)
	if err != nil {
		return err
	}
	s.ErrorLog = slog.NewLogLogger(p.log.Handler(), slog.LevelDebug)
	p.ecoutes = append(p.ecoutes, &ecoute{nom, s, l, avecTLS})
	p.fermetures = append(p.fermetures, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// tache runs f now and then every period, until the end of the process.
func (p *processus) tache(periode time.Duration, f func(ctx context.Context)) {
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
func (p *processus) tacheVariable(f func(ctx context.Context) time.Duration) {
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

// servir runs the process until ctx ends, then lets the exchanges under way
// finish. Loops stop after the listeners: what is still answered is written.
func (p *processus) servir(ctx context.Context) error {
	fond, arreter := context.WithCancel(context.WithoutCancel(ctx))
	var boucles sync.WaitGroup
	for _, t := range p.taches {
		boucles.Go(func() { t(fond) })
	}
	defer boucles.Wait()
	defer arreter()
	pannes := make(chan error, len(p.ecoutes))
	for _, e := range p.ecoutes {
		go func() { pannes <- e.servir() }()
		p.log.Info("à l'écoute", "service", e.nom, "adresse", e.l.Addr().String())
	}
	var panne error
	select {
	case <-ctx.Done():
	case panne = <-pannes:
	}
	p.log.Info("arrêt demandé : les échanges en cours s'achèvent")
	for _, f := range p.raccrocher {
		f()
	}
	fin, annuler := context.WithTimeout(context.WithoutCancel(ctx), p.f.Ecoute.DelaiArret.Duration())
	defer annuler()
	for _, e := range p.ecoutes {
		if err := e.serveur.Shutdown(fin); err != nil {
			p.log.Warn("arrêt avant la fin de tous les échanges", "service", e.nom, "erreur", err)
			e.serveur.Close()
		}
	}
	p.log.Info("arrêté : plus rien n'est écouté")
	return panne
}

func (e *ecoute) servir() error {
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

// fermer closes all, last opened first.
func (p *processus) fermer() error {
	var err error
	for _, f := range slices.Backward(p.fermetures) {
		err = errors.Join(err, f())
	}
	p.fermetures = nil
	return err
}

// horlogeDe is the clock of a configuration: the machine's, or the shared one of
// a laboratory, read again each second. ref: DEC 5
func horlogeDe(f *config.Fichier) (sante.Horloge, error) {
	if f.Horloge == "" {
		return time.Now, nil
	}
	return horlogeDeFichier(f.Resoudre(f.Horloge))
}

// secret reads a file of 32 random bytes in base64, or makes it.
func secret(chemin string) ([]byte, error) {
	b, err := os.ReadFile(chemin)
	if errors.Is(err, os.ErrNotExist) {
		var k [32]byte
		rand.Read(k[:])
		return k[:], deposerSecret(chemin, []byte(base64.StdEncoding.EncodeToString(k[:])+"\n"))
	}
	if err != nil {
		return nil, err
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(k) < 32 {
		return nil, fmt.Errorf("%s : 32 octets en base64 attendus", chemin)
	}
	return k, nil
}

// deposerSecret writes a new file, whole or not at all: a process killed half way leaves
// nothing under its name, and a file that is there is never replaced.
func deposerSecret(chemin string, octets []byte) error {
	dossier := filepath.Dir(chemin)
	if err := os.MkdirAll(dossier, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dossier, filepath.Base(chemin)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(octets)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), chemin); err != nil {
		return err
	}
	d, err := os.Open(dossier)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
