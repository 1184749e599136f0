package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/roc"
)

func commandeEnvois() *cli.Command {
	commun := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "locataire", Usage: "partie qui envoie, comme es-750712184 ; toutes celles de la configuration si rien n'est dit"}}
	geste := append(commun[:2:2],
		&cli.StringFlag{Name: "cle", Required: true, Usage: "clé de l'envoi, comme « lister » la montre"},
		&cli.StringFlag{Name: "motif", Required: true, Usage: "pourquoi, sans donnée d'un patient"},
		&cli.StringFlag{Name: "par", Value: "exploitant", Usage: "pseudonyme de qui décide"})
	return &cli.Command{
		Name: "envois", Usage: "tient les envois qui n'ont pas abouti, sans redémarrage",
		Commands: []*cli.Command{
			{Name: "lister", Usage: "montre les lettres mortes : ce qu'aucun essai n'a fait passer", Flags: commun, Action: listerEnvois},
			commandeSuivre(commun),
			{Name: "regarder", Usage: "montre un envoi, ce qui lui est arrivé et ce qui en a été fait", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "cle", Required: true, Usage: "clé de l'envoi"},
				&cli.BoolFlag{Name: "corps", Usage: "écrit aussi son corps : il porte des données de patients"}), Action: regarderEnvoi},
			{Name: "reparer", Usage: "change l'adresse d'un retour ou d'un fichier, ou remplace son corps par un fichier", Flags: append(geste[:5:5],
				&cli.StringFlag{Name: "adresse", Usage: "nouvelle adresse : https de l'établissement pour un retour, https ou dossier pour un fichier"},
				&cli.StringFlag{Name: "corps", Usage: "fichier du nouveau corps, - pour l'entrée"}), Action: reparerEnvoi},
			{Name: "relancer", Usage: "envoie de nouveau une lettre morte, avec tous ses essais", Flags: geste, Action: func(ctx context.Context, c *cli.Command) error {
				return agirSurEnvoi(ctx, c, "L'envoi repart.", func(ctx context.Context, s *aVoir, g acheminement.Geste) error {
					return s.Relancer(ctx, c.String("cle"), g)
				})
			}},
			{Name: "abandonner", Usage: "renonce à une lettre morte ; ce qui attendait derrière elle part", Flags: geste, Action: func(ctx context.Context, c *cli.Command) error {
				return agirSurEnvoi(ctx, c, "L'envoi est abandonné.", func(ctx context.Context, s *aVoir, g acheminement.Geste) error {
					return s.p.Renoncer(ctx, s.tenant, s.Store, s.lettre, g)
				})
			}},
		},
	}
}

func listerEnvois(ctx context.Context, c *cli.Command) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATAIRE\tCLÉ\tDESTINATAIRE\tGENRE\tCODE\tESSAIS\tDEPUIS\tRETIENT\tQUI AGIT")
	err := surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		f := acheminement.Filtre{Max: 100}
		for {
			l, err := achstore.New(p.Base, tenant).Morts(ctx, f)
			if err != nil {
				return err
			}
			for i := range l {
				x := &l[i]
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", tenant, x.Envoi.Cle, x.Envoi.Destinataire, x.Envoi.Genre, x.Code, x.Essais, x.Depuis.Format(time.RFC3339), retient(x), quiAgitEnvoi(x.Envoi.Genre, x.Code))
			}
			if len(l) < f.Max {
				return nil
			}
			f.Apres, f.ApresCle = l[len(l)-1].Depuis, l[len(l)-1].Envoi.Cle
		}
	})
	return errors.Join(err, w.Flush())
}

// aVoir is a message and the party that holds it.
type aVoir struct {
	*achstore.Store
	p      *serveur.Processus
	tenant string
	lettre *acheminement.Lettre
}

// surEnvoi finds the party that holds a message.
func surEnvoi(ctx context.Context, c *cli.Command, f func(x *aVoir) error) error {
	trouve := false
	err := surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		s := achstore.New(p.Base, tenant)
		l, err := s.Regarder(ctx, c.String("cle"))
		if errors.Is(err, acheminement.ErrInconnu) {
			return nil
		}
		if err != nil {
			return err
		}
		trouve = true
		return f(&aVoir{s, p, tenant, l})
	})
	if err == nil && !trouve {
		return fmt.Errorf("aucun envoi sous la clé %s dans cette configuration", c.String("cle"))
	}
	return err
}

