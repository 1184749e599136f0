// Package annuairetest has what the tests of the directory share: fictitious records, a
// registry in memory, and the suite that every registry must pass.
package annuairetest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// Instant is the present of the tests.
var Instant = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// luhn completes digits with their key.
func luhn(s string) string {
	somme := 0
	for i := range len(s) {
		x := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			x = x*2/10 + x*2%10
		}
		somme += x
	}
	return s + string(rune('0'+(10-somme%10)%10))
}

// Praticien is the i-th fictitious professional, without any finding.
func Praticien(i int) *annuaire.Praticien {
	n := luhn(fmt.Sprintf("999%07d", i))
	return &annuaire.Praticien{
		Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, "8"+n+"/10"), Actif: true, Version: 1, Maj: Instant.UnixMilli() - 1000,
			Trace: annuaire.Trace{Autorite: annuaire.Code{Code: "ORDRE-ESSAI"}, Systeme: "RPPS", MajLe: sante.JourDe(2026, 11, 1)}},
		TypeID: "8", Numero: n, IDNat: "8" + n, Nom: fmt.Sprint("FICTIF ", i), Prenom: "Ève",
		Profession: annuaire.Code{Code: "10", Libelle: "Médecin"}, Categorie: annuaire.Code{Code: "C", Libelle: "Civil"},
		BAL: []annuaire.BAL{{Adresse: fmt.Sprintf("ps%d@medecin.invalid", i), Type: annuaire.BALPersonnelle}},
	}
}

// Structure is the i-th fictitious structure.
func Structure(i int) *annuaire.Structure {
	f := luhn(fmt.Sprintf("99%06d", i))
	return &annuaire.Structure{
		Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Structures, "1"+f), Actif: true, Version: 1, Maj: Instant.UnixMilli() - 1000,
			Trace: annuaire.Trace{Systeme: "FINESS"}},
		IDNat: "1" + f, FINESS: f, FINESSJuridique: "990000341", RaisonSociale: fmt.Sprint("Hôpital fictif ", i), Sorte: annuaire.SiteGeographique,
		Adresse: annuaire.Coordonnees{CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "Blois"}},
	}
}

// Situation is what a professional does in a structure.
func Situation(p *annuaire.Praticien, s *annuaire.Structure) *annuaire.Situation {
	return &annuaire.Situation{
		Entete:    annuaire.Entete{ID: annuaire.NouvelID(annuaire.Situations, p.ID+"/"+s.ID), Actif: true, Version: 1, Maj: Instant.UnixMilli() - 1000},
		Praticien: p.ID, Structure: s.ID, Mode: annuaire.Code{Code: "S", Libelle: "Salarié"}, Genre: annuaire.Code{Code: "GENR01"},
	}
}

// Encoder writes a record as the stores of the tests keep it.
func Encoder(dst []byte, c *annuaire.Changement) []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // not reached: a record is made of texts and numbers
	}
	return append(dst, b...)
}

// Decoder reads what Encoder wrote.
func Decoder(b []byte) (c annuaire.Changement, err error) {
	err = json.Unmarshal(b, &c)
	return c, err
}

type cle struct {
	n  annuaire.Nature
	id string
}

// Image is an image of a few records.
type Image struct {
	mu     sync.Mutex
	fiches map[cle]annuaire.Changement
}

// Poser puts records in the image.
func (i *Image) Poser(l ...annuaire.Changement) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fiches == nil {
		i.fiches = map[cle]annuaire.Changement{}
	}
	for _, c := range l {
		n, e := c.Entete()
		i.fiches[cle{n, e.ID}] = c.Cloner()
	}
}

// Fiche implements annuaire.Fiches.
func (i *Image) Fiche(_ context.Context, n annuaire.Nature, id string) (*annuaire.Changement, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	c, ok := i.fiches[cle{n, id}]
	if !ok {
		return nil, annuaire.ErrInconnu
	}
	d := c.Cloner()
	return &d, nil
}

// Courrier keeps what was told.
type Courrier struct {
	mu   sync.Mutex
	Avis []annuaire.Avis
}

// Avertir implements annuaire.Avertisseur.
func (c *Courrier) Avertir(_ context.Context, a annuaire.Avis) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Avis = append(c.Avis, a)
	return nil
}
