package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeComptable() *cli.Command {
	commun := []cli.Flag{drapeauConfig(), &cli.StringFlag{Name: "finess", Usage: "FINESS juridique de l'établissement ; inutile s'il n'y en a qu'un ici qui ait un comptable"}}
	enJSON := &cli.BoolFlag{Name: "json", Usage: "sortie JSON, montants en centimes"}
	par := &cli.StringFlag{Name: "par", Value: "exploitant", Usage: "pseudonyme de qui agit"}
	connu := &cli.StringFlag{Name: "connu", Usage: "telle qu'on la connaissait ce jour-là ; telle qu'on la connaît si rien n'est dit"}
	parLigne := &cli.BoolFlag{Name: "json", Usage: "un objet JSON par ligne, montants en centimes"}
	jour := &cli.StringFlag{Name: "jour", Usage: "jour, comme 2026-03-31 ; aujourd'hui par défaut"}
	c := func(nom, usage string, f func(context.Context, *cli.Command, *serveur.LivreOuvert) error, drapeaux ...cli.Flag) *cli.Command {
		return &cli.Command{Name: nom, Usage: usage, Flags: append(commun[:2:2], drapeaux...), Action: func(ctx context.Context, c *cli.Command) error {
			return surComptable(ctx, c, f)
		}}
	}
	importer := c("importer", "importe des relevés de la banque (CSV ou camt.053), chacun en entier ou pas du tout ; dit chaque ligne refusée", importerReleves, par, enJSON,
		&cli.StringFlag{Name: "format", Usage: "csv ou camt ; d'après le contenu si rien n'est dit", Validator: parmi("csv", "camt")},
		&cli.StringFlag{Name: "compte", Usage: "compte d'un CSV qui ne le dit pas ; celui de la configuration si rien n'est dit"},
		&cli.IntFlag{Name: "refus-max", Usage: "importe quand même un fichier qui a ce nombre de lignes refusées, au plus"})
	importer.ArgsUsage = "FICHIER…|-"
	exporter := c("exporter", "écrit la balance, les titres et les mouvements d'une période, chacun avec sa chaîne de preuve, et leur manifeste", exporterLivre, connu,
		&cli.StringFlag{Name: "du", Required: true, Usage: "premier jour, comme 2026-01-01"}, &cli.StringFlag{Name: "au", Required: true, Usage: "dernier jour, compris"},
		&cli.StringFlag{Name: "format", Value: "csv", Usage: "csv (trois fichiers pour un tableur) ou json (un enregistrement par ligne)", Validator: parmi("csv", "json")})
	exporter.ArgsUsage = "RÉPERTOIRE"
	return &cli.Command{
		Name: "comptable", Usage: "tient le livre du comptable public d'un établissement, sans redémarrage",
		Description: "Les titres s'émettent, se réduisent et s'annoncent d'eux-mêmes avec les factures et les retours des AMC.\nRien n'est payé tant qu'une ligne de la banque ne le dit pas. Une clinique n'a pas de comptable public.",
		Commands: append([]*cli.Command{
			importer,
			c("rapprocher", "rapproche les relevés de ce que les AMC ont annoncé ; le serveur le fait aussi de lui-même", rapprocherReleves, enJSON),
			c("file", "montre les lignes de la banque qui attendent une personne, et pourquoi", montrerFile, parLigne),
			c("regarder", "montre une ligne de la banque et ce qui pourrait l'expliquer", regarderLigne, drapeauLigne()),
			c("balance", "ce que chaque AMC doit à une date, et les comptes", montrerBalance, jour, connu, enJSON),
			c("agee", "ce que chaque AMC doit, selon l'âge de la dette", montrerAgee, jour, connu, enJSON),
			c("delais", "les délais de paiement des AMC, contre leur promesse", montrerDelais, enJSON,
				&cli.StringFlag{Name: "du", Usage: "premier jour de la banque ; le premier de l'année par défaut"}, &cli.StringFlag{Name: "au", Usage: "dernier jour, compris ; aujourd'hui par défaut"}),
			c("titres", "les titres qui ne sont pas soldés : ce que recouvrerait le service national (SNN)", montrerTitres, parLigne,
				&cli.BoolFlag{Name: "echus", Usage: "ceux dont la promesse de paiement est passée"}),
			exporter,
			c("verifier", "relit tout le livre et dit ce qui ne s'équilibre pas : rien, toujours", verifierLivre),
		}, gestesComptable(c, par)...),
	}
}

// surComptable opens the book that a command names.
func surComptable(ctx context.Context, c *cli.Command, f func(context.Context, *cli.Command, *serveur.LivreOuvert) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		l, err := p.OuvrirLivre(c.String("finess"))
		if err != nil {
			return err
		}
		return f(ctx, c, l)
	})
}

