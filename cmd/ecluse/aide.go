package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"syscall"

	"github.com/urfave/cli/v3"
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
	return usageFaux{conseiller(errors.New(traduire(err.Error())), "voir : %s --help", c.FullName())}
}

// traduire says in French what the library says of flags.
func traduire(s string) string {
	for _, x := range []struct{ de, a string }{
		{`^flag provided but not defined: -+(.*)$`, "option inconnue : --$1"},
		{`^flag needs an argument: -*(.*)$`, "l'option --$1 attend une valeur"},
		{`^invalid value (".*") for flag -+(\S+): .*$`, "option --$2 : valeur refusée $1"},
		{`^Required flag "(.*)" not set$`, "option attendue : --$1"},
	} {
		if re := regexp.MustCompile(x.de); re.MatchString(s) {
			return re.ReplaceAllString(s, x.a)
		}
	}
	if l, ok := strings.CutPrefix(s, "Required flags "); ok {
		return "options attendues : --" + strings.ReplaceAll(strings.Trim(strings.TrimSuffix(l, " not set"), `"`), ", ", ", --")
	}
	return s
}

// conseil is an error and what to do next.
type conseil struct {
	error
	suite string
}

// Unwrap is the error.
func (c conseil) Unwrap() error { return c.error }

// conseiller adds to an error what to do next; nil stays nil.
func conseiller(err error, format string, a ...any) error {
	if err == nil {
		return nil
	}
	return conseil{err, fmt.Sprintf(format, a...)}
}

// direErreur writes an error for a person, and what to do next when it is known.
func direErreur(w io.Writer, err error) {
	fmt.Fprintln(w, "ecluse :", enFrancais(err))
	var c conseil
	if errors.As(err, &c) {
		fmt.Fprintln(w, "  →", c.suite)
	}
}

// enFrancais says what the system says of files.
func enFrancais(err error) string {
	var f *fs.PathError
	if !errors.As(err, &f) {
		return err.Error()
	}
	dit := f.Path + " : " + f.Err.Error()
	switch {
	case errors.Is(f, fs.ErrNotExist):
		dit = f.Path + " : fichier introuvable"
	case errors.Is(f, fs.ErrPermission):
		dit = f.Path + " : accès refusé"
	case errors.Is(f, fs.ErrExist):
		dit = f.Path + " : existe déjà"
	case errors.Is(f, syscall.EISDIR):
		dit = f.Path + " : est un répertoire"
	case errors.Is(f, syscall.ENOSPC):
		dit = f.Path + " : plus de place sur le disque"
	}
	return strings.Replace(err.Error(), f.Error(), dit, 1)
}
