package serveur

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/preuve"
)

// Folders where what was read goes, under that of a partner. ref: depot
const (
	dossierTraites = "traites"
	dossierRefuses = "refuses"
)

// motifLot is why an insurer refuses a B2 file that reads well, "" when it does not:
// who hands it over speaks for its emitter, and it is for this insurer.
func (g *Guichet) motifLot(structure string, f *b2.Fichier) etablissement.MotifFichier {
	switch {
	case !g.admis(structure, f.Emetteur):
		return etablissement.FichierEmetteur
	case TenantAMC(strings.TrimSpace(f.Destinataire)) != g.tenant:
		return etablissement.FichierDestinataire
	}
	return ""
}

// refusLot is what is kept of a refusal.
type refusLot struct {
	Code      string `json:"code"`
	Structure string `json:"structure"`
	Faute     string `json:"faute,omitempty"`
	Empreinte string `json:"empreinte"`
}

// refuserLot leaves a trace of a B2 file refused, and tells its sender. ref: a refusal
// leaves a trace
func (g *Guichet) refuserLot(ctx context.Context, structure string, a *acheminement.Arrivee, taille int64, code, faute string) error {
	g.p.Log.Warn("fichier refusé", "locataire", g.tenant, "structure", structure, "code", code, "faute", faute)
	jr := g.p.journaux.par[g.tenant]
	if jr == nil {
		return errSansJournal
	}
	e := hex.EncodeToString(a.Empreinte[:])
	x, err := json.Marshal(refusLot{code, structure, faute, e})
	if err != nil {
		return err
	}
	t := preuve.Trace{Canal: preuve.Partie{Structure: structure}, CodeRetour: code, EmpreinteQuestion: e, IDMessage: "fichier-" + e[:24], Mode: etablissement.NonScelle,
		Reception: a.Instant.UnixMilli(), Role: preuve.RoleDestinataire, Service: "FICHIER", TailleQuestion: taille, VerdictQuestion: etablissement.NonScelle}
	if _, err := jr.Ecrire(ctx, t, contenuRapport(x)); err != nil {
		return err
	}
	return &acheminement.Refus{Code: code}
}

// gardes tells how many octets are kept of a sender, and whether these bytes are
// among them, under whatever key and wherever they were put.
func gardes(dossier string, empreinte [32]byte) (octets int64, deja bool, err error) {
	marque := "." + hex.EncodeToString(empreinte[:]) + "."
	err = filepath.WalkDir(dossier, func(chemin string, x fs.DirEntry, err error) error {
		if err != nil || !x.Type().IsRegular() {
			return absentAdmis(err)
		}
		i, err := x.Info()
		if err != nil {
			return absentAdmis(err)
		}
		octets += i.Size()
		deja = deja || strings.Contains(x.Name(), marque)
		return nil
	})
	return octets, deja, err
}

// absentAdmis forgets that a file was moved while folders were read.
func absentAdmis(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// garderUn keeps a file for the insurer's own system, once, as long as its sender
// has room.
func (g *Guichet) garderUn(ctx context.Context, envoi *acheminement.Envoi, ecrire func(context.Context, porteurDepot) error) error {
	g.garde.Lock() // two files of a sender must not both take what room is left
	defer g.garde.Unlock()
	recus := filepath.Join(g.Dossier, DossierRecus)
	octets, deja, err := gardes(filepath.Join(recus, envoi.Adresse), envoi.Empreinte)
	if err != nil || deja {
		return err
	}
	if octets+envoi.Taille > g.gardesMax {
		g.p.Log.Warn("fichier différé : cet émetteur a atteint la place qui lui est laissée", "locataire", g.tenant, "emetteur", envoi.Adresse, "octets", octets)
		return &acheminement.Passager{Code: "PLACE"}
	}
	return ecrire(ctx, porteurDepot{recus})
}

// Oublier removes the files exchanged before an instant, which name persons, once
// they are over: read, refused, or fetched. What nobody took is not lost: it is told.
func (g *Guichet) Oublier(ctx context.Context, avant time.Time) (effaces, restent int, err error) {
	retires, err := g.retires(ctx)
	if err != nil {
		return 0, 0, err
	}
	finis := make(map[string]bool, len(retires))
	for _, r := range retires {
		finis[filepath.Join(DossierEnvois, r.Partenaire, r.Nom)] = true
	}
	for _, d := range []string{DossierEnvois, DossierRecus} {
		e := filepath.WalkDir(filepath.Join(g.Dossier, d), func(chemin string, x fs.DirEntry, err error) error {
			if err != nil || !x.Type().IsRegular() {
				return absentAdmis(err)
			}
			i, err := x.Info()
			if err != nil || !i.ModTime().Before(avant) {
				return absentAdmis(err)
			}
			relatif, err := filepath.Rel(g.Dossier, chemin)
			if err != nil {
				return err
			}
			if !finis[relatif] && !acheve(relatif) {
				restent++
				return nil
			}
			effaces++
			return absentAdmis(os.Remove(chemin))
		})
		err = errors.Join(err, e)
	}
	return effaces, restent, err
}

// purger removes what is at its term, and tells of what is past it and still waits.
func (g *Guichet) purger(ctx context.Context) {
	effaces, restent, err := g.Oublier(ctx, g.p.Horloge().Add(-g.p.Fichier.Conservation.Droits.Duration()))
	if err != nil {
		g.p.Log.Warn("fichiers échangés non purgés", "locataire", g.tenant, "erreur", err)
	}
	if effaces > 0 {
		g.p.Log.Info("fichiers échangés effacés à leur terme", "locataire", g.tenant, "fichiers", effaces)
	}
	if restent > 0 {
		g.p.Log.Warn("fichiers échangés à leur terme que personne n'a lus ou retirés : ils restent", "locataire", g.tenant, "fichiers", restent)
	}
}

// acheve tells whether a place is that of a file that was read or refused, or of a
// draft that never got its name.
func acheve(relatif string) bool {
	l := strings.Split(filepath.ToSlash(relatif), "/")
	dernier := l[len(l)-1]
	return len(l) == 4 && l[0] == DossierRecus && (l[2] == dossierTraites || l[2] == dossierRefuses) || strings.HasPrefix(dernier, ".depot-")
}
