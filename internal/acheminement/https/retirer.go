package https

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

func champEmpreinte(b []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(b) + ":"
}

// plage reads "bytes a-b/n".
func plage(s string) (debut, taille int64, ok bool) {
	s, ok = strings.CutPrefix(s, "bytes ")
	a, reste, ok2 := strings.Cut(s, "-")
	_, n, ok3 := strings.Cut(reste, "/")
	debut, err := lireNombre(a)
	taille, err2 := lireNombre(n)
	return debut, taille, ok && ok2 && ok3 && err == nil && err2 == nil
}

// Lister gives the files that wait at an address.
func (c *Client) Lister(ctx context.Context, adresse string) ([]Offert, error) {
	r, err := c.obtenir(ctx, adresse, nil)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close() // read only
	b, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, silence(ctx, err)
	}
	if r.StatusCode != http.StatusOK {
		_, err := juger(&reponse{r.StatusCode, r.Header, b})
		return nil, err
	}
	var l []Offert
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("https: liste illisible: %w", err)
	}
	for _, o := range l {
		if m := motifOffert.FindStringSubmatch(o.Nom); m == nil || m[2] != o.Empreinte || o.Taille < 0 {
			return nil, errors.New("https: liste incohérente")
		}
	}
	return l, nil
}

func (c *Client) obtenir(ctx context.Context, adresse string, ajouter func(http.Header)) (*http.Response, error) {
	u, err := url.Parse(adresse)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(c.Clair && u.Scheme == "http") {
		return nil, &acheminement.Refus{Code: "ADRESSE"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, adresse, nil)
	if err != nil {
		return nil, &acheminement.Refus{Code: "ADRESSE"}
	}
	if ajouter != nil {
		ajouter(req.Header)
	}
	r, err := c.Aller.RoundTrip(req)
	if err != nil {
		return nil, silence(ctx, err)
	}
	return r, nil
}

// ErrEmpreinte: what was fetched is not what its name announces.
var ErrEmpreinte = errors.New("https: le fichier reçu n'est pas celui qui était annoncé")

// coupuresMax bounds the answers in a row that bring nothing.
const coupuresMax = 5

// Retirer fetches a file into a folder, and gives its path. What a cut connection, or
// a stopped process, leaves is not fetched again. A file already there is left.
func (c *Client) Retirer(ctx context.Context, adresse string, o Offert, dossier string) (string, error) {
	chemin := filepath.Join(dossier, o.Nom)
	if i, err := os.Stat(chemin); err == nil && i.Size() == o.Taille {
		return chemin, nil
	}
	partiel := filepath.Join(dossier, "."+o.Nom+".partiel")
	f, err := os.OpenFile(partiel, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	err = c.completer(ctx, strings.TrimSuffix(adresse, "/")+"/"+url.PathEscape(o.Nom), o, f)
	if err == nil {
		err = verifierEmpreinte(f, o)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		if errors.Is(err, ErrEmpreinte) {
			err = errors.Join(err, os.Remove(partiel)) // all is to be fetched again
		}
		return "", err
	}
	if err := os.Rename(partiel, chemin); err != nil {
		return "", err
	}
	return chemin, synchroniser(dossier)
}

func verifierEmpreinte(f *os.File, o Offert) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != o.Empreinte {
		return ErrEmpreinte
	}
	return nil
}

// completer fetches what is missing, whatever the number of times it is cut.
func (c *Client) completer(ctx context.Context, adresse string, o Offert, f *os.File) error {
	for coupures := 0; ; {
		ici, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if ici > o.Taille {
			return ErrEmpreinte
		}
		if ici == o.Taille {
			return nil
		}
		n, err := c.suite(ctx, adresse, o, f, ici)
		var refus *acheminement.Refus
		switch {
		case errors.As(err, &refus), ctx.Err() != nil, errors.Is(err, fs.ErrInvalid):
			return errors.Join(err, ctx.Err())
		case n > 0:
			coupures = 0
		case err == nil:
			err = errors.New("https: réponse vide")
			fallthrough
		default:
			if coupures++; coupures >= coupuresMax {
				return err
			}
		}
	}
}

// suite fetches from an offset on, and tells how much came.
func (c *Client) suite(ctx context.Context, adresse string, o Offert, f *os.File, ici int64) (int64, error) {
	r, err := c.obtenir(ctx, adresse, func(h http.Header) {
		if ici > 0 {
			h.Set("Range", "bytes="+strconv.FormatInt(ici, 10)+"-")
			h.Set("If-Range", `"`+o.Empreinte+`"`)
		}
	})
	if err != nil {
		return 0, err
	}
	defer r.Body.Close() // read only
	switch r.StatusCode {
	case http.StatusPartialContent:
		if debut, taille, ok := plage(r.Header.Get("Content-Range")); !ok || debut != ici || taille != o.Taille {
			return 0, &acheminement.Refus{Code: "PLAGE"}
		}
	case http.StatusOK:
		if err := f.Truncate(0); err != nil {
			return 0, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		ici = 0
	default:
		b, _ := io.ReadAll(io.LimitReader(r.Body, 64<<10)) // what it says of its refusal
		_, err := juger(&reponse{r.StatusCode, r.Header, b})
		return 0, err
	}
	return io.Copy(f, io.LimitReader(r.Body, o.Taille-ici+1))
}
