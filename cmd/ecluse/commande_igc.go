package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
)

func commandeIGC() *cli.Command {
	reperer := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "autorite", Required: true, Usage: "autorité émettrice, comme ACI-EL-ORG"},
		&cli.StringFlag{Name: "serie", Required: true, Usage: "numéro de série, en hexadécimal"}}
	return &cli.Command{
		Name: "igc", Usage: "tient l'autorité de certification du laboratoire",
		Commands: []*cli.Command{
			{Name: "emettre", Usage: "émet un certificat de laboratoire", Flags: []cli.Flag{drapeauConfig(),
				&cli.StringFlag{Name: "profil", Required: true, Usage: fmt.Sprint(igc.Profils())},
				&cli.StringFlag{Name: "organisation", Usage: "raison sociale"}, &cli.StringFlag{Name: "structure", Usage: "Struct_IdNat"},
				&cli.StringFlag{Name: "cn", Usage: "nom du service, ou nom d'hôte"}, &cli.StringSliceFlag{Name: "dns", Usage: "nom d'hôte d'un serveur"},
				&cli.StringSliceFlag{Name: "ip", Usage: "adresse d'un serveur"}, &cli.StringFlag{Name: "csr", Usage: "demande PKCS#10 ; sans elle la clé est tirée ici"},
				&cli.StringFlag{Name: "algorithme", Usage: "de la clé tirée ici : " + string(igc.EC256) + " (défaut), " + string(igc.EC384) + ", " + string(igc.RSA2048) + ", " + string(igc.RSA3072) + " ou " + string(igc.RSA4096)},
				&cli.StringFlag{Name: "nom", Usage: "personne : nom"}, &cli.StringFlag{Name: "prenom", Usage: "personne : prénom"},
				&cli.StringFlag{Name: "titre", Usage: "personne : profession"}, &cli.StringFlag{Name: "idnat", Usage: "personne : IdNat_PS"},
				&cli.StringFlag{Name: "sortie", Required: true, Usage: "préfixe des fichiers : PRÉFIXE.pem et PRÉFIXE.cle"}}, Action: emettre},
			{Name: "renouveler", Usage: "renouvelle un certificat, avec une nouvelle clé", Flags: append(reperer,
				&cli.StringFlag{Name: "csr", Usage: "demande PKCS#10"}, &cli.StringFlag{Name: "sortie", Required: true, Usage: "préfixe des fichiers"}), Action: renouveler},
			{Name: "revoquer", Usage: "révoque un certificat et publie la liste", Flags: append(reperer,
				&cli.IntFlag{Name: "raison", Usage: "code de raison : 1 clé compromise, 4 remplacé, 5 cessation…"}), Action: revoquer},
			{Name: "suspendre", Usage: "suspend un certificat et publie la liste", Flags: reperer, Action: func(ctx context.Context, c *cli.Command) error {
				return changerEtat(ctx, c, "suspendu", func(g *igc.IGC) error { return g.Suspendre(ctx, c.String("autorite"), c.String("serie"), "exploitant") })
			}},
			{Name: "reprendre", Usage: "lève une suspension et publie la liste", Flags: reperer, Action: func(ctx context.Context, c *cli.Command) error {
				return changerEtat(ctx, c, "repris", func(g *igc.IGC) error { return g.Reprendre(ctx, c.String("autorite"), c.String("serie"), "exploitant") })
			}},
			{Name: "publier", Usage: "publie les listes de révocation qui le doivent", Flags: []cli.Flag{drapeauConfig()}, Action: func(ctx context.Context, c *cli.Command) error {
				return avecIGC(ctx, c, false, func(g *igc.IGC) error { return nil })
			}},
			{Name: "lister", Usage: "montre les certificats émis", Flags: []cli.Flag{drapeauConfig(), &cli.StringFlag{Name: "structure", Usage: "de cette structure"}}, Action: listerIGC},
		},
	}
}

