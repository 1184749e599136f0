// Package journaltest opens journals for tests, on a real database, with
// fictitious parties, and fills them quickly.
package journaltest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/store"
	"github.com/ecluse-sante/ecluse/preuve"
)

// Banc is a house's journal without the house.
type Banc struct {
	Base    *bdd.Base
	Store   *store.Store
	Adresse string
	// Dir holds the master key and the witness.
	Dir       string
	Trousseau *journal.Trousseau
	Temoin    *journal.Temoin
	Horloge   func() time.Time

	signataires map[string]note.Signer
	cles        map[string]preuve.Cle
}

// Moteurs runs f with an empty journal on each engine.
func Moteurs(t *testing.T, f func(t *testing.T, b *Banc)) {
	t.Helper()
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) { f(t, Nouveau(t, m)) })
	}
}

// Nouveau opens an empty journal on an engine.
func Nouveau(t testing.TB, m bdd.Moteur) *Banc {
	t.Helper()
	dir := t.TempDir()
	if err := journal.CreerCleMaitresse(filepath.Join(dir, "maitre.cle")); err != nil {
		t.Fatal(err)
	}
	return Existant(t, bddtest.Adresse(t, m), dir)
}

// Existant opens the bench of another process.
func Existant(t testing.TB, adresse, dir string) *Banc {
	t.Helper()
	b := &Banc{Adresse: adresse, Dir: dir, Horloge: time.Now,
		signataires: make(map[string]note.Signer), cles: make(map[string]preuve.Cle)}
	b.Ouvrir(t)
	return b
}

// Ouvrir opens the database, the master key and the witness of the bench again,
// as another node or a later start would.
func (b *Banc) Ouvrir(t testing.TB) {
	t.Helper()
	b.Base = bddtest.OuvrirAdresse(t, b.Adresse, bdd.Options{}, store.Migrations())
	b.Store = store.Nouveau(b.Base)
	var err error
	if b.Trousseau, err = journal.OuvrirTrousseau(filepath.Join(b.Dir, "maitre.cle"), b.Store); err != nil {
		t.Fatal(err)
	}
	if b.Temoin, err = journal.OuvrirTemoin(filepath.Join(b.Dir, "temoin.json")); err != nil {
		t.Fatal(err)
	}
}

