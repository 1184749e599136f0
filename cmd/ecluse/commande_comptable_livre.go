package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/local"
	"github.com/ecluse-sante/ecluse/internal/comptable/national"
	"github.com/ecluse-sante/ecluse/internal/journal"
	journalstore "github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// dates reads --jour and --connu.
func (l *comptableDe) dates(c *cli.Command) (jour, connu sante.Jour, err error) {
	jour, err = jourDit(c, "jour", l.aujourdhui())
	if err != nil {
		return jour, connu, err
	}
	connu, err = jourDit(c, "connu", comptable.SansFin)
	return jour, connu, err
}

// ligneBalance is a line of a balance in JSON.
type ligneBalance struct {
	AMC     string `json:"amc,omitempty"`
	Libelle string `json:"libelle,omitempty"`
	Emis    int64  `json:"emis"`
	Reduit  int64  `json:"reduit"`
	Paye    int64  `json:"paye"`
	Perdu   int64  `json:"perdu"`
	Reste   int64  `json:"reste"`
}

func ligneBalanceDe(x *comptable.LigneBalance) ligneBalance {
	return ligneBalance{x.AMC.String(), x.Libelle, int64(x.Emis), int64(x.Reduit), int64(x.Paye), int64(x.Perdu), int64(x.Reste)}
}

type soldeJSON struct {
	Compte string `json:"compte"`
	Debit  int64  `json:"debit"`
	Credit int64  `json:"credit"`
}

// connuDit is the day of what was known, zero for now.
func connuDit(j sante.Jour) sante.Jour {
	if j == comptable.SansFin {
		return 0
	}
	return j
}

func montrerBalance(ctx context.Context, c *cli.Command, l *comptableDe) error {
	jour, connu, err := l.dates(c)
	if err != nil {
		return err
	}
	b, err := l.Balance(ctx, jour, connu)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		x := struct {
			Jour      sante.Jour     `json:"jour"`
			Connu     sante.Jour     `json:"connu,omitzero"`
			Debiteurs []ligneBalance `json:"debiteurs"`
			Total     ligneBalance   `json:"total"`
			Comptes   []soldeJSON    `json:"comptes"`
		}{Jour: jour, Connu: connuDit(connu), Debiteurs: []ligneBalance{}, Total: ligneBalanceDe(&b.Total), Comptes: []soldeJSON{}}
		x.Total.AMC = ""
		for i := range b.Debiteurs {
			x.Debiteurs = append(x.Debiteurs, ligneBalanceDe(&b.Debiteurs[i]))
		}
		for _, s := range b.Comptes {
			x.Comptes = append(x.Comptes, soldeJSON{string(s.Compte), int64(s.Debit), int64(s.Credit)})
		}
		return ecrireJSON(c, x)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Balance au %s%s\nAMC\tNOM\tÉMIS\tRÉDUIT\tPAYÉ\tPERDU\tDÛ\n", jour.Francais(), telle(connu))
	b.Total.Libelle = "TOTAL"
	for _, x := range append(b.Debiteurs, b.Total) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.AMC, simple(x.Libelle, 40), x.Emis.Euros(), x.Reduit.Euros(), x.Paye.Euros(), x.Perdu.Euros(), x.Reste.Euros())
	}
	fmt.Fprint(w, "\nCOMPTE\tDÉBIT\tCRÉDIT\n")
	for _, s := range b.Comptes {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Compte, s.Debit.Euros(), s.Credit.Euros())
	}
	return w.Flush()
}

func telle(connu sante.Jour) string {
	if connu == comptable.SansFin {
		return ""
	}
	return ", telle qu'on la connaissait le " + connu.Francais()
}

