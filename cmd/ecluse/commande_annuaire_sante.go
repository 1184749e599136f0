package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// commandesAnnuaireSante keep and ask the national directory of health.
func commandesAnnuaireSante() []*cli.Command {
	ou := []cli.Flag{drapeauConfig(), &cli.StringFlag{Name: "repertoire", Usage: "répertoire d'images, sans configuration"}}
	return []*cli.Command{
		{Name: "generer", ArgsUsage: "RÉPERTOIRE", Usage: "écrit un annuaire national fictif, en fichiers d'extraction", Action: genererAnnuaire, Flags: []cli.Flag{
			&cli.IntFlag{Name: "professionnels", Value: 2000, Usage: "combien de professionnels"},
			&cli.FloatFlag{Name: "situations", Value: 1, Usage: "situations par professionnel, en moyenne"},
			&cli.Uint64Flag{Name: "graine", Value: 1, Usage: "la même graine fait le même annuaire"},
			&cli.IntFlag{Name: "jour", Usage: "l'annuaire tel qu'il est tant de jours après"},
			&cli.FloatFlag{Name: "part", Usage: "part des professionnels dont la fiche change en un jour (0,006 si rien n'est dit)"},
			&cli.BoolFlag{Name: "differences", Usage: "seulement ce qui change ce jour-là"},
			&cli.BoolFlag{Name: "sales", Usage: "une ligne fautive sur cent, de chaque sorte que les contrôles cherchent"},
			&cli.StringSliceFlag{Name: "departement", Usage: "seulement ces départements (plusieurs fois)"},
		}},
		{Name: "charger", ArgsUsage: "RÉPERTOIRE", Usage: "met en service des fichiers d'extraction, d'un seul coup, ou dit pourquoi non", Action: chargerAnnuaire,
			Flags: append([]cli.Flag{
				&cli.BoolFlag{Name: "differences", Usage: "les fichiers de différences, et non les entiers"},
				&cli.StringFlag{Name: "accepter", Usage: "nom de qui accepte une différence plus grande que le seuil"},
				&cli.StringFlag{Name: "anomalies", Usage: "fichier CSV des anomalies, à envoyer à qui peut les corriger"},
				&cli.BoolFlag{Name: "json", Usage: "le rapport en JSON"},
			}, ou...)},
		{Name: "chercher", ArgsUsage: "QUESTION", Usage: "cherche comme on l'écrirait : « dupont cardio blois »", Action: chercherAnnuaire,
			Flags: append([]cli.Flag{
				&cli.BoolFlag{Name: "structures", Usage: "cherche des structures, et non des professionnels"},
				&cli.IntFlag{Name: "nombre", Value: 10, Usage: "combien de réponses au plus"},
				&cli.BoolFlag{Name: "json", Usage: "une réponse JSON par ligne"},
			}, ou...)},
		{Name: "pourquoi", ArgsUsage: "FAMILLE NATURE CHEMIN", Usage: "dit qui voit quoi, par quelle règle, et qui peut la changer", Action: pourquoiAnnuaire, Flags: []cli.Flag{
			&cli.StringFlag{Name: "tables", Usage: "répertoire de tables qui remplacent celles du programme"}}},
		{Name: "etat", Usage: "dit ce que l'annuaire tient, d'où et de quand", Action: etatAnnuaire,
			Flags: append([]cli.Flag{&cli.BoolFlag{Name: "json", Usage: "en JSON"}}, ou...)},
		{Name: "extraire", ArgsUsage: "RÉPERTOIRE", Usage: "écrit tout ce qui est servi, liste rouge comprise, en fichiers d'extraction", Action: extraireAnnuaire, Flags: ou},
		{Name: "verifier", Usage: "relit les images et leurs sommes", Action: verifierAnnuaire, Flags: ou},
	}
}

