package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/journal"
	journalfront "github.com/ecluse-sante/ecluse/internal/journal/front"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

func (p *processus) cheminJournal(nom string) string {
	return filepath.Join(p.f.Resoudre(p.f.Journal.Cles), nom)
}

// ouvrirJournaux opens the keys that the journals of the process share.
func (p *processus) ouvrirJournaux(context.Context) error {
	p.journaux = &journaux{par: map[string]*journal.Journal{}, sels: map[string][]byte{},
		cachets: cachets{par: map[string]func() *sceau.Cachet{}, juge: p.magasin, horloge: p.horloge}}
	maitre := p.cheminJournal("maitre.cle")
	if _, err := os.Stat(maitre); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(maitre), 0o700); err != nil {
			return err
		}
		if err := journal.CreerCleMaitresse(maitre); err != nil {
			return err
		}
	}
	t, err := journal.OuvrirTrousseau(maitre, journalstore.Nouveau(p.base))
	if err != nil {
		return err
	}
	p.trousseau = t
	p.temoin, err = journal.OuvrirTemoin(p.cheminJournal("temoin.json"))
	if err != nil {
		return err
	}
	p.tache(24*time.Hour, p.effacer)
	return nil
}

// ouvrirJournal opens the journal of a party, and makes its signing key the first
// time. That of the third party keeps no content, whoever opens it. ref: DEC 32
func (p *processus) ouvrirJournal(ctx context.Context, tenant string) error {
	genre := journal.Ouvrir
	if tenant == tenantTiers {
		genre = journal.OuvrirSansContenu
	}
	chemin := p.cheminJournal(fichierSur(tenant) + ".signature")
	if _, err := os.Stat(chemin); errors.Is(err, os.ErrNotExist) {
		cle, err := journal.CreerCleSignature(chemin, prefixeCle+fichierSur(tenant))
		if err != nil {
			return err
		}
		if err := os.WriteFile(strings.TrimSuffix(chemin, ".signature")+".publique", []byte(cle.String()+"\n"), 0o644); err != nil {
			return err
		}
	}
	signataire, cle, err := journal.LireCleSignature(chemin)
	if err != nil {
		return err
	}
	j, err := genre(ctx, journal.Options{Tenant: tenant, Signataire: signataire, Cle: cle, Magasin: journalstore.Nouveau(p.base),
		Trousseau: p.trousseau, Temoin: p.temoin, Horloge: p.horloge})
	if err != nil {
		return err
	}
	p.journaux.par[tenant] = j
	p.journaux.sels[tenant], err = secret(p.cheminJournal(fichierSur(tenant) + ".pseudonymes"))
	return err
}

// ouvrirSequenceur ranks the leaves of every journal of the process, once all its
// parties are there.
func (p *processus) ouvrirSequenceur(context.Context) error {
	var l []*journal.Journal
	for _, j := range p.journaux.par {
		l = append(l, j)
	}
	if len(l) == 0 {
		return nil
	}
	hote, _ := os.Hostname()
	p.sequenceur = journal.NouveauSequenceur(hote+"/"+roc.NouvelUUID().String(), p.log, l...)
	p.taches = append(p.taches, p.sequenceur.Tourner)
	return nil
}

// effacer erases what has reached its term. ref: ROC §16.4, DEC 18
func (p *processus) effacer(ctx context.Context) {
	for tenant, j := range p.journaux.par {
		l, err := j.Effacer(ctx, p.politique())
		if err != nil {
			p.log.Error("effacement à terme interrompu", "locataire", tenant, "erreur", err)
		}
		for _, e := range l {
			p.log.Info("contenus effacés à leur terme", "locataire", tenant, "classe", e.Classe, "mois", e.Mois, "lignes", e.Lignes)
		}
	}
}

func (p *processus) politique() journal.Politique {
	mois := func(d time.Duration) journal.Retention { return journal.Retention{Mois: int(d / (730 * time.Hour))} }
	c := p.f.Conservation
	return journal.Politique{journal.ClasseEngagement: mois(c.Engagements.Duration()), journal.ClasseInformation: mois(c.Droits.Duration()),
		journal.ClasseTechnique: mois(c.Technique.Duration())}
}

// servirJournal serves the proofs of a journal: /journal/TENANT/… as C2SP tiles.
func (p *processus) servirJournal(w http.ResponseWriter, r *http.Request) {
	reste := strings.TrimPrefix(r.URL.Path, "/journal/")
	tenant, suite, _ := strings.Cut(reste, "/")
	for t, j := range p.journaux.par {
		if fichierSur(t) == tenant {
			r.URL.Path = "/journal/" + suite
			journalfront.Front{Journal: j, Erreur: func(_ context.Context, err error) { p.log.Error("journal", "erreur", err) }}.Routes().ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}
