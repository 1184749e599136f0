package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/charge"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
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
	variantes := []charge.Options{o}
	if n := c.Int("contre-emetteurs"); n > 0 {
		v := o
		v.Emetteurs = n
		variantes = append(variantes, v)
	}
	if n := c.Int("contre-beneficiaires"); n > 0 {
		v := o
		v.Beneficiaires = n
		variantes = append(variantes, v)
	}
	for _, v := range variantes {
		if err := v.Verifier(); err != nil {
			return erreurUsage(c, err)
		}
	}
	if len(variantes) > 1 && o.Config != "" {
		return attendre(c, "--contre-… demande un laboratoire fait sur place : sans --config")
	}
	r, err := charge.Comparer(ctx, variantes)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		e := json.NewEncoder(c.Root().Writer)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.Ecrire(c.Root().Writer)
}

func lireOptionsCharge(c *cli.Command) (charge.Options, error) {
	o := charge.Options{
		Config: c.String("config"), Dir: c.String("repertoire"), Garder: c.Bool("garder"), Base: c.String("base"),
		Service: roc.Service(strings.ToUpper(c.String("service"))), Face: sceau.Face(strings.ToUpper(c.String("face"))), HTTP2: c.Int("http") == 2,
		Duree: c.Duration("duree"), Tours: c.Int("tours"), Connexions: c.Int("connexions"), Emetteurs: c.Int("emetteurs"),
		Beneficiaires: c.Int("beneficiaires"), Questions: c.Int("questions"), Cles: igc.Algorithme(c.String("cles")),
		Debit: c.Float("debit"), Demi: c.Bool("demi"), Profil: c.String("profil"), PID: c.Int("pid"), PIDBase: c.Int("pid-base"),
	}
	if o.Config != "" && c.Bool("laboratoire") {
		return o, attendre(c, "--laboratoire et --config s'excluent")
	}
	if h := c.Int("http"); h != 1 && h != 2 {
		return o, attendre(c, "--http : 1 ou 2")
	}
	return o, nil
}
