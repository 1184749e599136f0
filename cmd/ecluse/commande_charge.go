package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// optionsCharge says what is measured, and how.
type optionsCharge struct {
	config        string // of a laboratory that runs already; "" to make one
	dir           string // where the laboratory is made; "" for a temporary one
	garder        bool
	base          string // sqlite, or the address of a PostgreSQL server
	service       roc.Service
	face          sceau.Face
	http2         bool
	duree         time.Duration
	tours         int
	connexions    int
	emetteurs     int
	beneficiaires int
	questions     int
	cles          igc.Algorithme
	debit         float64 // questions a second offered; 0: as fast as answers come
	demi          bool
	profil        string
	pid, pidBase  int
}

// Bounds of a run, in count and in time.
const (
	dureeMax         = 10 * time.Minute
	toursMax         = 200
	connexionsMax    = 512
	emetteursMax     = 200_000
	beneficiairesMax = 5_000_000
	questionsMax     = 1_000_000
)

func commandeCharge() *cli.Command {
	return &cli.Command{
		Name:  "charge",
		Usage: "mesure un serveur de laboratoire : questions scellées, toutes différentes, réponses vérifiées",
		Description: `Sans --config, fait un laboratoire dans un répertoire temporaire, y démarre le serveur
d'une AMC, le mesure et l'arrête. Avec --config, mesure le serveur de laboratoire
que ce fichier décrit et qui tourne déjà (--pid pour en lire le temps de calcul).

Chaque tour mesure d'abord le plafond de la seule cryptographie (2 signatures et
2 vérifications P-256 par échange, sur tous les cœurs), puis l'échange, puis le
plafond encore. --contre-… ajoute un second serveur, mesuré en alternance avec le
premier dans la même exécution.`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "laboratoire", Usage: "fait son propre laboratoire (c'est aussi ce qui se passe sans --config)"},
			&cli.StringFlag{Name: "config", Usage: "configuration d'un serveur de laboratoire qui tourne déjà"},
			&cli.StringFlag{Name: "repertoire", Usage: "répertoire vide pour le laboratoire ; temporaire par défaut"},
			&cli.BoolFlag{Name: "garder", Usage: "ne supprime pas le laboratoire à la fin"},
			&cli.StringFlag{Name: "base", Usage: "sqlite, ou postgres://… : une base y est créée puis supprimée", Value: "sqlite"},
			&cli.StringFlag{Name: "service", Usage: "IDB ou CLC", Value: "IDB"},
			&cli.StringFlag{Name: "face", Usage: "REST ou SOAP", Value: "REST"},
			&cli.IntFlag{Name: "http", Usage: "1 pour HTTP/1.1, 2 pour HTTP/2", Value: 1},
			&cli.DurationFlag{Name: "duree", Usage: "durée d'un tour", Value: 4 * time.Second},
			&cli.IntFlag{Name: "tours", Usage: "nombre de tours ; la médiane est donnée", Value: 5},
			&cli.IntFlag{Name: "connexions", Usage: "connexions gardées ouvertes", Value: 32},
			&cli.IntFlag{Name: "emetteurs", Usage: "établissements qui scellent ; plus d'un : derrière un relais admis", Value: 10},
			&cli.IntFlag{Name: "beneficiaires", Usage: "bénéficiaires de l'AMC", Value: 10_000},
			&cli.IntFlag{Name: "contre-emetteurs", Usage: "compare, dans la même exécution, à ce nombre d'émetteurs"},
			&cli.IntFlag{Name: "contre-beneficiaires", Usage: "compare, dans la même exécution, à ce nombre de bénéficiaires"},
			&cli.IntFlag{Name: "questions", Usage: "questions préparées ; une IDB reprise l'est pour un autre dossier, un CLC ne l'est jamais", Value: 40_000},
			&cli.StringFlag{Name: "cles", Usage: "clés des cachets des émetteurs : EC-P256 ou RSA-2048", Value: string(igc.EC256)},
			&cli.FloatFlag{Name: "debit", Usage: "questions par seconde, offertes à des instants au hasard, sans attendre les réponses ; 0 : autant que possible"},
			&cli.BoolFlag{Name: "demi", Usage: "mesure ensuite les délais à la moitié du débit trouvé"},
			&cli.StringFlag{Name: "profil", Usage: "écrit le profil de calcul du serveur (pprof) dans ce fichier"},
			&cli.IntFlag{Name: "pid", Usage: "processus du serveur, avec --config"},
			&cli.IntFlag{Name: "pid-base", Usage: "processus père de PostgreSQL, pour compter son temps de calcul"},
			&cli.BoolFlag{Name: "json", Usage: "écrit le résultat en JSON"},
		},
		Action: mesurerCharge,
	}
}