// ecrireJSON writes one value on the output of a command.
func ecrireJSON(c *cli.Command, v any) error {
	x := json.NewEncoder(c.Root().Writer)
	x.SetIndent("", "  ")
	return x.Encode(v)
}

// jourDit reads a day given as an option.
func jourDit(c *cli.Command, option string, defaut sante.Jour) (sante.Jour, error) {
	s := c.String(option)
	if s == "" {
		return defaut, nil
	}
	j, err := sante.ParseJour(s)
	if err != nil {
		return j, attendre(c, "--"+option+" : jour attendu, comme 2026-03-31")
	}
	return j, nil
}

// rapportImport is the report of a file.
type rapportImport struct {
	Fichier     string       `json:"fichier"`
	Format      string       `json:"format"`
	Empreinte   string       `json:"empreinte,omitempty"`
	DejaImporte bool         `json:"dejaImporte"`
	Importe     bool         `json:"importe"`
	Compare     bool         `json:"compteCompare"` // the account, with those of the configuration
	Lues        int          `json:"lues"`
	Nouvelles   int          `json:"nouvelles"`
	Doublons    int          `json:"doublons"`
	Refusees    int          `json:"refusees"`
	Credits     int64        `json:"credits"`
	Debits      int64        `json:"debits"`
	Refus       []refusLigne `json:"refus,omitempty"`
}

type refusLigne struct {
	Code   string `json:"code"`
	Ligne  int    `json:"ligne,omitempty"`
	Champ  string `json:"champ,omitempty"`
	Detail string `json:"detail"`
}

func importerReleves(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	if c.Args().Len() == 0 {
		return attendre(c, "un relevé de la banque est attendu, ou - pour l'entrée standard")
	}
	if l.Parametres.RefusMax = c.Int("refus-max"); l.Parametres.RefusMax < 0 {
		return attendre(c, "--refus-max : un nombre de lignes est attendu")
	}
	if err := releve.VerifierCompte(c.String("compte")); c.String("compte") != "" && err != nil {
		return attendre(c, "--compte : "+err.Error())
	}
	var rapports []rapportImport
	var refuses int
	for _, nom := range c.Args().Slice() {
		r, err := importerUn(ctx, c, l, nom)
		if err != nil && comptable.EstRefus(err) == nil {
			return fmt.Errorf("%s : %w", nom, err)
		}
		if err != nil {
			refuses++
		}
		if rapports = append(rapports, r); !c.Bool("json") {
			direImport(c.Root().Writer, &r)
		}
	}
	if c.Bool("json") {
		if err := ecrireJSON(c, rapports); err != nil {
			return err
		}
	}
	if refuses > 0 {
		return francais.Conseiller(fmt.Errorf("%s : rien n'en est importé", francais.Accorder(refuses, "relevé refusé", "relevés refusés")), "corriger le fichier, ou le demander de nouveau à la banque ; ce qui est déjà importé ne compte qu'une fois")
	}
	return nil
}

// importerUn imports a file. A refusal comes with its report.
func importerUn(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert, nom string) (r rapportImport, err error) {
	f, ranger, err := ouvrirReleve(nom, l.Parametres.OctetsMax)
	if err != nil {
		return r, err
	}
	defer ranger()
	format := c.String("format")
	if format == "" {
		if format, err = formatReleve(f); err != nil {
			return r, err
		}
	}
	lire := comptable.Lecture(releve.Camt{}.Lire)
	if format == "csv" {
		x := releve.CSV{Colonnes: colonnesDe(l.Etablissement.Comptable.Colonnes), Compte: l.Etablissement.Comptable.Compte}
		if c.String("compte") != "" {
			x.Compte = c.String("compte")
		}
		lire = x.Lire
	}
	x, err := l.Importer(ctx, comptable.Fichier{Nom: serveur.TexteSimple(filepath.Base(nom), 200), Format: format, Agent: c.String("par"), Source: f, Lire: lire})
	compare := len(l.Parametres.Comptes) > 0
	r = rapportImport{Fichier: nom, Format: format, Compare: compare}
	if x != nil {
		r = rapportImport{nom, format, x.Empreinte, x.DejaImporte, err == nil, compare, x.Lues, x.Nouvelles, x.Doublons, x.Refusees, int64(x.Credits), int64(x.Debits), nil}
		for i := range x.Refus {
			r.Refus = append(r.Refus, refusDit(&x.Refus[i]))
		}
	}
	if non := comptable.EstRefus(err); non != nil {
		r.Nouvelles, r.Doublons, r.Credits, r.Debits = 0, 0, 0, 0
		r.Refus = append(r.Refus, refusDit(non))
	}
	return r, err
}

