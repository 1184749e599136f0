package serveur

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
)

// HorlogeDeFichier is a clock shared by the processes of a laboratory: the file
// holds an instant at which the clock stands still, or a shift such as +72h. It
// is read again each second. ref: DEC 5
func HorlogeDeFichier(chemin string) (sante.Horloge, error) {
	lire := func() (func() time.Time, error) {
		b, err := os.ReadFile(chemin)
		if err != nil {
			return nil, fmt.Errorf("horloge : %w", err)
		}
		return lireHorloge(string(b))
	}
	h, err := lire()
	if err != nil {
		return nil, err
	}
	var courante atomic.Pointer[func() time.Time]
	var vue atomic.Int64
	courante.Store(&h)
	return func() time.Time {
		if s := time.Now().Unix(); vue.Swap(s) != s {
			if h, err := lire(); err == nil {
				courante.Store(&h)
			}
		}
		return (*courante.Load())()
	}, nil
}

func lireHorloge(s string) (func() time.Time, error) {
	s = strings.TrimSpace(s)
	if d, err := time.ParseDuration(s); err == nil {
		return func() time.Time { return time.Now().Add(d) }, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil, fmt.Errorf("horloge : instant RFC 3339 ou décalage comme +72h attendu")
	}
	return func() time.Time { return t }, nil
}

// HorlogeDe is the clock of a configuration: the machine's, or the shared one of
// a laboratory, read again each second. ref: DEC 5
func HorlogeDe(f *config.Fichier) (sante.Horloge, error) {
	if f.Horloge == "" {
		return time.Now, nil
	}
	return HorlogeDeFichier(f.Resoudre(f.Horloge))
}
