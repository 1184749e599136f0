package serveur

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/front"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ldap"
	"github.com/ecluse-sante/ecluse/internal/annuaire/national"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/sante"
)

// TenantAnnuaireSante names the national directory in the tables that parties share.
const TenantAnnuaireSante = "annuaire-sante"

// AnnuaireSante is the national directory that a process serves.
type AnnuaireSante struct {
	Images   *image.Depot
	Donnees  *annuaire.Donnees
	Registre *rassstore.Store
	Demandes *annuaire.Demandes
	Miroir   *national.Miroir // nil when it follows no source

	c        *config.AnnuaireSante
	p        *Processus
	garde    *annuaire.Garde
	lecteurs *lecteursAnnuaire
	travail  string // where feeds are worked on
}

// registreAnnuaire is what a directory keeps beside its images.
func registreAnnuaire(b *bdd.Base) *rassstore.Store {
	return rassstore.New(b, TenantAnnuaireSante, rassstore.Codec{Version: image.Format, Encoder: image.Encoder, Decoder: image.Decoder})
}

func (p *Processus) cablerAnnuaireSante(ctx context.Context) error {
	c := p.Fichier.AnnuaireSante
	if c == nil {
		return nil
	}
	depot, rep, err := OuvrirImages(p.Fichier)
	if err != nil {
		return err
	}
	p.fermetures = append(p.fermetures, func() error { depot.Fermer(); return nil })
	a := &AnnuaireSante{Images: depot, c: c, p: p, Registre: registreAnnuaire(p.Base), travail: filepath.Join(rep, "travail")}
	if a.Donnees, err = TablesAnnuaire(p.Fichier); err != nil {
		return err
	}
	a.Demandes = &annuaire.Demandes{Donnees: a.Donnees, Fiches: depot, Registre: a.Registre, Horloge: p.Horloge,
		Numeroter: func() (string, error) { return sante.TirerNumero("R", nil) }}
	a.garde = annuaire.NouvelleGarde(a.Donnees.Quotas, 0)
	if a.lecteurs, err = a.lireLecteurs(); err != nil {
		return err
	}
	p.AnnuaireSante = a
	p.taches = append(p.taches,
		func(ctx context.Context) {
			depot.Suivre(ctx, time.Second, func(err error) { p.Log.Warn("annuaire non relu", "erreur", err) })
		},
		a.suivreRegistre)
	p.tache(time.Minute, a.compterLectures)
	if err := a.alimenter(ctx); err != nil {
		return err
	}
	return a.ouvrirPortes()
}

// suivreRegistre lays over the images what owners change, on any node, within a second.
func (a *AnnuaireSante) suivreRegistre(ctx context.Context) {
	a.Registre.Suivre(ctx, a.Images.Marque(), time.Second/2, a.poserMouvements,
		func(err error) { a.p.Log.Warn("changements de l'annuaire non relus", "erreur", err) })
}

// poserMouvements lays changed records, unless what is served is already later.
func (a *AnnuaireSante) poserMouvements(ctx context.Context, fiches []annuaire.Changement, seq int64) error {
	v := a.Images.Vue()
	defer v.Rendre()
	var poses []annuaire.Changement
	for i := range fiches {
		n, e := fiches[i].Entete()
		if r, ok := v.ParID(n, e.ID); ok {
			lue := v.Lire(r)
			if _, servie := lue.Entete(); servie.Version >= e.Version {
				continue
			}
		}
		poses = append(poses, fiches[i])
	}
	return a.Images.Rattraper(ctx, poses, seq)
}

// compterLectures keeps what was read through this node, and learns what was through
// the others.
func (a *AnnuaireSante) compterLectures(ctx context.Context) {
	if err := a.Registre.Compter(ctx, a.garde, a.lecteurs.noeud, a.p.Horloge()); err != nil {
		a.p.Log.Warn("lectures de l'annuaire non comptées", "erreur", err)
	}
	l, err := a.Registre.Signalements(ctx, 100)
	if err != nil {
		a.p.Log.Warn("signalements de l'annuaire non lus", "erreur", err)
		return
	}
	for _, x := range l {
		a.p.Log.Warn("un lecteur parcourt l'annuaire", "lecteur", x.Lecteur, "famille", x.Famille, "fiches", x.Distinctes, "seuil", x.Seuil)
		if err := a.Registre.Dit(ctx, x); err != nil {
			a.p.Log.Warn("signalement non noté", "erreur", err)
		}
	}
}

// mesures say what is served and how fresh it is.
func (a *AnnuaireSante) mesures() map[string]any {
	v := a.Images.Vue()
	defer v.Rendre()
	fiches := map[string]int{}
	for _, n := range annuaire.Natures {
		fiches[n.String()] = v.Nombre(n)
	}
	m := map[string]any{"generation": v.Generation(), "faiteLe": v.FaiteLe(), "fiches": fiches}
	if a.Miroir != nil {
		f := a.Miroir.Fraicheur(a.p.Horloge())
		m["source"] = map[string]any{"instant": f.Instant, "ageSecondes": int(f.Age.Seconds()), "alerte": f.Alerte, "echec": f.Echec != ""}
	}
	return m
}

