package national

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
)

// fichierRecu is what is known of a file of the source, kept beside it.
type fichierRecu struct {
	Adresse  string
	Nom      string // as the source calls it
	Etag     string
	Modifie  string
	Taille   int64 // in all, -1 when the source did not say
	SHA256   string
	Applique string // digest of the last content that was put in service
}

// telechargement fetches one file, as often as needed, into a directory.
type telechargement struct {
	r       *reseau
	adresse string
	chemin  string // of the file; beside it: .partiel, .json
	max     int64
	entetes map[string]string
}

// obtenir brings the file up to date and tells what it is. neuf is false when it is the
// one that was there. An interrupted download goes on where it stopped. ref: RFC 9110 §14
func (t *telechargement) obtenir(ctx context.Context) (m fichierRecu, neuf bool, err error) {
	ancien := t.lire(".json")
	if _, err := os.Stat(t.chemin); err != nil || ancien.Adresse != t.adresse {
		ancien = fichierRecu{Applique: ancien.Applique}
	}
	for sansProgres := 0; ; sansProgres++ {
		avant := t.recus()
		m, neuf, err = t.morceau(ctx, ancien)
		if err == nil || ctx.Err() != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
			return m, neuf, err
		}
		if t.recus() > avant {
			sansProgres = 0
		}
		if sansProgres+1 >= t.r.a.Essais {
			return m, false, fmt.Errorf("%w : téléchargement coupé", ErrSource)
		}
		if e := t.r.a.Dormir(ctx, recul(sansProgres+1)); e != nil {
			return m, false, e
		}
	}
}

func (t *telechargement) recus() int64 {
	d, err := os.Stat(t.chemin + ".partiel")
	if err != nil {
		return 0
	}
	return d.Size()
}

// morceau makes one request. io.ErrUnexpectedEOF says that there is more to fetch.
func (t *telechargement) morceau(ctx context.Context, ancien fichierRecu) (fichierRecu, bool, error) {
	entetes := map[string]string{"Accept-Encoding": "identity"}
	for k, v := range t.entetes {
		entetes[k] = v
	}
	partiel := t.lire(".partiel.json")
	recus := t.recus()
	marque := partiel.Etag
	if marque == "" || strings.HasPrefix(marque, "W/") {
		marque = partiel.Modifie
	}
	reprise := recus > 0 && partiel.Adresse == t.adresse && marque != ""
	if reprise {
		entetes["Range"], entetes["If-Range"] = "bytes="+strconv.FormatInt(recus, 10)+"-", marque
	} else if ancien.Etag != "" {
		entetes["If-None-Match"] = ancien.Etag
	} else if ancien.Modifie != "" {
		entetes["If-Modified-Since"] = ancien.Modifie
	}
	rep, err := t.r.demander(ctx, t.adresse, entetes, http.StatusOK, http.StatusPartialContent, http.StatusNotModified, http.StatusRequestedRangeNotSatisfiable)
	if err != nil {
		return ancien, false, err
	}
	defer rep.Body.Close()
	switch {
	case rep.StatusCode == http.StatusNotModified && ancien.SHA256 != "":
		return ancien, false, nil
	case rep.StatusCode == http.StatusPartialContent && reprise && debutDe(rep) == recus:
		if rep.Header.Get("Content-Disposition") != "" {
			partiel.Nom = nomDe(rep)
		}
		return t.recevoir(rep, partiel, ancien, recus)
	case rep.StatusCode == http.StatusOK:
		m := fichierRecu{Adresse: t.adresse, Nom: nomDe(rep), Etag: rep.Header.Get("ETag"), Modifie: rep.Header.Get("Last-Modified"), Taille: rep.ContentLength}
		if m.Taille > t.max {
			return ancien, false, ErrTaille
		}
		if err := t.ecrire(".partiel.json", m); err != nil {
			return ancien, false, err
		}
		return t.recevoir(rep, m, ancien, 0)
	}
	t.oublier() // what was kept does not go with what the source has now
	return ancien, false, io.ErrUnexpectedEOF
}

