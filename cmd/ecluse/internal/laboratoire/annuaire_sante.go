package laboratoire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// lecteursFictifs are the readers of the fictitious national directory: one of each
// kind that sees more than the public.
var lecteursFictifs = []config.Lecteur{
	{Nom: "editeur", Famille: "editeur"},
	{Nom: "operateur", Famille: "operateur-mssante", Domaines: []string{"soins.mssante.example"}},
	{Nom: "ordre", Famille: "autorite", Autorites: []string{"CNOM"}},
	{Nom: "etablissement", Famille: "roc"},
	{Nom: "ministere", Famille: "ministere", Motif: "laboratoire"},
}

// annuaireSante serves a small fictitious national directory, with the keys of its
// readers beside the configuration.
func (l *Laboratoire) annuaireSante(dir string, p Ports) (*config.AnnuaireSante, error) {
	a := &config.AnnuaireSante{Source: "local"}
	var err error
	if a.Ecoute, err = p("annuaire-sante"); err != nil {
		return nil, err
	}
	if a.LDAPS, err = p("ldaps"); err != nil {
		return nil, err
	}
	for _, x := range lecteursFictifs {
		var alea [32]byte
		if _, err := rand.Read(alea[:]); err != nil {
			return nil, err
		}
		cle := base64.RawURLEncoding.EncodeToString(alea[:])
		h := sha256.Sum256([]byte(cle))
		x.Cle = "annuaire-" + x.Nom + ".sha256"
		if err := os.WriteFile(filepath.Join(dir, "annuaire-"+x.Nom+".cle"), []byte(cle), 0o600); err != nil {
			return nil, fmt.Errorf("clé d'un lecteur de l'annuaire : %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, x.Cle), []byte(hex.EncodeToString(h[:])+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("clé d'un lecteur de l'annuaire : %w", err)
		}
		a.Lecteurs = append(a.Lecteurs, x)
	}
	return a, nil
}
