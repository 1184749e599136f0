package serveur

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/depot"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// The kinds of what leaves as a file, beside GenreLot.
const (
	GenreB2     = "B2"
	GenreNoemie = "NOEMIE"
)

// morceauFichier is the size of a piece of an upload: a slow line carries it in the
// time that a server leaves.
const morceauFichier = 1 << 20

// PosterFichier writes a batch in the queue, for the way of its convention.
func (d departs) PosterFichier(ctx context.Context, lot *etablissement.LotEmis, v *etablissement.Voie, contenu []byte) error {
	genre := GenreLot
	if v.Forme == etablissement.FormeB2 {
		genre = GenreB2
	}
	amc := lot.AMC.String()
	return d.flux.file.Poster(ctx, &acheminement.Envoi{Destinataire: amc, Transport: string(v.Transport), Adresse: v.Adresse, Genre: genre,
		Ordre: genre + "-" + amc, Cle: genre + "-" + amc + "-" + lot.Numero, Contenu: contenu, Instant: d.horloge()})
}

// Folders of the files of a party, under its directory.
const (
	DossierEnvois  = "envois"  // envois/PARTENAIRE/: what leaves by the drop folder
	DossierRecus   = "recus"   // recus/PARTENAIRE/: what partners drop
	dossierArrivee = "arrivee" // pieces of uploads under way
)

// dossierFichiers is the directory of the files of a party.
func (p *Processus) dossierFichiers(tenant string, f *config.Fichiers) string {
	if f.Dossier != "" {
		return p.Fichier.Resoudre(f.Dossier)
	}
	return filepath.Join(p.Fichier.Resoudre(p.Fichier.Donnees), "fichiers", FichierSur(tenant))
}

// transports are the ways by which the messages of a party leave.
func (p *Processus) transports(tenant string, f *config.Fichiers, porteur porteurROC) map[string]acheminement.Transport {
	return map[string]acheminement.Transport{
		TransportROC:                         porteur,
		string(etablissement.TransportDepot): porteurDepot{filepath.Join(p.dossierFichiers(tenant, f), DossierEnvois)},
		string(etablissement.TransportHTTPS): &https.Client{Aller: porteur.client.Transport, Seuil: morceauFichier, Morceau: morceauFichier},
	}
}

// porteurDepot drops files in the folder of a partner, which it makes: the table of
// conventions, verified, names it.
type porteurDepot struct{ racine string }

// Livrer implements acheminement.Transport.
func (d porteurDepot) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	if filepath.IsLocal(e.Adresse) {
		if err := os.MkdirAll(filepath.Join(d.racine, e.Adresse), 0o750); err != nil {
			return acheminement.Recu{}, &acheminement.Passager{Code: "DEPOT", Cause: err}
		}
	}
	return (&depot.Depot{Racine: d.racine}).Livrer(ctx, e, contenu)
}

// conventions reads the table of a hospital and checks it; what is wrong is told with
// the file and the line. It is nil when the hospital has none.
func (p *Processus) conventions(c *config.Etablissement) (*etablissement.Conventions, error) {
	if c.Conventions == "" {
		return nil, nil
	}
	return LireConventions(p.Fichier.Resoudre(c.Conventions))
}

// LireConventions reads a table of conventions; a mistake is told with its line.
func LireConventions(chemin string) (*etablissement.Conventions, error) {
	t := new(etablissement.Conventions)
	d, err := config.LireDocument(chemin, t)
	if err != nil {
		return nil, err
	}
	if err := t.Verifier(); err != nil {
		return nil, situerTable(d, err)
	}
	return t, nil
}

// suivreConventions reads the table again when its file changes: it needs no
// restart. A table with a mistake is refused, and the former stays.
func (p *Processus) suivreConventions(c *config.Etablissement, poser func(*etablissement.Conventions)) {
	chemin := p.Fichier.Resoudre(c.Conventions)
	vue := modifie(chemin)
	p.tache(10*time.Second, func(context.Context) {
		m := modifie(chemin)
		if m == vue {
			return
		}
		vue = m
		t, err := p.conventions(c)
		if err != nil {
			p.Log.Error("nouvelle table des conventions refusée, l'ancienne reste", "fichier", chemin, "erreur", err)
			return
		}
		poser(t)
		p.Log.Info("table des conventions relue", "fichier", chemin, "conventions", len(t.Conventions))
	})
}