func regarderEnvoi(ctx context.Context, c *cli.Command) error {
	return surEnvoi(ctx, c, func(s *aVoir) error {
		l := s.lettre
		w := c.Root().Writer
		fmt.Fprintf(w, "%s vers %s, %s : %s, %s, depuis le %s\n", l.Envoi.Genre, l.Envoi.Destinataire, serveur.LibelleEnvoi[l.Etat], francais.Accorder(l.Essais, "essai", "essais"),
			serveur.CodeEnvoi(l.Code), l.Depuis.Format(time.RFC3339))
		switch {
		case l.Retenus > 0 && l.Ecarte:
			fmt.Fprintf(w, "Il retient %s qui parlent des mêmes factures ; les autres partent.\n", francais.Accorder(l.Retenus, "envoi", "envois"))
		case l.Retenus > 0:
			fmt.Fprintf(w, "%s derrière lui : tout ce qui va à ce destinataire.\n", francais.Accorder(l.Retenus, "envoi attend", "envois attendent"))
		}
		devant, err := s.Devant(ctx, l.Envoi.Cle)
		if err != nil {
			return err
		}
		if devant != "" {
			fmt.Fprintf(w, "Il attend que la lettre morte %s soit relancée ou abandonnée : « ecluse envois regarder --cle %s ».\n", devant, devant)
		}
		if l.Etat == acheminement.Mort {
			fmt.Fprintf(w, "Qui agit : %s.\n", quiAgitEnvoi(l.Envoi.Genre, l.Code))
		}
		for _, g := range l.Gestes {
			fmt.Fprintf(w, "%s  %s par %s : %s\n", g.Instant.Format(time.RFC3339), g.Action, g.Auteur, g.Motif)
		}
		if !c.Bool("corps") {
			return nil
		}
		b, err := s.Contenu(ctx, l.Envoi.Cle)
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\n", b)
		}
		return err
	})
}

// retient tells what a dead letter holds back.
func retient(l *acheminement.Lettre) string {
	switch {
	case l.Retenus == 0:
		return "rien"
	case l.Retenus >= acheminement.RetenusMax:
		return fmt.Sprintf("%d envois ou plus", l.Retenus)
	}
	return francais.Accorder(l.Retenus, "envoi", "envois")
}

// quiAgitEnvoi tells who must act on a dead letter, and how. A return that cannot be
// read was written here: its hospital's software has nothing to do with it.
func quiAgitEnvoi(genre, code string) string {
	if genre == serveur.GenreRetour && code == string(roc.Illisible) {
		return "l'exploitant d'Écluse chez l'AMC : ce retour ne se lit pas ; « envois regarder », puis « envois reparer » ou « envois abandonner »"
	}
	switch code {
	case acheminement.CodeSilence, acheminement.CodeEchec, acheminement.CodePanique:
		return "l'exploitant : joindre le destinataire, puis « envois relancer »"
	case acheminement.CodeContenu, acheminement.CodeTransport:
		return "l'exploitant : « envois reparer » ou « envois abandonner »"
	case acheminement.CodeSuite:
		return "l'exploitant : la réponse est arrivée et n'a pu être classée ; « envois relancer »"
	}
	s := roc.Code(code).Signification()
	if s.Libelle == "" {
		return "l'exploitant : « envois regarder »"
	}
	qui := s.Qui
	if qui == "" {
		qui = "le destinataire"
	}
	return qui + " : " + s.Libelle
}

func agirSurEnvoi(ctx context.Context, c *cli.Command, fait string, f func(context.Context, *aVoir, acheminement.Geste) error) error {
	return surEnvoi(ctx, c, func(s *aVoir) error {
		err := f(ctx, s, acheminement.Geste{Auteur: c.String("par"), Motif: c.String("motif"), Instant: s.p.Horloge()})
		if errors.Is(err, acheminement.ErrEtat) {
			return errors.New("cet envoi n'est pas une lettre morte : il part, est parti, ou a été abandonné")
		}
		if err == nil {
			_, err = fmt.Fprintln(c.Root().Writer, fait)
		}
		return err
	})
}

// reparerEnvoi mends what a message carries: its body, or where a return goes.
func reparerEnvoi(ctx context.Context, c *cli.Command) error {
	if (c.String("adresse") == "") == (c.String("corps") == "") {
		return errors.New("--adresse ou --corps est attendu, et un seul")
	}
	return agirSurEnvoi(ctx, c, "L'envoi est réparé : « ecluse envois relancer » l'envoie.", func(ctx context.Context, s *aVoir, g acheminement.Geste) error {
		b, err := s.Contenu(ctx, c.String("cle"))
		if err != nil {
			return err
		}
		if s.lettre.Envoi.Transport != serveur.TransportROC { // a file: what it carries is what leaves
			r := acheminement.Reparation{Adresse: c.String("adresse")}
			if r.Adresse == "" {
				if r.Contenu, err = lireCorps(c.String("corps")); err != nil {
					return err
				}
			}
			return s.Reparer(ctx, c.String("cle"), r, g)
		}
		x := new(serveur.Pli)
		if err := json.Unmarshal(b, x); err != nil {
			return fmt.Errorf("envoi illisible : %w", err)
		}
		if a := c.String("adresse"); a != "" {
			if x.Finess == "" {
				return errors.New("un lot va où l'annuaire dit que l'AMC reçoit : son adresse ne se change pas ici")
			}
			x.Adresse = a
		} else if x.Corps, err = lireCorps(c.String("corps")); err != nil {
			return err
		}
		if b, err = json.Marshal(x); err != nil {
			return err
		}
		return s.Reparer(ctx, c.String("cle"), acheminement.Reparation{Contenu: b}, g)
	})
}

func lireCorps(chemin string) (json.RawMessage, error) {
	if chemin == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, acheminement.ContenuMax))
	}
	return os.ReadFile(chemin)
}