// avecIGC opens the authority of a configuration, and publishes what must be
// afterwards; forcer publishes the list of --autorite at once.
func avecIGC(ctx context.Context, c *cli.Command, forcer bool, f func(g *igc.IGC) error) error {
	fichier, err := config.Lire(c.String("config"))
	if err != nil {
		return err
	}
	if fichier.IGC == nil {
		return errors.New("cette configuration ne tient pas d'autorité : table [igc] attendue")
	}
	horloge, err := serveur.HorlogeDe(fichier)
	if err != nil {
		return err
	}
	g, err := serveur.OuvrirAutorite(ctx, fichier.Resoudre(fichier.IGC.Repertoire), fichier.IGC.Adresse, horloge)
	if err != nil {
		return err
	}
	if err := f(g); err != nil {
		return err
	}
	if forcer {
		if _, err := g.Publier(ctx, c.String("autorite"), horloge()); err != nil {
			return err
		}
	}
	if _, err := g.PublierSiNecessaire(ctx, horloge()); err != nil {
		return err
	}
	return igclocal.Confiance(ctx, fichier.Resoudre(fichier.Confiance.Autorites), g)
}

func emettre(ctx context.Context, c *cli.Command) error {
	d := igc.Demande{Profil: igc.Profil(c.String("profil")), DNS: c.StringSlice("dns"), Algo: igc.Algorithme(c.String("algorithme")), Par: "exploitant", Sujet: igc.Sujet{
		Organisation: c.String("organisation"), Structure: c.String("structure"), CN: c.String("cn"),
		Nom: c.String("nom"), Prenom: c.String("prenom"), Titre: c.String("titre"), IdNatPS: c.String("idnat")}}
	for _, s := range c.StringSlice("ip") {
		ip := net.ParseIP(s)
		if ip == nil {
			return fmt.Errorf("--ip %s : adresse attendue", s)
		}
		d.IP = append(d.IP, ip)
	}
	var err error
	if d.CSR, err = lireCSR(c.String("csr")); err != nil {
		return err
	}
	if d.CSR != nil && d.Algo != "" {
		return errors.New("--algorithme et --csr : la clé de la demande a déjà le sien")
	}
	return avecIGC(ctx, c, false, func(g *igc.IGC) error {
		e, err := g.Emettre(ctx, d)
		if err != nil {
			return err
		}
		return direEmission(c, e)
	})
}

func lireCSR(chemin string) ([]byte, error) {
	if chemin == "" {
		return nil, nil
	}
	b, err := lireFichier(chemin, 1<<20)
	if err != nil {
		return nil, err
	}
	if bloc, _ := pem.Decode(b); bloc != nil {
		return bloc.Bytes, nil
	}
	return b, nil
}

func renouveler(ctx context.Context, c *cli.Command) error {
	csr, err := lireCSR(c.String("csr"))
	if err != nil {
		return err
	}
	return avecIGC(ctx, c, false, func(g *igc.IGC) error {
		e, err := g.Renouveler(ctx, c.String("autorite"), c.String("serie"), csr, "exploitant")
		if err != nil {
			return err
		}
		return direEmission(c, e)
	})
}

func direEmission(c *cli.Command, e igc.Emission) error {
	if err := serveur.EcrireEmission(c.String("sortie"), e); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.Root().Writer, "%s émis par %s, série %s, valable jusqu'au %s\n", e.Fiche.Profil, e.Fiche.AC, e.Fiche.Serie, e.Fiche.Fin.Format(time.DateOnly))
	return err
}

func revoquer(ctx context.Context, c *cli.Command) error {
	return changerEtat(ctx, c, "révoqué", func(g *igc.IGC) error {
		return g.Revoquer(ctx, c.String("autorite"), c.String("serie"), certificat.Raison(c.Int("raison")), time.Time{}, "exploitant")
	})
}

// changerEtat changes the state of a certificate, publishes the list at once and
// says so.
func changerEtat(ctx context.Context, c *cli.Command, etat string, f func(g *igc.IGC) error) error {
	if err := avecIGC(ctx, c, true, f); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.Root().Writer, "certificat %s de %s %s ; liste de révocation publiée\n", c.String("serie"), c.String("autorite"), etat)
	return err
}

func listerIGC(ctx context.Context, c *cli.Command) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AUTORITÉ\tSÉRIE\tPROFIL\tSTRUCTURE\tÉTAT\tFIN")
	err := avecIGC(ctx, c, false, func(g *igc.IGC) error {
		l, err := g.Lister(ctx, igc.Filtre{Structure: c.String("structure")})
		for _, f := range l {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", f.AC, f.Serie, f.Profil, f.Structure, f.Etat, f.Fin.Format(time.DateOnly))
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.Flush()
}
