package charger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// Flux is one input of a run: a file of the directory, or records already made.
type Flux struct {
	Fichier rass.Fichier // 0 for records
	Nom     string       // of the file, for reports
	Instant time.Time    // of its making, zero when not known
	// Ouvrir gives the file from its beginning, each time it is called.
	Ouvrir func(context.Context) (io.ReadCloser, error)
	// Entete is the header when it is not that of the program, Lignes bounds a line (see
	// [rass.Reglage]).
	Entete   *rass.Entete
	LigneMax int

	// Fiches are records, of a source that has them whole, as the interface of the
	// national directory. Their identifiers are theirs: such a feed comes alone.
	Fiches iter.Seq2[annuaire.Changement, error]
	// Empreinte tells two inputs apart. Computed from the file when empty; a feed of
	// records without one is never taken up again.
	Empreinte string
	// Entieres are the natures of which Fiches says all: what is not there has ended. The
	// records that Systemes keep are those concerned.
	Entieres []annuaire.Nature
	Systemes []string
}

// nom is how reports and refusals name the feed.
func (f *Flux) nom() string {
	switch {
	case f.Nom != "":
		return f.Nom
	case f.Fichier != 0:
		return f.Fichier.String()
	}
	return "fiches"
}

// cle is the kind under which counts are compared from one run to the next.
func (f *Flux) cle() string {
	if f.Fichier != 0 {
		return f.Fichier.String()
	}
	return "fiches"
}

// jugerFlux refuses what is no set of feeds.
func jugerFlux(l []Flux) error {
	if len(l) == 0 {
		return &Refus{Motif: MotifSansFlux}
	}
	vus := map[string]bool{}
	for i := range l {
		f := &l[i]
		if (f.Ouvrir == nil) == (f.Fiches == nil) || f.Ouvrir != nil && (f.Fichier == 0 || !slices.Contains(rass.Fichiers[:], f.Fichier)) {
			return &Refus{Motif: MotifSansFlux, Flux: f.nom()}
		}
		if vus[f.cle()] {
			return &Refus{Motif: MotifSansFlux, Flux: f.nom()}
		}
		vus[f.cle()] = true
		if f.Fiches != nil && len(l) > 1 { // whose identifiers are others
			return &Refus{Motif: MotifSansFlux, Flux: f.nom()}
		}
	}
	return nil
}

// empreinte is the digest of a feed, empty when it cannot be told.
func (f *Flux) empreinte(ctx context.Context) (string, error) {
	if f.Empreinte != "" || f.Ouvrir == nil {
		return f.Empreinte, nil
	}
	r, err := f.Ouvrir(ctx)
	if err != nil {
		return "", refusFlux(f.nom(), err)
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, lecteurAnnulable{ctx, r}, make([]byte, 256<<10)); err != nil {
		return "", refusFlux(f.nom(), err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// lecteurAnnulable stops reading when the context ends.
type lecteurAnnulable struct {
	ctx context.Context
	r   io.Reader
}

func (l lecteurAnnulable) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, fmt.Errorf("interrompu: %w", err)
	}
	return l.r.Read(b)
}

// Portee is what a feed of the run says of what it does not name.
type Portee uint8

// What a feed says by its silence.
const (
	Absent      Portee = iota // not in the run
	Differences               // a file of differences: nothing
	Entier                    // a whole file: what it does not name has ended
)
