package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Who repeats a question, under one name or many, with a file or without, has few
// accreditations of a person made: all would go to the list when the person leaves.
func TestDuJour(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		vus, jetons := map[droits.NumeroAccreditation]bool{}, 0
		demander := func(d *droits.DemandeDroits, code visiodroits.Code) droits.NumeroAccreditation {
			t.Helper()
			r := b.reussir(d, code, droits.Ouvert)
			if r.JetonDossier != "" {
				jetons++
			}
			b.instant = b.instant.Add(time.Second)
			n := b.verifier(r).Numero
			vus[n] = true
			return n
		}
		premier := demander(b.demande(), visiodroits.Fournis)
		for range 30 {
			demander(b.demande(), visiodroits.Fournis)
		}
		if len(vus) != 1 {
			t.Errorf("une question répétée : %d accréditations", len(vus))
		}
		for i := range 60 { // the name of who asks is not proved
			d := b.demande()
			d.PS.NumeroFacturation = lu(t, sante.ParseNumeroFacturation, fmt.Sprintf("7599%05d", i))
			b.pour = d.PS.NumeroFacturation.String()
			demander(d, visiodroits.Fournis)
		}
		b.pour = ""
		if len(vus) != 20 {
			t.Errorf("une question sous soixante noms : %d accréditations", len(vus))
		}
		d := b.demande()
		d.PrestationsSpecifiques = true
		if n := demander(d, visiodroits.DossierRefuse); n != premier {
			t.Error("sans dossier, une autre accréditation")
		}
		b.jetons, b.situation.Etendue.Specifiques, d.NiveauService = "jwe", []string{"PMR"}, droits.Valorisation
		clear(vus)
		for i := range 60 {
			demander(d, map[bool]visiodroits.Code{true: visiodroits.Fournis, false: visiodroits.DossierRefuse}[i < 20])
		}
		if len(vus) != 21 || jetons != 20 {
			t.Errorf("%d accréditations, %d dossiers", len(vus), jetons)
		}
		b.jetons, b.situation.Etendue.Specifiques = "", nil
		if _, err := accreditation.Revoquer(context.Background(), b.r, premier, accreditation.Revocation{Effet: b.jour(), Motif: droits.Erreur}); err != nil {
			t.Fatal(err)
		}
		if n := demander(b.demande(), visiodroits.Fournis); n == premier {
			t.Error("une accréditation révoquée est rendue")
		}
		b.situation.Beneficiaire = "REF-2"
		un := demander(b.demandeDe(1), visiodroits.Fournis)
		for nom, changer := range map[string]func(*droits.DemandeDroits){
			"autre personne dite": func(d *droits.DemandeDroits) { d.Patient.RangGemellaire = 2 },
			"autre métier":        func(d *droits.DemandeDroits) { d.PS.Categorie = droits.Laboratoire },
			"autres garanties":    func(*droits.DemandeDroits) { b.situation.Etendue.Responsable = false },
			"autre fin":           func(*droits.DemandeDroits) { b.situation.Etendue.Fin++ },
			"le lendemain":        func(*droits.DemandeDroits) { b.instant = b.instant.AddDate(0, 0, 1) },
		} {
			avant, instant := *b.situation, b.instant
			d := b.demandeDe(1)
			changer(d)
			if n := demander(d, visiodroits.Fournis); n == un {
				t.Errorf("%s : la même accréditation", nom)
			}
			*b.situation, b.instant = avant, instant
		}
	})
}

// A list that its readers would refuse is not published, and the operator knows before.
func TestLARTropLongue(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		ed := b.editeur()
		revoquer := func(de, a int) {
			for i := de; i < a; i++ {
				n := b.verifier(b.reussir(b.demandeDe(i), visiodroits.Fournis, droits.Ouvert)).Numero
				if _, err := accreditation.Revoquer(ctx, b.r, n, accreditation.Revocation{Effet: b.jour(), Motif: droits.Erreur}); err != nil {
					t.Fatal(err)
				}
			}
		}
		revoquer(0, 10)
		if fait, err := ed.Publier(ctx, true); !fait || err != nil {
			t.Fatal(fait, err)
		}
		entiere, _, err := b.p.Derniere(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ed.TailleMax = len(entiere) + 10*21 // a record is of 21 bytes
		for _, c := range []struct {
			de, a int
			fait  bool
			err   error
		}{{10, 18, true, accreditation.ErrLARBienTotPlein}, {18, 22, false, accreditation.ErrLARTropLongue}} {
			revoquer(c.de, c.a)
			if fait, err := ed.Publier(ctx, true); fait != c.fait || !errors.Is(err, c.err) {
				t.Errorf("%d révoquées : %v, %v", c.a, fait, err)
			}
		}
		if n, _, err := b.p.Parution(ctx); err != nil || n != 2 {
			t.Errorf("liste %d, %v", n, err)
		}
	})
}