// cablerFichiers gives a hospital its table of conventions and the door of its files.
func (p *Processus) cablerFichiers(c *config.Etablissement, e *PartieEtablissement) error {
	s := e.Service
	t, err := p.conventions(c)
	if err != nil {
		return err
	}
	if t != nil {
		enVigueur := &actuel[*etablissement.Conventions]{}
		enVigueur.poser(t)
		s.Conventions = enVigueur.lire
		p.suivreConventions(c, enVigueur.poser)
	}
	if s.RetoursParFichier, err = numerosAMC(c.Fichiers.Retours); err != nil {
		return err
	}
	s.Fichiers, s.TracerFichier = e.Store, p.tracerFichier(e.Tenant)
	e.Guichet = p.ouvrirGuichet(e.Tenant, &c.Fichiers, cercle.RoleAMC, s)
	return nil
}

func numerosAMC(l []string) ([]sante.NumeroAMC, error) {
	var numeros []sante.NumeroAMC
	for _, s := range l {
		n, err := sante.ParseNumeroAMC(s)
		if err != nil {
			return nil, err
		}
		numeros = append(numeros, n)
	}
	return numeros, nil
}

// situerTable tells where each mistake of the table stands in its file.
func situerTable(d *config.Document, err error) error {
	var fautes []error
	tous, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	for _, e := range tous.Unwrap() {
		var f *etablissement.Faute
		if errors.As(e, &f) {
			e = d.Erreur(f.Champ, f.Detail)
		}
		fautes = append(fautes, e)
	}
	return errors.Join(fautes...)
}

// contenuRapport keeps a report with its leaf.
func contenuRapport(rapport []byte) journal.Contenu { return journal.Contenu{Question: rapport} }

// acquitFichier is written in place of the acknowledgement of a return that was handed
// over as a file: nobody acknowledges it.
const acquitFichier roc.Code = "FICHIER"

// posterFichier puts a return on its way as a NOEMIE file, in the drop folder of its
// hospital, who fetches it. What has no such form is not sent: a control or a
// liquidation says nothing that the payment will not; an invoice whose number is too
// long goes sealed. It tells whether the return needs nothing more.
func (r retoursAMC) posterFichier(ctx context.Context, finess sante.FINESS, d *roc.DemandeRET) (bool, error) {
	if d.Nature != roc.RetourPaiement && d.Nature != roc.RetourRejet {
		return true, nil
	}
	var b bytes.Buffer
	err := liquidation.EcrireNoemie(&b, r.numero, finess, d)
	if errors.Is(err, liquidation.ErrSansFichier) {
		return false, nil
	}
	if err == nil {
		err = r.livre.NoterRetour(ctx, finess, d, roc.UUID{}, r.horloge())
	}
	if err != nil {
		return false, err
	}
	return true, r.file.Poster(ctx, &acheminement.Envoi{Destinataire: finess.String(), Transport: string(etablissement.TransportDepot), Adresse: finess.String(),
		Genre: GenreNoemie, Ordre: GenreNoemie + "-" + finess.String(), Cle: GenreNoemie + "-" + finess.String() + "-" + d.Numero,
		Contenu: b.Bytes(), Instant: r.horloge()})
}

// ExporterNoemie writes a return that left, sealed or not, as a NOEMIE file.
func (p *Processus) ExporterNoemie(ctx context.Context, w io.Writer, a *config.AMC, hopital, retour string) error {
	finess, err := sante.ParseFINESS(hopital)
	if err != nil {
		return fmt.Errorf("--finess : %w", err)
	}
	amc, err := sante.ParseNumeroAMC(a.Numero)
	if err != nil {
		return err
	}
	file := achstore.New(p.Base, TenantAMC(a.Numero))
	if b, err := file.Contenu(ctx, GenreNoemie+"-"+finess.String()+"-"+retour); err == nil {
		_, err = w.Write(b)
		return err
	}
	b, err := file.Contenu(ctx, GenreRetour+"-"+finess.String()+"-"+retour)
	if err != nil {
		return fmt.Errorf("aucun retour %s vers %s dans la file de cette AMC : %w", retour, finess, err)
	}
	x, d := new(Pli), new(roc.DemandeRET)
	if err := json.Unmarshal(b, x); err != nil {
		return fmt.Errorf("envoi illisible : %w", err)
	}
	if err := roc.EchangeRET.CorpsDemande.DecodeJSON(x.Corps, d); err != nil {
		return fmt.Errorf("retour illisible : %w", err)
	}
	return liquidation.EcrireNoemie(w, amc, finess, d)
}
