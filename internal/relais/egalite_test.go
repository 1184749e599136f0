package relais_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// A relay may not refuse, slow or route a message by who asks: whoever the emitter is,
// and whatever relays it came through, the same link carries it for the same time, and
// the same answer comes back. Some insurers answer, some refuse, some are silent.
// ref: VISIO §3
func TestTraitementEgal(t *testing.T) {
	type sort struct {
		lien  string
		delai time.Duration
		code  roc.Code
		refus string
	}
	b := nouveauBanc(t, sceau.REST, relais.Reglages{Echecs: 1 << 30, Marge: time.Second})
	b.annuaire = func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		r := reponseAnnuaire(d.NumeroAMC)
		r.Points[0].Adresse = "https://" + d.NumeroAMC.String() + ".test"
		return r, nil
	}
	passer := func(emetteur roc.Partie, dossier, amc string, relaisVus int) sort {
		q := b.question(t, func(e *roc.Enveloppe) { e.Emetteur, e.IDDossierES, e.Destinataire.ID = emetteur, dossier, amc })
		for i := range relaisVus {
			q.Chaine.Maillons = append(q.Chaine.Maillons, roc.Maillon{Role: roc.OCT, ID: fmt.Sprint("AUTRE-", i), Horodatage: midi})
		}
		var s sort
		b.poster = func(ctx context.Context, e *relais.Envoi) (*relais.Arrivee, error) {
			fin, _ := ctx.Deadline()
			s.delai = time.Until(fin).Round(time.Second)
			switch amc[len(amc)-1] {
			case '1':
				return nil, relais.ErrInjoignable
			case '2':
				return &relais.Arrivee{Octets: b.refus(t, q, structureAMC, roc.Ferme, func(e *roc.Enveloppe) { e.Emetteur.ID = amc })}, nil
			}
			return &relais.Arrivee{Octets: b.reponse(t, q, structureAMC, func(e *roc.Enveloppe) { e.Emetteur.ID, e.Destinataire = amc, emetteur })}, nil
		}
		b.ouverts = nil
		b.r.Fermer()
		b.r = b.nouveau(t, func(*relais.Parametres) {})
		rep, refus := b.relayer(q)
		s.lien = fmt.Sprint(b.ouverts)
		if rep != nil {
			s.code = rep.Code
		}
		if refus != nil {
			s.refus = string(refus.Code) + " " + refus.Detail
		}
		return s
	}
	reference := map[string]sort{}
	for _, amc := range []string{"99000001", "99000002", "99000003"} {
		s := passer(hopital, "V0001", amc, 0)
		if (s.refus != "") != (amc == "99000001") {
			t.Errorf("%s : %+v", amc, s)
		}
		reference[fmt.Sprint(amc, 0)] = s
	}
	rapid.Check(t, func(r *rapid.T) {
		amc := rapid.SampledFrom([]string{"99000001", "99000002", "99000003"}).Draw(r, "amc")
		vus := rapid.IntRange(0, 3).Draw(r, "relais déjà traversés")
		emetteur := roc.Partie{Type: rapid.SampledFrom([]roc.TypePartie{roc.ES, roc.PS}).Draw(r, "nature"), ID: rapid.StringMatching(`[0-9]{9}`).Draw(r, "émetteur")}
		s := passer(emetteur, rapid.StringMatching(`[A-Z0-9]{1,20}`).Draw(r, "dossier"), amc, vus)
		cle := fmt.Sprint(amc, vus)
		if r, vu := reference[cle]; vu && r != s {
			t.Fatalf("%s : %+v pour %+v, %+v pour un autre", cle, s, emetteur, r)
		}
		reference[cle] = s
	})
}
