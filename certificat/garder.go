package certificat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// GarderCRL writes a list that this store accepted into the crl/ of a trust
// directory, where ChargerRepertoire finds it after a restart: a distribution
// point that is down, or that replays an older list, does not make a revocation
// forgotten. There is one file per authority and kind of list; a later list
// that it holds already stays. ref: PKI §6.4 (3, 4)
func (m *Magasin) GarderCRL(dir string, l *Liste) error {
	if l.autorite == [32]byte{} {
		return errors.New("certificat: liste qu'aucun magasin n'a acceptée")
	}
	dossier := filepath.Join(dir, "crl")
	chemin := filepath.Join(dossier, nomGardee(l))
	if b, err := lireFichier(chemin, maxListe); err == nil && (sha256.Sum256(b) == l.empreinte || m.depasse(b, l)) {
		return nil
	}
	if err := os.MkdirAll(dossier, 0o755); err != nil {
		return fmt.Errorf("certificat: %w", err)
	}
	return remplacer(chemin, l.der)
}

// nomGardee names the file of a list by the key of its authority: two authorities
// may bear one name.
func nomGardee(l *Liste) string {
	nom := "recue-" + hex.EncodeToString(l.autorite[:16])
	if l.Delta() {
		nom += "-delta"
	}
	return nom + ".crl"
}

// depasse tells whether the bytes of a file are a list of the same authority and
// kind that is not older than l. Its signature counts: a false list with a great
// number must not keep the true ones out.
func (m *Magasin) depasse(der []byte, l *Liste) bool {
	rl, gardee, r := lireListe(der)
	if r != nil || gardee.Delta() != l.Delta() || gardee.numero.Cmp(l.numero) < 0 {
		return false
	}
	a, r := m.vue.Load().signataire(rl)
	return r == nil && a.cle == l.autorite
}

// remplacer writes a file whole or not at all. The name under way is hidden, so
// that lireDossier does not see it.
func remplacer(chemin string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(chemin), ".recue-*")
	if err != nil {
		return fmt.Errorf("certificat: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("certificat: %w", err)
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), chemin); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(chemin))
	if err != nil {
		return err
	}
	d.Sync() // some systems cannot; the file itself is written
	return d.Close()
}
