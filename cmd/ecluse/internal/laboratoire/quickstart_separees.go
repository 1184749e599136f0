package laboratoire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// Separees lays out a laboratory where each party is its own, as in the
// demonstration, for who runs each by hand, on one machine or in containers.
// ref: DEC 3
func Separees(ctx context.Context, w io.Writer, dir string, p Ports, h Heure, bases map[string]string) error {
	if bases[""] != "" {
		return errors.New("--base : avec --separees chaque partie a sa base, PARTIE=ADRESSE")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	l, err := Fonder(ctx, dir, h.horloge, p)
	if err != nil {
		return err
	}
	l.heure = h.fichier
	s := &Scene{Laboratoire: l}
	plans, err := s.planifier(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Laboratoire écrit dans %s : tout y est fictif, les certificats sont de test.\nUn processus par partie, l'autorité d'abord :\n", dir)
	for _, x := range plans {
		if x.cle == cleHostile { // a role of the demonstration only
			if err := os.RemoveAll(s.repertoire(x.cle)); err != nil {
				return err
			}
			continue
		}
		x.c.Base = cmp.Or(bases[x.cle], x.c.Base)
		delete(bases, x.cle)
		if _, err := s.ecrire(ctx, x); err != nil {
			return fmt.Errorf("%s : %w", x.cle, err)
		}
		fmt.Fprintf(w, "  ecluse serve --config %s\n", filepath.Join(s.repertoire(x.cle), "ecluse.toml"))
	}
	for cle := range bases {
		return fmt.Errorf("--base : aucune partie %q", cle)
	}
	e := &l.Monde.Etablissements[0]
	_, err = fmt.Fprintf(w, "Puis :\n  curl -s -H \"Authorization: Bearer $(cat %s)\" http://ADRESSE/v1/venues   # adresse : [etablissement.api] de %s\n",
		filepath.Join(s.repertoire(e.Cle), "jeton-"+e.Finess.String()), filepath.Join(e.Cle, "ecluse.toml"))
	return err
}

// sansSecret is what may be said of the address of a database: its scheme.
func sansSecret(adresse string) string {
	schema, _, _ := strings.Cut(adresse, ":")
	return schema + ":…"
}

// BasesDe reads the databases asked, by key of the party, "" for the one process.
func BasesDe(l []string) (map[string]string, error) {
	bases := map[string]string{}
	for _, s := range l {
		cle, adresse, ok := strings.Cut(s, "=")
		if !ok || strings.Contains(cle, ":") { // no party: the sign is in the address
			cle, adresse = "", s
		}
		if adresse == "" || bases[cle] != "" {
			return nil, errors.New("--base : [PARTIE=]ADRESSE attendu, une fois par partie")
		}
		if !config.BaseAdmise(adresse) {
			return nil, fmt.Errorf("--base %s : sqlite:CHEMIN ou postgres://… attendu", sansSecret(adresse))
		}
		bases[cle] = adresse
	}
	return bases, nil
}