func genererAnnuaire(ctx context.Context, c *cli.Command) error {
	dossier, err := unArgument(c, unRepertoire)
	if err != nil {
		return err
	}
	autorite, err := local.NouvelleAutorite(c.Uint64("graine"))
	if err != nil {
		return err
	}
	n, err := local.New(local.Reglage{Graine: c.Uint64("graine"), DER: autorite.DER, Professionnels: c.Int("professionnels"), Situations: c.Float("situations"), Part: c.Float("part"),
		Sales: c.Bool("sales"), Departements: c.StringSlice("departement")})
	if err != nil {
		return err
	}
	j, err := n.Journee(c.Int("jour"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dossier, 0o755); err != nil {
		return err
	}
	debut := time.Now()
	l, err := j.EcrireDossier(ctx, dossier, c.Bool("differences"))
	if err != nil {
		return err
	}
	if err := ecrireDomaines(n, filepath.Join(dossier, "domaines.csv")); err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, f := range l {
		fmt.Fprintf(w, "%d\t  %s\n", f.Lignes-1, f.Chemin)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "Annuaire entièrement fictif, écrit en %s. Le mettre en service : ecluse annuaire charger %s\n", time.Since(debut).Round(time.Millisecond), dossier)
	return err
}

// ecrireDomaines writes the white list of a fictitious directory, for the tables of who
// loads it.
func ecrireDomaines(n *local.National, chemin string) error {
	f, err := os.Create(chemin)
	if err != nil {
		return err
	}
	return errors.Join(n.EcrireDomaines(f), f.Close())
}

// depotAnnuaire opens the images that a command is about, and says where they are. The
// file is nil when a directory was given without one.
func depotAnnuaire(c *cli.Command) (*image.Depot, string, *config.Fichier, error) {
	if r := c.String("repertoire"); r != "" {
		if err := os.MkdirAll(r, 0o700); err != nil {
			return nil, "", nil, err
		}
		d, err := image.Ouvrir(r, image.Options{})
		return d, r, nil, err
	}
	f, err := config.Lire(c.String("config"))
	if err != nil {
		return nil, "", nil, err
	}
	d, r, err := serveur.OuvrirImages(f)
	return d, r, f, err
}

// memoireChargement is how much memory a run of feeds lets itself take before it sweeps
// more often; GOMEMLIMIT says another.
const memoireChargement = 850 << 20

func chargerAnnuaire(ctx context.Context, c *cli.Command) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoireChargement)
	}
	dossier, err := unArgument(c, unRepertoire)
	if err != nil {
		return err
	}
	flux, err := charger.Dossier(dossier, c.Bool("differences"), sante.Paris())
	if err != nil {
		return err
	}
	d, rep, f, err := depotAnnuaire(c)
	if err != nil {
		return err
	}
	defer d.Fermer()
	r, err := serveur.ChargerAnnuaire(ctx, f, d, rep, flux, c.String("accepter"))
	if r != nil {
		if e := direRapport(c, r); e != nil {
			return e
		}
		if chemin := c.String("anomalies"); chemin != "" {
			if e := ecrireAnomalies(f, r, chemin); e != nil {
				return errors.Join(err, e)
			}
		}
	}
	return err
}