func mesurerCharge(ctx context.Context, c *cli.Command) error {
	o, err := lireOptionsCharge(c)
	if err != nil {
		return err
	}
	variantes := []optionsCharge{o}
	if n := c.Int("contre-emetteurs"); n > 0 {
		v := o
		v.emetteurs = n
		variantes = append(variantes, v)
	}
	if n := c.Int("contre-beneficiaires"); n > 0 {
		v := o
		v.beneficiaires = n
		variantes = append(variantes, v)
	}
	for _, v := range variantes {
		if err := v.verifier(); err != nil {
			return erreurUsage(c, err)
		}
	}
	if len(variantes) > 1 && o.config != "" {
		return attendre(c, "--contre-… demande un laboratoire fait sur place : sans --config")
	}
	r, err := comparer(ctx, variantes)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		e := json.NewEncoder(c.Root().Writer)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.ecrire(c.Root().Writer)
}

func lireOptionsCharge(c *cli.Command) (optionsCharge, error) {
	o := optionsCharge{
		config: c.String("config"), dir: c.String("repertoire"), garder: c.Bool("garder"), base: c.String("base"),
		service: roc.Service(strings.ToUpper(c.String("service"))), face: sceau.Face(strings.ToUpper(c.String("face"))), http2: c.Int("http") == 2,
		duree: c.Duration("duree"), tours: c.Int("tours"), connexions: c.Int("connexions"), emetteurs: c.Int("emetteurs"),
		beneficiaires: c.Int("beneficiaires"), questions: c.Int("questions"), cles: igc.Algorithme(c.String("cles")),
		debit: c.Float("debit"), demi: c.Bool("demi"), profil: c.String("profil"), pid: c.Int("pid"), pidBase: c.Int("pid-base"),
	}
	if o.config != "" && c.Bool("laboratoire") {
		return o, attendre(c, "--laboratoire et --config s'excluent")
	}
	if h := c.Int("http"); h != 1 && h != 2 {
		return o, attendre(c, "--http : 1 ou 2")
	}
	return o, nil
}

func (o *optionsCharge) verifier() error {
	for _, b := range []struct {
		nom      string
		v, a, de int
	}{
		{"tours", o.tours, toursMax, 1}, {"connexions", o.connexions, connexionsMax, 1}, {"emetteurs", o.emetteurs, emetteursMax, 1},
		{"beneficiaires", o.beneficiaires, beneficiairesMax, 1}, {"questions", o.questions, questionsMax, 1},
	} {
		if b.v < b.de || b.v > b.a {
			return fmt.Errorf("--%s : de %d à %d", b.nom, b.de, b.a)
		}
	}
	switch {
	case o.service != roc.IDB && o.service != roc.CLC:
		return errors.New("--service : IDB ou CLC")
	case o.face != sceau.REST && o.face != sceau.SOAP:
		return errors.New("--face : REST ou SOAP")
	case o.duree <= 0 || o.duree*time.Duration(o.tours) > dureeMax:
		return fmt.Errorf("--duree et --tours : au plus %s en tout", dureeMax)
	case o.base != "sqlite" && !strings.HasPrefix(o.base, "postgres://"):
		return errors.New("--base : sqlite ou postgres://…")
	case o.debit < 0:
		return errors.New("--debit : un nombre positif")
	case o.cles != igc.EC256 && o.cles != igc.RSA2048:
		return fmt.Errorf("--cles : %s ou %s", igc.EC256, igc.RSA2048)
	}
	return nil
}

// comparer measures one server, or several by turns. ref: DEC 37
func comparer(ctx context.Context, variantes []optionsCharge) (_ *rapportCharge, err error) {
	r := &rapportCharge{Date: time.Now().UTC().Truncate(time.Second), Coeurs: runtime.GOMAXPROCS(0), Go: runtime.Version(), Machine: processeur()}
	var bancs []*banc
	defer func() {
		for _, b := range bancs {
			err = errors.Join(err, b.fermer())
		}
	}()
	for _, o := range variantes {
		b, err := monterBanc(ctx, o)
		if b != nil {
			bancs = append(bancs, b)
		}
		if err != nil {
			return nil, err
		}
	}
	for tour := range variantes[0].tours {
		for _, b := range bancs {
			if err := b.tour(ctx, tour); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range bancs {
		if err := b.conclure(ctx); err != nil {
			return nil, err
		}
		r.Mesures = append(r.Mesures, b.mesure)
	}
	r.resumer()
	return r, nil
}

// suivreCharge tells what is being prepared, to who waits.
func suivreCharge(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }
