package front

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"
)

// parLot is how many deletions a line tells.
const parLot = 500

// absent notes a record that is no longer, by lots. ref: Bulk Data Access 2.0, deleted
func (e *export) absent(n annuaire.Nature, id string) error {
	if e.absents = append(e.absents, id); len(e.absents) < parLot {
		return nil
	}
	return e.lot(n)
}

func (e *export) lot(n annuaire.Nature) error {
	if len(e.absents) == 0 {
		return nil
	}
	if e.morts == nil {
		if err := e.ouvrir(&e.morts, n, ".deleted", &e.t.Ecartees); err != nil {
			return err
		}
	}
	err := e.morts.Line(func(w *fhir.Writer) {
		o := w.Object("")
		w.String("resourceType", "Bundle")
		w.String("type", "transaction")
		a := w.Array("entry")
		for _, id := range e.absents {
			x := w.Object("")
			m := w.Object("request")
			w.String("method", "DELETE")
			w.String("url", ressource.Nom(n)+"/"+id)
			w.End(m)
			w.End(x)
		}
		w.End(a)
		w.End(o)
	})
	e.morts.n += int64(len(e.absents))
	e.absents = e.absents[:0]
	return err
}

// sortieOuverte is a file being written.
type sortieOuverte struct {
	*fhir.NDJSON
	f    *os.File
	vers *[]sortie
	s    sortie
	n    int64 // resources, when a line has several
}

// ouvrir begins the next file, and closes the one before.
func (e *export) ouvrir(w **sortieOuverte, n annuaire.Nature, suffixe string, vers *[]sortie) error {
	if err := (*w).finir(e); err != nil {
		return err
	}
	rang := 1
	for _, s := range *vers {
		if s.Type == ressource.Nom(n) {
			rang++
		}
	}
	s := sortie{Type: ressource.Nom(n), Fichier: ressource.Nom(n) + "-" + strconv.Itoa(rang) + suffixe + ".ndjson"}
	f, err := os.OpenFile(filepath.Join(e.p.o.Exports.repertoire, e.t.ID, s.Fichier), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("exporter: %w", err)
	}
	*w = &sortieOuverte{NDJSON: fhir.NewNDJSON(f), f: f, vers: vers, s: s}
	return nil
}

// finir gives a file to the disk and tells it.
func (w *sortieOuverte) finir(e *export) error {
	if w == nil {
		return nil
	}
	err := w.Flush()
	if err == nil {
		err = w.f.Sync()
	}
	if c := w.f.Close(); err == nil {
		err = c
	}
	if err != nil {
		return fmt.Errorf("exporter: %w", err)
	}
	d := w.SHA256()
	w.s.Octets, w.s.SHA256, w.s.Nombre = w.Size(), hex.EncodeToString(d[:]), w.Count()
	if w.n > 0 {
		w.s.Nombre = w.n
	}
	x := e.p.o.Exports
	x.mu.Lock()
	defer x.mu.Unlock()
	*w.vers = append(*w.vers, w.s)
	return nil
}

// fermer ends the files of a nature.
func (e *export) fermer(n annuaire.Nature) error {
	if err := e.lot(n); err != nil {
		return err
	}
	if err := e.w.finir(e); err != nil {
		return err
	}
	e.w = nil
	if err := e.morts.finir(e); err != nil {
		return err
	}
	e.morts = nil
	return nil
}

// laisser closes what an export that failed had open.
func (e *export) laisser() {
	for _, w := range [...]*sortieOuverte{e.w, e.morts} {
		if w != nil {
			_ = w.f.Close() // the export has failed already
		}
	}
}