// Journal opens the journal of a tenant, whose signing key is kept in Dir.
func (b *Banc) Journal(t testing.TB, tenant string) *journal.Journal {
	t.Helper()
	j, err := b.TenterJournal(t, tenant)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TenterJournal is Journal, with its error.
func (b *Banc) TenterJournal(t testing.TB, tenant string) (*journal.Journal, error) {
	t.Helper()
	return journal.Ouvrir(context.Background(), b.options(t, tenant))
}

// SansContenu opens a journal that keeps no content.
func (b *Banc) SansContenu(t testing.TB, tenant string) *journal.Journal {
	t.Helper()
	j, err := journal.OuvrirSansContenu(context.Background(), b.options(t, tenant))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (b *Banc) options(t testing.TB, tenant string) journal.Options {
	t.Helper()
	b.cle(t, tenant)
	return journal.Options{Tenant: tenant, Signataire: b.signataires[tenant],
		Cle: b.cles[tenant], Magasin: b.Store, Trousseau: b.Trousseau, Temoin: b.Temoin, Horloge: b.Horloge}
}

// cle reads the tenant's key in Dir, or makes it.
func (b *Banc) cle(t testing.TB, tenant string) {
	t.Helper()
	chemin := filepath.Join(b.Dir, tenant+".cle")
	if _, err := os.Stat(chemin); err != nil {
		if _, err := journal.CreerCleSignature(chemin, "exemple.invalid/journal/"+tenant); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if b.signataires[tenant], b.cles[tenant], err = journal.LireCleSignature(chemin); err != nil {
		t.Fatal(err)
	}
}

// Sequenceur makes a sequencer that logs into the test.
func (b *Banc) Sequenceur(t testing.TB, titulaire string, l ...*journal.Journal) *journal.Sequenceur {
	return journal.NouveauSequenceur(titulaire, slog.New(slog.NewTextHandler(t.Output(), nil)), l...)
}

// Trace gives a plausible trace, different for each n.
func Trace(n int) journal.Trace {
	h := sha256.Sum256(fmt.Append(nil, n))
	r := sha256.Sum256(h[:])
	return journal.Trace{
		Canal:        preuve.Partie{Autorite: "CN=AC test", Serie: hex.EncodeToString(h[:8]), Structure: "1-999999999"},
		CodeRetour:   "I000",
		Destinataire: "AMC-99999997", Emetteur: "FINESS-990000001",
		DureeTraitement: int64(1000 + n), EmpreinteQuestion: hex.EncodeToString(h[:]), EmpreinteReponse: hex.EncodeToString(r[:]),
		Horodatage: 1_790_000_000_000 + int64(n), Reception: 1_790_000_000_050 + int64(n), Emission: 1_790_000_000_060 + int64(n),
		IDEchange: fmt.Sprintf("E-%x", h[:8]), IDMessage: fmt.Sprintf("M-%x", r[:8]),
		Role: preuve.RoleDestinataire, Service: "CLC", Engagement: fmt.Sprintf("ENG-%x", h[8:14]),
		SceauQuestion:   preuve.Partie{Autorite: "CN=AC test", Serie: hex.EncodeToString(h[:6]), Structure: "1-999999999"},
		SceauReponse:    preuve.Partie{Autorite: "CN=AC test", Serie: hex.EncodeToString(h[6:12]), Structure: "2-999999998"},
		VerdictQuestion: preuve.VerdictValide, VerdictReponse: preuve.VerdictValide,
		TailleQuestion: 4096, TailleReponse: 4096, Mode: "direct",
	}
}

// Contenu gives octets of the usual size, that do not compress.
func Contenu(taille int) journal.Contenu {
	c := journal.Contenu{Question: make([]byte, taille), Reponse: make([]byte, taille)}
	rand.Read(c.Question)
	rand.Read(c.Reponse)
	return c
}

// Gonfler gives a tenant's log n leaves at once: every tile of the tree, the
// signed checkpoint, and rows of the past for the first traces of them (each
// about 1 KB). What it leaves is a journal like another, to append to; only the
// records are filler.
func (b *Banc) Gonfler(t testing.TB, tenant string, n, traces int64) {
	t.Helper()
	ctx := context.Background()
	b.cle(t, tenant)
	bord := &preuve.Bord{}
	var lot []preuve.Tuile
	vider := func() {
		if err := b.Store.PoserTuiles(ctx, tenant, 1, lot); err != nil {
			t.Fatal(err)
		}
		lot = lot[:0]
	}
	for i := range n {
		bord.Ajouter(filler(i), func(p preuve.Tuile) { lot = append(lot, p) })
		if len(lot) >= 256 {
			vider()
		}
	}
	lot = append(lot, bord.Partielles()...)
	vider()
	p := preuve.PointControle{Origine: b.signataires[tenant].Name(), Taille: n, Racine: bord.Racine(), Instant: time.Now().UTC()}
	brut, err := note.Sign(&note.Note{Text: p.Texte()}, b.signataires[tenant])
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.OuvrirTete(ctx, journal.Tete{Tenant: tenant, Generation: 1, Taille: n, Point: brut}); err != nil {
		t.Fatal(err)
	}
	b.gonflerTraces(t, tenant, traces)
}

func filler(i int64) preuve.Hash {
	var g [8]byte
	binary.BigEndian.PutUint64(g[:], uint64(i))
	return sha256.Sum256(g[:])
}

// gonflerTraces spreads rows over the last year, a hundred thousand a day, in
// buckets as the journal makes them.
func (b *Banc) gonflerTraces(t testing.TB, tenant string, n int64) {
	const debut = `INSERT INTO journal_trace (id, tenant, seau, instant, classe, service, id_message, id_echange,
		engagement, amorce, feuille, secret, generation, rang) VALUES`
	depart := time.Now().AddDate(-1, 0, 0)
	secret := make([]byte, 900)
	for i := int64(0); i < n; {
		ins := bdd.Insertion{Debut: debut, Colonnes: 14}
		for ; i < n && len(ins.Valeurs) < 14*2048; i++ {
			h := filler(i)
			instant := depart.Add(time.Duration(i) * 24 * time.Hour / 100_000)
			ins.Valeurs = append(ins.Valeurs, journal.DebutID(instant)+hex.EncodeToString(h[:10]), tenant,
				i/2048, instant.UnixMilli(), "engagement", "CLC", hex.EncodeToString(h[:16]),
				hex.EncodeToString(h[16:]), hex.EncodeToString(h[:8]), int64(binary.BigEndian.Uint64(h[:])), h[:], secret, int64(1), i)
		}
		if err := b.Base.Inserer(context.Background(), ins); err != nil {
			t.Fatal(err)
		}
	}
}