// A node whose clock is ahead publishes one list that no reader takes: another node does not
// wait for that day, and the first keeps silent from then on, until it is set right.
func TestListeDeLAvenir(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		var avance time.Duration
		bon, fou := b.editeur(), b.editeur()
		fou.Horloge = func() time.Time { return b.instant.Add(avance) }
		tour := func(e *accreditation.Editeur, fait bool, attendue error) {
			t.Helper()
			if f, err := e.Publier(ctx, false); f != fait || !errors.Is(err, attendue) {
				t.Fatalf("publier : %v, %v ; attendu %v, %v", f, err, fait, attendue)
			}
			b.instant = b.instant.Add(10 * time.Second)
		}
		revoquer := func(i int) droits.NumeroAccreditation {
			t.Helper()
			n := b.verifier(b.reussir(b.demandeDe(i), visiodroits.Fournis, droits.Ouvert)).Numero
			if _, err := accreditation.Revoquer(ctx, b.r, n, accreditation.Revocation{Effet: b.jour(), Motif: droits.Fraude}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		lecteur := &droits.Revocations{}
		lire := func() error {
			octets, _, err := b.p.Derniere(ctx)
			if err == nil {
				_, err = lecteur.Appliquer(bytes.NewReader(octets), droits.OptionsLAR{Cles: b.cles, Maintenant: b.instant})
			}
			return err
		}
		tour(bon, true, nil)
		tour(fou, false, nil)
		if err := lire(); err != nil {
			t.Fatal(err)
		}
		n := revoquer(1)
		avance = 7 * 24 * time.Hour
		tour(fou, true, nil)
		if err := lire(); !errors.Is(err, droits.ErrFutur) {
			t.Fatalf("liste de l'avenir : %v", err)
		}
		tour(bon, true, accreditation.ErrListeFuture)
		if err := lire(); err != nil {
			t.Fatal(err)
		}
		if e, ok := lecteur.LAR(lu(t, sante.ParseNumeroAMC, "99000001")).Effet(n); !ok || e != b.jour() {
			t.Errorf("révocation à effet du %s, %v", e, ok)
		}
		if e, err := b.r.Emise(ctx, n); err != nil || e.Revocation.Publiee != b.jour() {
			t.Errorf("%+v, %v", e.Revocation, err)
		}
		for range 3 { // no endless exchange of lists
			tour(fou, false, accreditation.ErrHorlogeEnAvance)
			tour(bon, false, nil)
		}
		revoquer(2)
		b.instant = b.instant.Add(2 * time.Hour)
		tour(fou, false, accreditation.ErrHorlogeEnAvance)
		tour(bon, true, nil)
		if err := lire(); err != nil {
			t.Fatal(err)
		}
		avance = 0
		tour(fou, false, nil)
		revoquer(3)
		b.instant = b.instant.Add(2 * time.Hour)
		tour(fou, true, nil)
		if err := lire(); err != nil || lecteur.LAR(lu(t, sante.ParseNumeroAMC, "99000001")).Nombre() != 3 {
			t.Error(err)
		}
		// Alone, a node whose clock went too far once does not wait for that day either.
		avance = 48 * time.Hour
		tour(fou, true, nil)
		avance = 0
		tour(fou, true, accreditation.ErrListeFuture)
		if err := lire(); err != nil {
			t.Error(err)
		}
	})
}

// A node ahead of the clock of the database dates no list, not even one; set right, it does.
func TestHorlogeDeLaBase(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		e := b.editeur()
		heure := b.instant
		e.HeureBase = func(context.Context) (time.Time, error) { return heure, nil }
		b.instant = heure.Add(5*time.Minute + time.Second)
		if fait, err := e.Publier(ctx, true); fait || !errors.Is(err, accreditation.ErrHorlogeBase) {
			t.Errorf("en avance : %v, %v", fait, err)
		}
		if n, _, err := b.p.Parution(ctx); err != nil || n != 0 {
			t.Errorf("liste %d, %v", n, err)
		}
		b.instant = heure.Add(4 * time.Minute)
		if fait, err := e.Publier(ctx, true); !fait || err != nil {
			t.Errorf("à l'heure : %v, %v", fait, err)
		}
		h, err := b.p.Heure(ctx)
		if ecart := time.Since(h).Abs(); err != nil || h.IsZero() != (base.Moteur() == bdd.SQLite) || !h.IsZero() && ecart > time.Minute {
			t.Errorf("heure de la base : %s, %v", h, err)
		}
	})
}
