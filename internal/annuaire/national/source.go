package national

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// Source gives what is new at a source since what was applied.
type Source interface {
	// Lot fetches what is new. With ErrInchange there is nothing, and the lot, when there
	// is one, says until when that is known. A Lot that was not applied is given again.
	// Called by one goroutine at a time.
	Lot(ctx context.Context) (*Lot, error)
}

// Lot is what a source gives at once.
type Lot struct {
	Flux    []charger.Flux
	Instant time.Time // of what it says: its making at the source
	// appliquer writes down that the lot is in service; fermer frees what it holds.
	appliquer func() error
	fermer    func()
}

// Mode is how the national directory is followed.
type Mode string

// The modes.
const (
	Extractions Mode = "extractions" // the public files
	FHIR        Mode = "fhir"        // the interface, page after page
	Export      Mode = "export"      // the interface, by a bulk export
)

// Config sets a source.
type Config struct {
	Mode       Mode
	Adresses   []string // of the files or archives; of the root of the interface, alone
	Repertoire string   // where what is fetched is kept
	Acces      Acces
	Max        int64 // bytes of one file; 0: 8 GiB
	Page       int   // resources asked at once; 0: 200. ref: RASS §7.1
	// EntierTousLes is how long differences are trusted before all is read again; 0: 7
	// days. ref: RASS §8
	EntierTousLes time.Duration
	Lieu          *time.Location // of the stamps; nil: UTC
}

const fichierMax = 8 << 30

// Ouvrir makes the source that the mode names.
func Ouvrir(c Config) (Source, error) {
	if c.Max <= 0 {
		c.Max = fichierMax
	}
	if c.Page <= 0 || c.Page > 1000 {
		c.Page = 200
	}
	if c.EntierTousLes <= 0 {
		c.EntierTousLes = 7 * 24 * time.Hour
	}
	if c.Lieu == nil {
		c.Lieu = time.UTC
	}
	if len(c.Adresses) == 0 {
		return nil, fmt.Errorf("%w : aucune adresse", ErrHote)
	}
	if err := os.MkdirAll(c.Repertoire, 0o700); err != nil {
		return nil, fmt.Errorf("annuaire national: %w", err)
	}
	if len(c.Acces.Hotes) == 0 {
		c.Acces.Hotes = hotes(c.Adresses)
	}
	r := nouveauReseau(c.Acces)
	switch c.Mode {
	case Extractions:
		return &extractions{c: c, r: r}, nil
	case FHIR:
		return &interfaceFHIR{c: c, r: r}, nil
	case Export:
		return &exportFHIR{c: c, r: r}, nil
	}
	return nil, ErrMode
}

// hotes are those of the addresses: where a redirection leads elsewhere, the hosts are to
// be said.
func hotes(adresses []string) (l []string) {
	for _, a := range adresses {
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			l = append(l, u.Host)
		}
	}
	return l
}
