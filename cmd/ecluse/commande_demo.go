package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

func commandeDemo() *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "monte un laboratoire fictif, joue et raconte des venues, de l'admission à la garantie de paiement",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "once", Usage: "joue puis s'arrête ; échoue si une vérification ne tient pas"},
			&cli.BoolFlag{Name: "json", Usage: "un objet JSON par étape"},
			&cli.StringFlag{Name: "dir", Usage: "répertoire vide à garder ; temporaire par défaut"},
			drapeauJournalisation(),
		},
		Action: demo,
	}
}

func demo(ctx context.Context, c *cli.Command) (err error) {
	debut := time.Now()
	dir := c.String("dir")
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ecluse-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if c.IsSet("journalisation") {
		log = journalisation(c, os.Stderr)
	}
	s, err := monter(ctx, filepath.Clean(dir), time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.demonter()) }()
	moteur, err := calcul.New(nil)
	if err != nil {
		return err
	}
	r := &recit{scene: s, moteur: moteur}
	r.dire = r.narrateur(c)
	if err := r.jouer(ctx); err != nil {
		return err
	}
	tenues, _ := pupitre.Bilan(r.etapes)
	if !c.Bool("json") {
		fmt.Fprintf(c.Root().Writer, "\n%d étapes, %d comme prévu, en %s.\n", len(r.etapes), tenues, pupitre.Millisecondes(time.Since(debut)))
	}
	if c.Bool("once") {
		if tenues != len(r.etapes) {
			return fmt.Errorf("%d étapes sur %d n'ont pas tenu", len(r.etapes)-tenues, len(r.etapes))
		}
		return nil
	}
	r.appeler(c.Root().Writer)
	<-ctx.Done()
	return nil
}

// narrateur writes each step, for a person or for a program.
func (r *recit) narrateur(c *cli.Command) func(pupitre.Etape) {
	w := c.Root().Writer
	if c.Bool("json") {
		return func(e pupitre.Etape) { pupitre.EcrireJSON(w, e) }
	}
	couleur, histoire := terminal(), ""
	return func(e pupitre.Etape) {
		if e.Histoire != histoire {
			histoire = e.Histoire
			pupitre.EcrireHistoire(w, histoire, couleur)
		}
		pupitre.EcrireTexte(w, e, couleur)
	}
}

// terminal tells whether the standard output is a terminal that takes colours.
func terminal() bool {
	i, err := os.Stdout.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// appeler tells how to call the laboratory that keeps running.
func (r *recit) appeler(w io.Writer) {
	hopital := r.monde.Etablissement(monde.CleHopital)
	f := r.parties[monde.CleHopital].f
	cles := filepath.Join(r.repertoire(monde.CleHopital), "cles-"+monde.CleHopital)
	racines := filepath.Join(r.repertoire(monde.CleHopital), "confiance", "racines")
	fmt.Fprintf(w, `
Le laboratoire tourne (Ctrl-C pour l'arrêter) ; il est dans %[1]s.

L'API locale de l'hôpital :
  curl -s -H "Authorization: Bearer $(cat %[2]s)" http://%[3]s/v1/venues

La description SOAP d'une AMC (WSDL), avec le certificat d'authentification de l'hôpital :
  cat %[5]s/*.pem > /tmp/racines.pem
  curl -s --cacert /tmp/racines.pem --cert %[4]s/authentification.pem --key %[4]s/authentification.cle "%[6]s/v1/roc/soap?wsdl"

Sceller et envoyer une question (%[7]s) :
  ecluse sceau signer --certificat %[4]s/cachet.pem --cle %[4]s/cachet.cle --maintenant question.json | \
    curl -s --cacert /tmp/racines.pem --cert %[4]s/authentification.pem --key %[4]s/authentification.cle \
      -H 'Content-Type: application/json' --data-binary @- %[6]s/v1/roc/idb

Un client SOAP ordinaire (zeep, npm soap) se sert du WSDL et des mêmes certificats ; les exemples sont dans clients/.
`, r.dir, filepath.Join(filepath.Dir(f.Chemin), f.Etablissements[0].API.Jeton), f.Etablissements[0].API.Adresse, cles, racines, r.adresses[monde.CleMoulin], hopital.Nom)
}
