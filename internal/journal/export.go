package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Exporter writes each log of the tenant in a new directory, one subdirectory a
// generation, in the C2SP tlog-tiles layout, with the public key and
// traces.ndjson beside: preuve.VerifierRepertoire reads it without the house.
func (j *Journal) Exporter(ctx context.Context, dir string) error {
	return j.o.Magasin.Instantane(ctx, func(ctx context.Context) error {
		tetes, err := j.o.Magasin.Tetes(ctx, j.o.Tenant)
		if err != nil {
			return err
		}
		for _, t := range tetes {
			if err := j.exporter(ctx, t, filepath.Join(dir, fmt.Sprint(t.Generation))); err != nil {
				return fmt.Errorf("journal: exporter: %w", err)
			}
		}
		// The current checkpoint was shown by this export.
		p, err := j.lireTete(tetes[len(tetes)-1])
		if err != nil {
			return err
		}
		return j.o.Temoin.Noter(map[string]preuve.PointControle{j.o.Tenant: p})
	})
}

func (j *Journal) exporter(ctx context.Context, t Tete, dir string) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil { // never over another export
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, preuve.FichierTraces), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<16)
	entrees := &paquets{dir: dir}
	_, err = j.derouler(ctx, t, func(l Ligne) error {
		e, err := j.element(ctx, l)
		if err != nil {
			return err
		}
		if e.Scelle {
			return ErrScelle
		}
		if err := entrees.ajouter(l.Feuille); err != nil {
			return err
		}
		return preuve.EcrireLigne(w, preuve.LigneExport{Rang: l.Rang, Feuille: l.Feuille, Sel: e.Sel, Trace: e.Record, Efface: e.Efface})
	}, func(x preuve.Tuile) error { return ecrireFichier(dir, x.Chemin(), x.Octets()) })
	if err != nil {
		return err
	}
	if err := errors.Join(entrees.fermer(), w.Flush()); err != nil {
		return err
	}
	if err := ecrireFichier(dir, preuve.FichierCle, []byte(j.o.Cle.String()+"\n")); err != nil {
		return err
	}
	return ecrireFichier(dir, preuve.FichierPoint, t.Point)
}

// paquets writes the entry bundles.
type paquets struct {
	dir    string
	taille int64 // leaves so far
	octets []byte
}

func (p *paquets) ajouter(h preuve.Hash) error {
	p.octets = preuve.AjouterEntree(p.octets, h)
	if p.taille++; p.taille%preuve.LargeurTuile != 0 {
		return nil
	}
	return p.fermer()
}

func (p *paquets) fermer() error {
	if len(p.octets) == 0 {
		return nil
	}
	err := ecrireFichier(p.dir, preuve.CheminEntrees(p.taille), p.octets)
	p.octets = p.octets[:0]
	return err
}

func ecrireFichier(dir, nom string, b []byte) error {
	chemin := filepath.Join(dir, filepath.FromSlash(nom))
	if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
		return err
	}
	return os.WriteFile(chemin, b, 0o600)
}
