package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/journal"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/preuve"
)

func commandeJournal() *cli.Command {
	locataire := &cli.StringFlag{Name: "locataire", Usage: "partie dont c'est le journal, comme amc-99000001 ; toutes si rien n'est dit"}
	return &cli.Command{
		Name: "journal", Usage: "vérifie, exporte et prouve ce que le journal contient",
		Commands: []*cli.Command{
			{Name: "verifier", ArgsUsage: "[RÉPERTOIRE]",
				Usage: "vérifie un journal exporté ou copié avec sa seule clé publique, ou ceux d'une configuration",
				Description: "Trois façons :\n" +
					"   ecluse journal verifier --config ecluse.toml               les journaux d'un serveur, en service ou non\n" +
					"   ecluse journal verifier --cle CLÉ RÉPERTOIRE               un journal exporté, sans configuration\n" +
					"   ecluse journal verifier --cle CLÉ --base COPIE.db          la copie d'une base, sans configuration ni secret\n" +
					"La clé publique (fichier .publique) doit venir d'ailleurs que de ce qui est vérifié.",
				Flags: []cli.Flag{drapeauConfig(), locataire, &cli.StringFlag{Name: "cle", Usage: "clé publique du journal : fichier, ou texte"},
					&cli.StringFlag{Name: "base", Usage: "copie d'un fichier de base SQLite, qui n'est pas modifiée"}}, Action: verifierJournal},
			{Name: "exporter", ArgsUsage: "RÉPERTOIRE", Usage: "copie un journal au format C2SP tlog-tiles, vérifiable sans ce programme",
				Flags: []cli.Flag{drapeauConfig(), locataire}, Action: exporterJournal},
			{Name: "preuve", ArgsUsage: "RÉPERTOIRE", Usage: "sort les preuves d'un échange : un conteneur ASiC-E par feuille",
				Flags: []cli.Flag{drapeauConfig(), locataire,
					&cli.StringFlag{Name: "message", Usage: "idMessage"}, &cli.StringFlag{Name: "engagement", Usage: "numéro d'engagement"}}, Action: prouverEchange},
			{Name: "cles", ArgsUsage: "FICHIER", Usage: "sauvegarde à part les clés des contenus (enveloppées par la clé maîtresse), ou les restaure",
				Flags: []cli.Flag{drapeauConfig(), &cli.BoolFlag{Name: "restaurer", Usage: "restaure au lieu de sauvegarder"}}, Action: clesJournal},
		},
	}
}

// clesJournal keeps the wrapped keys apart from the backups of the database: a
// content erased at its term is then erased in them too. ref: DEC 18
func clesJournal(ctx context.Context, c *cli.Command) error {
	fichier, err := unArgument(c, unFichier)
	if err != nil {
		return err
	}
	f, err := config.Lire(c.String("config"))
	if err != nil {
		return err
	}
	base, err := serveur.OuvrirBase(ctx, f)
	if err != nil {
		return err
	}
	defer base.Fermer()
	if c.Bool("restaurer") {
		r, err := os.Open(fichier)
		if err != nil {
			return err
		}
		defer r.Close()
		if err := journal.RestaurerCles(ctx, journalstore.Nouveau(base), r); err != nil {
			return pasDesCles(fichier, err)
		}
		_, err = fmt.Fprintln(c.Root().Writer, "clés des contenus restaurées")
		return err
	}
	w, err := os.OpenFile(fichier, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(journal.SauvegarderCles(ctx, journalstore.Nouveau(base), w), w.Sync(), w.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "clés des contenus sauvegardées dans %s ; à garder à part de la base, avec la clé maîtresse\n", fichier)
	return err
}

// pasDesCles says of a file that it holds no keys, when that is why it was refused.
func pasDesCles(fichier string, err error) error {
	var forme *json.SyntaxError
	var genre *json.UnmarshalTypeError
	n, _ := bdd.NatureDe(err)
	if n != bdd.ValeurRefusee && !errors.As(err, &forme) && !errors.As(err, &genre) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return francais.Conseiller(fmt.Errorf("%s : ce n'est pas une sauvegarde des clés des contenus ; aucune clé n'est restaurée", fichier), "donner le fichier écrit par « ecluse journal cles »")
}

// lireClePublique reads the public key of a journal from a file or a text.
func lireClePublique(s string) (preuve.Cle, error) {
	if b, err := os.ReadFile(s); err == nil {
		s = strings.TrimSpace(string(b))
	}
	k, err := preuve.ParseCle(s)
	return k, francais.Conseiller(err, "donner le fichier NOM.publique de cette partie, ou le texte qu'il contient")
}

func verifierJournal(ctx context.Context, c *cli.Command) error {
	w := c.Root().Writer
	if c.Args().Len() == 0 && c.String("base") == "" {
		return avecJournaux(ctx, c, func(p *serveur.Processus, j *journal.Journal) error {
			bilans, err := j.Verifier(ctx)
			direBilans(w, j.Tenant(), bilans)
			return err
		})
	}
	if c.String("cle") == "" {
		return usageFaux{francais.Conseiller(errors.New("--cle : clé publique du journal attendue"), "elle est dans le répertoire des clés du journal de la partie : NOM.publique")}
	}
	cle, err := lireClePublique(c.String("cle"))
	if err != nil {
		return fmt.Errorf("--cle : %w", err)
	}
	if c.String("base") != "" {
		return verifierBase(ctx, c, cle)
	}
	if _, err := os.Stat(c.Args().First()); err != nil {
		return err
	}
	for _, dir := range generations(c.Args().First()) {
		b, err := preuve.VerifierRepertoire(dir, cle, nil)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, b)
	}
	return nil
}

