package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	offvir "github.com/ecluse-sante/ecluse/internal/officine/virement"
	"github.com/ecluse-sante/ecluse/sante"
)

// commandesVirements are what an accountant of the insurer does beside the run.
func commandesVirements(avec func(...cli.Flag) []cli.Flag, ps, jour, par cli.Flag) []*cli.Command {
	return []*cli.Command{
		{Name: "virements", Usage: "écrit les virements d'un règlement : le fichier de la banque, ou un tableau", Description: "Le fichier de la banque (pain) prend les virements qui ne sont encore dans aucun, sur le compte que\n" +
			"« comptes » dit ; ceux qui n'ont pas de compte attendent un fichier suivant. Un fichier perdu se récrit le même, par --remise ;\n" +
			"si la banque n'en a rien pris, --execution demande alors un autre jour.\n" +
			"Les tableaux (csv, json) disent tout le règlement, et n'y changent rien. Ces fichiers portent des IBAN.",
			Flags: avec(jour, &cli.StringFlag{Name: "format", Value: "pain", Usage: "pain (ISO 20022 pain.001.001.09), csv ou json"},
				&cli.IntFlag{Name: "remise", Usage: "récrit le fichier de ce rang, sans y rien changer que le jour de --execution, s'il est dit"},
				&cli.StringFlag{Name: "execution", Usage: "jour demandé à la banque, AAAA-MM-JJ, d'aujourd'hui à soixante jours d'ici ; aujourd'hui si rien n'est dit"},
				&cli.StringFlag{Name: "sortie", Required: true, Usage: "fichier, qui ne doit pas exister"}), Action: ecrireVirements},
		{Name: "pointer", Usage: "note ce que la banque a fait de plusieurs virements, un par ligne", ArgsUsage: "FICHIER", Description: "Un CSV à points-virgules, avec ces titres : reference;etat;jour;motif. L'état est PAYE ou RENDU ; un virement\n" +
			"déjà payé ne se rend pas sans motif. Chaque ligne vaut seule : celles qui sont refusées sont dites, les autres sont faites,\n" +
			"et le même fichier redonné n'y change rien.", Flags: avec(par), Action: pointerVirements},
		{Name: "indicateurs", Usage: "calcule, d'après les livres, la part du mode dégradé, les rejets de factures accréditées et le délai de paiement", Flags: avec(
			&cli.StringFlag{Name: "du", Usage: "premier jour, AAAA-MM-JJ ; trente jours avant aujourd'hui si rien n'est dit"},
			&cli.StringFlag{Name: "au", Usage: "dernier jour ; aujourd'hui si rien n'est dit"}), Action: direIndicateursOfficines},
		{Name: "comptes", Usage: "tient les comptes où les professionnels sont payés ; gardés chiffrés, jamais montrés entiers", Commands: []*cli.Command{
			{Name: "importer", Usage: "note des comptes, chacun à la place du précédent", ArgsUsage: "FICHIER", Description: "Un CSV à points-virgules, avec ces titres : ps;titulaire;iban. Une ligne inexacte est dite, les autres sont notées.",
				Flags: avec(par), Action: importerComptes},
			{Name: "lister", Usage: "montre qui a un compte, et par qui il fut dit", Flags: avec(), Action: listerComptes},
			{Name: "oublier", Usage: "oublie le compte d'un professionnel", Flags: avec(ps, par), Action: oublierCompte},
		}},
	}
}

// fichierFerme writes a file that only its owner reads, whole or not at all.
func fichierFerme(chemin string, ecrire func(io.Writer) error) error {
	f, err := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(ecrire(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(chemin))
	}
	return nil
}

func ecrireVirements(ctx context.Context, c *cli.Command) error {
	return surComptes(ctx, c, func(_ *serveur.Processus, a *config.AMC, s *off.Service, livre *offstore.Store) error {
		jour, err1 := ceJour(c, "jour", s)
		execution, err2 := ceJour(c, "execution", s)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		switch format := c.String("format"); format {
		case "pain":
			return ecrirePain(ctx, c, a, s, jour, execution)
		case "csv", "json":
			l, err := lignesDe(ctx, s, livre, jour)
			if err != nil {
				return err
			}
			ecrire := offvir.CSV
			if format == "json" {
				ecrire = offvir.JSON
			}
			if err := fichierFerme(c.String("sortie"), func(w io.Writer) error { return ecrire(w, l) }); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Root().Writer, "%s : %s.\n", c.String("sortie"), francais.Accorder(len(l), "virement", "virements"))
			return err
		}
		return attendre(c, "--format : pain, csv ou json attendu")
	})
}