func refusDit(x *comptable.Refus) refusLigne {
	return refusLigne{string(x.Code), x.Ligne, serveur.TexteSimple(x.Champ, 100), x.Detail}
}

func direImport(w io.Writer, r *rapportImport) {
	for _, x := range r.Refus {
		ou := ""
		if x.Ligne > 0 {
			ou = fmt.Sprintf(", ligne %d", x.Ligne)
		}
		if x.Champ != "" {
			ou += ", " + x.Champ
		}
		fmt.Fprintf(w, "%s%s : %s : %s\n", r.Fichier, ou, x.Code, x.Detail)
	}
	if tues := r.Refusees - len(r.Refus); tues > 0 {
		fmt.Fprintf(w, "%s : et %s, sans leur détail.\n", r.Fichier, francais.Accorder(tues, "autre ligne refusée", "autres lignes refusées"))
	}
	switch {
	case !r.Importe:
		fmt.Fprintf(w, "%s : refusé, rien n'en est importé.\n", r.Fichier)
	case r.DejaImporte:
		fmt.Fprintf(w, "%s : déjà importé, rien n'est changé.\n", r.Fichier)
	default:
		fmt.Fprintf(w, "%s (%s) : %s, %s, %s, %s ; %s au crédit, %s au débit.\n", r.Fichier, r.Format, francais.Accorder(r.Lues, "ligne lue", "lignes lues"), francais.Accorder(r.Nouvelles, "nouvelle", "nouvelles"),
			francais.Accorder(r.Doublons, "déjà connue", "déjà connues"), francais.Accorder(r.Refusees, "refusée", "refusées"), sante.Montant(r.Credits).Euros(), sante.Montant(r.Debits).Euros())
		if !r.Compare {
			fmt.Fprintf(w, "%s : son compte n'a pas été comparé à ceux de l'établissement, la configuration n'en dit aucun (clé « comptes » de [etablissement.comptable]).\n", r.Fichier)
		}
	}
}

// ouvrirReleve opens a file that can be read twice: what cannot, like the standard
// input, is copied first, up to a bound.
func ouvrirReleve(nom string, max int64) (*os.File, func(), error) {
	r, err := ouvrirFichier(nom)
	if err != nil {
		return nil, nil, err
	}
	if f, ok := r.(*os.File); ok {
		i, err := f.Stat()
		if err == nil && i.IsDir() {
			err = fmt.Errorf("open %s: is a directory", nom)
		}
		if err != nil {
			return nil, nil, errors.Join(err, f.Close())
		}
		if i.Mode().IsRegular() {
			return f, func() { f.Close() }, nil
		}
	}
	defer r.Close()
	t, err := os.CreateTemp("", "ecluse-releve-")
	if err != nil {
		return nil, nil, err
	}
	ranger := func() { t.Close(); os.Remove(t.Name()) }
	if _, err := io.Copy(t, io.LimitReader(r, max+1)); err != nil {
		ranger()
		return nil, nil, err
	}
	return t, ranger, nil
}

// formatReleve tells a camt.053 from a CSV by its first letter. What is neither is
// given its reason by the reader of CSV.
func formatReleve(f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	b := make([]byte, 4096)
	n, err := io.ReadFull(f, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	if strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(b[:n]), "\ufeff"), " \t\r\n"), "<") {
		return "camt", nil
	}
	return "csv", nil
}

func rapprocherReleves(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	b, err := l.RapprocherTout(ctx)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return ecrireJSON(c, struct {
			Examinees   int   `json:"examinees"`
			Rapprochees int   `json:"rapprochees"`
			Pieces      int   `json:"pieces"`
			Montant     int64 `json:"montant"`
		}{b.Examinees, b.Matchees, b.Pieces, int64(b.Montant)})
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s, %s, %s imputés. « ecluse comptable file » montre ce qui attend.\n", francais.Accorder(b.Examinees, "ligne examinée", "lignes examinées"),
		francais.Accorder(b.Matchees, "rapprochée", "rapprochées"), b.Montant.Euros())
	return err
}

// colonnesDe adds the names of a configuration to the usual ones.
func colonnesDe(l []string) releve.Colonnes {
	k := releve.ColonnesUsuelles()
	par := map[string]*[]string{"compte": &k.Compte, "jour": &k.Jour, "valeur": &k.Valeur, "libelle": &k.Libelle, "contrepartie": &k.Contrepartie,
		"reference": &k.Reference, "bout-en-bout": &k.BoutEnBout, "remise": &k.Remise, "debit": &k.Debit, "credit": &k.Credit, "montant": &k.Montant,
		"sens": &k.Sens, "devise": &k.Devise}
	for _, x := range l {
		role, nom, _ := strings.Cut(x, "=")
		if p := par[role]; p != nil {
			*p = append([]string{nom}, *p...)
		}
	}
	return k
}
