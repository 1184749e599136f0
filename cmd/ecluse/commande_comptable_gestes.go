package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

// gestesComptable are what a person does of what no rule decides.
func gestesComptable(c func(string, string, func(context.Context, *cli.Command, *serveur.LivreOuvert) error, ...cli.Flag) *cli.Command, par cli.Flag) []*cli.Command {
	raison := &cli.StringFlag{Name: "raison", Required: true, Usage: "pourquoi, sans donnée d'un patient"}
	montant := &cli.StringFlag{Name: "montant", Required: true, Usage: "en euros, comme 12.30"}
	affecter := c("affecter", "affecte à la main une ligne de la banque, en une ou plusieurs parts", affecterLigne, drapeauLigne(), raison, par)
	affecter.ArgsUsage = "PART…"
	affecter.Description = "Une part, comme « regarder » montre les candidats :\n" +
		"   annonce=AMC/RETOUR:MONTANT      paie les factures de l'annonce, dans leur ordre\n" +
		"   annonce=AMC/RETOUR#RANG:MONTANT paie une facture de l'annonce\n" +
		"   titre=EXERCICE/NUMÉRO:MONTANT   paie un titre que rien n'annonce\n" +
		"   excedent:MONTANT                trop-perçu, à rendre\n" +
		"   hors-champ:MONTANT              argent d'un autre que d'une AMC\n" +
		"   remboursement:MONTANT           d'un débit : un trop-perçu rendu\n" +
		"   debit-hors-champ:MONTANT        d'un débit : une dépense d'un autre\n\n" +
		"Rien ne s'affecte au-delà de ce qui reste ; ce qui n'est pas affecté attend."
	return []*cli.Command{
		affecter,
		c("compenser", "oppose un débit de la banque au crédit qu'il reprend", func(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
			m, err := montantDit(c)
			if err != nil {
				return err
			}
			return direPiece(c, "compensé")(l.Compenser(ctx, ordreDit(c), comptable.IDLigne(c.String("credit")), comptable.IDLigne(c.String("debit")), m))
		}, &cli.StringFlag{Name: "credit", Required: true, Usage: "ligne au crédit"}, &cli.StringFlag{Name: "debit", Required: true, Usage: "ligne au débit"}, montant, raison, par),
		c("non-valeur", "renonce à ce qui ne sera pas payé d'un titre", func(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
			m, err := montantDit(c)
			if err != nil {
				return err
			}
			t, err := titreDit(c.String("titre"))
			if err != nil {
				return attendre(c, "--titre : "+err.Error())
			}
			return direPiece(c, "admis en non-valeur")(l.AdmettreEnNonValeur(ctx, ordreDit(c), t, m))
		}, &cli.StringFlag{Name: "titre", Required: true, Usage: "EXERCICE/NUMÉRO, comme « titres » le montre"}, montant, raison, par),
		c("defaire", "défait une pièce par une contre-passation ; ses lignes attendent une personne", func(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
			return direPiece(c, "défait")(l.Contrepasser(ctx, ordreDit(c), int64(c.Int("piece"))))
		}, &cli.IntFlag{Name: "piece", Required: true, Usage: "numéro de la pièce, comme l'export le montre"}, raison, par),
		c("soumettre", "rend une ligne au rapprochement automatique", func(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
			if err := l.Soumettre(ctx, comptable.IDLigne(c.String("ligne"))); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.Root().Writer, "la ligne sera examinée au prochain rapprochement")
			return err
		}, drapeauLigne()),
	}
}

func ordreDit(c *cli.Command) comptable.Ordre {
	return comptable.Ordre{Agent: c.String("par"), Raison: c.String("raison")}
}

func montantDit(c *cli.Command) (sante.Montant, error) {
	m, err := sante.ParseMontant(c.String("montant"))
	if err != nil {
		return 0, attendre(c, "--montant : "+err.Error())
	}
	return m, nil
}

// direPiece tells the piece that a person made.
func direPiece(c *cli.Command, fait string) func(*comptable.Piece, error) error {
	return func(p *comptable.Piece, err error) error {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s : pièce %d, %s\n", fait, p.Numero, francais.Accorder(len(p.Ecritures), "écriture", "écritures"))
		return err
	}
}

func affecterLigne(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	if c.Args().Len() == 0 {
		return attendre(c, "une part au moins est attendue, comme annonce=AMC/RETOUR:12.30")
	}
	var parts []comptable.Part
	for _, s := range c.Args().Slice() {
		p, err := partDite(s)
		if err != nil {
			return attendre(c, s+" : "+err.Error())
		}
		parts = append(parts, p)
	}
	return direPiece(c, "affecté")(l.Imputer(ctx, ordreDit(c), comptable.IDLigne(c.String("ligne")), parts))
}

var naturesPart = map[string]comptable.Nature{"annonce": comptable.Paiement, "titre": comptable.Paiement, "excedent": comptable.Excedent,
	"hors-champ": comptable.HorsChamp, "remboursement": comptable.Remboursement, "debit-hors-champ": comptable.HorsChampD}

// partDite reads a part: its kind, what it names, its amount.
func partDite(s string) (p comptable.Part, err error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return p, errors.New("montant attendu après « : »")
	}
	if p.Montant, err = sante.ParseMontant(s[i+1:]); err != nil {
		return p, err
	}
	genre, ref, nomme := strings.Cut(s[:i], "=")
	if p.Nature = naturesPart[genre]; p.Nature == "" {
		return p, errors.New("annonce, titre, excedent, hors-champ, remboursement ou debit-hors-champ attendu")
	}
	switch {
	case nomme != (p.Nature == comptable.Paiement):
		return p, errors.New("annonce et titre nomment ce qu'ils paient, les autres rien")
	case genre == "titre":
		p.Titre, err = titreDit(ref)
	case genre == "annonce":
		err = annonceDite(ref, &p)
	}
	return p, err
}

func titreDit(s string) (t comptable.CleTitre, err error) {
	exercice, numero, ok := strings.Cut(s, "/")
	if t.Exercice, err = strconv.Atoi(exercice); err == nil {
		t.Numero, err = strconv.ParseInt(numero, 10, 64)
	}
	if err != nil || !ok {
		return t, errors.New("EXERCICE/NUMÉRO attendu, comme 2026/12")
	}
	return t, nil
}

func annonceDite(s string, p *comptable.Part) error {
	s, rang, precise := strings.Cut(s, "#")
	amc, retour, ok := strings.Cut(s, "/")
	n, err := sante.ParseNumeroAMC(amc)
	if err == nil && precise {
		if p.Rang, err = strconv.Atoi(rang); p.Rang < 1 {
			err = strconv.ErrRange
		}
	}
	if err != nil || !ok || retour == "" {
		return errors.New("AMC/RETOUR ou AMC/RETOUR#RANG attendu")
	}
	p.Annonce = comptable.CleAnnonce{Payeur: n, Retour: retour}
	return nil
}
