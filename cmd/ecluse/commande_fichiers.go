package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
)

func commandeFichiers() *cli.Command {
	es := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "finess", Usage: "FINESS juridique de l'établissement ; inutile s'il n'y en a qu'un ici"}}
	json := &cli.BoolFlag{Name: "json", Usage: "un objet JSON par fichier"}
	partie := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "locataire", Usage: "partie dont c'est le certificat, comme es-750712184 ; inutile s'il n'y en a qu'une ici"}}
	return &cli.Command{
		Name: "fichiers", Usage: "échange des fichiers NOEMIE et B2 avec les partenaires qui ne sont pas en ligne, sans redémarrage",
		Commands: []*cli.Command{
			{Name: "lire", Usage: "lit des fichiers de retour d'AMC (paiements 578R, rejets 908R) : l'effet d'un retour, une seule fois, non scellé",
				ArgsUsage: "FICHIER… (- pour l'entrée)", Flags: append(es[:2:2], json), Action: lireFichiers},
			{Name: "ecrire", Usage: "écrit un lot en B2 (--lot), ou les retours d'une AMC en NOEMIE (--retour)", Flags: append(es[:2:2],
				&cli.StringFlag{Name: "lot", Usage: "lot de l'établissement, comme 000000001"},
				&cli.StringFlag{Name: "amc", Usage: "numéro de l'AMC dont ce sont les retours"},
				&cli.StringFlag{Name: "retour", Usage: "retour de paiement ou de rejet, comme R0123456789abcde"},
				&cli.StringFlag{Name: "sortie", Value: "-", Usage: "fichier à créer, - pour la sortie"}), Action: ecrireFichier},
			{Name: "lister", Usage: "montre par partenaire les fichiers partis, retirés et lus", Flags: []cli.Flag{drapeauConfig(),
				&cli.StringFlag{Name: "locataire", Usage: "partie concernée ; toutes celles de la configuration si rien n'est dit"}}, Action: listerFichiers},
			{Name: "envoyer", Usage: "dépose des fichiers chez un partenaire, par HTTPS ; un dépôt coupé reprend où il en était",
				ArgsUsage: "URL FICHIER…", Flags: append(partie[:2:2],
					&cli.StringFlag{Name: "genre", Value: serveur.GenreNoemie, Usage: "ce que le partenaire en fait : NOEMIE, B2 ou DRE"}), Action: envoyerFichiers},
			{Name: "recevoir", Usage: "retire les fichiers qui attendent chez un partenaire, par HTTPS ; un retrait coupé reprend où il en était",
				ArgsUsage: "URL", Flags: append(partie[:2:2],
					&cli.StringFlag{Name: "dossier", Value: ".", Usage: "répertoire où les mettre"}), Action: recevoirFichiers},
		},
	}
}

func unEtablissement(f *config.Fichier, finess string) (*config.Etablissement, error) {
	for i := range f.Etablissements {
		if e := &f.Etablissements[i]; e.Finess == finess || finess == "" && len(f.Etablissements) == 1 {
			return e, nil
		}
	}
	if finess == "" {
		return nil, errors.New("--finess : dire lequel des établissements de cette configuration")
	}
	return nil, fmt.Errorf("--finess : %s n'est pas dans cette configuration", finess)
}

// surRetours opens what reads the return files of a hospital.
func surRetours(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, e *config.Etablissement, s *etablissement.Service, st *etabstore.Store) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		e, err := unEtablissement(p.Fichier, c.String("finess"))
		if err != nil {
			return err
		}
		s, st, err := p.ServiceRetours(e)
		if err != nil {
			return err
		}
		return f(p, e, s, st)
	})
}

func lireFichiers(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() == 0 {
		return errors.New("FICHIER attendu, ou - pour l'entrée")
	}
	return surRetours(ctx, c, func(p *serveur.Processus, _ *config.Etablissement, s *etablissement.Service, _ *etabstore.Store) error {
		fautes := 0
		for _, chemin := range c.Args().Slice() {
			f, err := serveur.LireUnRetour(ctx, p, s, chemin)
			if err != nil {
				return fmt.Errorf("%s : %w", chemin, err)
			}
			if f.Etat == etablissement.FichierRefuse || f.Refusees > 0 {
				fautes++
			}
			if c.Bool("json") {
				if err := json.NewEncoder(c.Root().Writer).Encode(serveur.RapportDe(f)); err != nil {
					return err
				}
				continue
			}
			serveur.EcrireRapport(c.Root().Writer, f)
		}
		if fautes > 0 {
			return echec()
		}
		return nil
	})
}