// generations lists the logs of an export: its numbered directories, or itself.
func generations(dir string) []fs.FS {
	var l []fs.FS
	for n := 1; ; n++ {
		d := filepath.Join(dir, fmt.Sprint(n))
		if _, err := os.Stat(filepath.Join(d, preuve.FichierPoint)); err != nil {
			break
		}
		l = append(l, os.DirFS(d))
	}
	if len(l) == 0 {
		l = append(l, os.DirFS(dir))
	}
	return l
}

// avecJournaux opens the journals of a configuration, without serving anything.
func avecJournaux(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, j *journal.Journal) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		vu := false
		for _, tenant := range slices.Sorted(maps.Keys(p.Journaux())) {
			j := p.Journaux()[tenant]
			if l := c.String("locataire"); l != "" && l != tenant {
				continue
			}
			vu = true
			if err := f(p, j); err != nil {
				return fmt.Errorf("%s : %w", tenant, err)
			}
		}
		if !vu {
			return francais.Conseiller(errors.New("aucun journal de ce locataire dans cette configuration"), "les parties : %s", strings.Join(p.Tenants(), ", "))
		}
		return nil
	})
}

// avecProcessus opens what commands need of a configuration: base, journals,
// circle; nothing listens.
func avecProcessus(ctx context.Context, c *cli.Command, f func(p *serveur.Processus) error) error {
	fichier, err := config.Lire(c.String("config"))
	if err != nil {
		return err
	}
	p, err := serveur.OuvrirPourCommande(ctx, fichier)
	if err != nil {
		return err
	}
	return errors.Join(f(p), p.Fermer())
}

func exporterJournal(ctx context.Context, c *cli.Command) error {
	sortie, err := unArgument(c, unRepertoire)
	if err != nil {
		return err
	}
	return avecJournaux(ctx, c, func(p *serveur.Processus, j *journal.Journal) error {
		dir := filepath.Join(sortie, serveur.FichierSur(j.Tenant()))
		if err := j.Exporter(ctx, dir); err != nil {
			return err
		}
		fmt.Fprintf(c.Root().Writer, "%s : exporté dans %s, clé publique %s\n", j.Tenant(), dir, j.Cle())
		return nil
	})
}

func prouverEchange(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 || c.String("message") == "" && c.String("engagement") == "" {
		return attendre(c, "un répertoire et --message ou --engagement sont attendus")
	}
	dir := c.Args().First()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	trouves := 0
	err := avecJournaux(ctx, c, func(p *serveur.Processus, j *journal.Journal) error {
		l, err := j.Trouver(ctx, journal.Critere{IDMessage: c.String("message"), Engagement: c.String("engagement")})
		if err != nil {
			return err
		}
		for _, e := range l {
			nom := filepath.Join(dir, serveur.FichierSur(j.Tenant())+"-"+e.Trace.Service+"-"+e.ID+".asice")
			if err := serveur.EcrirePreuve(ctx, p, j, e, nom); err != nil {
				return err
			}
			trouves++
			fmt.Fprintln(c.Root().Writer, nom)
		}
		return nil
	})
	if err == nil && trouves == 0 {
		err = errors.New("aucune trace de cet échange dans les journaux de cette configuration")
	}
	return err
}