// ouvrirPortes listens where the configuration says.
func (a *AnnuaireSante) ouvrirPortes() error {
	c, p := a.c, a.p
	if c.Ecoute == "" && c.LDAPS == "" && c.LDAP == "" {
		return nil
	}
	serveur, err := p.paire(config.Cle{Certificat: cmp.Or(c.Certificat, p.Fichier.Ecoute.Certificat), Cle: cmp.Or(c.CleServeur, p.Fichier.Ecoute.Cle)})
	if err != nil {
		return err
	}
	cle, err := p.secretPartage(TenantAnnuaireSante, "curseurs", p.Fichier.Resoudre(filepath.Join(p.Fichier.Donnees, "annuaire.secret")))
	if err != nil {
		return err
	}
	t := p.Portail.TLSOuvert(serveur, p.Magasin.Pool())
	if c.Ecoute != "" {
		if err := a.ouvrirFHIR(t, cle); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		adresse string
		tls     bool
	}{{c.LDAPS, true}, {c.LDAP, false}} {
		if x.adresse == "" {
			continue
		}
		if err := a.ouvrirLDAP(x.adresse, x.tls, t.Clone(), cle); err != nil {
			return err
		}
	}
	return nil
}

// Where the doors are under the address of the directory.
const (
	cheminFHIR    = "/fhir"
	cheminGuichet = "/v1" // of the owners
)

func (a *AnnuaireSante) ouvrirFHIR(t *tls.Config, cle []byte) error {
	p := a.p
	exports, err := front.NouvelExporteur(filepath.Join(a.travail, "exports"), p.Horloge)
	if err != nil {
		return err
	}
	porte, err := front.New(a.Images, front.Options{
		Base: strings.TrimSuffix(cmp.Or(a.c.Publique, "https://"+a.c.Ecoute), "/") + cheminFHIR,
		Cle:  cle, Qui: a.lecteurs.qui, Compter: a.lecteurs.compter, Regards: a.Donnees.Regards, Traces: tracesAnnuaire{a}, Historique: a.Registre, Exports: exports,
		Horloge: p.Horloge, Journal: p.Log, Logiciel: "Écluse", Version: cmp.Or(p.version, "dev"),
	})
	if err != nil {
		return err
	}
	p.taches = append(p.taches, func(ctx context.Context) {
		if err := porte.Exporter(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.Log.Error("exports de l'annuaire arrêtés", "erreur", err)
		}
	})
	mux := http.NewServeMux()
	mux.Handle(cheminFHIR+"/", a.lecteurs.garder(porte))
	guichet, err := a.guichet()
	if err != nil {
		return err
	}
	mux.Handle(cheminGuichet+"/", guichet)
	l := gate.Limites{Message: p.Fichier.Ecoute.MessageMax, Lecture: p.Fichier.Ecoute.DelaiLecture.Duration(), Reponse: p.Fichier.Ecoute.DelaiReponse.Duration()}
	return p.ecouter("annuaire de santé", a.c.Ecoute, p.Portail.Serveur(l, mux, t), true)
}

func (a *AnnuaireSante) ouvrirLDAP(adresse string, implicite bool, t *tls.Config, cle []byte) error {
	t.NextProtos = nil
	s := &ldap.Serveur{Annuaire: &ldap.Fonds{Images: a.Images, Portier: a.lecteurs}, TLS: t, Cle: cle, Journal: a.p.Log}
	l, err := net.Listen("tcp", adresse)
	if err != nil {
		return err
	}
	a.p.fermetures = append(a.p.fermetures, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	servir := s.Ecouter
	if implicite {
		servir = s.EcouterTLS
	}
	a.p.taches = append(a.p.taches, func(ctx context.Context) {
		a.p.Log.Info("à l'écoute", "service", "LDAP", "adresse", adresse)
		fini := make(chan struct{})
		go func() {
			defer close(fini)
			if err := servir(l); err != nil && !errors.Is(err, ldap.ErrFerme) {
				a.p.Log.Error("LDAP arrêté", "erreur", err)
			}
		}()
		<-ctx.Done()
		fin, annuler := context.WithTimeout(context.WithoutCancel(ctx), a.p.Fichier.Ecoute.DelaiArret.Duration())
		defer annuler()
		if err := s.Fermer(fin); err != nil {
			a.p.Log.Warn("LDAP arrêté avant la fin de toutes les recherches", "erreur", err)
		}
		<-fini
	})
	return nil
}

// tracesAnnuaire keeps the readings of restricted views.
type tracesAnnuaire struct{ a *AnnuaireSante }

// Tracer implements front.Traces.
func (t tracesAnnuaire) Tracer(ctx context.Context, l front.Lecture) error {
	c := annuaire.Consultation{Instant: t.a.p.Horloge(), Lecteur: l.Acteur, Regard: l.Regard, Motif: l.Motif, Porte: "fhir", Objet: l.Operation, Nombre: int64(len(l.Lues))}
	if k := t.a.lecteurs.parNom[l.Acteur]; k != nil {
		c.Famille = k.c.Famille
	}
	for _, f := range l.Lues[:min(len(l.Lues), annuaire.FichesMax)] {
		c.Fiches = append(c.Fiches, annuaire.FicheLue{Nature: f.Nature, ID: f.ID})
	}
	var err error
	if c.Numero, err = sante.TirerNumero("C", nil); err != nil {
		return fmt.Errorf("annuaire: %w", err)
	}
	return t.a.Registre.Tracer(ctx, c)
}
