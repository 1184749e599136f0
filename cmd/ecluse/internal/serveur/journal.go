package serveur

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/journal"
	journalfront "github.com/ecluse-sante/ecluse/internal/journal/front"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

func (p *Processus) cheminJournal(nom string) string {
	return filepath.Join(p.Fichier.Resoudre(p.Fichier.Journal.Cles), nom)
}

// ouvrirJournaux opens the keys that the journals of the process share.
func (p *Processus) ouvrirJournaux(context.Context) error {
	p.journaux = &journaux{par: map[string]*journal.Journal{}, sels: map[string][]byte{},
		cachets: cachets{par: map[string]func() *sceau.Cachet{}, juge: p.Magasin, horloge: p.Horloge}}
	maitre := p.cheminJournal("maitre.cle")
	if _, err := os.Stat(maitre); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(maitre), 0o700); err != nil {
			return err
		}
		if err := journal.CreerCleMaitresse(maitre); err != nil {
			return err
		}
	}
	t, err := journal.OuvrirTrousseau(maitre, journalstore.Nouveau(p.Base))
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
func (p *Processus) ouvrirJournal(ctx context.Context, tenant string) error {
	genre := journal.Ouvrir
	if tenant == TenantTiers {
		genre = journal.OuvrirSansContenu
	}
	chemin := p.cheminJournal(FichierSur(tenant) + ".signature")
	if _, err := os.Stat(chemin); errors.Is(err, os.ErrNotExist) {
		cle, err := journal.CreerCleSignature(chemin, PrefixeCle+FichierSur(tenant))
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
	j, err := genre(ctx, journal.Options{Tenant: tenant, Signataire: signataire, Cle: cle, Magasin: journalstore.Nouveau(p.Base),
		Trousseau: p.trousseau, Temoin: p.temoin, Horloge: p.Horloge})
	if err != nil {
		return err
	}
	p.journaux.par[tenant] = j
	p.journaux.sels[tenant], err = secret(p.cheminJournal(FichierSur(tenant) + ".pseudonymes"))
	return err
}

// ouvrirSequenceur ranks the leaves of every journal of the process, once all its
// parties are there.
func (p *Processus) ouvrirSequenceur(context.Context) error {
	var l []*journal.Journal
	for _, j := range p.journaux.par {
		l = append(l, j)
	}
	if len(l) == 0 {
		return nil
	}
	hote, _ := os.Hostname()
	p.Sequenceur = journal.NouveauSequenceur(hote+"/"+roc.NouvelUUID().String(), p.Log, l...)
	p.taches = append(p.taches, p.Sequenceur.Tourner)
	return nil
}

// effacer erases what has reached its term. ref: ROC §16.4, DEC 18
func (p *Processus) effacer(ctx context.Context) {
	for tenant, j := range p.journaux.par {
		l, err := j.Effacer(ctx, p.politique())
		if err != nil {
			p.Log.Error("effacement à terme interrompu", "locataire", tenant, "erreur", err)
		}
		for _, e := range l {
			p.Log.Info("contenus effacés à leur terme", "locataire", tenant, "classe", e.Classe, "mois", e.Mois, "lignes", e.Lignes)
		}
	}
}

func (p *Processus) politique() journal.Politique {
	mois := func(d time.Duration) journal.Retention { return journal.Retention{Mois: int(d / (730 * time.Hour))} }
	c := p.Fichier.Conservation
	return journal.Politique{journal.ClasseEngagement: mois(c.Engagements.Duration()), journal.ClasseInformation: mois(c.Droits.Duration()),
		journal.ClasseTechnique: mois(c.Technique.Duration())}
}

// servirJournal serves the proofs of a journal: /journal/TENANT/… as C2SP tiles.
func (p *Processus) servirJournal(w http.ResponseWriter, r *http.Request) {
	reste := strings.TrimPrefix(r.URL.Path, "/journal/")
	tenant, suite, _ := strings.Cut(reste, "/")
	for t, j := range p.journaux.par {
		if FichierSur(t) == tenant {
			r.URL.Path = "/journal/" + suite
			journalfront.Front{Journal: j, Erreur: func(_ context.Context, err error) { p.Log.Error("journal", "erreur", err) }}.Routes().ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

// PrefixeCle begins the name of the key of every journal.
const PrefixeCle = "ecluse/journal/"

// conteneur is who signs the containers of a party.
func (p *Processus) conteneur(tenant string) (preuve.Conteneur, error) {
	id := p.identiteDe(tenant)
	if id == nil {
		return preuve.Conteneur{}, fmt.Errorf("%s : cette partie n'est pas dans la configuration", tenant)
	}
	paire, cle, err := p.lireCle(id.Cachet)
	if err != nil {
		return preuve.Conteneur{}, fmt.Errorf("cachet : %w", err)
	}
	c := preuve.Conteneur{Cle: cle, Instant: p.Horloge()}
	for _, der := range append(paire.Certificate[:1:1], SansRacine(paire.Certificate[1:])...) {
		x, err := x509.ParseCertificate(der)
		if err != nil {
			return preuve.Conteneur{}, fmt.Errorf("cachet : %w", err)
		}
		c.Chaine = append(c.Chaine, x)
	}
	return c, nil
}

// identiteDe finds the certificates of a party in the configuration, nil when it
// is not there.
func (p *Processus) identiteDe(tenant string) *config.Identite {
	for i := range p.Fichier.AMC {
		if TenantAMC(p.Fichier.AMC[i].Numero) == tenant {
			return &p.Fichier.AMC[i].Identite
		}
	}
	for i := range p.Fichier.Etablissements {
		if TenantEtablissement(p.Fichier.Etablissements[i].Finess) == tenant {
			return &p.Fichier.Etablissements[i].Identite
		}
	}
	for i := range p.Fichier.Relais {
		if TenantRelais(p.Fichier.Relais[i].ID) == tenant {
			return &p.Fichier.Relais[i].Identite
		}
	}
	if p.Fichier.Annuaire != nil && tenant == TenantAnnuaire {
		return &p.Fichier.Annuaire.Identite
	}
	return nil
}

// Journaux are the journals of the parties, by their name.
func (p *Processus) Journaux() map[string]*journal.Journal { return p.journaux.par }

// EcrirePreuve writes the container of a leaf, signed by the cachet of the party
// whose journal it is.
func EcrirePreuve(ctx context.Context, p *Processus, j *journal.Journal, e journal.Element, nom string) (err error) {
	x, err := j.Echange(ctx, e)
	if err != nil {
		return err
	}
	c, err := p.conteneur(j.Tenant())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(nom, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return x.ExporterASiCE(f, c)
}
