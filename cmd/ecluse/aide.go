package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
)

// modeleAide is the help of every command; modeleRacine that of the program.
const (
	modeleAide = `{{.FullName}} — {{.Usage}}

Usage : {{.FullName}}{{if .VisibleCommands}} COMMANDE{{end}}{{if .VisibleFlags}} [options]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}
{{- if .Description}}

{{.Description}}
{{- end}}
{{- if .VisibleCommands}}

Commandes :
{{- range .VisibleCommands}}
   {{.Name}}{{"\t"}}{{.Usage}}
{{- end}}
{{- end}}
{{- if .VisibleFlags}}

Options :
{{- range .VisibleFlags}}
   {{.}}
{{- end}}
{{- end}}
`
	modeleRacine = `{{.Name}} — {{.Usage}}

Usage : {{.Name}} COMMANDE [options] [arguments]

Pour commencer, sans rien configurer :
   ecluse demo

Commandes :
{{- range .VisibleCommands}}
   {{.Name}}{{"\t"}}{{.Usage}}
{{- end}}

« ecluse COMMANDE --help » détaille une commande, « ecluse --version » dit la version.
`
)

// parlerFrancais sets the templates of the library, which it keeps in variables:
// called once, by main.
func parlerFrancais() {
	cli.RootCommandHelpTemplate, cli.CommandHelpTemplate, cli.SubcommandHelpTemplate = modeleRacine, modeleAide, modeleAide
	cli.FlagStringer = ecrireOption
}

// ecrireOption writes an option: its names, what it takes, its meaning, its default.
func ecrireOption(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	var noms []string
	for _, n := range f.Names() {
		noms = append(noms, strings.Repeat("-", min(len(n), 2))+n)
	}
	s := strings.Join(noms, ", ")
	if d.TakesValue() {
		s += " VALEUR"
	}
	s += "\t" + d.GetUsage()
	if x := d.GetValue(); d.TakesValue() && x != "" && x != "0" && x != "[]" {
		s += " ; " + strings.Trim(x, `"`) + " par défaut"
	}
	return s
}

// habiller gives a command and those under it our help and our messages: what
// the library says by itself is in English.
func habiller(c *cli.Command) *cli.Command {
	c.HideHelpCommand = true
	c.Flags = append(c.Flags, &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "montre cette aide", Local: true, HideDefault: true})
	c.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error { return erreurUsage(c, err) }
	if len(c.Commands) > 0 && c.Action == nil {
		c.Action = choisir
	}
	for _, s := range c.Commands {
		habiller(s)
	}
	return c
}

// choisir answers a group of commands called without one, or with one that is not
// there.
func choisir(_ context.Context, c *cli.Command) error {
	if c.Args().Present() && c.Args().First() != "help" {
		return erreurUsage(c, fmt.Errorf("commande inconnue : %s", c.Args().First()))
	}
	if c == c.Root() {
		return cli.ShowRootCommandHelp(c)
	}
	return cli.ShowSubcommandHelp(c)
}

// usageFaux is an error of the one who typed; it ends with status 2.
type usageFaux struct{ error }

// ExitCode makes it a cli.ExitCoder.
func (usageFaux) ExitCode() int { return 2 }

// Unwrap is the error.
func (e usageFaux) Unwrap() error { return e.error }

func erreurUsage(c *cli.Command, err error) error {
	return usageFaux{francais.Conseiller(errors.New(traduire(err.Error())), "voir : %s --help", c.FullName())}
}

// traduire says in French what the library says of flags.
func traduire(s string) string {
	for _, x := range []struct{ de, a string }{
		{`^flag provided but not defined: -+(.*)$`, "option inconnue : --$1"},
		{`^flag needs an argument: -*(.*)$`, "l'option --$1 attend une valeur"},
		{`^invalid value (".*") for flag -+(\S+): ` + attendu + `(.*)$`, "option --$2 : valeur refusée $1 : $3 attendu"},
		{`^invalid value (".*") for flag -+(\S+): .*Parse(?:Int|Uint).*$`, "option --$2 : valeur refusée $1 : nombre entier attendu"},
		{`^invalid value (".*") for flag -+(\S+): .*ParseFloat.*$`, "option --$2 : valeur refusée $1 : nombre attendu"},
		{`^invalid value (".*") for flag -+(\S+): .*duration.*$`, "option --$2 : valeur refusée $1 : durée attendue, comme 4s ou 5m"},
		{`^invalid value (".*") for flag -+(\S+): .*$`, "option --$2 : valeur refusée $1"},
		{`^Required flag "(.*)" not set$`, "option attendue : --$1"},
	} {
		if re := regexp.MustCompile(x.de); re.MatchString(s) {
			return optionsCourtes(re.ReplaceAllString(s, x.a))
		}
	}
	if l, ok := strings.CutPrefix(s, "Required flags "); ok {
		return optionsCourtes("options attendues : --" + strings.ReplaceAll(strings.Trim(strings.TrimSuffix(l, " not set"), `"`), ", ", ", --"))
	}
	return s
}

// optionsCourtes writes an option of one letter with one dash, as the help does.
func optionsCourtes(s string) string {
	return regexp.MustCompile(`--(\pL)\b`).ReplaceAllString(s, "-$1")
}

// attendu begins what a validator of options says, to be told from the library's.
const attendu = "attendu : "

// parmi makes the validator of an option that takes one of some words.
func parmi(mots ...string) func(string) error {
	return func(s string) error {
		if slices.Contains(mots, s) {
			return nil
		}
		return errors.New(attendu + strings.Join(mots[:len(mots)-1], ", ") + " ou " + mots[len(mots)-1])
	}
}

// attendre is the error of a command called without its arguments.
func attendre(c *cli.Command, quoi string) error { return erreurUsage(c, errors.New(quoi)) }

// unArgument is the only argument of a command, told by quoi when it is missing.
func unArgument(c *cli.Command, quoi string) (string, error) {
	if c.Args().Len() != 1 {
		return "", attendre(c, quoi)
	}
	return c.Args().First(), nil
}

// What a command takes, when it takes one thing.
const (
	unFichier          = "un fichier est attendu"
	unFichierOuLEntree = "un fichier est attendu, ou - pour l'entrée standard"
	unRepertoire       = "un répertoire est attendu"
	unRepertoireVide   = "un répertoire vide est attendu"
	unInstantRFC3339   = "date RFC 3339 attendue, comme 2026-03-01T08:00:00Z"
)

// lireInstant reads an instant given as an option, maintenant when it is not.
func lireInstant(c *cli.Command, option string, maintenant time.Time) (time.Time, error) {
	s := c.String(option)
	if s == "" {
		return maintenant, nil
	}
	a, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return a, attendre(c, "--"+option+" : "+unInstantRFC3339)
	}
	return a, nil
}