func ecrireFichier(ctx context.Context, c *cli.Command) error {
	var b bytes.Buffer
	var err error
	switch {
	case c.String("lot") != "" && c.String("retour") == "":
		err = surRetours(ctx, c, func(_ *serveur.Processus, _ *config.Etablissement, s *etablissement.Service, _ *etabstore.Store) error {
			return s.ExporterB2(ctx, &b, c.String("lot"))
		})
	case c.String("retour") != "" && c.String("lot") == "":
		err = avecProcessus(ctx, c, func(p *serveur.Processus) error {
			a, err := uneAMC(p.Fichier, c.String("amc"))
			if err != nil {
				return err
			}
			return p.ExporterNoemie(ctx, &b, a, c.String("finess"), c.String("retour"))
		})
	default:
		err = errors.New("--lot ou --retour est attendu, et un seul")
	}
	if err != nil {
		return err
	}
	if c.String("sortie") == "-" {
		_, err = b.WriteTo(c.Root().Writer)
		return err
	}
	f, err := os.OpenFile(c.String("sortie"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(f)
	return errors.Join(err, f.Sync(), f.Close())
}

func listerFichiers(ctx context.Context, c *cli.Command) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATAIRE\tPARTENAIRE\tSENS\tFICHIER\tÉTAT\tFACTURES\tMONTANT\tLE")
	err := surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		retires, err := achstore.New(p.Base, tenant).Retraits(ctx)
		if err != nil {
			return err
		}
		for _, r := range retires {
			fmt.Fprintf(w, "%s\t%s\tretiré\t%s\t%d octets\t\t\t%s\n", tenant, r.Partenaire, r.Nom, r.Taille, r.Instant.Format(time.RFC3339))
		}
		deja := map[string]bool{}
		for _, r := range retires {
			deja[r.Partenaire+"/"+r.Nom] = true
		}
		p.ListerEnvois(w, tenant, deja)
		l, err := etabstore.New(p.Base, tenant).ListerFichiers(ctx, "", 500)
		if err != nil {
			return err
		}
		for _, f := range l {
			factures := francais.Accorder(f.Chargees, "chargée", "chargées") + ", " + francais.Accorder(f.Refusees, "refusée", "refusées")
			if f.Etat == etablissement.FichierRefuse {
				factures = "aucune"
			}
			fmt.Fprintf(w, "%s\t%s\tlu, %s\t%s\t%s\t%s\t%s\t%s\n", tenant, cmp.Or(f.AMC, "inconnu"), etablissement.NonScelle, f.Nom+" ("+f.Jeton()+")",
				strings.TrimSpace(string(f.Etat)+" "+f.Code), factures, f.Montant.Euros(), f.Instant.Format(time.RFC3339))
		}
		return nil
	})
	return errors.Join(err, w.Flush())
}

// essaisFichier bounds how often an upload that goes on is taken up.
const essaisFichier = 20

func envoyerFichiers(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() < 2 {
		return errors.New("URL et FICHIER attendus, comme https://hopital.exemple.fr:8443/v1/fichiers/es-750712184/recus retour.noe")
	}
	if err := adresseFichiers(c.Args().First()); err != nil {
		return err
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		client, err := p.ClientFichiers(ctx, c.String("locataire"))
		if err != nil {
			return err
		}
		for _, chemin := range c.Args().Slice()[1:] {
			recu, err := envoyerUn(ctx, client, c.Args().First(), c.String("genre"), chemin)
			if err != nil {
				return fmt.Errorf("%s : %w", chemin, err)
			}
			fmt.Fprintf(c.Root().Writer, "%s : reçu par le partenaire.\n", chemin)
			if json.Valid(recu) && len(recu) > 0 {
				fmt.Fprintf(c.Root().Writer, "  %s\n", recu)
			}
		}
		return nil
	})
}

func adresseFichiers(s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("adresse https attendue, celle que le partenaire a donnée")
	}
	return nil
}

var horsCle = regexp.MustCompile(`[^A-Za-z0-9._~-]+`)

func envoyerUn(ctx context.Context, client *https.Client, adresse, genre, chemin string) ([]byte, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only
	h := sha256.New()
	taille, err := io.Copy(h, f)
	if err != nil {
		return nil, err
	}
	// The same file is the same message, whatever the number of times it is sent.
	nom := horsCle.ReplaceAllString(filepath.Base(chemin), "-")
	e := &acheminement.Envoi{Adresse: adresse, Genre: genre, Taille: taille, Empreinte: [32]byte(h.Sum(nil))}
	e.Cle = "f" + hex.EncodeToString(e.Empreinte[:8]) + "-" + nom[:min(len(nom), 80)]
	for essai := 1; ; essai++ {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		r, err := client.Livrer(ctx, e, f)
		var p *acheminement.Passager
		if !errors.As(err, &p) || essai == essaisFichier || ctx.Err() != nil {
			return r.Octets, err
		}
		if !p.Avance {
			select {
			case <-time.After(cmp.Or(p.Attente, time.Second)):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
}

func recevoirFichiers(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return errors.New("URL attendue, comme https://hopital.exemple.fr:8443/v1/fichiers/es-750712184/envois/99000101")
	}
	if err := adresseFichiers(c.Args().First()); err != nil {
		return err
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		client, err := p.ClientFichiers(ctx, c.String("locataire"))
		if err != nil {
			return err
		}
		l, err := client.Lister(ctx, c.Args().First())
		if err != nil {
			return err
		}
		for _, o := range l {
			chemin, err := client.Retirer(ctx, c.Args().First(), o, c.String("dossier"))
			if err != nil {
				return fmt.Errorf("%s : %w", o.Nom, err)
			}
			fmt.Fprintf(c.Root().Writer, "%s : %d octets\n", chemin, o.Taille)
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s.\n", francais.Accorder(len(l), "fichier retiré", "fichiers retirés"))
		return err
	})
}
