package serveur

import (
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// transportFunc is a function that delivers.
type transportFunc func(e *acheminement.Envoi) (acheminement.Recu, error)

// Livrer implements acheminement.Transport.
func (f transportFunc) Livrer(_ context.Context, e *acheminement.Envoi, _ io.Reader) (acheminement.Recu, error) {
	return f(e)
}

// A hospital cannot read one return: only what is said afterwards of the same invoice
// waits for a person, and the list of returns says for which letter.
func TestRetourIllisibleEcarte(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		file := achstore.New(b, "amc-1")
		finess, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		retours := make(map[string]*liquidation.RetourEmis)
		for _, x := range []struct{ numero, facture string }{{"R-1", "F-1"}, {"R-2", "F-2"}, {"R-3", "F-1"}, {"R-4", "F-3"}} {
			d := &roc.DemandeRET{Numero: x.numero, Nature: roc.RetourRejet, Date: et.Jour(t, "2026-05-04"), Factures: []roc.RetourFacture{{Numero: x.facture, Lot: "L",
				Etat: roc.FactureRejetee, Code: roc.PiecesManquantes, MontantFacture: 100}}}
			if err := poster(ctx, file, GenreRetour, finess.String(), &Pli{Numero: x.numero, Corps: roc.EchangeRET.CorpsDemande.AppendJSON(nil, d)}, et.Midi); err != nil {
				t.Fatal(err)
			}
			retours[x.numero] = &liquidation.RetourEmis{Numero: x.numero, Finess: finess}
		}
		cle := func(numero string) string { return cleEnvoi(GenreRetour, finess.String(), numero) }
		var arrives []string
		illisible := true
		tournee := acheminement.NewTournee(acheminement.Options{File: file, Sujets: sujetsROC{}, Horloge: func() time.Time { return et.Midi },
			Transports: map[string]acheminement.Transport{TransportROC: transportFunc(func(e *acheminement.Envoi) (acheminement.Recu, error) {
				if e.Cle == cle("R-1") && illisible {
					return acheminement.Recu{}, &acheminement.Refus{Code: string(roc.Illisible)}
				}
				arrives = append(arrives, e.Cle)
				return acheminement.Recu{}, nil
			})}})
		tourner := func(attendus ...string) {
			t.Helper()
			for n := 1; n > 0; {
				var err error
				if n, err = tournee.Tour(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(attendus, arrives); d != "" {
				t.Error(d)
			}
		}
		tourner(cle("R-2"), cle("R-4"))
		for numero, want := range map[string]string{"R-1": "dernier échec T001", "R-3": "retenu", "R-4": "attendu"} {
			if etat, qui, err := SuiteDuRetour(ctx, file, retours[numero]); etat != want || qui == "" || err != nil {
				t.Errorf("%s : %q, %q, %v, want %q", numero, etat, qui, err, want)
			}
		}
		illisible = false
		if err := file.Relancer(ctx, cle("R-1"), acheminement.Geste{Auteur: "a", Motif: "m", Instant: et.Midi}); err != nil {
			t.Fatal(err)
		}
		tourner(cle("R-2"), cle("R-4"), cle("R-1"), cle("R-3"))
	}, achstore.Migrations())
}

func pliDe(t *testing.T, d *roc.DemandeDRE) []byte {
	t.Helper()
	b, err := json.Marshal(&Pli{Numero: d.Lot.Numero, Corps: roc.EchangeDRE.CorpsDemande.AppendJSON(nil, d)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A corrected invoice waits for the one it corrects.
func TestSujetsDuLot(t *testing.T) {
	ctx, o := context.Background(), etablissement.Ordre{Agent: "a"}
	f := nouvelleFiliere(t, bdd.SQLite, roc.EPS, contratDe(t, roc.CalculCLC))
	k := externe(t, roc.FactureACE, acte(t, calcul.FamilleCONS, "G", "26.50", "26.50"))
	v := f.engager(f.ouvrir(visiteDe(t, "S-1", k, roc.MCO), "775671993"), k)
	a := f.assureurs[v.Couvertures[0].AMC.Numero]
	f.facturer(v, 1, "FS-1")
	f.livrer(nil)
	if err := a.livre.Rejeter(ctx, f.Maison.Etablissement.FinessJuridique, "FS-1", roc.PiecesManquantes, ""); err != nil {
		t.Fatal(err)
	}
	f.entendre(roc.Accepte)
	if _, err := f.Corriger(ctx, etablissement.Place{Venue: v.ID, Rang: 1}, o); err != nil {
		t.Fatal(err)
	}
	f.facturer(v, 1, "FS-1R")
	var sujets []string
	f.livrer(func(d *roc.DemandeDRE) {
		e := &acheminement.Envoi{Transport: TransportROC, Genre: GenreLot}
		sujets = sujetsROC{}.De(e, pliDe(t, d))
		e.Genre = GenreB2
		if l := (sujetsROC{}).De(e, pliDe(t, d)); l != nil {
			t.Errorf("un fichier parle de %v", l)
		}
	})
	if d := cmp.Diff([]string{"FS-1R", "FS-1"}, sujets); d != "" {
		t.Error(d)
	}
	for code, propre := range map[string]bool{"T001": true, "T012": true, "CONTENU": true, "F601": true, "S505": false, "S501": false, "A001": false,
		"T003": false, "SILENCE": false, "TRANSPORT": false, "": false} {
		if (sujetsROC{}).Propre(code) != propre {
			t.Errorf("%s : propre %t", code, !propre)
		}
	}
}
