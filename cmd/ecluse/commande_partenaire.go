package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/cercle"
)

func commandePartenaire() *cli.Command {
	lien := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "locataire", Usage: "partie dont c'est le cercle, comme amc-99000001 ; toutes celles de la configuration si rien n'est dit"},
		&cli.StringFlag{Name: "structure", Required: true, Usage: "identifiant de structure (Struct_IdNat) de ses certificats, ou identifiant national (IdNat_PS) d'une carte"},
		&cli.StringFlag{Name: "role", Required: true, Usage: "ETABLISSEMENT, AMC, OPERATEUR, RELAIS, ANNUAIRE, PROFESSIONNEL ou TIERS",
			Validator: parmi(string(cercle.RoleEtablissement), string(cercle.RoleAMC), string(cercle.RoleOperateur), string(cercle.RoleRelais), string(cercle.RoleAnnuaire),
				string(cercle.RoleProfessionnel), string(cercle.RoleTiers))},
		&cli.StringFlag{Name: "identifiant", Required: true, Usage: "FINESS, numéro d'AMC, numéro de facturation ou identifiant"},
		&cli.StringFlag{Name: "des", Usage: "à partir de quand (RFC 3339) ; maintenant par défaut"},
		&cli.StringFlag{Name: "par", Value: "exploitant", Usage: "qui décide"},
	}
	changer := func(nom, usage string, f func(context.Context, *cercle.Cercle, cercle.Lien, time.Time, string) error) *cli.Command {
		return &cli.Command{Name: nom, Usage: usage, Flags: lien, Action: func(ctx context.Context, c *cli.Command) error {
			return changerPartenaire(ctx, c, f)
		}}
	}
	return &cli.Command{
		Name: "partenaire", Usage: "tient le cercle de confiance, sans redémarrage",
		Commands: []*cli.Command{
			changer("admettre", "admet une structure sous un identifiant", func(ctx context.Context, k *cercle.Cercle, l cercle.Lien, des time.Time, par string) error {
				return k.Admettre(ctx, []cercle.Lien{l}, cercle.Periode{Du: des}, par)
			}),
			changer("suspendre", "refuse une structure jusqu'à nouvel ordre", func(ctx context.Context, k *cercle.Cercle, l cercle.Lien, des time.Time, par string) error {
				return k.Suspendre(ctx, l, des, par)
			}),
			changer("reprendre", "lève une suspension", func(ctx context.Context, k *cercle.Cercle, l cercle.Lien, des time.Time, par string) error {
				return k.Reprendre(ctx, l, des, par)
			}),
			changer("retirer", "sort une structure du cercle", func(ctx context.Context, k *cercle.Cercle, l cercle.Lien, des time.Time, par string) error {
				return k.Retirer(ctx, l, des, par)
			}),
			{Name: "porter", Usage: "laisse un relais porter les messages d'une structure, ou de toutes", Flags: []cli.Flag{drapeauConfig(),
				&cli.StringFlag{Name: "locataire", Usage: "partie dont c'est le cercle"},
				&cli.StringFlag{Name: "relais", Required: true, Usage: "structure du relais"},
				&cli.StringFlag{Name: "pour", Value: cercle.Tous, Usage: "structure qui scelle, * pour toutes"},
				&cli.BoolFlag{Name: "cesser", Usage: "cesse de le laisser porter"},
				&cli.StringFlag{Name: "par", Value: "exploitant", Usage: "qui décide"}}, Action: porter},
			{Name: "lister", Usage: "montre les partenaires et leur état", Flags: []cli.Flag{drapeauConfig(), lien[1]}, Action: listerPartenaires},
		},
	}
}

// surLocataires runs f for the tenant asked, or for all.
func surLocataires(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, tenant string) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		l := p.Tenants()
		if t := c.String("locataire"); t != "" {
			if !slices.Contains(l, t) {
				return francais.Conseiller(fmt.Errorf("%s n'est pas une partie de cette configuration", t), "les parties : %s", strings.Join(l, ", "))
			}
			l = []string{t}
		}
		if len(l) == 0 {
			return errors.New("aucune partie dans cette configuration")
		}
		for _, t := range l {
			if err := f(p, t); err != nil {
				return fmt.Errorf("%s : %w", t, err)
			}
		}
		return nil
	})
}

func changerPartenaire(ctx context.Context, c *cli.Command, f func(context.Context, *cercle.Cercle, cercle.Lien, time.Time, string) error) error {
	return surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		des, err := lireInstant(c, "des", p.Horloge())
		if err != nil {
			return err
		}
		l := cercle.Lien{Tenant: tenant, Structure: c.String("structure"), Role: cercle.Role(c.String("role")), Identifiant: c.String("identifiant")}
		if err := f(ctx, p.Cercle, l, des, c.String("par")); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s : %s, structure %s, %s %s, à compter du %s\n", tenant, c.Name, l.Structure, l.Role, l.Identifiant, des.Format(time.DateTime))
		return err
	})
}

func porter(ctx context.Context, c *cli.Command) error {
	return surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		x := cercle.Portage{Tenant: tenant, Relais: c.String("relais"), Pour: c.String("pour")}
		if c.Bool("cesser") {
			return p.Cercle.SuspendrePortage(ctx, x, p.Horloge(), c.String("par"))
		}
		return p.Cercle.AdmettrePortage(ctx, x, p.Horloge(), c.String("par"))
	})
}

func listerPartenaires(ctx context.Context, c *cli.Command) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATAIRE\tSTRUCTURE\tRÔLE\tIDENTIFIANT\tÉTAT\tDEPUIS")
	err := surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		for _, e := range p.Cercle.Lister(tenant, p.Horloge()) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", tenant, e.Structure, e.Role, e.Identifiant, e.Etat, e.Depuis.Format(time.DateOnly))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Flush()
}
