package local

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/igc"
)

// NouvelleCle implements igc.Coffre.
func (d *Depot) NouvelleCle(_ context.Context, ac string, a igc.Algorithme) (crypto.Signer, error) {
	k, err := igc.GenererCle(a)
	if err != nil {
		return nil, err
	}
	chemin := d.cheminCle(ac)
	if _, err := os.Stat(chemin); err == nil {
		return nil, fmt.Errorf("igc: une clé existe déjà pour %s", ac)
	}
	return k, cle.Ecrire(chemin, k)
}

func (d *Depot) cheminCle(ac string) string { return filepath.Join(d.dir, "prive", ac+".key") }

// metaAC is what the certificate of an authority does not say. Cle is where its
// key is when it is not in prive/: a pkcs11 URI, written by hand.
type metaAC struct {
	Nom        string           `json:"nom"`
	Parent     string           `json:"parent,omitempty"`
	Nature     igc.Nature       `json:"nature"`
	Gamme      certificat.Gamme `json:"gamme"`
	Generation int              `json:"generation"`
	Active     bool             `json:"active"`
	Cle        string           `json:"cle,omitempty"`
}

func metaDe(a igc.AC) metaAC {
	return metaAC{Nom: a.Nom, Parent: a.Parent, Nature: a.Nature, Gamme: a.Gamme, Generation: a.Generation, Active: a.Active}
}

func (m metaAC) ac() igc.AC {
	return igc.AC{Nom: m.Nom, Parent: m.Parent, Nature: m.Nature, Gamme: m.Gamme, Generation: m.Generation, Active: m.Active}
}

// EcrireAC implements igc.Coffre.
func (d *Depot) EcrireAC(_ context.Context, a igc.AC) error {
	return d.verrouille(func() error {
		stem := filepath.Join(d.dir, "ac", a.Nom)
		m := metaDe(a)
		m.Cle = cleConnue(stem + ".json")
		b, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			return fmt.Errorf("igc: autorité : %w", err)
		}
		if err := ecrireFichier(stem+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificat.Raw}), 0o644); err != nil {
			return err
		}
		return ecrireFichier(stem+".json", b, 0o644)
	})
}

// cleConnue keeps the address of a key when an authority is written again.
func cleConnue(chemin string) string {
	var m metaAC
	b, err := os.ReadFile(chemin)
	if err != nil || json.Unmarshal(b, &m) != nil {
		return ""
	}
	return m.Cle
}

// ACs implements igc.Coffre.
func (d *Depot) ACs(_ context.Context) ([]igc.AC, error) {
	fichiers, err := filepath.Glob(filepath.Join(d.dir, "ac", "*.json"))
	if err != nil {
		return nil, fmt.Errorf("igc: %w", err)
	}
	slices.Sort(fichiers)
	var l []igc.AC
	for _, f := range fichiers {
		a, err := d.lireAC(strings.TrimSuffix(f, ".json"))
		if err != nil {
			return nil, err
		}
		l = append(l, a)
	}
	return l, nil
}

func (d *Depot) lireAC(stem string) (igc.AC, error) {
	b, err := os.ReadFile(stem + ".json")
	if err != nil {
		return igc.AC{}, fmt.Errorf("igc: autorité : %w", err)
	}
	var m metaAC
	if err := json.Unmarshal(b, &m); err != nil {
		return igc.AC{}, fmt.Errorf("igc: %s.json illisible : %w", stem, err)
	}
	a := m.ac()
	if b, err = os.ReadFile(stem + ".pem"); err != nil {
		return a, fmt.Errorf("igc: autorité : %w", err)
	}
	p, _ := pem.Decode(b)
	if p == nil {
		return a, fmt.Errorf("igc: %s.pem illisible", stem)
	}
	if a.Certificat, err = x509.ParseCertificate(p.Bytes); err != nil {
		return a, fmt.Errorf("igc: %s.pem illisible : %w", stem, err)
	}
	uri := m.Cle
	if uri == "" {
		uri = "fichier:" + d.cheminCle(a.Nom)
	}
	if a.Cle, err = cle.Ouvrir(uri); err != nil {
		return a, err
	}
	if !cle.Meme(a.Cle.Public(), a.Certificat.PublicKey) {
		return a, fmt.Errorf("igc: la clé de %s n'est pas celle de son certificat", a.Nom)
	}
	return a, nil
}