// recevoir appends a body to what is there, and finishes the file when it is whole.
func (t *telechargement) recevoir(rep *http.Response, m, ancien fichierRecu, depuis int64) (fichierRecu, bool, error) {
	f, err := os.OpenFile(t.chemin+".partiel", os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return ancien, false, fmt.Errorf("annuaire national: %w", err)
	}
	defer f.Close()
	if err := f.Truncate(depuis); err != nil {
		return ancien, false, fmt.Errorf("annuaire national: %w", err)
	}
	if _, err := f.Seek(depuis, io.SeekStart); err != nil {
		return ancien, false, fmt.Errorf("annuaire national: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(rep.Body, t.max-depuis+1))
	switch {
	case depuis+n > t.max || m.Taille >= 0 && depuis+n > m.Taille:
		t.oublier()
		return ancien, false, ErrTaille
	case err != nil || m.Taille >= 0 && depuis+n < m.Taille:
		return ancien, false, io.ErrUnexpectedEOF
	}
	if err := f.Sync(); err != nil {
		return ancien, false, fmt.Errorf("annuaire national: %w", err)
	}
	return t.finir(m, ancien)
}

// finir puts a whole file in its place. The same content under another stamp is not new.
func (t *telechargement) finir(m, ancien fichierRecu) (fichierRecu, bool, error) {
	var err error
	if m.SHA256, err = sha256De(t.chemin + ".partiel"); err != nil {
		return ancien, false, err
	}
	m.Applique = ancien.Applique
	if err := os.Rename(t.chemin+".partiel", t.chemin); err != nil {
		return ancien, false, fmt.Errorf("annuaire national: %w", err)
	}
	_ = os.Remove(t.chemin + ".partiel.json")
	return m, m.SHA256 != ancien.SHA256, t.ecrire(".json", m)
}

// appliquer writes down that the content is in service.
func (t *telechargement) appliquer(sha string) error {
	m := t.lire(".json")
	m.Applique = sha
	return t.ecrire(".json", m)
}

func (t *telechargement) oublier() {
	_ = os.Remove(t.chemin + ".partiel")
	_ = os.Remove(t.chemin + ".partiel.json")
}

func (t *telechargement) lire(suffixe string) (m fichierRecu) {
	lireEtat(t.chemin+suffixe, &m)
	return m
}

func (t *telechargement) ecrire(suffixe string, m fichierRecu) error {
	return ecrireEtat(t.chemin+suffixe, m)
}

// lireEtat reads what ecrireEtat wrote; what cannot be read is as if it were not there.
func lireEtat(chemin string, v any) bool {
	b, err := os.ReadFile(chemin)
	return err == nil && json.Unmarshal(b, v) == nil
}

// ecrireEtat replaces a small file whole.
func ecrireEtat(chemin string, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(chemin+".neuf", b, 0o600)
	}
	if err == nil {
		err = os.Rename(chemin+".neuf", chemin)
	}
	if err != nil {
		return fmt.Errorf("annuaire national: écrire l'état: %w", err)
	}
	return nil
}

// debutDe is where a part begins, -1 when it is not said.
func debutDe(rep *http.Response) int64 {
	s, ok := strings.CutPrefix(rep.Header.Get("Content-Range"), "bytes ")
	d, _, bon := strings.Cut(s, "-")
	n, err := strconv.ParseInt(d, 10, 64)
	if !ok || !bon || err != nil {
		return -1
	}
	return n
}

// nomDe is how the source calls a file: the stamp of its making is in it. ref: RASS §5
func nomDe(rep *http.Response) string {
	if _, p, err := mime.ParseMediaType(rep.Header.Get("Content-Disposition")); err == nil && p["filename"] != "" {
		return path.Base(strings.ReplaceAll(p["filename"], "\\", "/"))
	}
	return nomAdresse(rep.Request.URL)
}

func nomAdresse(u *url.URL) string { return path.Base(u.Path) }

func sha256De(chemin string) (string, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return "", fmt.Errorf("annuaire national: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("annuaire national: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
