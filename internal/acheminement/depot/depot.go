package depot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// Depot drops messages in the folders under Racine; the address of a message is
// the name of its folder, which exists already: nobody's mistake makes one.
type Depot struct{ Racine string }

var _ acheminement.Transport = (*Depot)(nil)

// Livrer implements acheminement.Transport.
func (d *Depot) Livrer(ctx context.Context, e *acheminement.Envoi, contenu io.Reader) (acheminement.Recu, error) {
	if !filepath.IsLocal(e.Adresse) || strings.HasPrefix(filepath.Base(e.Adresse), ".") {
		return acheminement.Recu{}, &acheminement.Refus{Code: "ADRESSE"}
	}
	racine, err := os.OpenRoot(d.Racine)
	if err != nil {
		return acheminement.Recu{}, echec(err)
	}
	defer racine.Close() // a directory, read only
	dossier, err := racine.OpenRoot(e.Adresse)
	if err != nil {
		return acheminement.Recu{}, echec(err)
	}
	defer dossier.Close() // as above
	return acheminement.Recu{}, deposer(ctx, dossier, e, contenu)
}

func echec(err error) error {
	return &acheminement.Passager{Code: "DEPOT", Cause: err}
}

func deposer(ctx context.Context, r *os.Root, e *acheminement.Envoi, contenu io.Reader) error {
	final := nom{e.Cle, e.Genre, e.Empreinte}.String()
	if i, err := r.Lstat(final); err == nil && i.Mode().IsRegular() && i.Size() == e.Taille {
		// Dropped by a try whose end was not written. It had its name once whole;
		// that the name is durable is to be made sure of.
		if err := synchroniser(r, "."); err != nil {
			return echec(err)
		}
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return echec(err)
	}
	// Two nodes may drop the same message at once: each has its own draft.
	brouillon := ".depot-" + strconv.FormatUint(rand.Uint64(), 36)
	err := ecrire(ctx, r, brouillon, e, contenu)
	if err == nil {
		err = r.Rename(brouillon, final)
	}
	if err == nil {
		err = synchroniser(r, ".")
	}
	if err != nil {
		_ = r.Remove(brouillon) // the first error is the one to tell
		return echec(err)
	}
	return nil
}

// ecrire writes a draft, verifies it and makes it durable.
func ecrire(ctx context.Context, r *os.Root, brouillon string, e *acheminement.Envoi, contenu io.Reader) error {
	f, err := r.OpenFile(brouillon, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), lecture{ctx, io.LimitReader(contenu, e.Taille+1)})
	if err == nil && (n != e.Taille || [32]byte(h.Sum(nil)) != e.Empreinte) {
		err = fmt.Errorf("les octets ne sont pas ceux qui ont été postés")
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// lecture stops reading when ctx ends.
type lecture struct {
	ctx context.Context
	r   io.Reader
}

func (l lecture) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.r.Read(b)
}