func montrerAgee(ctx context.Context, c *cli.Command, l *comptableDe) error {
	jour, connu, err := l.dates(c)
	if err != nil {
		return err
	}
	lignes, err := l.BalanceAgee(ctx, jour, connu)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		type tranche struct {
			Age     string `json:"age"`
			Nombre  int    `json:"nombre"`
			Montant int64  `json:"montant"`
		}
		type debiteur struct {
			AMC      string    `json:"amc"`
			Libelle  string    `json:"libelle"`
			Tranches []tranche `json:"tranches"`
			Total    int64     `json:"total"`
		}
		dits := []debiteur{}
		for i := range lignes {
			x := &lignes[i]
			d := debiteur{AMC: x.AMC.String(), Libelle: x.Libelle, Total: int64(x.Total())}
			for t := range comptable.Tranches {
				d.Tranches = append(d.Tranches, tranche{t.Libelle(), x.Nombre[t], int64(x.Montants[t])})
			}
			dits = append(dits, d)
		}
		return ecrireJSON(c, dits)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Balance âgée au %s%s\nAMC\tNOM", jour.Francais(), telle(connu))
	for t := range comptable.Tranches {
		fmt.Fprint(w, "\t", strings.ToUpper(t.Libelle()))
	}
	fmt.Fprintln(w, "\tTOTAL")
	for i := range lignes {
		x := &lignes[i]
		fmt.Fprintf(w, "%s\t%s", x.AMC, simple(x.Libelle, 40))
		for t := range comptable.Tranches {
			fmt.Fprint(w, "\t", x.Montants[t].Euros())
		}
		fmt.Fprintf(w, "\t%s\n", x.Total().Euros())
	}
	return w.Flush()
}

func montrerDelais(ctx context.Context, c *cli.Command, l *comptableDe) error {
	auj := l.aujourdhui()
	du, err := jourDit(c, "du", sante.JourDe(auj.Annee(), 1, 1))
	if err != nil {
		return err
	}
	au, err := jourDit(c, "au", auj)
	if err != nil {
		return err
	}
	d, err := l.Delais(ctx, du, au)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		type delai struct {
			AMC         string `json:"amc"`
			Libelle     string `json:"libelle"`
			Nombre      int    `json:"nombre"`
			Montant     int64  `json:"montant"`
			SansAccuse  int    `json:"sansAccuse"`
			Mediane     int    `json:"mediane"`
			P90         int    `json:"p90"`
			Retards     int    `json:"retards"`
			MontantTard int64  `json:"montantEnRetard"`
			PartTard    string `json:"partEnRetard"`
			Penalites   int64  `json:"penalites"`
		}
		dits := []delai{}
		for _, x := range d {
			dits = append(dits, delai{x.AMC.String(), x.Libelle, x.Nombre, int64(x.Montant), x.SansAccuse, x.Mediane, x.P90, x.Retards, int64(x.MontantTard), x.PartTard.String(), int64(x.Penalites)})
		}
		return ecrireJSON(c, dits)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Paiements reçus du %s au %s ; promesse : %d jours de l'accusé à l'argent\nAMC\tNOM\tPAIEMENTS\tMONTANT\tMÉDIANE\t90 %%\tEN RETARD\tPART\tMONTANT EN RETARD\tPÉNALITÉS\n",
		du.Francais(), au.Francais(), l.c.DelaiPaye)
	for _, x := range d {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d j\t%d j\t%d\t%s %%\t%s\t%s\n", x.AMC, simple(x.Libelle, 40), x.Nombre, x.Montant.Euros(), x.Mediane, x.P90, x.Retards,
			strings.Replace(x.PartTard.String(), ".", ",", 1), x.MontantTard.Euros(), x.Penalites.Euros())
	}
	return w.Flush()
}