// ecrirePain gives the bank what it has not yet, or the same file again. What is in no file
// is in one only once it is written.
func ecrirePain(ctx context.Context, c *cli.Command, a *config.AMC, s *off.Service, jour, execution sante.Jour) error {
	if _, err := os.Stat(c.String("sortie")); err == nil {
		return fmt.Errorf("%s existe déjà : rien n'est remis", c.String("sortie"))
	}
	r, err := laRemise(ctx, c, a, s, jour, execution)
	switch {
	case errors.Is(err, off.ErrPayeur):
		return francais.Conseiller(err, "droits.factures.titulaire et droits.factures.compte")
	case errors.Is(err, off.ErrExecution):
		return fmt.Errorf("--execution : jour attendu, d'aujourd'hui à %d jours d'ici", off.ExecutionMax)
	case errors.Is(err, off.ErrRemiseFaite):
		return errors.New("--execution : la banque a déjà fait ou rendu un virement de ce fichier ; --remise seul le récrit comme il fut")
	case errors.Is(err, off.ErrRienARemettre) && c.IsSet("remise"):
		return fmt.Errorf("--remise : aucun fichier %d au règlement du %s", c.Int("remise"), jour.Francais())
	case errors.Is(err, off.ErrRienARemettre), errors.Is(err, off.ErrReglement), errors.Is(err, off.ErrReglementClos):
		return fmt.Errorf("aucun virement n'est à remettre à la banque au règlement du %s : « ecluse officines regler --montrer --jour %s » montre où ils en sont", jour.Francais(), jour)
	case err != nil:
		return err
	}
	if err := fichierFerme(c.String("sortie"), func(w io.Writer) error { return offvir.Pain(w, r) }); err != nil {
		return francais.Conseiller(err, "rien n'est perdu : --remise %d récrit ce fichier", r.Rang)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s : remise %s, %s, %s.\n", c.String("sortie"), r.Reference, francais.Accorder(r.Nombre, "virement", "virements"), r.Total.Euros())
	return err
}

// laRemise is the file that is asked: one made before, perhaps for another day, or a new one.
func laRemise(ctx context.Context, c *cli.Command, a *config.AMC, s *off.Service, jour, execution sante.Jour) (*off.Remise, error) {
	rang := c.Int("remise")
	switch {
	case c.IsSet("remise") && rang < 1:
		return nil, attendre(c, "--remise : le rang d'un fichier, à partir de 1")
	case c.IsSet("remise") && c.IsSet("execution"):
		return s.Redater(ctx, jour, rang, execution)
	case c.IsSet("remise"):
		r, err := s.Remise(ctx, jour, rang)
		if err == nil && r.Execution < execution {
			fmt.Fprintf(c.Root().ErrWriter, "le jour demandé à la banque, le %s, est passé : si elle n'a pas pris ce fichier, --execution en demande un autre\n", r.Execution.Francais())
		}
		return r, err
	}
	p, err := payeurDe(a)
	if err != nil {
		return nil, err
	}
	r, sans, err := s.Remettre(ctx, jour, execution, p)
	for i := range sans {
		fmt.Fprintf(c.Root().ErrWriter, "%s : aucun compte n'est dit, son virement de %s attend : « ecluse officines comptes importer »\n", sans[i].PS, sans[i].Montant.Euros())
	}
	return r, err
}

// payeurDe is the account that the configuration says, where new files leave from.
func payeurDe(a *config.AMC) (off.Payeur, error) {
	x := &a.Droits.Factures
	if x.Compte == "" {
		return off.Payeur{}, francais.Conseiller(errors.New("la configuration ne dit pas le compte d'où les virements partent"), "droits.factures.compte, l'IBAN de qui paie")
	}
	compte, err := sante.ParseIBAN(x.Compte)
	return off.Payeur{Nom: cmp.Or(x.Titulaire, a.Libelle), IBAN: compte}, err
}

// lignesDe are the orders of a run, each with the account of its file or the one known now.
func lignesDe(ctx context.Context, s *off.Service, livre *offstore.Store, jour sante.Jour) ([]offvir.Ligne, error) {
	ordres, err := livre.Ordres(ctx, jour)
	if err != nil {
		return nil, err
	}
	remis := map[string]off.Virement{}
	lues := map[int]bool{0: true}
	l := make([]offvir.Ligne, len(ordres))
	for i, o := range ordres {
		if !lues[o.Remise] {
			r, err := s.Remise(ctx, jour, o.Remise)
			if err != nil {
				return nil, err
			}
			for _, v := range r.Virements {
				remis[v.Reference] = v
			}
			lues[o.Remise] = true
		}
		l[i] = offvir.Ligne{Ordre: o, Titulaire: remis[o.Reference].Titulaire, IBAN: remis[o.Reference].IBAN}
		if o.Remise > 0 {
			continue
		}
		switch x, err := s.Comptes.Compte(ctx, o.PS); {
		case err == nil:
			l[i].Titulaire, l[i].IBAN = x.Titulaire, x.IBAN
		case !errors.Is(err, off.ErrSansCompte):
			return nil, err
		}
	}
	return l, nil
}