func ecrireAnomalies(f *config.Fichier, r *charger.Rapport, chemin string) error {
	donnees, err := serveur.TablesAnnuaire(f)
	if err != nil {
		return err
	}
	w, err := os.OpenFile(chemin, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(r.Releve.EcrireCSV(w, donnees, sante.JourA(r.Debut, sante.Paris()), ""), w.Close())
}

func direRapport(c *cli.Command, r *charger.Rapport) error {
	if c.Bool("json") {
		return ecrireJSON(c, r)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FICHIER\tLIGNES\tREJETÉES")
	for _, f := range r.Flux {
		fmt.Fprintf(w, "%s\t%d\t%d\n", f.Nom, f.Lignes, f.Rejetees)
	}
	fmt.Fprintln(w, "\nFICHES\tAVANT\tNOUVELLES\tCHANGÉES\tFINIES\tINCHANGÉES")
	for _, n := range annuaire.Natures {
		if m, ok := r.Mouvements[n]; ok {
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\n", n, m.Avant, m.Nouvelles, m.Changees, m.Finies, m.Inchangees)
		}
	}
	if len(r.Constats) > 0 {
		fmt.Fprintln(w, "\nCONTRÔLE\tFOIS")
		for _, k := range r.Codes() {
			fmt.Fprintf(w, "%s\t%d\n", k, r.Constats[k])
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	duree := r.Fin.Sub(r.Debut)
	suite := ""
	if s := duree.Seconds(); s > 1 {
		suite = fmt.Sprintf(", %d lignes par seconde", int(float64(r.Lignes())/s))
	}
	_, err := fmt.Fprintf(c.Root().Writer, "\n%d lignes en %s%s\n", r.Lignes(), duree.Round(time.Millisecond), suite)
	return err
}

// reponseAnnuaire is an answer of the directory as a script reads it: public data.
type reponseAnnuaire struct {
	ID       string   `json:"id"`
	Numero   string   `json:"identifiant,omitempty"`
	Nom      string   `json:"nom"`
	Prenom   string   `json:"prenom,omitempty"`
	Metier   []string `json:"metier,omitempty"`
	Communes []string `json:"communes,omitempty"`
	Boites   []string `json:"boites,omitempty"`
	Eloignee bool     `json:"eloignee,omitempty"`
	Cout     uint16   `json:"cout"`
}

func chercherAnnuaire(_ context.Context, c *cli.Command) error {
	question := strings.Join(c.Args().Slice(), " ")
	if strings.TrimSpace(question) == "" {
		return attendre(c, "une question est attendue, comme « dupont cardio blois »")
	}
	d, _, f, err := depotAnnuaire(c)
	if err != nil {
		return err
	}
	defer d.Fermer()
	donnees, err := serveur.TablesAnnuaire(f)
	if err != nil {
		return err
	}
	vision, err := donnees.Regards.Vision(&annuaire.Acteur{Famille: "anonyme"})
	if err != nil {
		return err
	}
	v := d.Vue()
	defer v.Rendre()
	n := annuaire.Praticiens
	if c.Bool("structures") {
		n = annuaire.Structures
	}
	rep := v.Rechercher(lexique.NouvelleRecherche(nil), n, lexique.Demande{Texte: question, Nombre: c.Int("nombre")})
	var l []reponseAnnuaire
	for _, t := range rep.Trouves {
		if x, ok := reponseDe(v, vision, t); ok {
			l = append(l, x)
		}
	}
	if c.Bool("json") {
		for i := range l {
			if err := ecrireJSON(c, &l[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return direReponses(c.Root().Writer, l, rep)
}

func reponseDe(v *image.Vue, vision *annuaire.Vision, t image.Trouve) (x reponseAnnuaire, ok bool) {
	x.Cout = t.Cout
	boites := func(l []annuaire.BAL) {
		for i := range l {
			x.Boites = append(x.Boites, l[i].Adresse)
		}
	}
	if t.Nature == annuaire.Structures {
		var s annuaire.Structure
		if v.Structure(t.Ref, &s); !vision.ProjeterStructure(&s) {
			return x, false
		}
		x.ID, x.Numero, x.Nom = s.ID, cmp.Or(s.FINESS, s.FINESSJuridique, s.IDTechnique), s.RaisonSociale
		x.Metier, x.Communes = nonVides(s.Secteur.Libelle), nonVides(s.Adresse.Commune.Libelle)
		boites(s.BAL)
		return x, true
	}
	var p annuaire.Praticien
	if v.Praticien(t.Ref, &p); !vision.ProjeterPraticien(&p) {
		return x, false
	}
	x.ID, x.Numero, x.Nom, x.Prenom, x.Metier = p.ID, p.Numero, p.Nom, p.Prenom, nonVides(p.Profession.Libelle)
	for _, q := range p.SavoirFaire {
		x.Metier = append(x.Metier, q.Savoir.Libelle)
	}
	for _, e := range p.Exerce {
		x.Communes = append(x.Communes, e.Commune)
	}
	boites(p.BAL)
	return x, true
}

func nonVides(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func direReponses(sortie io.Writer, l []reponseAnnuaire, rep image.Reponse) error {
	if len(l) == 0 {
		_, err := fmt.Fprintln(sortie, "Personne ne répond à cela : essayer avec moins de mots, ou charger un annuaire (ecluse annuaire charger).")
		return err
	}
	w := tabwriter.NewWriter(sortie, 0, 0, 2, ' ', 0)
	for _, x := range l {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", strings.TrimSpace(x.Nom+" "+x.Prenom), strings.Join(x.Metier, ", "), strings.Join(x.Communes, ", "), x.Numero, strings.Join(x.Boites, " "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if rep.Absents {
		fmt.Fprintln(sortie, "Personne ne porte tous ces mots : voilà qui en porte le plus.")
	}
	if rep.Partiel {
		fmt.Fprintln(sortie, "D'autres répondent peut-être aussi : préciser.")
	}
	return nil
}

func pourquoiAnnuaire(_ context.Context, c *cli.Command) error {
	d, err := serveur.Tables(c.String("tables"))
	if err != nil {
		return err
	}
	if c.Args().Len() != 3 {
		return attendre(c, fmt.Sprintf("FAMILLE NATURE CHEMIN attendus ; familles : %s", strings.Join(d.Regards.Familles(), ", ")))
	}
	n, ok := annuaire.ParseNature(c.Args().Get(1))
	if !ok {
		return errors.New("nature inconnue : praticien, situation, structure, activite, equipement ou acces")
	}
	chemin, ok := annuaire.ParseChemin(c.Args().Get(2))
	if !ok {
		var l []string
		for _, k := range n.Chemins().Liste() {
			l = append(l, k.String())
		}
		return francais.Conseiller(errors.New("chemin inconnu"), "ceux de cette nature : %s", strings.Join(l, ", "))
	}
	e, err := d.Expliquer(c.Args().First(), n, chemin)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.Root().Writer, e.String())
	return err
}

// etatImages is what a directory of images holds.
type etatImages struct {
	Generation uint64         `json:"generation"`
	FaiteLe    time.Time      `json:"faiteLe,omitzero"`
	Fiches     map[string]int `json:"fiches"`
}

func etatAnnuaire(_ context.Context, c *cli.Command) error {
	d, _, _, err := depotAnnuaire(c)
	if err != nil {
		return err
	}
	defer d.Fermer()
	v := d.Vue()
	defer v.Rendre()
	e := etatImages{v.Generation(), v.FaiteLe(), map[string]int{}}
	for _, n := range annuaire.Natures {
		e.Fiches[n.String()] = v.Nombre(n)
	}
	if c.Bool("json") {
		return ecrireJSON(c, e)
	}
	w := c.Root().Writer
	if e.Generation == 0 {
		_, err := fmt.Fprintln(w, "Cet annuaire est vide : ecluse annuaire generer, puis ecluse annuaire charger.")
		return err
	}
	fmt.Fprintf(w, "Génération %d, mise en service le %s\n", e.Generation, e.FaiteLe.In(sante.Paris()).Format("02/01/2006 à 15:04:05"))
	for _, n := range annuaire.Natures {
		fmt.Fprintf(w, "  %-12s %d\n", n, e.Fiches[n.String()])
	}
	return nil
}

func extraireAnnuaire(ctx context.Context, c *cli.Command) error {
	dossier, err := unArgument(c, unRepertoire)
	if err != nil {
		return err
	}
	d, _, _, err := depotAnnuaire(c)
	if err != nil {
		return err
	}
	defer d.Fermer()
	if err := os.MkdirAll(dossier, 0o755); err != nil {
		return err
	}
	v := d.Vue()
	defer v.Rendre()
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, f := range rass.Fichiers {
		if f == rass.ProSanteConnect { // drawn from the others, with the civil status: it does not leave so
			continue
		}
		nom := filepath.Join(dossier, rass.Nom{Fichier: f, Instant: v.FaiteLe().In(sante.Paris())}.String())
		n, err := extraireUn(ctx, v, f, nom)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d\t  %s\n", n, nom)
	}
	return w.Flush()
}

// extraireUn writes one file, under a name of its own until it is whole.
func extraireUn(ctx context.Context, v *image.Vue, f rass.Fichier, nom string) (n int64, err error) {
	t, err := os.CreateTemp(filepath.Dir(nom), ".extraire-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(t.Name()))
		}
	}()
	n, err = charger.Exporter(ctx, v, f, rass.FormePubliee(), t)
	if err = errors.Join(err, t.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(t.Name(), nom)
}

func verifierAnnuaire(_ context.Context, c *cli.Command) error {
	d, _, _, err := depotAnnuaire(c)
	if err != nil {
		return err
	}
	defer d.Fermer()
	l, err := d.Verifier()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s : leurs sommes sont justes\n", francais.Accorder(len(l), "image relue", "images relues"))
	return err
}