// montrerTitres lists what the national service would be handed, by the data of its
// port: see package national.
func montrerTitres(ctx context.Context, c *cli.Command, l *comptableDe) error {
	es, err := sante.ParseFINESS(l.c.Finess)
	if err != nil {
		return err
	}
	noms, err := l.noms(ctx)
	if err != nil {
		return err
	}
	type creance struct {
		Etablissement string     `json:"etablissement"`
		Exercice      int        `json:"exercice"`
		Titre         int64      `json:"titre"`
		Debiteur      string     `json:"debiteur"`
		Libelle       string     `json:"libelle"`
		Annee         int        `json:"annee"`
		Facture       string     `json:"facture"`
		Lot           string     `json:"lot"`
		Montant       int64      `json:"montant"`
		Reduit        int64      `json:"reduit"`
		Paye          int64      `json:"paye"`
		Reste         int64      `json:"reste"`
		Emission      sante.Jour `json:"emission"`
		Accuse        sante.Jour `json:"accuse,omitzero"`
		Echeance      sante.Jour `json:"echeance,omitzero"`
		Message       string     `json:"message,omitempty"`
		Feuille       string     `json:"feuille,omitempty"`
	}
	ligne := json.NewEncoder(c.Root().Writer)
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if !c.Bool("json") {
		fmt.Fprintln(w, "TITRE\tAMC\tNOM\tFACTURE\tLOT\tMONTANT\tRÉDUIT\tPAYÉ\tRESTE\tÉCHÉANCE")
	}
	p := comptable.Periode{Du: comptable.SansFin, Au: comptable.SansFin, Connu: comptable.SansFin}
	auj := l.aujourdhui()
	if err := l.source(ctx).TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		x := national.CreanceDe(es, noms[t.AMC], &t.Titre)
		switch echu := !x.Echeance.IsZero() && x.Echeance < auj; {
		case x.Reste == 0 || c.Bool("echus") && !echu:
		case c.Bool("json"):
			return ligne.Encode(creance{x.Etablissement.String(), x.Exercice, x.Titre, x.Debiteur.String(), x.Libelle, x.Facture.Annee, x.Facture.Numero, x.Lot,
				int64(x.Montant), int64(x.Reduit), int64(x.Paye), int64(x.Reste), x.Emission, x.Accuse, x.Echeance, x.Preuve.Message, x.Preuve.Feuille})
		default:
			_, err := fmt.Fprintf(w, "%d/%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.Exercice, x.Titre, x.Debiteur, simple(x.Libelle, 40), x.Facture.Numero, x.Lot,
				x.Montant.Euros(), x.Reduit.Euros(), x.Paye.Euros(), x.Reste.Euros(), x.Echeance.Francais())
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	return w.Flush()
}

// noms are those of the debtors.
func (l *comptableDe) noms(ctx context.Context) (map[sante.NumeroAMC]string, error) {
	b, err := l.Balance(ctx, comptable.SansFin, comptable.SansFin)
	if err != nil {
		return nil, err
	}
	m := map[sante.NumeroAMC]string{}
	for _, x := range b.Debiteurs {
		m[x.AMC] = x.Libelle
	}
	return m, nil
}

func verifierLivre(ctx context.Context, c *cli.Command, l *comptableDe) error {
	anomalies, err := l.Controler(ctx)
	if err != nil {
		return err
	}
	for _, a := range anomalies {
		fmt.Fprintf(c.Root().Writer, "%s : %s\n", a.Controle, accorder(a.Nombre, "anomalie", "anomalies"))
	}
	if len(anomalies) > 0 {
		return conseiller(errors.New("le livre du comptable ne s'équilibre pas"), "ne rien y écrire de plus, et restaurer la dernière sauvegarde qui se vérifie")
	}
	_, err = fmt.Fprintln(c.Root().Writer, "le livre du comptable s'équilibre : titres, lignes, annonces, écritures, cumuls et pièces")
	return err
}

// sourceProuvee gives the leaf of each message, as the journal of the hospital has
// it: a message is written in the book before its leaf is in the journal.
type sourceProuvee struct {
	local.Source
	ctx     context.Context // without the snapshot of the book
	tenant  string
	journal *journalstore.Store
	lues    map[string][2]string
}

func (l *comptableDe) source(ctx context.Context) *sourceProuvee {
	return &sourceProuvee{l.store, ctx, tenantEtablissement(l.c.Finess), journalstore.Nouveau(l.p.base), map[string][2]string{}}
}

// feuillesGardees bounds the leaves kept in memory.
const feuillesGardees = 10_000

// feuilles gives the first and the last leaf of a message, "" once erased.
func (s *sourceProuvee) feuilles(message string) ([2]string, error) {
	if f, lue := s.lues[message]; lue || message == "" {
		return f, nil
	}
	l, err := s.journal.Chercher(s.ctx, s.tenant, journal.Critere{IDMessage: message})
	if err != nil {
		return [2]string{}, err
	}
	var f [2]string
	if len(l) > 0 {
		f = [2]string{l[0].Feuille.Hex(), l[len(l)-1].Feuille.Hex()}
	}
	if len(s.lues) >= feuillesGardees {
		clear(s.lues)
	}
	s.lues[message] = f
	return f, nil
}

// TitresPeriode implements local.Source: the leaf of an invoice is that of the
// exchange by which its insurer acknowledged it.
func (s *sourceProuvee) TitresPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.TitrePeriode) error) error {
	return s.Source.TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		if t.Preuve.Feuille == "" {
			f, err := s.feuilles(t.Preuve.Message)
			if err != nil {
				return err
			}
			t.Preuve.Feuille = f[1]
		}
		return une(t)
	})
}