func commandeLitige() *cli.Command {
	return &cli.Command{
		Name: "litige", Usage: "compare les journaux exportés de deux parties sur un échange : qui a envoyé quoi, et quand",
		Description: "L'état de sortie est 0 quand les deux journaux concordent, 1 quand ils s'opposent ou ne suffisent pas.\n" +
			"Avec des conteneurs .asice (ecluse journal preuve), les messages et leurs sceaux sont jugés aussi.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "message", Required: true, Usage: "idMessage de la question"},
			&cli.StringFlag{Name: "a", Required: true, Usage: "journal exporté de la première partie (ou son conteneur .asice)"},
			&cli.StringFlag{Name: "cle-a", Required: true, Usage: "clé publique de son journal : fichier ou texte"},
			&cli.StringFlag{Name: "structure-a", Usage: "structure dont le sceau est celui de la première partie, comme 2999123458 : sans elle, il n'est cru que sur parole"},
			&cli.StringFlag{Name: "nom-a", Value: "A", Usage: "son nom dans le rapport"},
			&cli.StringFlag{Name: "b", Required: true, Usage: "journal exporté de la seconde partie (ou son conteneur .asice)"},
			&cli.StringFlag{Name: "cle-b", Required: true, Usage: "clé publique de son journal : fichier ou texte"},
			&cli.StringFlag{Name: "structure-b", Usage: "structure dont le sceau est celui de la seconde partie, comme 2999123458 : sans elle, il n'est cru que sur parole"},
			&cli.StringFlag{Name: "nom-b", Value: "B", Usage: "son nom dans le rapport"},
			&cli.StringFlag{Name: "autorites", Usage: "répertoire de confiance pour juger les sceaux des conteneurs"},
			&cli.BoolFlag{Name: "json", Usage: "sortie JSON"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			a, err := dossier(ctx, c.String("nom-a"), c.String("a"), c.String("cle-a"), c.String("message"))
			if err != nil {
				return err
			}
			b, err := dossier(ctx, c.String("nom-b"), c.String("b"), c.String("cle-b"), c.String("message"))
			if err != nil {
				return err
			}
			a.Structure, b.Structure = c.String("structure-a"), c.String("structure-b")
			juge, err := serveur.Verificateur(c.String("autorites"))
			if err != nil {
				return err
			}
			x, err := preuve.Litige(a, b, juge)
			if errors.Is(err, preuve.ErrLitigeVide) {
				return francais.Conseiller(fmt.Errorf("le message %s n'est dans aucun des deux journaux", c.String("message")), "--message est l'idMessage de la question ; les journaux sont-ils ceux de ces deux parties, exportés après l'échange ?")
			}
			if err != nil {
				return err
			}
			if c.Bool("json") {
				e := json.NewEncoder(c.Root().Writer)
				e.SetIndent("", "  ")
				err = e.Encode(x)
			} else {
				_, err = fmt.Fprintln(c.Root().Writer, x)
			}
			if err == nil && !x.Accord {
				err = echec()
			}
			return err
		},
	}
}

func dossier(ctx context.Context, nom, chemin, cle, message string) (preuve.Dossier, error) {
	k, err := lireClePublique(cle)
	if err != nil {
		return preuve.Dossier{}, fmt.Errorf("clé de %s : %w", nom, err)
	}
	if strings.HasSuffix(chemin, ".asice") {
		f, err := os.Open(chemin)
		if err != nil {
			return preuve.Dossier{}, err
		}
		defer f.Close()
		i, err := f.Stat()
		if err != nil {
			return preuve.Dossier{}, err
		}
		x, _, err := preuve.LireASiCE(f, i.Size())
		return preuve.Dossier{Nom: nom, Cle: k, Echange: &x}, err
	}
	return preuve.ChercherDossiers(ctx, nom, generations(chemin), k, message)
}
