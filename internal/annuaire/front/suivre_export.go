package front

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
)

// tache tells where an export stands, gives one of its files, or gives it up.
func (d *demande) tache(chemin string) error {
	if d.p.o.Exports == nil {
		return introuvable()
	}
	id, fichier, plus := strings.Cut(chemin, "/")
	t, ok := d.p.o.Exports.copie(id, d.g)
	if !ok {
		return refus(fhir.CodeNotFound, "", "cet export n'existe pas, n'existe plus, ou n'est pas à vous : en demander un autre")
	}
	switch {
	case d.r.Method == http.MethodDelete && !plus && t.Lecteur.ID == "":
		return refus(fhir.CodeForbidden, "", "un export public sert à plusieurs : il s'efface de lui-même en un jour")
	case d.r.Method == http.MethodDelete && !plus:
		if err := d.p.o.Exports.abandonner(id); err != nil {
			return err
		}
		d.p.envoyer(d.w, fhir.JSON, http.StatusAccepted, fhir.AppendOutcome(nil, fhir.Issue{Severity: fhir.Information, Code: fhir.CodeInformation, Diagnostics: "export abandonné, ses fichiers sont effacés"}))
		return nil
	case d.r.Method != http.MethodGet && d.r.Method != http.MethodHead:
		d.w.Header().Set("Allow", "GET, HEAD, DELETE")
		return methode("GET, HEAD et DELETE")
	case plus:
		return d.fichier(&t, fichier)
	}
	return d.suivre(&t)
}

// suivre answers where an export stands. ref: Bulk Data Access 2.0, status
func (d *demande) suivre(t *tache) error {
	h := d.w.Header()
	switch t.Etat {
	case echouee:
		return refus(fhir.CodeException, "", "l'export a échoué : le demander à nouveau, puis prévenir l'exploitant")
	case faite:
	default:
		h["Retry-After"] = []string{strconv.Itoa(int(annonceDelai.Seconds()))}
		progres := "en attente"
		if t.Etat == enCours {
			progres = strconv.FormatInt(100*t.faits/max(t.total, 1), 10) + " %"
		}
		h["X-Progress"] = []string{progres}
		d.w.WriteHeader(http.StatusAccepted)
		return nil
	}
	h["Expires"] = []string{t.FinieLe.Add(tachesGarde).Format(http.TimeFormat)}
	h["Content-Type"] = []string{"application/json"}
	_, _ = d.w.Write(d.p.manifeste(t)) // a client that left is no concern of ours
	return nil
}

// recouvrement is how much two exports in a row overlap. A change is dated when a feed is
// read, and served when all of it is: another change may be served in between. Who asks
// again from transactionTime must miss none, and may get some twice.
const recouvrement = time.Hour

// manifeste lists the files of an export.
func (p *Porte) manifeste(t *tache) []byte {
	var w fhir.Writer
	o := w.Object("")
	w.Instant("transactionTime", t.VueDu.Add(-recouvrement).UnixMilli())
	w.String("request", t.Demande)
	w.Bool("requiresAccessToken", t.Lecteur.ID != "")
	liste := func(nom string, l []sortie) {
		w.Key(nom)
		w.B = append(w.B, '[') // present even when empty
		for _, s := range l {
			m := w.Object("")
			w.String("type", s.Type)
			w.String("url", p.o.Base+"/_export/"+t.ID+"/"+s.Fichier)
			w.Int("count", s.Nombre)
			x := w.Object("extension")
			w.Int("fileSize", s.Octets)
			w.String("sha256", s.SHA256)
			w.End(x)
			w.End(m)
		}
		w.B = append(w.B, ']')
	}
	liste("output", t.Sorties)
	liste("deleted", t.Ecartees)
	liste("error", nil)
	w.End(o)
	return w.B
}

// debitMin is the slowest line, in bytes by second, that takes a file in one go; a slower
// one resumes by ranges.
const debitMin = 128 << 10

// fichier gives a file of an export, whole or by ranges. ref: RFC 9110 §14, RFC 9530
func (d *demande) fichier(t *tache, nom string) error {
	i := slices.IndexFunc(t.Sorties, func(s sortie) bool { return s.Fichier == nom })
	l := t.Sorties
	if i < 0 {
		l = t.Ecartees
		i = slices.IndexFunc(l, func(s sortie) bool { return s.Fichier == nom })
	}
	if i < 0 || t.Etat != faite {
		return introuvable()
	}
	f, err := os.Open(filepath.Join(d.p.o.Exports.repertoire, t.ID, l[i].Fichier))
	if err != nil {
		return err
	}
	defer f.Close()
	h := d.w.Header()
	h["Content-Type"] = []string{"application/fhir+ndjson"}
	h["Etag"] = []string{`"` + l[i].SHA256 + `"`}
	if b, err := hex.DecodeString(l[i].SHA256); err == nil {
		h["Repr-Digest"] = []string{"sha-256=:" + base64.StdEncoding.EncodeToString(b) + ":"}
	}
	// A file takes longer than the answers that the server's time limit is for: it has the
	// time that a slow line needs, on the clock of the machine as all limits of a socket.
	delai := time.Minute + time.Duration(l[i].Octets/debitMin)*time.Second
	if err := http.NewResponseController(d.w).SetWriteDeadline(time.Now().Add(delai)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	http.ServeContent(d.w, d.r, "", t.FinieLe, f)
	return nil
}