// MouvementsPeriode implements local.Source: the leaf of an announce is that of the
// exchange by which it came.
func (s *sourceProuvee) MouvementsPeriode(ctx context.Context, p comptable.Periode, une func(*comptable.MouvementPeriode) error) error {
	return s.Source.MouvementsPeriode(ctx, p, func(m *comptable.MouvementPeriode) error {
		if a := m.Annonce; a != nil && a.Preuve.Feuille == "" {
			f, err := s.feuilles(a.Preuve.Message)
			if err != nil {
				return err
			}
			a.Preuve.Feuille = f[0]
		}
		return une(m)
	})
}

// exporterLivre writes an export beside its place, then puts it there whole.
func exporterLivre(ctx context.Context, c *cli.Command, l *comptableDe) (err error) {
	dir, err := unArgument(c, unRepertoireVide)
	if err != nil {
		return err
	}
	var p comptable.Periode
	if p.Du, err = jourDit(c, "du", 0); err != nil {
		return err
	}
	if p.Au, err = jourDit(c, "au", 0); err != nil {
		return err
	}
	if p.Connu, err = jourDit(c, "connu", comptable.SansFin); err != nil {
		return err
	}
	if dir = filepath.Clean(dir); p.Au < p.Du {
		return attendre(c, "--au : un jour qui ne précède pas --du est attendu")
	}
	if x, err := os.ReadDir(dir); err == nil && len(x) > 0 {
		return fmt.Errorf("%s : le répertoire n'est pas vide", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	partiel, err := os.MkdirTemp(filepath.Dir(dir), ".export-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partiel)
	m, err := l.exporter(ctx, p, c.String("format"), func(nom string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(partiel, nom), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(partiel, dir); err != nil {
		return err
	}
	fmt.Fprintf(c.Root().Writer, "%s : émis %s, réduit %s, payé %s, perdu %s ; dû %s, contre %s au début\n", dir, m.Total.Emis.Euros(), m.Total.Reduit.Euros(),
		m.Total.Paye.Euros(), m.Total.Perdu.Euros(), m.Total.Cloture.Euros(), m.Total.Ouverture.Euros())
	for _, f := range m.Fichiers {
		fmt.Fprintf(c.Root().Writer, "%s  %s, SHA-256 %s\n", f.Nom, accorder(f.Lignes, "ligne", "lignes"), f.SHA256)
	}
	return nil
}

func (l *comptableDe) exporter(ctx context.Context, p comptable.Periode, format string, s local.Sortie) (*local.Manifeste, error) {
	x := local.Export{Service: l.Service, Source: l.source(ctx)}
	if format == "json" {
		return x.JSONL(ctx, p, s)
	}
	return x.CSV(ctx, p, s)
}

// ligneFile is a bank line in JSON.
type ligneFile struct {
	ID           string     `json:"id"`
	Jour         sante.Jour `json:"jour"`
	Sens         string     `json:"sens"`
	Montant      int64      `json:"montant"`
	Reste        int64      `json:"reste"`
	Compte       string     `json:"compte"`
	Reference    string     `json:"reference,omitempty"`
	BoutEnBout   string     `json:"boutEnBout,omitempty"`
	Libelle      string     `json:"libelle,omitempty"`
	Contrepartie string     `json:"contrepartie,omitempty"`
	Doute        string     `json:"doute,omitempty"`
	Pourquoi     string     `json:"pourquoi"`
	Releve       string     `json:"releve"`
	Place        int        `json:"place"`
}

func montrerFile(ctx context.Context, c *cli.Command, l *comptableDe) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if !c.Bool("json") {
		fmt.Fprintln(w, "LIGNE\tJOUR\tSENS\tRESTE\tSUR\tPOURQUOI\tCODE\tLIBELLÉ")
	}
	ligne := json.NewEncoder(c.Root().Writer)
	var place comptable.PlaceFile
	for {
		lignes, suite, err := l.File(ctx, place, 500)
		if err != nil {
			return err
		}
		for _, x := range lignes {
			if c.Bool("json") {
				if err := ligne.Encode(ligneFile{string(x.ID), x.Jour, string(x.Sens), int64(x.Montant), int64(x.Reste), x.Compte, x.Reference, x.BoutEnBout, x.Libelle, x.Contrepartie,
					string(x.Doute), x.Doute.Libelle(), x.Releve, x.Place}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.Jour.Francais(), sensDit[x.Sens], x.Reste.Euros(), x.Montant.Euros(), x.Doute.Libelle(), x.Doute, simple(x.Libelle, 60))
		}
		if place = suite; len(lignes) == 0 {
			return w.Flush()
		}
	}
}

var sensDit = map[comptable.Sens]string{comptable.Credit: "crédit", comptable.Debit: "débit"}

func drapeauLigne() cli.Flag {
	return &cli.StringFlag{Name: "ligne", Required: true, Usage: "ligne de la banque, comme « file » la montre"}
}

func regarderLigne(ctx context.Context, c *cli.Command, l *comptableDe) error {
	id := comptable.IDLigne(c.String("ligne"))
	x, err := l.Lignes.Ligne(ctx, id)
	if err != nil {
		return err
	}
	if x == nil {
		return fmt.Errorf("--ligne : %s n'est pas une ligne de ce livre", id)
	}
	w := c.Root().Writer
	fmt.Fprintf(w, "%s du %s, compte %s : %s au %s, %s à classer : %s\n", x.ID, x.Jour.Francais(), x.Compte, x.Montant.Euros(), sensDit[x.Sens], x.Reste.Euros(), x.Doute.Libelle())
	for _, d := range []struct{ nom, dit string }{{"libellé", x.Libelle}, {"contrepartie", x.Contrepartie}, {"référence de la banque", x.Reference}, {"bout en bout", x.BoutEnBout}, {"remises", strings.Join(x.Remises, ", ")}} {
		if d.dit != "" {
			fmt.Fprintf(w, "  %s : %s\n", d.nom, simple(d.dit, 300))
		}
	}
	fmt.Fprintf(w, "  relevé %s, place %d\n", x.Releve, x.Place)
	if x.Reste == 0 {
		return nil
	}
	k, err := l.Candidats(ctx, id)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		titre string
		l     []*comptable.Annonce
	}{{"annonces dont elle cite le virement", k.Citees}, {"annonces du même montant", k.Egales}} {
		for i, a := range s.l {
			if i == 0 {
				fmt.Fprintln(w, s.titre+" :")
			}
			fmt.Fprintf(w, "  annonce=%s/%s  %s du %s, %s restent sur %s\n", a.Cle.Payeur, a.Cle.Retour, simple(a.Reference, 35), a.Comptable.Francais(), a.Reste.Euros(), a.Total.Euros())
			for _, f := range a.Factures {
				fmt.Fprintf(w, "    #%d facture %s, lot %s : %s restent sur %s%s\n", f.Rang, f.Numero, f.Lot, f.Reste.Euros(), f.Montant.Euros(), titresDits(f.Titres))
			}
		}
	}
	for i, y := range append(k.Soeurs, k.Rivales...) {
		if i == 0 {
			fmt.Fprintln(w, "autres lignes qui pourraient l'être :")
		}
		fmt.Fprintf(w, "  %s du %s, %s\n", y.ID, y.Jour.Francais(), y.Reste.Euros())
	}
	return nil
}

func titresDits(l []*comptable.Titre) string {
	if len(l) == 0 {
		return ", sans titre"
	}
	s := ""
	for _, t := range l {
		s += ", titre=" + strconv.Itoa(t.Cle.Exercice) + "/" + strconv.FormatInt(t.Cle.Numero, 10) + " qui a " + t.Reste.Euros()
	}
	return s
}
