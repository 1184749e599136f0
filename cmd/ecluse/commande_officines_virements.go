package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/config"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	offvir "github.com/ecluse-sante/ecluse/internal/officine/virement"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
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

// secretOfficine is that of who pays: invoices are named under it, accounts closed.
func (p *processus) secretOfficine(c *config.AMC) ([]byte, error) {
	k, err := p.secretPartage(tenantAMC(c.Numero), "officine", p.f.Resoudre(cmp.Or(c.Droits.Factures.CleControle, filepath.Join(p.f.Donnees, "officine-"+c.Numero+".secret"))))
	if err != nil {
		return nil, fmt.Errorf("droits : factures : %w", err)
	}
	return k, nil
}

// surComptes is surOfficines, with the accounts.
func surComptes(ctx context.Context, c *cli.Command, f func(p *processus, a *config.AMC, s *off.Service, livre *offstore.Store) error) error {
	return surOfficinesDe(ctx, c, func(p *processus, a *config.AMC, s *off.Service, livre *offstore.Store) error {
		k, err := p.secretOfficine(a)
		if err != nil {
			return err
		}
		if s.Comptes, err = offstore.NewComptes(livre, k); err != nil {
			return err
		}
		return f(p, a, s, livre)
	})
}

// gesteTrace is what the journal keeps of what a person did of the payments.
type gesteTrace struct {
	Geste    string `json:"geste"`
	PS       string `json:"ps"`
	Virement string `json:"virement,omitempty"`
	Montant  string `json:"montant,omitempty"`
	Avant    string `json:"avant,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Par      string `json:"par"`
}

// tracerOfficine writes in the journal of an insurer who said an account, and which transfer
// came back.
func (p *processus) tracerOfficine(tenant string) func(context.Context, *off.Geste) error {
	return func(ctx context.Context, g *off.Geste) error {
		jr := p.journaux.par[tenant]
		if jr == nil {
			return errSansJournal
		}
		x := gesteTrace{Geste: string(g.Nature), PS: g.PS.String(), Virement: g.Virement, Avant: string(g.Avant), Detail: g.Detail, Par: g.Par}
		id := "compte-" + x.PS // what the journal is asked for
		if g.Virement != "" {
			id, x.Montant = "virement-"+g.Virement, g.Montant.String()
		}
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		t := preuve.Trace{CodeRetour: string(g.Nature), Emetteur: "PS:" + x.PS, IDMessage: id, Operateur: g.Par, Reception: g.Instant.UnixMilli(), Role: preuve.RoleDestinataire, Service: "PAIEMENT", VerdictQuestion: nonScelle}
		_, err = jr.Ecrire(ctx, t, contenuRapport(b))
		return err
	}
}

// nonScelle is the verdict of what nobody sealed: a gesture at the command line.
const nonScelle = "NON_SCELLE"

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
	return surComptes(ctx, c, func(_ *processus, a *config.AMC, s *off.Service, livre *offstore.Store) error {
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
			_, err = fmt.Fprintf(c.Root().Writer, "%s : %s.\n", c.String("sortie"), nombre(len(l), "virement", "virements"))
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
		return conseiller(err, "droits.factures.titulaire et droits.factures.compte")
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
		return conseiller(err, "rien n'est perdu : --remise %d récrit ce fichier", r.Rang)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s : remise %s, %s, %s.\n", c.String("sortie"), r.Reference, nombre(r.Nombre, "virement", "virements"), r.Total.Euros())
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
		return off.Payeur{}, conseiller(errors.New("la configuration ne dit pas le compte d'où les virements partent"), "droits.factures.compte, l'IBAN de qui paie")
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

// tableauMax is how much is read of a file that a person gives.
const tableauMax = 16 << 20

// lireTableau reads a file of semicolons whose titles are told, and gives each row to une:
// what it refuses is said with its line, the others are done.
func lireTableau(c *cli.Command, titres string, une func(champs []string) error) (faites int, err error) {
	chemin, err := unArgument(c, unFichier)
	if err != nil {
		return 0, err
	}
	f, err := os.Open(chemin)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, tableauMax+1))
	switch {
	case err != nil:
		return 0, err
	case len(b) > tableauMax:
		return 0, fmt.Errorf("%s : 16 Mio au plus", chemin)
	}
	lignes := strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n")
	n := strings.Count(titres, ";") + 1
	lus, err := lireLigne(lignes[0], n)
	if err != nil || strings.ToLower(strings.Join(lus, ";")) != titres {
		return 0, attendre(c, chemin+" : les titres de la première ligne doivent être "+titres)
	}
	refusees := 0
	for i, l := range lignes[1:] {
		if strings.TrimRight(l, "\r") == "" {
			continue
		}
		champs, err := lireLigne(l, n)
		if err == nil {
			err = une(champs)
		}
		if err != nil {
			refusees++
			fmt.Fprintf(c.Root().ErrWriter, "ligne %d : %v\n", i+2, err)
			continue
		}
		faites++
	}
	if refusees > 0 {
		return faites, fmt.Errorf("%s ; %s", accorder(refusees, "ligne refusée", "lignes refusées"), accorder(faites, "faite", "faites"))
	}
	return faites, nil
}

// lireLigne reads the n fields of one line: a quote that is not closed does not take the next
// ones. The error tells no content.
func lireLigne(l string, n int) ([]string, error) {
	if !utf8.ValidString(l) {
		return nil, errors.New("texte illisible : fichier en UTF-8 attendu (dans un tableur, « CSV UTF-8 »)")
	}
	x := csv.NewReader(strings.NewReader(l))
	x.Comma, x.TrimLeadingSpace, x.FieldsPerRecord = ';', true, n
	switch champs, err := x.Read(); {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return nil, errors.New("guillemet mal placé : un champ qui en porte s'écrit entre guillemets, les siens doublés")
	case err != nil:
		return nil, fmt.Errorf("%s attendus", nombre(n, "champ", "champs"))
	default:
		return champs, nil
	}
}

func pointerVirements(ctx context.Context, c *cli.Command) error {
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		n, err := lireTableau(c, "reference;etat;jour;motif", func(x []string) error {
			jour, ps, err := s.LireReference(strings.TrimSpace(x[0]))
			if err != nil {
				return errors.New("référence inconnue : celle d'un virement de cette AMC est attendue")
			}
			le, err := sante.ParseJour(strings.TrimSpace(x[2]))
			if err != nil {
				return fmt.Errorf("%s : jour attendu, comme 2026-03-31", x[0])
			}
			switch off.EtatOrdre(strings.TrimSpace(x[1])) {
			case off.OrdrePaye:
				err = s.ConfirmerRemis(ctx, jour, ps, le)
			case off.OrdreRendu:
				err = s.Rejeter(ctx, jour, ps, off.Retour{Le: le, Motif: strings.TrimSpace(x[3]), Par: c.String("par")})
			default:
				err = errors.New("état PAYE ou RENDU attendu")
			}
			if err != nil {
				return fmt.Errorf("%s : %w", x[0], direVirement(err, jour))
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s.\n", accorder(n, "virement pointé", "virements pointés"))
		return err
	})
}

// confirmerTous notes that the bank made the transfers of a run, but some, and those that it
// was never given.
func confirmerTous(ctx context.Context, c *cli.Command, s *off.Service, livre *offstore.Store, jour, le sante.Jour) error {
	ordres, err := livre.Ordres(ctx, jour)
	if err != nil {
		return err
	}
	faits, laisses, total := 0, 0, sante.Montant(0)
	var erreurs []error
	for _, o := range ordres {
		if o.Etat != off.OrdreDonne || slices.Contains(c.StringSlice("sauf"), o.PS.String()) {
			continue
		}
		switch err := s.ConfirmerRemis(ctx, jour, o.PS, le); {
		case errors.Is(err, off.ErrJour): // the same for all
			return direVirement(err, jour)
		case errors.Is(err, off.ErrHorsRemise):
			laisses++
		case err != nil:
			erreurs = append(erreurs, fmt.Errorf("%s : %w", o.Reference, direVirement(err, jour)))
		default:
			faits, total = faits+1, total+o.Montant
		}
	}
	if laisses > 0 {
		dit := fmt.Sprintf("%s, dans aucun fichier de la banque : « ecluse officines virements --jour %s » les y met ; payé autrement, chacun se note par « confirmer --ps »",
			accorder(laisses, "virement laissé", "virements laissés"), jour)
		if faits == 0 {
			return errors.Join(append(erreurs, errors.New(dit))...)
		}
		fmt.Fprintln(c.Root().ErrWriter, dit)
	}
	if faits == 0 && erreurs == nil {
		return fmt.Errorf("aucun virement n'attend de nouvelle de la banque au règlement du %s : « ecluse officines regler --montrer --jour %s » les montre", jour.Francais(), jour)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s, %s.\n", accorder(faits, "virement fait", "virements faits"), total.Euros())
	return errors.Join(append(erreurs, err)...)
}

// montrerReglement tells what a run would pay now, and changes nothing.
func montrerReglement(ctx context.Context, c *cli.Command, s *off.Service) error {
	l, rendu, err := s.Prevoir(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if len(l) > 0 {
		fmt.Fprintln(w, "PROFESSIONNEL\tFACTURES\tMONTANT\tCOMPTE")
	}
	factures, total := 0, sante.Montant(0)
	for _, p := range l {
		compte := "manque"
		x, err := s.Comptes.Compte(ctx, p.PS)
		switch {
		case err == nil:
			compte = x.IBAN.Masque()
		case !errors.Is(err, off.ErrSansCompte):
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", p.PS, p.Factures, p.Montant.Euros(), compte)
		factures, total = factures+p.Factures, total+p.Montant
	}
	if err := w.Flush(); err != nil {
		return err
	}
	deduit := min(rendu, total)
	_, err = fmt.Fprintf(c.Root().Writer, "Le prochain règlement ferait %s, pour %s : %s ordonnés, %s rendus par la banque, %s prélevés. Rien n'est fait.\n",
		nombre(len(l), "virement", "virements"), nombre(factures, "facture", "factures"), total.Euros(), deduit.Euros(), (total - deduit).Euros())
	return err
}

// vusParLesLivres are the indicators that the books of who pays can tell; the others are
// known by the workstations. ref: VISIO §15
var vusParLesLivres = []visiodroits.NomIndicateur{visiodroits.PartDegrade, visiodroits.RejetsAccredites, visiodroits.DelaiMedian, visiodroits.DelaiP95}

func direIndicateursOfficines(ctx context.Context, c *cli.Command) error {
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		aujourdhui := sante.JourA(s.Horloge(), sante.Paris())
		du, err1 := jourDit(c, "du", aujourdhui-30)
		au, err2 := jourDit(c, "au", aujourdhui)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		somme, err := s.Indicateurs(ctx, du, au)
		if err != nil {
			return err
		}
		cibles, err := visiodroits.CiblesPubliees()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Root().Writer, "Du %s au %s, d'après les livres de qui paie ; « ecluse droits indicateurs » dit ce que les postes en comptent.\n", du.Francais(), au.Francais())
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "INDICATEUR\tVALEUR\tSUR\tCIBLE")
		for _, i := range visiodroits.Calculer(somme, cibles) {
			if slices.Contains(vusParLesLivres, i.Nom) {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", i.Libelle, valeurIndicateur(&i), i.Sur, i.Verdict)
			}
		}
		return w.Flush()
	})
}

func importerComptes(ctx context.Context, c *cli.Command) error {
	return surComptes(ctx, c, func(_ *processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		n, err := lireTableau(c, "ps;titulaire;iban", func(x []string) error {
			k := off.Compte{Titulaire: x[1], Par: c.String("par")}
			var err error
			if k.PS, err = sante.ParseNumeroFacturation(strings.TrimSpace(x[0])); err != nil {
				return err
			}
			if k.IBAN, err = sante.ParseIBAN(strings.TrimSpace(x[2])); err != nil {
				return fmt.Errorf("%s : %w", k.PS, err)
			}
			if err := s.NoterCompte(ctx, &k); err != nil {
				return fmt.Errorf("%s : %w", k.PS, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s ; retirer le fichier s'il ne sert plus.\n", accorder(n, "compte noté", "comptes notés"))
		return err
	})
}

func listerComptes(ctx context.Context, c *cli.Command) error {
	return surComptes(ctx, c, func(_ *processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		l, err := s.Comptes.Comptes(ctx)
		if err != nil {
			return err
		}
		if len(l) == 0 {
			_, err := fmt.Fprintln(c.Root().Writer, "Aucun compte.")
			return err
		}
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "PROFESSIONNEL\tTITULAIRE\tCOMPTE\tNOTÉ LE\tPAR")
		for i := range l {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l[i].PS, l[i].Titulaire, l[i].IBAN.Masque(), sante.JourA(l[i].Note, sante.Paris()), l[i].Par)
		}
		return w.Flush()
	})
}

func oublierCompte(ctx context.Context, c *cli.Command) error {
	ps, err := psDit(c)
	if err != nil {
		return err
	}
	return surComptes(ctx, c, func(_ *processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		if err := s.OublierCompte(ctx, ps, c.String("par")); errors.Is(err, off.ErrSansCompte) {
			return fmt.Errorf("aucun compte n'est dit pour %s", ps)
		} else if err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.Root().Writer, "Compte oublié : ses prochains virements attendent qu'un autre soit dit.")
		return err
	})
}
